//! Who did what to whom.

use client_core::id::{DeviceId, OrgId, RecordId, UserId};
use client_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::codec::{optional_id, time};
use crate::storage::StorageError;
use crate::storage::lists::Window;
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

/// The entries that a filter takes. Its codes come as one list in JSON, so that each
/// filter is the same statement.
const WANTED: &str = "org = ?1 and at >= ?2 and (?3 is null or at < ?3)
     and (?4 is null or user = ?4) and (?5 is null or subject = ?5)
     and (?6 is null or what in (select value from json_each(?6)))";

fn codes(filter: &AuditFilter) -> Option<String> {
    // A list of texts goes into JSON.
    (!filter.whats.is_empty()).then(|| serde_json::to_string(&filter.whats).unwrap_or_default())
}

pub(super) fn all(
    connection: &Connection,
    org: OrgId,
    filter: &AuditFilter,
    window: Window,
) -> Result<Vec<AuditEntry>, StorageError> {
    let mut statement = connection.prepare_cached(&format!(
        "select at, user, device, what, subject, detail from audit
         where {WANTED} order by at desc, id desc limit ?7 offset ?8",
    ))?;
    let found = statement.query_map(
        params![
            org.as_bytes(),
            filter.since.millis(),
            filter.until.map(Timestamp::millis),
            filter.by.as_ref().map(UserId::as_bytes),
            filter.subject.as_ref().map(RecordId::as_bytes),
            codes(filter),
            window.limit,
            i64::try_from(window.offset).unwrap_or(i64::MAX),
        ],
        from_row,
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn count(
    connection: &Connection,
    org: OrgId,
    filter: &AuditFilter,
) -> Result<u64, StorageError> {
    let mut statement =
        connection.prepare_cached(&format!("select count(*) from audit where {WANTED}"))?;
    let found: i64 = statement.query_row(
        params![
            org.as_bytes(),
            filter.since.millis(),
            filter.until.map(Timestamp::millis),
            filter.by.as_ref().map(UserId::as_bytes),
            filter.subject.as_ref().map(RecordId::as_bytes),
            codes(filter),
        ],
        |row| row.get(0),
    )?;
    Ok(found.unsigned_abs())
}

/// Whether the same person did the same to the same at `since` or later.
pub(super) fn stands(
    connection: &Connection,
    org: OrgId,
    entry: &AuditEntry,
    since: Timestamp,
) -> Result<bool, StorageError> {
    let found = connection
        .prepare_cached(
            "select 1 from audit where org = ?1 and subject is ?2 and at >= ?3 and user is ?4
             and what = ?5 and detail is ?6 limit 1",
        )?
        .exists(params![
            org.as_bytes(),
            entry.subject.as_ref().map(RecordId::as_bytes),
            since.millis(),
            entry.user.as_ref().map(UserId::as_bytes),
            entry.what,
            entry.detail,
        ])?;
    Ok(found)
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
