//! Opening the file: ours or not, how old, and the settings of every connection.

use std::path::{Path, PathBuf};

use refinery::{Migration, Runner};
use rusqlite::{Connection, OpenFlags};

use super::full::{is_caused_by_full, is_full};
use super::{SCHEMA_VERSION, lists, marks, order_days};
use crate::storage::StorageError;

/// `FSLD`: what `file(1)` and we know the file by.
const APPLICATION_ID: i64 = 0x4653_4C44;

/// Every step from an empty file to the newest schema; a released one never changes.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__first", include_str!("../../../migrations/sqlite/V1__first.sql")),
    ("V2__import", include_str!("../../../migrations/sqlite/V2__import.sql")),
    ("V3__people", include_str!("../../../migrations/sqlite/V3__people.sql")),
    ("V4__lists", include_str!("../../../migrations/sqlite/V4__lists.sql")),
    ("V5__placing", include_str!("../../../migrations/sqlite/V5__placing.sql")),
    ("V6__one", include_str!("../../../migrations/sqlite/V6__one.sql")),
    ("V7__identity", include_str!("../../../migrations/sqlite/V7__identity.sql")),
    ("V9__histories", include_str!("../../../migrations/sqlite/V9__histories.sql")),
    ("V11__narrow", include_str!("../../../migrations/sqlite/V11__narrow.sql")),
    ("V12__leaving", include_str!("../../../migrations/sqlite/V12__leaving.sql")),
    ("V13__facts", include_str!("../../../migrations/sqlite/V13__facts.sql")),
    ("V14__erased_doc", include_str!("../../../migrations/sqlite/V14__erased_doc.sql")),
    ("V15__ended", include_str!("../../../migrations/sqlite/V15__ended.sql")),
    ("V16__closed_card", include_str!("../../../migrations/sqlite/V16__closed_card.sql")),
    ("V19__issued", include_str!("../../../migrations/sqlite/V19__issued.sql")),
    ("V20__audit", include_str!("../../../migrations/sqlite/V20__audit.sql")),
    ("V26__marks", include_str!("../../../migrations/sqlite/V26__marks.sql")),
    ("V27__not_same", include_str!("../../../migrations/sqlite/V27__not_same.sql")),
    ("V28__things", include_str!("../../../migrations/sqlite/V28__things.sql")),
    ("V29__moved", include_str!("../../../migrations/sqlite/V29__moved.sql")),
    ("V30__came_back", include_str!("../../../migrations/sqlite/V30__came_back.sql")),
    ("V31__order_day", include_str!("../../../migrations/sqlite/V31__order_day.sql")),
];

/// Why a data file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no data file.
    #[error("there is no data file at {path}: run `fieldsync init` first", path = path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Creating would overwrite.
    #[error("there is a data file at {path} already", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to another program, or is no database.
    #[error("{path} is not a fieldsync data file: {reason}", path = path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The file was written by a newer program.
    #[error(
        "{path} has schema {found}, this program knows up to {known}: it was written by a newer \
         fieldsync, use that one",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A migration failed; the file is as it was.
    #[error("{path} could not be migrated: {reason}", path = path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What failed.
        reason: String,
    },
    /// No room for what opening writes.
    #[error("the disk is full")]
    Full,
    /// SQLite said no.
    #[error("sqlite: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// The writer's thread could not be started.
    #[error("the writer's thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Sqlite(error) }
    }
}

pub(super) fn create(path: &Path) -> Result<Connection, OpenError> {
    if path.exists() {
        return Err(OpenError::Exists { path: path.to_owned() });
    }
    let created = fresh(path);
    if created.is_err() {
        // Half a file would be neither ours nor missing the next time.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            drop(std::fs::remove_file(name));
        }
    }
    created
}

fn fresh(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    prepare(path, &mut connection)?;
    Ok(connection)
}

/// A connection that reads a file which this program need not have brought up to date.
pub(super) fn foreign_reader(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_owned() });
    }
    let connection = reader(path)?;
    look(path, &connection)?;
    Ok(connection)
}

pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_owned() });
    }
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    look(path, &connection)?;
    prepare(path, &mut connection)?;
    Ok(connection)
}

/// Whether it is ours and not too new.
fn look(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let not_ours = |reason: String| OpenError::NotOurs { path: path.to_owned(), reason };
    let application: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| not_ours(error.to_string()))?;
    if application != APPLICATION_ID {
        return Err(not_ours(format!("its application id is {application:#x}")));
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(())
}

/// Settings and migrations of the writing connection.
fn prepare(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    // A confirmed visit must survive a power cut: FULL syncs the WAL at every commit,
    // and group commit shares that sync between everybody who waits. An erasure writes
    // the whole file again beside a running server, about a second for each 200 MB:
    // writers wait for it and nobody is refused.
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma busy_timeout = 120000;
         pragma foreign_keys = on;
         pragma temp_store = memory;
         pragma cache_size = -16384;
         pragma journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    let fail = |reason: String| OpenError::Migration { path: path.to_owned(), reason };
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fail(error.to_string()))?;
    let before: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Runner::new(&migrations).run(connection).map_err(|error| {
        if is_caused_by_full(&error) { OpenError::Full } else { fail(error.to_string()) }
    })?;
    let told = |error: StorageError| match error {
        StorageError::Full => OpenError::Full,
        error => fail(error.to_string()),
    };
    lists::finding::fill(connection).map_err(told)?;
    if before < marks::SINCE {
        marks::fill(connection).map_err(told)?;
    }
    if before < order_days::SINCE {
        order_days::fill(connection).map_err(told)?;
    }
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    Ok(())
}

/// A connection that can only read a file of any age, damaged or not.
pub(super) fn to_examine(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_owned() });
    }
    let not_ours = |reason: String| OpenError::NotOurs { path: path.to_owned(), reason };
    let connection = reader(path).map_err(|error| not_ours(error.to_string()))?;
    let application: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| not_ours(error.to_string()))?;
    if application != APPLICATION_ID {
        return Err(not_ours(format!("its application id is {application:#x}")));
    }
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| not_ours(error.to_string()))?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(connection)
}

/// A file of ours that is empty and nowhere: what the schema should be.
pub(super) fn in_memory() -> Result<Connection, StorageError> {
    let mut connection = Connection::open_in_memory()?;
    prepare(Path::new(":memory:"), &mut connection)
        .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
    Ok(connection)
}

/// A connection that can only read.
pub(super) fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch(
        "pragma busy_timeout = 5000;
         pragma temp_store = memory;
         pragma cache_size = -8192;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that says less than it holds would be taken by an older program.
    #[test]
    fn the_schemas_number_is_its_newest_steps() {
        let newest = MIGRATIONS
            .iter()
            .map(|(name, sql)| Migration::unapplied(name, sql).unwrap().version())
            .max();
        assert_eq!(newest.map(i64::from), Some(SCHEMA_VERSION));
    }
}
