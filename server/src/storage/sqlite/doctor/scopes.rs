//! Who sees what: memberships, holdings, access, digests.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{Generation, Header};
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::protocol::{Scope, ScopeDigest};
use client_core::records::{AliasRecord, Aliases, PlacementRecord, Record, RecordKind};
use rusqlite::{Connection, params};

use super::super::codec::{header, heads, id, scope_from_key};
use super::super::{about, access, membership, records};
use crate::storage::StorageError;
use crate::storage::doctor::{Report, Trouble};
use crate::storage::model::record_rank;
use crate::storage::scopes::held_by;

pub(super) fn check(
    connection: &Connection,
    org: OrgId,
    report: &mut Report,
) -> Result<(), StorageError> {
    for header in headers(connection, org)? {
        let held = membership::of(connection, org, header.doc)?;
        if membership::wanted(connection, &header)? != held {
            report.add(Trouble::MembershipDiffers, header.doc.to_string());
        }
    }
    for subject in wrong_holdings(connection, org)? {
        report.add(Trouble::HoldingDiffers, subject.to_string());
    }
    for (kind, record) in unread(connection, org)? {
        report.add(Trouble::RecordUnread, format!("{} {record}", kind.as_str()));
    }
    for (kind, record) in about::differing(connection, org)? {
        report.add(Trouble::AboutDiffers, format!("{} {record}", kind.as_str()));
    }
    let (stored, wanted) = aliases(connection, org)?;
    for doc in stored.keys().chain(wanted.keys()).collect::<BTreeSet<_>>() {
        if stored.get(doc) != wanted.get(doc) {
            report.add(Trouble::AliasDiffers, doc.to_string());
        }
    }
    for user in wrong_access(connection, org)? {
        report.add(Trouble::AccessDiffers, user.to_string());
    }
    let sums = sums(connection, org)?;
    let stored = stored_digests(connection, org)?;
    let scopes: BTreeSet<Scope> = sums.keys().chain(stored.keys()).copied().collect();
    for scope in scopes {
        let empty = ScopeDigest::empty(scope);
        if sums.get(&scope).unwrap_or(&empty) != stored.get(&scope).unwrap_or(&empty) {
            report.add(Trouble::DigestDiffers, scope.to_string());
        }
    }
    Ok(())
}

/// Every document's header. A hundred bytes each: a million fit.
pub(super) fn headers(connection: &Connection, org: OrgId) -> Result<Vec<Header>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select doc, kind, author, customer, generation from doc where org = ?1 order by first_seq",
    )?;
    let found = statement.query_map([org.as_bytes()], |row| header(row, 0, org))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Every placement record.
pub(super) fn placements(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<PlacementRecord>, StorageError> {
    let rows = records::of_kind(connection, org, RecordKind::Placement)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::Placement(placement)) => Some(placement),
            _ => None,
        })
        .collect())
}

/// Customers and deals whose holding is not what their placement says.
pub(super) fn wrong_holdings(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<DocId>, StorageError> {
    type Holder = (UserId, [u8; 16], Option<String>);
    let mut statement =
        connection.prepare_cached("select doc, owner, unit, tier from holding where org = ?1")?;
    let held = statement.query_map([org.as_bytes()], |row| {
        let holder = (id(row, 1, UserId::from_bytes)?, row.get(2)?, row.get(3)?);
        Ok((id(row, 0, DocId::from_bytes)?, holder))
    })?;
    let mut held: BTreeMap<DocId, Holder> = held.collect::<Result<_, _>>()?;
    let mut wrong = Vec::new();
    for placement in placements(connection, org)? {
        let wanted = placement.current().map(|span| {
            let tier = span.tier.map(|tier| client_core::records::Tier::as_str(tier).to_owned());
            (span.owner, *span.unit.as_bytes(), tier)
        });
        let found = held.remove(&placement.subject);
        // Who is held by nobody may keep the row of who held it last.
        if wanted.is_some() && found != wanted {
            wrong.push(placement.subject);
        }
    }
    wrong.extend(held.into_keys());
    Ok(wrong)
}

/// Records that are in no scope.
pub(super) fn unread(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<(RecordKind, RecordId)>, StorageError> {
    let mut found = Vec::new();
    // Who reads that two customers are one follows from both, and not from the record.
    for kind in RecordKind::ALL.into_iter().filter(|kind| *kind != RecordKind::Alias) {
        let mut statement = connection.prepare_cached(
            "select id from record r where org = ?1 and kind = ?2 and not exists
                 (select 1 from record_scope s where s.org = r.org and s.rank = ?3 and s.id = r.id)
             order by id",
        )?;
        let wanted = params![org.as_bytes(), kind.as_str(), record_rank(kind)];
        let ids = statement.query_map(wanted, |row| id(row, 0, RecordId::from_bytes))?;
        for id in ids {
            found.push((kind, id?));
        }
    }
    Ok(found)
}

/// Where each merged customer leads: the one named by its record, and the one that
/// stands for it.
pub(super) type Chains = BTreeMap<DocId, (DocId, DocId)>;

/// What the table says, and what the records say.
pub(super) fn aliases(
    connection: &Connection,
    org: OrgId,
) -> Result<(Chains, Chains), StorageError> {
    let mut statement =
        connection.prepare_cached("select doc, target, root from alias where org = ?1")?;
    let stored = statement.query_map([org.as_bytes()], |row| {
        let leads = (id(row, 1, DocId::from_bytes)?, id(row, 2, DocId::from_bytes)?);
        Ok((id(row, 0, DocId::from_bytes)?, leads))
    })?;
    let stored = stored.collect::<Result<_, _>>()?;
    let standing: Vec<AliasRecord> = records::of_kind(connection, org, RecordKind::Alias)?
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::Alias(alias)) if alias.in_force() => Some(alias),
            _ => None,
        })
        .collect();
    let chains = Aliases::of(&standing);
    let wanted = standing
        .iter()
        .map(|step| (step.from, (step.into, chains.resolve(step.from))))
        .filter(|(from, (_into, root))| from != root)
        .collect();
    Ok((stored, wanted))
}

/// Users whose scopes are not what role and units say.
fn wrong_access(connection: &Connection, org: OrgId) -> Result<Vec<UserId>, StorageError> {
    let units = access::units(connection, org)?;
    let mut wrong = Vec::new();
    for user in access::users(connection, org)? {
        let current = access::current(connection, org, user.id)?;
        if current.is_none_or(|access| access.scopes != held_by(&user, &units)) {
            wrong.push(user.id);
        }
    }
    Ok(wrong)
}

/// What each scope amounts to, counted again.
pub(super) fn sums(
    connection: &Connection,
    org: OrgId,
) -> Result<BTreeMap<Scope, ScopeDigest>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select m.scope, d.doc, d.generation, d.heads from member m
         join doc d on d.org = m.org and d.doc = m.doc where m.org = ?1",
    )?;
    let mut rows = statement.query([org.as_bytes()])?;
    let mut sums = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let scope = scope_from_key(&row.get::<_, Vec<u8>>(0)?)?;
        let doc = id(row, 1, DocId::from_bytes)?;
        let term = ScopeDigest::term(doc, Generation(row.get(2)?), &heads(row, 3)?);
        let sum = sums.entry(scope).or_insert_with(|| ScopeDigest::empty(scope));
        *sum = sum.plus(term);
    }
    Ok(sums)
}

fn stored_digests(
    connection: &Connection,
    org: OrgId,
) -> Result<BTreeMap<Scope, ScopeDigest>, StorageError> {
    let mut statement = connection
        .prepare_cached("select scope, count, digest from scope_digest where org = ?1")?;
    let mut rows = statement.query([org.as_bytes()])?;
    let mut stored = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let scope = scope_from_key(&row.get::<_, Vec<u8>>(0)?)?;
        let count = row.get::<_, i64>(1)?.unsigned_abs();
        stored.insert(scope, ScopeDigest { scope, count, digest: row.get(2)? });
    }
    Ok(stored)
}
