//! Customers that are one.
//!
//! The records say which customer is which other; this table holds where each
//! chain ends, so that a list joins it once. Merging moves no document. It lets the
//! holders of each see the other customer, and the holder of the one that stands
//! for them see what happened at all of them.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header};
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::projection::DocState;
use client_core::protocol::Scope;
use client_core::records::{AliasRecord, Aliases, PlacementRecord, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, scope_from_key};
use super::lists::finding;
use super::{about, leaving, membership, records, rows, scores, write_records};
use crate::storage::StorageError;
use crate::storage::model::record_rank;
use crate::storage::scopes::of_record;

/// The customer that stands for this one.
pub(super) fn root(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<DocId, StorageError> {
    let found = connection
        .prepare_cached("select root from alias where org = ?1 and doc = ?2")?
        .query_row(params![org.as_bytes(), customer.as_bytes()], |row| {
            id(row, 0, DocId::from_bytes)
        })
        .optional()?;
    Ok(found.unwrap_or(customer))
}

/// Every customer that is one with this one, itself included.
fn joined(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<BTreeSet<DocId>, StorageError> {
    let root = root(connection, org, customer)?;
    let mut all = BTreeSet::from([root, customer]);
    let mut statement =
        connection.prepare_cached("select doc from alias where org = ?1 and root = ?2")?;
    let mut rows = statement.query(params![org.as_bytes(), root.as_bytes()])?;
    while let Some(row) = rows.next()? {
        all.insert(id(row, 0, DocId::from_bytes)?);
    }
    Ok(all)
}

/// What else decides the scopes of a document because customers are one.
pub(super) fn placements_beside(
    connection: &Connection,
    header: &Header,
) -> Result<Vec<PlacementRecord>, StorageError> {
    let org = header.org;
    let customers: BTreeSet<DocId> = match (header.kind, header.customer) {
        (DocKind::Customer, _) => {
            let mut others = joined(connection, org, header.doc)?;
            others.remove(&header.doc);
            others
        }
        (DocKind::Visit | DocKind::Deal | DocKind::Case, Some(customer)) => {
            let root = root(connection, org, customer)?;
            BTreeSet::from([root]).into_iter().filter(|root| *root != customer).collect()
        }
        _ => BTreeSet::new(),
    };
    let placed = customers.into_iter().map(|doc| records::placement(connection, org, doc));
    placed.filter_map(Result::transpose).collect()
}

/// Writes down what a record says; gives the scopes that it is for.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    alias: &AliasRecord,
) -> Result<BTreeSet<Scope>, StorageError> {
    let mut affected = joined(connection, org, alias.from)?;
    affected.extend(joined(connection, org, alias.into)?);
    let mut standing: Vec<AliasRecord> = in_force(connection, org, &affected)?
        .into_iter()
        .filter(|a| a.from != alias.from)
        .collect();
    standing.extend(alias.in_force().then(|| alias.clone()));
    // The office looked before, and somebody else may have been faster.
    if alias.in_force() && root(connection, org, alias.into)? == alias.from {
        return Err(StorageError::Exists { what: "a merge the other way round" });
    }
    let aliases = Aliases::of(&standing);
    for doc in &affected {
        connection
            .prepare_cached("delete from alias where org = ?1 and doc = ?2")?
            .execute(params![org.as_bytes(), doc.as_bytes()])?;
    }
    for step in standing.iter().filter(|step| aliases.resolve(step.from) != step.from) {
        connection
            .prepare_cached("insert into alias (org, doc, target, root) values (?1, ?2, ?3, ?4)")?
            .execute(params![
                org.as_bytes(),
                step.from.as_bytes(),
                step.into.as_bytes(),
                aliases.resolve(step.from).as_bytes(),
            ])?;
    }
    readers(connection, org, &affected)
}

/// Moves everything that a record bears on, and marks the cards it may change.
pub(super) fn follow(
    connection: &Connection,
    org: OrgId,
    alias: &AliasRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    let mut affected = joined(connection, org, alias.from)?;
    affected.extend(joined(connection, org, alias.into)?);
    let before = readers(connection, org, &affected)?;
    for doc in &affected {
        membership::follow(connection, org, *doc, at)?;
        list_under_root(connection, org, *doc)?;
        about::follow(connection, org, *doc, at)?;
    }
    refresh(connection, org, &affected, Some(alias.from), at)?;
    let mut readers = readers(connection, org, &affected)?;
    readers.extend(before);
    mark_every_card(connection, org, &write_records::people(&readers), at)
}

/// Lists show what stands at a customer under the one that stands for it.
fn list_under_root(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<(), StorageError> {
    let root = root(connection, org, customer)?;
    for table in ["visit_row", "deal_row", "case_row"] {
        connection
            .prepare_cached(&format!(
                "update {table} set customer = ?3 where org = ?1 and doc in
                     (select doc from doc where org = ?1 and customer = ?2)"
            ))?
            .execute(params![org.as_bytes(), customer.as_bytes(), root.as_bytes()])?;
    }
    write_find(connection, org, customer)
}

/// A customer is found under the names and numbers of those it stands for too.
pub(super) fn find_under_every_name(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<(), StorageError> {
    let root = root(connection, org, customer)?;
    let merged = connection
        .prepare_cached("select 1 from alias where org = ?1 and root = ?2")?
        .exists(params![org.as_bytes(), root.as_bytes()])?;
    if merged { write_find(connection, org, root) } else { Ok(()) }
}

fn write_find(connection: &Connection, org: OrgId, customer: DocId) -> Result<(), StorageError> {
    let mut texts = Vec::new();
    for doc in merged_with(connection, org, customer)? {
        if let Some(row) = rows::one(connection, org, doc)?
            && let DocState::Customer(state) = &row.state
        {
            texts.push(finding::customer(&state.value));
        }
    }
    connection
        .prepare_cached("update customer_row set find = ?3 where org = ?1 and doc = ?2")?
        .execute(params![org.as_bytes(), customer.as_bytes(), texts.join("\n")])?;
    Ok(())
}

/// A customer, and those it stands for.
pub(super) fn merged_with(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<Vec<DocId>, StorageError> {
    let mut statement = connection
        .prepare_cached("select doc from alias where org = ?1 and root = ?2 order by doc")?;
    let mut rows = statement.query(params![org.as_bytes(), customer.as_bytes()])?;
    let mut all = vec![customer];
    while let Some(row) = rows.next()? {
        all.push(id(row, 0, DocId::from_bytes)?);
    }
    Ok(all)
}

/// What is one with a customer follows its placement too.
pub(super) fn follow_placement(
    connection: &Connection,
    org: OrgId,
    placement: &PlacementRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    if placement.kind != DocKind::Customer {
        return Ok(());
    }
    let all = joined(connection, org, placement.subject)?;
    if all.len() == 1 {
        return Ok(());
    }
    for doc in all.iter().filter(|doc| **doc != placement.subject) {
        membership::follow(connection, org, *doc, at)?;
        about::follow(connection, org, *doc, at)?;
    }
    refresh(connection, org, &all, None, at)
}

/// Whoever a document comes to needs to know that its customer is another one: a
/// visit must count for the same customer on every machine.
pub(super) fn widen(
    connection: &Connection,
    header: &Header,
    entered: &BTreeSet<Scope>,
    at: Timestamp,
) -> Result<(), StorageError> {
    let Some(customer) = header.customer.filter(|_customer| !entered.is_empty()) else {
        return Ok(());
    };
    let all = joined(connection, header.org, customer)?;
    if all.len() == 1 { Ok(()) } else { refresh(connection, header.org, &all, None, at) }
}

/// Gives the alias records of these customers to everybody who should have them.
fn refresh(
    connection: &Connection,
    org: OrgId,
    customers: &BTreeSet<DocId>,
    but: Option<DocId>,
    at: Timestamp,
) -> Result<(), StorageError> {
    let wanted = readers(connection, org, customers)?;
    for alias in in_force(connection, org, customers)? {
        let record = Record::Alias(alias);
        let told = told(connection, org, record.id())?;
        // One that was just written went to the same readers, unless moving documents
        // brought in others.
        let just = but.is_some_and(|doc| doc.as_bytes() == record.id().as_bytes());
        if !wanted.is_subset(&told) || (just && told != wanted) {
            let all: BTreeSet<Scope> = wanted.union(&told).copied().collect();
            write_records::store(connection, org, &record, &all, at)?;
        }
    }
    Ok(())
}

/// Takes the alias records of a customer from whoever holds nothing of it any more.
pub(super) fn narrow(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let all = joined(connection, org, customer)?;
    if all.len() == 1 {
        return Ok(());
    }
    let wanted = readers(connection, org, &all)?;
    for alias in in_force(connection, org, &all)? {
        let record = Record::Alias(alias);
        if !told(connection, org, record.id())?.is_subset(&wanted) {
            write_records::store(connection, org, &record, &wanted, at)?;
        }
    }
    Ok(())
}

/// The alias records in force that begin at one of these customers.
fn in_force(
    connection: &Connection,
    org: OrgId,
    customers: &BTreeSet<DocId>,
) -> Result<Vec<AliasRecord>, StorageError> {
    let mut found = Vec::new();
    for doc in customers {
        let id = RecordId::from_bytes(*doc.as_bytes());
        let row = records::one(connection, org, RecordKind::Alias, id)?;
        if let Some(Record::Alias(alias)) = row.and_then(|row| row.decode().ok())
            && alias.in_force()
        {
            found.push(alias);
        }
    }
    Ok(found)
}

/// The scopes that hold anything of these customers: the customers, what followed
/// them, and their placements.
fn readers(
    connection: &Connection,
    org: OrgId,
    customers: &BTreeSet<DocId>,
) -> Result<BTreeSet<Scope>, StorageError> {
    let mut scopes = BTreeSet::new();
    for doc in customers {
        let mut statement = connection.prepare_cached(
            "select distinct m.scope from doc d join member m on m.org = d.org and m.doc = d.doc
             where d.org = ?1 and (d.doc = ?2 or d.customer = ?2)",
        )?;
        let mut rows = statement.query(params![org.as_bytes(), doc.as_bytes()])?;
        while let Some(row) = rows.next()? {
            scopes.insert(scope_from_key(&row.get::<_, Vec<u8>>(0)?)?);
        }
        if let Some(placement) = records::placement(connection, org, *doc)?.map(Record::Placement) {
            let bearings = write_records::bearings(connection, org, &placement, None)?;
            scopes.extend(of_record(&placement, &bearings));
        }
    }
    Ok(scopes)
}

/// The scopes that a record is in.
fn told(
    connection: &Connection,
    org: OrgId,
    record: RecordId,
) -> Result<BTreeSet<Scope>, StorageError> {
    leaving::scopes_of(connection, org, (record_rank(RecordKind::Alias), record))
}

/// Marks every card these people have: a customer's history reaches back.
pub(super) fn mark_every_card(
    connection: &Connection,
    org: OrgId,
    people: &BTreeSet<UserId>,
    at: Timestamp,
) -> Result<(), StorageError> {
    for person in people {
        connection
            .prepare_cached(
                "insert into dirty (org, rep, period, since_seq)
                 select s.org, s.rep, s.period, o.seq from scorecard s join org o on o.org = s.org
                 where s.org = ?1 and s.rep = ?2
                 on conflict (org, rep, period) do update set since_seq = excluded.since_seq",
            )?
            .execute(params![org.as_bytes(), person.as_bytes()])?;
    }
    scores::mark_months(connection, org, people, &[], at)
}
