//! Records about documents: orders, payments and contracts of a customer or deal, and
//! comments on a visit. Who reads one follows from who has what it is about, so a table
//! says which records are about which document, and they go where it goes.
//!
//! Money of a deal goes where the deal goes: to its holders, and to whoever owns the
//! customer. Who held either since the day of the record keeps it, because a card of that
//! time rests on it; who had let go before that day never sees it.

use std::collections::BTreeSet;

use client_core::docs::ERASED;
use client_core::id::{DocId, OrgId, RecordId};
use client_core::protocol::Scope;
use client_core::records::{Placement, PlacementRecord, Record, RecordKind};
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, params};

use super::codec::id;
use super::{aliases, leaving, membership, order_days, records, write_records};
use crate::storage::StorageError;
use crate::storage::model::record_rank;

/// The kinds of record that are about documents.
pub(super) const KINDS: [RecordKind; 4] =
    [RecordKind::Order, RecordKind::Payment, RecordKind::Contract, RecordKind::Review];

/// Business of a customer: what it is about and the first day it bears on.
struct Business {
    customer: DocId,
    deal: Option<DocId>,
    on: Date,
}

fn business(record: &Record) -> Option<Business> {
    let (customer, deal, on) = match record {
        Record::Order(order) => (order.customer, order.deal, order.ordered_on),
        Record::Payment(payment) => (payment.customer, payment.deal, payment.received_on),
        Record::Contract(contract) => {
            let due = contract.instalments.iter().map(|term| term.due_on);
            let on = due.chain([contract.signed_on]).min().unwrap_or(contract.signed_on);
            (contract.customer, contract.deal, on)
        }
        _ => return None,
    };
    Some(Business { customer, deal, on })
}

/// The documents that a record is about.
fn subjects(record: &Record) -> Vec<DocId> {
    match (business(record), record) {
        (Some(business), _) => std::iter::once(business.customer).chain(business.deal).collect(),
        (None, Record::Review(review)) => vec![review.visit],
        (None, _) => Vec::new(),
    }
}

/// Since when cards may look at what a record says.
pub(super) fn since(
    connection: &Connection,
    org: OrgId,
    record: &Record,
) -> Result<Option<Timestamp>, StorageError> {
    let Some(business) = business(record) else { return Ok(None) };
    Ok(Some(records::zone(connection, org)?.start_of(business.on)))
}

/// Who reads a record that is about documents; none for other records.
pub(super) fn readers(
    connection: &Connection,
    org: OrgId,
    record: &Record,
) -> Result<Option<BTreeSet<Scope>>, StorageError> {
    if let Record::Review(review) = record {
        let mut scopes = membership::of(connection, org, review.visit)?;
        scopes.insert(Scope::User(review.author));
        return Ok(Some(scopes));
    }
    let Some(business) = business(record) else { return Ok(None) };
    let since = records::zone(connection, org)?.start_of(business.on);
    let holds = |record: &PlacementRecord| -> Vec<Placement> {
        let spans = record.spans.iter().filter(|span| span.until.is_none_or(|end| since < end));
        spans.cloned().collect()
    };
    let root = aliases::root(connection, org, business.customer)?;
    let mut customers = BTreeSet::from([business.customer, root]).into_iter();
    let mut of_customer = Vec::new();
    customers.try_for_each(|customer| {
        let placed = records::placement(connection, org, customer)?;
        of_customer.extend(placed.iter().flat_map(&holds));
        Ok::<(), StorageError>(())
    })?;
    let mut scopes = BTreeSet::new();
    match business.deal {
        Some(deal) => {
            let placed = records::placement(connection, org, deal)?;
            scopes.extend(placed.iter().flat_map(&holds).flat_map(|span| everybody(&span)));
            let credit = placed.and_then(|placed| placed.credit);
            scopes.extend(credit.map(Scope::User));
            scopes.extend(of_customer.iter().map(|span| Scope::User(span.owner)));
        }
        None => scopes.extend(of_customer.iter().flat_map(everybody)),
    }
    // What nobody holds is with whoever has the document, and with the top in the end.
    if scopes.is_empty() {
        scopes = membership::of(connection, org, business.customer)?;
    }
    if scopes.is_empty() {
        scopes.extend(records::root_unit(connection, org)?.map(Scope::Unit));
    }
    Ok(Some(scopes))
}

fn everybody(span: &Placement) -> Vec<Scope> {
    let people = std::iter::once(span.owner).chain(span.collaborators.iter().copied());
    people.map(Scope::User).chain([Scope::Unit(span.unit)]).collect()
}

/// Writes down what a record is about, and an order's days.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    record: &Record,
) -> Result<(), StorageError> {
    let (rank, id) = (record_rank(record.kind()), record.id());
    connection
        .prepare_cached("delete from about where org = ?1 and rank = ?2 and id = ?3")?
        .execute(params![org.as_bytes(), rank, id.as_bytes()])?;
    for subject in subjects(record) {
        connection
            .prepare_cached(
                "insert into about (org, doc, rank, id) values (?1, ?2, ?3, ?4)
                 on conflict do nothing",
            )?
            .execute(params![org.as_bytes(), subject.as_bytes(), rank, id.as_bytes()])?;
    }
    match record {
        Record::Order(order) => order_days::note(connection, org, order),
        _ => Ok(()),
    }
}

/// The records of a kind that are about a document, by id.
pub(super) fn of(
    connection: &Connection,
    org: OrgId,
    subject: DocId,
    kind: RecordKind,
) -> Result<Vec<Record>, StorageError> {
    let ids: Vec<RecordId> = connection
        .prepare_cached(
            "select id from about where org = ?1 and doc = ?2 and rank = ?3 order by id",
        )?
        .query_map(params![org.as_bytes(), subject.as_bytes(), record_rank(kind)], |row| {
            id(row, 0, RecordId::from_bytes)
        })?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let row = records::one(connection, org, kind, id)?;
        found.extend(row.and_then(|row| row.decode().ok()));
    }
    Ok(found)
}

/// What is about a document goes where that goes now.
pub(super) fn follow(
    connection: &Connection,
    org: OrgId,
    subject: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    for kind in KINDS {
        for record in of(connection, org, subject, kind)? {
            let wanted = readers(connection, org, &record)?.unwrap_or_default();
            let known = (record_rank(kind), record.id());
            if wanted != leaving::scopes_of(connection, org, known)? {
                write_records::store(connection, org, &record, &wanted, at)?;
            }
        }
    }
    Ok(())
}

/// Comments on a visit are somebody's words about what happened at the customer.
pub(super) fn forget_comments(
    connection: &Connection,
    org: OrgId,
    visit: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    for record in of(connection, org, visit, RecordKind::Review)? {
        if let Record::Review(mut review) = record {
            ERASED.clone_into(&mut review.comment);
            write_records::one(connection, org, &Record::Review(review), at)?;
        }
    }
    Ok(())
}

/// The documents that the table knows a record to be about, and those it is about.
pub(super) fn differing(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<(RecordKind, RecordId)>, StorageError> {
    let mut found = Vec::new();
    for kind in KINDS {
        for row in records::of_kind(connection, org, kind)? {
            let Ok(record) = row.decode() else { continue };
            let stored: BTreeSet<DocId> = connection
                .prepare_cached("select doc from about where org = ?1 and rank = ?2 and id = ?3")?
                .query_map(params![org.as_bytes(), record_rank(kind), row.id.as_bytes()], |row| {
                    id(row, 0, DocId::from_bytes)
                })?
                .collect::<Result<_, _>>()?;
            let days = match &record {
                Record::Order(order) => order_days::differ(connection, org, order)?,
                _ => false,
            };
            if days || stored != subjects(&record).into_iter().collect() {
                found.push((kind, row.id));
            }
        }
    }
    Ok(found)
}
