//! Which scopes a document is in, and what each scope amounts to.
//!
//! Written when it changes, in the transaction that changes it, with the digest
//! of every scope touched: a reader compares digests instead of lists.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header, Heads};
use client_core::faults::{Fault, injected};
use client_core::id::{DocId, OrgId, UserId};
use client_core::protocol::{Scope, ScopeDigest};
use client_core::records::PlacementRecord;
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{header, heads, scope_from_key, scope_key};
use super::feed::{self, NewFeedRow};
use super::{about, access, aliases, moves, records, scores, voids, write_records};
use crate::storage::model::{Seq, doc_rank};
use crate::storage::scopes::{Surroundings, of_document};
use crate::storage::{StorageError, term};

/// The scopes a document should be in, by its header and the records.
pub(super) fn wanted(
    connection: &Connection,
    header: &Header,
) -> Result<BTreeSet<Scope>, StorageError> {
    let header = &moves::header(connection, header)?;
    let org = header.org;
    let customer = match header.customer {
        Some(customer) => records::placement(connection, org, customer)?,
        None => None,
    };
    // Only what its kind follows is read: visits, which are most of them, follow
    // their customer alone.
    let own = match header.kind {
        DocKind::Customer | DocKind::Deal => records::placement(connection, org, header.doc)?,
        DocKind::Visit | DocKind::Plan | DocKind::Case => None,
    };
    let author_units = match header.kind {
        DocKind::Plan => access::units_of(connection, org, header.author)?,
        DocKind::Customer | DocKind::Deal | DocKind::Visit | DocKind::Case => Vec::new(),
    };
    let merged = aliases::placements_beside(connection, header)?;
    let around = Surroundings { own, customer, merged, author_units };
    Ok(of_document(header, &around))
}

/// The scopes a document is in.
pub(super) fn of(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
) -> Result<BTreeSet<Scope>, StorageError> {
    connection
        .prepare_cached("select scope from member where org = ?1 and doc = ?2")?
        .query_map(params![org.as_bytes(), doc.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?
        .map(|key| scope_from_key(&key?))
        .collect()
}

/// A document whose membership is to be brought up to date.
pub(super) struct Subject<'a> {
    /// Its header.
    pub header: &'a Header,
    /// Its first feed position.
    pub first_seq: Seq,
    /// Its share of a digest before; none if it was not there.
    pub term_before: Option<u128>,
    /// Its share now.
    pub term_now: u128,
}

/// What changed.
pub(super) struct Moved {
    /// Scopes it is in now and was not before.
    pub entered: BTreeSet<Scope>,
    /// Scopes it was in and is not any more.
    pub left: BTreeSet<Scope>,
}

/// Makes the stored membership equal `wanted` and maintains the digests.
pub(super) fn bring_to(
    connection: &Connection,
    subject: &Subject<'_>,
    wanted: &BTreeSet<Scope>,
    seq: Seq,
    at: Timestamp,
) -> Result<Moved, StorageError> {
    let (org, doc) = (subject.header.org, subject.header.doc);
    let current = of(connection, org, doc)?;
    let moved = Moved {
        entered: wanted.difference(&current).copied().collect(),
        left: current.difference(wanted).copied().collect(),
    };
    for scope in &moved.entered {
        connection
            .prepare_cached(
                "insert into member (org, scope, rank, first_seq, doc, since_seq, since_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                org.as_bytes(),
                scope_key(*scope),
                doc_rank(subject.header.kind),
                subject.first_seq,
                doc.as_bytes(),
                seq,
                at.millis()
            ])?;
    }
    for scope in &moved.left {
        leave(connection, subject, *scope, seq, at)?;
    }
    for scope in wanted.union(&current) {
        let was_in = current.contains(scope);
        let is_in = wanted.contains(scope);
        let minus = subject
            .term_before
            .filter(|_term| was_in && (is_in || !injected(Fault::DigestTermForgotten)));
        let plus = Some(subject.term_now).filter(|_term| is_in);
        if minus != plus {
            add_up(connection, org, *scope, minus, plus)?;
        }
    }
    Ok(moved)
}

fn leave(
    connection: &Connection,
    subject: &Subject<'_>,
    scope: Scope,
    seq: Seq,
    at: Timestamp,
) -> Result<(), StorageError> {
    let key = scope_key(scope);
    let (org, doc) = (subject.header.org, subject.header.doc);
    connection
        .prepare_cached(
            "insert into former_member
                 (org, doc, scope, since_seq, since_at, until_seq, until_at)
             select org, doc, scope, since_seq, since_at, ?4, ?5 from member
             where org = ?1 and doc = ?2 and scope = ?3",
        )?
        .execute(params![org.as_bytes(), doc.as_bytes(), key, seq, at.millis()])?;
    connection
        .prepare_cached("delete from member where org = ?1 and doc = ?2 and scope = ?3")?
        .execute(params![org.as_bytes(), doc.as_bytes(), key])?;
    Ok(())
}

/// A scope's digest; empty if nothing ever was in it.
pub(super) fn digest(
    connection: &Connection,
    org: OrgId,
    scope: Scope,
) -> Result<ScopeDigest, StorageError> {
    let found = connection
        .prepare_cached("select count, digest from scope_digest where org = ?1 and scope = ?2")?
        .query_row(params![org.as_bytes(), scope_key(scope)], |row| {
            Ok(ScopeDigest {
                scope,
                count: row.get::<_, i64>(0)?.unsigned_abs(),
                digest: row.get(1)?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(ScopeDigest::empty(scope)))
}

fn add_up(
    connection: &Connection,
    org: OrgId,
    scope: Scope,
    minus: Option<u128>,
    plus: Option<u128>,
) -> Result<(), StorageError> {
    let mut sum = digest(connection, org, scope)?;
    if let Some(term) = minus {
        sum = sum.minus(term);
    }
    if let Some(term) = plus {
        sum = sum.plus(term);
    }
    connection
        .prepare_cached(
            "insert into scope_digest (org, scope, count, digest) values (?1, ?2, ?3, ?4)
             on conflict (org, scope) do update
             set count = excluded.count, digest = excluded.digest",
        )?
        .execute(params![
            org.as_bytes(),
            scope_key(scope),
            i64::try_from(sum.count).unwrap_or(i64::MAX),
            sum.digest
        ])?;
    Ok(())
}

/// Moves a placed document and everything that follows it to where the placement
/// says, and tells the readers on both sides.
pub(super) fn follow_placement(
    connection: &Connection,
    org: OrgId,
    placement: &PlacementRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    follow(connection, org, placement.subject, at)
}

/// Moves a document and everything that follows it to where the records say.
pub(super) fn follow(
    connection: &Connection,
    org: OrgId,
    subject: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let followers: Vec<(Header, Heads, Seq)> = connection
        .prepare_cached(
            "select doc, kind, author, customer, generation, heads, first_seq from doc
             where org = ?1 and doc = ?2
             union all
             select doc, kind, author, customer, generation, heads, first_seq from doc
             where org = ?1 and customer = ?2",
        )?
        .query_map(params![org.as_bytes(), subject.as_bytes()], |row| {
            Ok((header(row, 0, org)?, heads(row, 5)?, row.get(6)?))
        })?
        .collect::<Result<_, _>>()?;
    for (header, heads, first_seq) in followers {
        if injected(Fault::FollowersForgotten) && header.doc != subject {
            continue;
        }
        move_one(connection, &header, &heads, first_seq, at)?;
    }
    Ok(())
}

/// Moves what somebody wrote and their units read, with them.
pub(super) fn follow_author(
    connection: &Connection,
    org: OrgId,
    author: UserId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let plans: Vec<(Header, Heads, Seq)> = connection
        .prepare_cached(
            "select d.doc, d.kind, d.author, d.customer, d.generation, d.heads, d.first_seq
             from plan_row p join doc d on d.org = p.org and d.doc = p.doc
             where p.org = ?1 and p.rep = ?2",
        )?
        .query_map(params![org.as_bytes(), author.as_bytes()], |row| {
            Ok((header(row, 0, org)?, heads(row, 5)?, row.get(6)?))
        })?
        .collect::<Result<_, _>>()?;
    for (header, heads, first_seq) in plans {
        move_one(connection, &header, &heads, first_seq, at)?;
    }
    Ok(())
}

fn move_one(
    connection: &Connection,
    header: &Header,
    heads: &Heads,
    first_seq: Seq,
    at: Timestamp,
) -> Result<(), StorageError> {
    let (org, doc) = (header.org, header.doc);
    let (wanted, current) = (wanted(connection, header)?, of(connection, org, doc)?);
    if wanted == current {
        return Ok(());
    }
    let share = term(doc, header.generation.0, heads);
    let subject = Subject { header, first_seq, term_before: Some(share), term_now: share };
    for scope in current.difference(&wanted).filter(|_scope| !injected(Fault::LeaveSkipped)) {
        let row = NewFeedRow::leave(doc, *scope, "reassigned");
        feed::append(connection, org, &row, &BTreeSet::from([*scope]))?;
    }
    let entered: BTreeSet<Scope> = wanted.difference(&current).copied().collect();
    let seq = if entered.is_empty() {
        feed::head(connection, org)?
    } else {
        feed::append(connection, org, &NewFeedRow::enter(doc), &entered)?
    };
    bring_to(connection, &subject, &wanted, seq, at)?;
    voids::follow(connection, header, at)?;
    moves::go_along(connection, header, at)?;
    if header.kind == DocKind::Visit {
        about::follow(connection, org, doc, at)?;
    }
    let people = write_records::people(&wanted.union(&current).copied().collect());
    scores::mark_months(connection, org, &people, &[], at)
}

/// Moves one document to where it should be, as far as it is elsewhere.
pub(super) fn settle(
    connection: &Connection,
    header: &Header,
    at: Timestamp,
) -> Result<(), StorageError> {
    let (heads, first_seq) = connection
        .prepare_cached("select heads, first_seq from doc where org = ?1 and doc = ?2")?
        .query_row(params![header.org.as_bytes(), header.doc.as_bytes()], |row| {
            Ok((heads(row, 0)?, row.get(1)?))
        })?;
    move_one(connection, header, &heads, first_seq, at)
}
