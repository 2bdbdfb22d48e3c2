//! Opening: look before touching.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{FileKey, OpenError, StoreError};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The schema this program writes; files of a higher one are refused.
pub const SCHEMA: u32 = 10;

/// "FSYN": stands in the file's header, so that nothing else is mistaken for a replica.
pub(super) const APPLICATION_ID: u32 = 0x4653_594e;

/// How long a writer waits for another one of the same file.
const BUSY: Duration = Duration::from_secs(10);

/// The writing and the reading connection.
pub(super) fn open(
    path: &Path,
    key: Option<&FileKey>,
) -> Result<(Connection, Connection), OpenError> {
    match (what_is(path)?, key) {
        (Found::Nothing, _) | (Found::Replica, None) | (Found::Sealed, Some(_)) => {}
        (Found::Replica, Some(key)) => super::key::encrypt(path, key)?,
        (Found::Sealed, None) => return Err(OpenError::WrongKey { path: path.to_owned() }),
        (Found::Foreign, _) => return Err(OpenError::NotOurs { path: path.to_owned() }),
    }
    let wrong = |error| wrong_key(path, error);
    let mut writer = connect(path, key).map_err(wrong)?;
    let found = pragma(&writer, "user_version").map_err(wrong)?;
    if found > SCHEMA {
        // Closing must not fold the newer program's log into its file.
        let keep = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        writer.set_db_config(keep, true).map_err(StoreError::from)?;
        return Err(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA });
    }
    // Before WAL, so that the id is in the file itself from the first write on.
    if pragma(&writer, "application_id")? != APPLICATION_ID {
        writer.pragma_update(None, "application_id", APPLICATION_ID).map_err(StoreError::from)?;
    }
    writer
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))
        .map_err(StoreError::from)?;
    if found < SCHEMA {
        migrate(path, &mut writer)?;
    }
    let reader = connect(path, key)?;
    reader.pragma_update(None, "query_only", true).map_err(StoreError::from)?;
    Ok((writer, reader))
}

/// What lies where the replica should be.
enum Found {
    Nothing,
    Replica,
    /// Whole pages without SQLite's header: encrypted, or damaged.
    Sealed,
    Foreign,
}

/// Bytes of a page, as SQLite and SQLCipher make them.
const PAGE: u64 = 4096;

/// Reads the header without opening the file as a database.
fn what_is(path: &Path) -> Result<Found, OpenError> {
    let unusable = |error: std::io::Error| OpenError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut header = Vec::new();
    let length = match File::open(path) {
        Ok(file) => {
            let length = file.metadata().map_err(unusable)?.len();
            file.take(100).read_to_end(&mut header).map_err(unusable)?;
            length
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(unusable(error)),
    };
    if header.is_empty() {
        // Created and never written to: as good as none.
        return Ok(Found::Nothing);
    }
    if header.starts_with(b"SQLite format 3\0") {
        let ours = header.get(68..72) == Some(&APPLICATION_ID.to_be_bytes());
        return Ok(if ours { Found::Replica } else { Found::Foreign });
    }
    Ok(if length.is_multiple_of(PAGE) { Found::Sealed } else { Found::Foreign })
}

/// SQLite calls a file that it cannot decrypt no database.
fn wrong_key(path: &Path, error: StoreError) -> OpenError {
    let sealed = matches!(&error, StoreError::Sqlite(error)
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase));
    if sealed { OpenError::WrongKey { path: path.to_owned() } } else { error.into() }
}

fn connect(path: &Path, key: Option<&FileKey>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    if let Some(key) = key {
        key.unlock(&connection)?;
    }
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Erased means erased: freed pages are overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if cfg!(target_vendor = "apple") {
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    }
    // A save that also had to fold the log into the file took ten times as long. The
    // log is folded after a sync instead; only weeks without one reach this many pages.
    connection.pragma_update(None, "wal_autocheckpoint", 8192)?;
    // The indexes of a first sync: with the usual 2 MB it reads its own pages back.
    connection.pragma_update(None, "cache_size", -8192)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

fn migrate(path: &Path, writer: &mut Connection) -> Result<(), OpenError> {
    let failed = |reason: String| OpenError::Migration { path: path.to_owned(), reason };
    embedded::migrations::runner().set_abort_divergent(true).run(writer).map_err(|error| {
        match std::error::Error::source(&error).map(full) {
            Some(true) => StoreError::Full.into(),
            _ => failed(error.to_string()),
        }
    })?;
    writer
        .pragma_update(None, "user_version", SCHEMA)
        .map_err(|error| failed(error.to_string()))?;
    Ok(())
}

/// Whether the phone's storage was full, somewhere below.
fn full(cause: &(dyn std::error::Error + 'static)) -> bool {
    let sqlite = cause.downcast_ref::<rusqlite::Error>();
    sqlite.is_some_and(StoreError::is_full) || cause.source().is_some_and(full)
}

pub(super) fn pragma(connection: &Connection, name: &str) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}
