//! Who did what to whom.

use client_core::id::{DeviceId, OrgId, RecordId, UserId};
use rusqlite::{Connection, Row, params};

use super::codec::{optional_id, time};
use crate::storage::StorageError;
use crate::storage::model::{AuditEntry, AuditFilter};

pub(super) fn write(
    connection: &Connection,
    org: OrgId,
    entry: &AuditEntry,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "insert into audit (org, at, user, device, what, subject, detail)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            org.as_bytes(),
            entry.at.millis(),
            entry.user.as_ref().map(UserId::as_bytes),
            entry.device.as_ref().map(DeviceId::as_bytes),
            entry.what,
            entry.subject.as_ref().map(RecordId::as_bytes),
            entry.detail
        ])?;
    Ok(())
}

pub(super) fn of(
    connection: &Connection,
    org: OrgId,
    subject: RecordId,
    limit: u32,
) -> Result<Vec<AuditEntry>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select at, user, device, what, subject, detail from audit
         where org = ?1 and subject = ?2 order by at desc, id desc limit ?3",
    )?;
    let found =
        statement.query_map(params![org.as_bytes(), subject.as_bytes(), limit], from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn all(
    connection: &Connection,
    org: OrgId,
    filter: &AuditFilter,
) -> Result<Vec<AuditEntry>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select at, user, device, what, subject, detail from audit
         where org = ?1 and at >= ?2 and (?3 is null or subject = ?3) and (?4 is null or what = ?4)
         order by at desc, id desc limit ?5",
    )?;
    let subject = filter.subject.as_ref().map(RecordId::as_bytes);
    let wanted = params![org.as_bytes(), filter.since.millis(), subject, filter.what, filter.limit];
    let found = statement.query_map(wanted, from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The columns `at, user, device, what, subject, detail`.
fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        at: time(row, 0)?,
        user: optional_id(row, 1, UserId::from_bytes)?,
        device: optional_id(row, 2, DeviceId::from_bytes)?,
        what: row.get(3)?,
        subject: optional_id(row, 4, RecordId::from_bytes)?,
        detail: row.get(5)?,
    })
}
