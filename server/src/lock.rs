//! One server for one data directory.
//!
//! The verbs of the command line write beside a running server, and SQLite keeps them
//! apart. Two servers do not fit: each has documents, cursors and listeners in its
//! memory that the other changes. And what rebuilds or replaces the data needs it for
//! itself. So whoever serves or rebuilds holds a lock on a file; the system takes the
//! lock away from a process that ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The lock's file inside a data directory. It stays, and holds nothing.
pub(crate) const LOCK_FILE: &str = "fieldsync.lock";

/// A data directory that is this process's alone, until dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Why it could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A server runs on it, or something that needs it for itself.
    #[error("{dir} is in use by another fieldsync", dir = dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The file could not be made or locked.
    #[error("{dir} could not be locked: {source}", dir = dir.display())]
    Failed {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl DataLock {
    /// Takes the lock, without waiting.
    pub fn take(dir: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Failed { dir: dir.to_owned(), source };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(dir.join(LOCK_FILE)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse { dir: dir.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataLock::take(dir.path()).unwrap();
        let refused = DataLock::take(dir.path());
        assert!(matches!(refused, Err(LockError::InUse { .. })), "{refused:?}");
        drop(first);
        DataLock::take(dir.path()).unwrap();
    }
}
