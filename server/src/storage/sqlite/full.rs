//! Whether the disk is full.
//!
//! It is the one failure of a disk that passes by itself when somebody makes room,
//! and during which reading is safe. So it has an error of its own, and SQLite says
//! it in more than one way.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

use crate::storage::StorageError;

/// Whether a failure of SQLite is one for want of room.
pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        // The index of the write-ahead log grows in a file of its own.
        error.code == ErrorCode::DiskFull || error.extended_code == SQLITE_IOERR_SHMSIZE
    })
}

/// Whether anything in the chain of causes is.
pub(super) fn is_caused_by_full(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let sqlite = error.downcast_ref::<rusqlite::Error>().is_some_and(is_full);
        let system = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::StorageFull);
        if sqlite || system {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether so many bytes have room beside the data: they are written and removed
/// before the system carries them to the disk.
pub(super) fn room_for(path: &Path, bytes: usize) -> Result<(), StorageError> {
    let written = File::create(path).and_then(|mut file| file.write_all(&vec![0; bytes]));
    // What is left of a failure takes room too.
    let removed = std::fs::remove_file(path);
    written.and(removed).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull => StorageError::Full,
        _ => StorageError::Unavailable { reason: error.to_string() },
    })
}
