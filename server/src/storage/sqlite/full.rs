//! Whether the disk is full.
//!
//! It is the one failure of a disk that passes by itself when somebody makes room,
//! and during which reading is safe. So it has an error of its own, and SQLite says
//! it in more than one way.

use std::error::Error;
use std::io;
use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

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

/// Bytes that may still be written beside the data; none where the system does not tell.
pub(super) fn room(beside: &Path) -> Option<u64> {
    let dir = beside.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(dir).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
