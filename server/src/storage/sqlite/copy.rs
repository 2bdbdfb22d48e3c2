//! The data file as a whole: copied at one instant, checked, given another life.

use std::path::Path;

use client_core::id::{DeviceId, OrgId, RecordId};
use client_core::records::{Record, RecordKind, UserStatus};
use client_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags, params};

use super::codec::id;
use super::open::{self, OpenError};
use super::{SqliteStorage, accounts, audit, records, write_records};
use crate::backup::OrgInBackup;
use crate::storage::StorageError;
use crate::storage::model::AuditEntry;

/// Copies the data file while others read and write it; what the copy holds is what
/// was committed when it began. Gives its schema and the orgs in it.
pub fn copy(path: &Path, to: &Path) -> Result<(i64, Vec<OrgInBackup>), OpenError> {
    let connection = open::foreign_reader(path)?;
    // SQLite fills an empty file and refuses any other.
    connection.execute("vacuum into ?1", [to.to_string_lossy()])?;
    drop(connection);
    let copied = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let orgs = copied
        .prepare("select org, epoch, seq from org order by created_at")?
        .query_map([], |row| {
            Ok(OrgInBackup {
                org: id(row, 0, OrgId::from_bytes)?.to_string(),
                epoch: data_encoding::HEXLOWER.encode(&row.get::<_, [u8; 8]>(1)?),
                position: row.get::<_, i64>(2)?.unsigned_abs(),
            })
        })?
        .collect::<Result<_, _>>()?;
    let schema = copied.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((schema, orgs))
}

/// Who may not come in by what a data file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShutOut {
    devices: Vec<(OrgId, DeviceId)>,
    people: Vec<(OrgId, RecordId)>,
}

/// Who was shut out in data that a restore put aside: a phone that was revoked after the
/// backup must not come in again because the backup had not heard of it.
pub fn shut_out(path: &Path) -> Result<ShutOut, OpenError> {
    let connection = open::foreign_reader(path)?;
    let devices = connection
        .prepare("select org, device from device where revoked_at is not null")?
        .query_map([], |row| {
            Ok((id(row, 0, OrgId::from_bytes)?, id(row, 1, DeviceId::from_bytes)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut people = Vec::new();
    let mut statement =
        connection.prepare("select org, id, body from record where kind = 'user'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (org, user) = (id(row, 0, OrgId::from_bytes)?, id(row, 1, RecordId::from_bytes)?);
        let body: Vec<u8> = row.get(2)?;
        if let Ok(Record::User(found)) = Record::decode(RecordKind::User, user, &body)
            && found.status == UserStatus::Disabled
        {
            people.push((org, user));
        }
    }
    Ok(ShutOut { devices, people })
}

/// Whether every page and row of a data file is whole.
pub fn check(path: &Path) -> Result<(), String> {
    let checked = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.query_row("pragma integrity_check(1)", [], |row| row.get::<_, String>(0))
    };
    match checked() {
        Ok(said) if said == "ok" => Ok(()),
        Ok(said) => Err(format!("its data file is damaged: {said}")),
        Err(error) => Err(format!("its data file cannot be read: {error}")),
    }
}

/// Folds the log of a data file that nobody has open into it: what is moved then is
/// the file alone.
pub fn fold(path: &Path) -> Result<(), rusqlite::Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_row| Ok(()))
}

/// Whether somebody else has the data file open.
pub fn is_in_use(path: &Path) -> bool {
    let alone = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch(
            "pragma busy_timeout = 200; pragma locking_mode = exclusive;
             begin exclusive; rollback;",
        )
    };
    match alone() {
        Ok(()) => false,
        Err(error) => matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
        ),
    }
}

impl SqliteStorage {
    /// Shuts out again who was; how many phones and people that were, of those that are
    /// known here.
    pub async fn shut_out_again(&self, out: ShutOut, at: Timestamp) -> Result<usize, StorageError> {
        self.write(move |connection| {
            let mut done = 0;
            for (org, device) in out.devices {
                let known = accounts::one_device(connection, org, device)?;
                if known.is_some_and(|known| known.revoked_at.is_none()) {
                    accounts::revoke_device(connection, org, device, at)?;
                    done += 1;
                }
            }
            for (org, user) in out.people {
                let row = records::one(connection, org, RecordKind::User, user)?;
                if let Some(Record::User(mut found)) = row.and_then(|row| row.decode().ok())
                    && found.status == UserStatus::Active
                {
                    found.status = UserStatus::Disabled;
                    write_records::all(connection, org, &[Record::User(found)], at)?;
                    done += 1;
                }
            }
            Ok(done)
        })
        .await
    }

    /// Begins another life of the data: positions of the former one mean nothing from
    /// now on, and whoever comes with one starts over.
    pub async fn begin_life(
        &self,
        epoch: &mut impl FnMut() -> [u8; 8],
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let orgs = crate::storage::Records::orgs(self).await?;
        let fresh: Vec<(OrgId, [u8; 8])> = orgs.iter().map(|org| (org.id, epoch())).collect();
        self.write(move |connection| {
            for (org, epoch) in &fresh {
                connection.execute(
                    "update org set epoch = ?2 where org = ?1",
                    params![org.as_bytes(), epoch],
                )?;
                let entry = AuditEntry {
                    at,
                    user: None,
                    device: None,
                    what: "data_restored".to_owned(),
                    subject: None,
                    detail: None,
                };
                audit::write(connection, *org, &entry)?;
            }
            Ok(())
        })
        .await
    }
}
