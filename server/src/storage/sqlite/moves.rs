//! Visits that were logged at the wrong customer.
//!
//! A header is immutable, so a record says where the visit was. The `customer` of a stored
//! document is the one that counts, because every list, scope and card asks for it; what
//! the header says stands beside it, for phones and signatures.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header};
use client_core::id::{DocId, OrgId, RecordId};
use client_core::protocol::Scope;
use client_core::records::{MovedRecord, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::id;
use super::{aliases, membership, records, rows, scores, write_records};
use crate::storage::StorageError;
use crate::storage::times::business_times;

/// A header with the customer that counts.
pub(super) fn header(connection: &Connection, header: &Header) -> Result<Header, StorageError> {
    if header.kind != DocKind::Visit {
        return Ok(*header);
    }
    let customer: Option<DocId> = connection
        .prepare_cached("select customer from doc where org = ?1 and doc = ?2")?
        .query_row(params![header.org.as_bytes(), header.doc.as_bytes()], |row| {
            id(row, 0, DocId::from_bytes)
        })
        .optional()?;
    Ok(Header { customer: customer.or(header.customer), ..*header })
}

/// The move of a visit that is in force.
fn standing(
    connection: &Connection,
    org: OrgId,
    visit: DocId,
) -> Result<Option<MovedRecord>, StorageError> {
    let id = RecordId::from_bytes(*visit.as_bytes());
    let row = records::one(connection, org, RecordKind::Moved, id)?;
    Ok(match row.and_then(|row| row.decode().ok()) {
        Some(Record::Moved(moved)) if moved.in_force() => Some(moved),
        _ => None,
    })
}

/// A visit came that was moved before: a restored server lost it and not the record.
pub(super) fn take_up(connection: &Connection, header: &Header) -> Result<(), StorageError> {
    if header.kind != DocKind::Visit {
        return Ok(());
    }
    match standing(connection, header.org, header.doc)? {
        Some(moved) => put(connection, header.org, &moved),
        None => Ok(()),
    }
}

/// Writes down what a record says; gives the scopes that it is for.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    moved: &MovedRecord,
) -> Result<BTreeSet<Scope>, StorageError> {
    put(connection, org, moved)?;
    let mut scopes = match stored(connection, org, moved.visit)? {
        Some(header) => membership::wanted(connection, &header)?,
        None => BTreeSet::new(),
    };
    scopes.insert(Scope::User(moved.author));
    Ok(scopes)
}

fn put(connection: &Connection, org: OrgId, moved: &MovedRecord) -> Result<(), StorageError> {
    let to = moved.in_force().then_some(moved.customer);
    connection
        .prepare_cached(
            "update doc set customer = coalesce(?3, moved_from, customer),
                 moved_from = case when ?3 is null then null else coalesce(moved_from, customer) end
             where org = ?1 and doc = ?2",
        )?
        .execute(params![
            org.as_bytes(),
            moved.visit.as_bytes(),
            to.as_ref().map(DocId::as_bytes)
        ])?;
    let Some(customer) = stored(connection, org, moved.visit)?.and_then(|header| header.customer)
    else {
        return Ok(());
    };
    let root = aliases::root(connection, org, customer)?;
    connection
        .prepare_cached("update visit_row set customer = ?3 where org = ?1 and doc = ?2")?
        .execute(params![org.as_bytes(), moved.visit.as_bytes(), root.as_bytes()])?;
    Ok(())
}

fn stored(
    connection: &Connection,
    org: OrgId,
    visit: DocId,
) -> Result<Option<Header>, StorageError> {
    Ok(rows::one(connection, org, visit)?.map(|row| row.header))
}

/// Moves the visit to whoever holds the customer it was at, and marks the cards on both
/// sides.
pub(super) fn follow(
    connection: &Connection,
    org: OrgId,
    moved: &MovedRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    let Some(row) = rows::one(connection, org, moved.visit)? else { return Ok(()) };
    let mut readers = membership::of(connection, org, moved.visit)?;
    membership::settle(connection, &row.header, at)?;
    let now = membership::of(connection, org, moved.visit)?;
    aliases::widen(connection, &row.header, &now, at)?;
    readers.extend(now);
    readers.insert(Scope::User(moved.author));
    let people = write_records::people(&readers);
    scores::mark_months(connection, org, &people, &business_times(&row.state), at)
}

/// A move goes where its visit goes.
pub(super) fn go_along(
    connection: &Connection,
    header: &Header,
    at: Timestamp,
) -> Result<(), StorageError> {
    if header.kind != DocKind::Visit {
        return Ok(());
    }
    let Some(moved) = standing(connection, header.org, header.doc)? else { return Ok(()) };
    let mut scopes = membership::of(connection, header.org, header.doc)?;
    scopes.insert(Scope::User(moved.author));
    write_records::store(connection, header.org, &Record::Moved(moved), &scopes, at)?;
    Ok(())
}
