//! Decisions that a visit does not count, as the visit moves between readers.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, ERASED, Header};
use client_core::id::{DocId, OrgId, RecordId};
use client_core::protocol::Scope;
use client_core::records::{Record, RecordKind, VoidRecord};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::{membership, records, rows, scores, write_records};
use crate::storage::StorageError;
use crate::storage::times::business_times;

/// Whoever has the visit is told, and its author in any case.
pub(super) fn readers(
    connection: &Connection,
    org: OrgId,
    void: &VoidRecord,
) -> Result<BTreeSet<Scope>, StorageError> {
    let mut scopes = membership::of(connection, org, void.visit)?;
    scopes.insert(Scope::User(void.author));
    Ok(scopes)
}

/// Marks the month of the visit for everybody it may count for.
pub(super) fn mark(
    connection: &Connection,
    org: OrgId,
    void: &VoidRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    let row = rows::one(connection, org, void.visit)?;
    let times = row.map(|row| business_times(&row.state)).unwrap_or_default();
    let people = write_records::people(&readers(connection, org, void)?);
    scores::mark_months(connection, org, &people, &times, at)
}

/// The reason is somebody's words about what happened at the customer.
pub(super) fn forget_reason(
    connection: &Connection,
    org: OrgId,
    visit: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let id = RecordId::from_bytes(*visit.as_bytes());
    let row = records::one(connection, org, RecordKind::Void, id)?;
    if let Some(Record::Void(mut void)) = row.and_then(|row| row.decode().ok()) {
        ERASED.clone_into(&mut void.reason);
        write_records::one(connection, org, &Record::Void(void), at)?;
    }
    Ok(())
}

/// A decision goes where its visit goes.
pub(super) fn follow(
    connection: &Connection,
    header: &Header,
    at: Timestamp,
) -> Result<(), StorageError> {
    if header.kind != DocKind::Visit {
        return Ok(());
    }
    let id = RecordId::from_bytes(*header.doc.as_bytes());
    let row = records::one(connection, header.org, RecordKind::Void, id)?;
    if let Some(Record::Void(void)) = row.and_then(|row| row.decode().ok()) {
        let scopes = readers(connection, header.org, &void)?;
        write_records::store(connection, header.org, &Record::Void(void), &scopes, at)?;
    }
    Ok(())
}
