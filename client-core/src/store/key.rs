//! The key of a replica, where SQLCipher is compiled in.
//!
//! A random key needs no stretching, so it goes in raw: SQLCipher then derives nothing
//! and opening stays within its budget. A replica from before the key is encrypted once,
//! at the next opening: a copy is written and takes the old file's place.

use std::path::Path;

use rusqlite::Connection;

use super::open::{APPLICATION_ID, SCHEMA, pragma};
use super::{OpenError, StoreError};

/// 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FileKey([u8; Self::LENGTH]);

impl FileKey {
    /// Bytes of a key.
    pub const LENGTH: usize = 32;

    /// A key of these bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// As SQLCipher takes a key that it must not stretch.
    fn raw(&self) -> String {
        format!("x'{}'", data_encoding::HEXLOWER.encode(&self.0))
    }

    pub(super) fn unlock(&self, connection: &Connection) -> Result<(), StoreError> {
        Ok(connection.pragma_update(None, "key", self.raw())?)
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// Encrypts a replica that lies here in the clear.
pub(super) fn encrypt(path: &Path, key: &FileKey) -> Result<(), OpenError> {
    let unusable = |error: std::io::Error| OpenError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let fresh = path.with_extension("sealing");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(error)),
        _ => {}
    }
    export(path, &fresh, key)?;
    // The plain file's log was folded into it by its last connection's end.
    std::fs::rename(&fresh, path).map_err(unusable)?;
    sync_folder(path).map_err(unusable)
}

/// A file's new name is on the disk once its folder is: a power cut would bring the one
/// in the clear back under it.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    // Where folders cannot be opened, the system keeps names in order by itself.
    match path.parent().filter(|_folder| cfg!(unix)) {
        // A name alone lies in the folder that the process stands in.
        Some(folder) if folder.as_os_str().is_empty() => std::fs::File::open(".")?.sync_all(),
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn export(path: &Path, fresh: &Path, key: &FileKey) -> Result<(), OpenError> {
    let plain = Connection::open(path).map_err(StoreError::from)?;
    let schema = pragma(&plain, "user_version")?;
    if schema > SCHEMA {
        return Err(OpenError::Newer { path: path.to_owned(), found: schema, known: SCHEMA });
    }
    Ok(copy(plain, schema, fresh, key)?)
}

fn copy(plain: Connection, schema: u32, fresh: &Path, key: &FileKey) -> Result<(), StoreError> {
    let name = fresh.to_string_lossy().into_owned();
    plain.execute("attach database ?1 as sealed key ?2", (name, key.raw()))?;
    plain.pragma_update(Some("sealed"), "synchronous", "full")?;
    plain.query_row("select sqlcipher_export('sealed')", [], |_row| Ok(()))?;
    plain.pragma_update(Some("sealed"), "user_version", schema)?;
    plain.pragma_update(Some("sealed"), "application_id", APPLICATION_ID)?;
    plain.execute("detach database sealed", [])?;
    plain.close().map_err(|(_connection, error)| error)?;
    Ok(())
}
