use std::path::PathBuf;

/// Why a replica could not be opened. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is a file, and it is something else.
    #[error("{path} is not a fieldsync replica; it was left as it is")]
    NotOurs {
        /// Where.
        path: PathBuf,
    },
    /// It is encrypted and does not open with the key given, or it is damaged.
    #[error("{path} does not open with the key on this phone; it was left as it is")]
    WrongKey {
        /// Where.
        path: PathBuf,
    },
    /// The phone's keychain gave or kept no key for it.
    #[error("the key of {path} could not be had: {reason}")]
    Key {
        /// Where.
        path: PathBuf,
        /// What the keychain said.
        reason: String,
    },
    /// A newer app wrote it.
    #[error(
        "{path} has schema {found}, this app knows up to {known}: update the app; the file was left as it is"
    )]
    Newer {
        /// Where.
        path: PathBuf,
        /// The file's schema.
        found: u32,
        /// The newest schema this app knows.
        known: u32,
    },
    /// It belongs to another org or user.
    #[error("{path} is the replica of another user; it was left as it is")]
    AnotherUser {
        /// Where.
        path: PathBuf,
    },
    /// The folder cannot be used.
    #[error("{path} cannot be used: {reason}")]
    Unusable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The schema could not be brought up to date; nothing was changed.
    #[error("the schema of {path} could not be brought up to date: {reason}")]
    Migration {
        /// Where.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// SQLite failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a read or a write failed. A failed write left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room on the phone. Reading goes on, and saving again when there is room.
    #[error("this phone's storage is full and nothing was saved: make room, then save again")]
    Full,
    /// SQLite refused: file system gone, file damaged.
    #[error("the replica could not be read or written: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// A document's bytes cannot be read. The server is asked for it again.
    #[error("{doc} cannot be read on this phone; the next sync fetches it again: {reason}")]
    Unreadable {
        /// Which.
        doc: crate::id::DocId,
        /// What is wrong.
        reason: String,
    },
    /// A row does not have the form it was written in.
    #[error("a row of {table} is damaged: {reason}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if Self::is_full(&error) { Self::Full } else { Self::Sqlite(error) }
    }
}

impl StoreError {
    /// SQLite says it in two ways: the index of the write-ahead log has a file of its own.
    pub(super) fn is_full(error: &rusqlite::Error) -> bool {
        error.sqlite_error().is_some_and(|error| {
            error.code == rusqlite::ErrorCode::DiskFull
                || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
        })
    }

    pub(crate) fn damaged(table: &'static str, reason: impl ToString) -> Self {
        Self::Damaged { table, reason: reason.to_string() }
    }
}
