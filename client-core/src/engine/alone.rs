//! One client for a folder at a time.
//!
//! Two clients on one file would each believe what the other one has changed. SQLite
//! keeps the file whole all the same, but neither would tell its screens of the other's
//! saves, and both would be the same device to the server. So a client of an app holds a
//! lock beside its files while they are open. The system lets go of it when a process
//! ends, however it ends.
//!
//! A sync or a sign-in that is being cancelled still has the file open for a moment. So
//! every opened replica is counted, and the lock goes with the last of them.

use std::fs::{File, TryLockError};
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{ClientError, Config};
use crate::store::Store;

/// How long pausing waits for work that is being cancelled to close its files. A page in
/// mid-store takes a fraction of it; systems give an app about five seconds.
const CLOSING: Duration = Duration::from_secs(2);

/// The lock, while it is held.
#[derive(Debug, Default, Clone)]
pub(super) struct Alone(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lock: Option<File>,
    open: usize,
    leaving: bool,
}

/// An open replica, counted until whoever has it last lets go of it.
#[derive(Debug)]
pub(super) struct Opened {
    // Dropped in this order: the lock goes when the file is closed.
    store: Store,
    _held: Held,
}

#[derive(Debug)]
struct Held(Arc<Files>);

impl Deref for Opened {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.open -= 1;
        if state.open == 0 && state.leaving {
            state.lock = None;
        }
        drop(state);
        self.0.closed.notify_all();
    }
}

impl Files {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Alone {
    /// Takes the lock, if the configuration asks for it. Safe to repeat.
    pub(super) fn take(&self, config: &Config) -> Result<(), ClientError> {
        let mut state = self.0.lock();
        if config.alone && state.lock.is_none() {
            state.lock = Some(locked(&config.dir)?);
        }
        state.leaving = false;
        self.0.closed.notify_all();
        Ok(())
    }

    /// Counts an open replica.
    pub(super) fn counting(&self, store: Store) -> Opened {
        self.0.lock().open += 1;
        Opened { store, _held: Held(Arc::clone(&self.0)) }
    }

    /// Lets go of the lock: now, or when the last file is closed.
    pub(super) fn leave(&self) {
        let mut state = self.0.lock();
        state.leaving = true;
        if state.open == 0 {
            state.lock = None;
        }
    }

    /// Waits until every file is closed, unless somebody came back meanwhile.
    pub(super) fn left(&self) {
        let open = |state: &mut State| state.open > 0 && state.leaving;
        let waited = self.0.closed.wait_timeout_while(self.0.lock(), CLOSING, open);
        let (state, late) = waited.unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            tracing::warn!(open = state.open, "files stay open until cancelled work ends");
        }
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
