//! One client for a folder at a time.
//!
//! Two clients on one file would each believe what the other one has changed. SQLite
//! keeps the file whole all the same, but neither would tell its screens of the other's
//! saves, and both would be the same device to the server. So a client of an app holds a
//! lock beside its files while they are open. The system lets go of it when a process
//! ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{ClientError, Config};

/// The lock, while it is held.
#[derive(Debug, Default)]
pub(super) struct Alone(Mutex<Option<File>>);

impl Alone {
    /// Takes the lock, if the configuration asks for it. Safe to repeat.
    pub(super) fn take(&self, config: &Config) -> Result<(), ClientError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if config.alone && held.is_none() {
            *held = Some(locked(&config.dir)?);
        }
        Ok(())
    }

    /// Lets go of it.
    pub(super) fn release(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn locked(dir: &Path) -> Result<File, ClientError> {
    let unusable = |error: std::io::Error| ClientError::Folder {
        dir: dir.to_owned(),
        reason: error.to_string(),
    };
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let file = options.open(dir.join("alone.lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ClientError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
