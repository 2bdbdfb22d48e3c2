//! Examining a data file, and making again what follows from its log.
//!
//! § The change log is the truth. Everything else about documents was written in the
//! transaction that wrote the log, by the functions that are used here again: what they
//! would write now is compared with what is there. So the doctor knows no rule of its
//! own that could be older than the server's.
//!
//! An examination reads one snapshot and can run beside a server. A rebuild is one
//! transaction, and its caller holds the directory's lock.

mod feed;
mod file;
mod heal;
mod log;
mod people;
mod scopes;
mod shadow;
#[cfg(test)]
mod tests;

use std::path::Path;

use client_core::id::OrgId;
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::{OpenError, noted, open};
use crate::storage::StorageError;
use crate::storage::doctor::{Progress, Report, Trouble};

/// Told of the progress, now and then.
pub type Told<'a> = &'a mut dyn FnMut(Progress);

/// Why an examination or a rebuild could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// There is nothing to examine, or the file cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Reading or writing failed in the middle; nothing was changed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<rusqlite::Error> for DoctorError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Looks at everything, and changes nothing.
pub fn examine(path: &Path, now: Timestamp, told: Told<'_>) -> Result<Report, DoctorError> {
    let mut report = Report::default();
    let connection = match open::to_examine(path) {
        Ok(connection) => connection,
        Err(OpenError::NotOurs { reason, .. }) => {
            report.add(Trouble::NotADatabase, reason);
            return Ok(report);
        }
        Err(error) => return Err(error.into()),
    };
    file::integrity(&connection, &mut report);
    if file::schema(&connection, &mut report).is_err() {
        return Ok(report);
    }
    let examined = everything(&connection, now, &mut report, told);
    match examined {
        // What cannot be read was told of by the integrity of the file already, or is
        // told of now.
        Err(StorageError::Corrupt { what, reason }) => {
            report.add(Trouble::FileDamaged, format!("a stored {what} cannot be read: {reason}"));
        }
        Err(StorageError::Sqlite(error)) => {
            report.add(Trouble::FileDamaged, error.to_string());
        }
        Err(error) => return Err(error.into()),
        Ok(()) => {}
    }
    Ok(report)
}

/// Everything but the file itself, in one snapshot.
fn everything(
    connection: &Connection,
    now: Timestamp,
    report: &mut Report,
    told: Told<'_>,
) -> Result<(), StorageError> {
    shadow::make(connection)?;
    let transaction = connection.unchecked_transaction()?;
    for org in orgs(&transaction)? {
        people::keys(&transaction, org, report)?;
        people::administered(&transaction, org, report)?;
        people::clock(&transaction, org, now, report)?;
        log::documents(&transaction, org, report, told)?;
        scopes::check(&transaction, org, report)?;
        feed::check(&transaction, org, report)?;
    }
    people::orphans(&transaction, report)?;
    people::waiting(&transaction, report)?;
    transaction.rollback()?;
    Ok(())
}

/// Makes documents, rows, memberships, access and digests again from log and records.
/// All of it is kept, or nothing.
pub fn rebuild(path: &Path, now: Timestamp, told: Told<'_>) -> Result<(), DoctorError> {
    let connection = open::open(path)?;
    shadow::make(&connection)?;
    connection.execute_batch("begin exclusive")?;
    let healed = heal::everything(&connection, now, told);
    // Nobody listens to a rebuild; phones hear of it with their next sync.
    drop(noted::take());
    match healed {
        Ok(()) => {
            connection.execute_batch("commit")?;
            Ok(())
        }
        Err(error) => {
            if !connection.is_autocommit() {
                connection.execute_batch("rollback")?;
            }
            Err(error.into())
        }
    }
}

fn orgs(connection: &Connection) -> Result<Vec<OrgId>, StorageError> {
    let mut statement = connection.prepare("select org from org order by org")?;
    let orgs = statement.query_map([], |row| super::codec::id(row, 0, OrgId::from_bytes))?;
    Ok(orgs.collect::<Result<_, _>>()?)
}

/// The number that a query gives.
fn count(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<u64, StorageError> {
    let found: i64 = connection.prepare_cached(sql)?.query_row(params, |row| row.get(0))?;
    Ok(found.unsigned_abs())
}
