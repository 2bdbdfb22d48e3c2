//! Records that go out of sight.
//!
//! A card, a target, a placement is told to the scopes of the people it concerns, and
//! these change: somebody moves to another unit, a customer was passed on so long ago
//! that no card looks at it any more. A phone that keeps what its user may not see any
//! more is a leak, so each scope that a record leaves is told, and it is remembered for
//! phones that come later.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::faults::{Fault, injected};
use client_core::id::{OrgId, RecordId};
use client_core::projection::DocState;
use client_core::protocol::Scope;
use client_core::records::{LeftWith, PlacementRecord, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, scope_from_key, scope_key};
use super::feed::{self, NewFeedRow};
use super::{aliases, records, rows, write_records};
use crate::storage::StorageError;
use crate::storage::model::{RecordRow, record_rank};
use crate::storage::placing::lost_by;
use crate::storage::scopes::of_record;

/// Placements looked at in one transaction.
const BATCH: i64 = 512;

/// The scopes that a record is in.
pub(super) fn scopes_of(
    connection: &Connection,
    org: OrgId,
    (rank, id): (u8, RecordId),
) -> Result<BTreeSet<Scope>, StorageError> {
    connection
        .prepare_cached("select scope from record_scope where org = ?1 and rank = ?2 and id = ?3")?
        .query_map(params![org.as_bytes(), rank, id.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?
        .map(|key| scope_from_key(&key?))
        .collect()
}

/// Whether a reader of these scopes, which are sorted, may see a record.
pub(super) fn is_seen(
    connection: &Connection,
    org: OrgId,
    record: (u8, RecordId),
    scopes: &[Scope],
) -> Result<bool, StorageError> {
    let held = scopes_of(connection, org, record)?;
    Ok(held.iter().any(|scope| scopes.binary_search(scope).is_ok()))
}

/// Makes a record's scopes equal `wanted`, and tells those that it left.
pub(super) fn bring_to(
    connection: &Connection,
    org: OrgId,
    record: (u8, RecordId),
    wanted: &BTreeSet<Scope>,
) -> Result<(), StorageError> {
    let (rank, id) = record;
    let current = scopes_of(connection, org, record)?;
    for scope in wanted.difference(&current) {
        let row = params![org.as_bytes(), scope_key(*scope), rank, id.as_bytes()];
        connection
            .prepare_cached(
                "insert into record_scope (org, scope, rank, id) values (?1, ?2, ?3, ?4)",
            )?
            .execute(row)?;
        let row = params![org.as_bytes(), scope_key(*scope), rank, id.as_bytes()];
        connection
            .prepare_cached(
                "delete from former_record_scope
                 where org = ?1 and scope = ?2 and rank = ?3 and id = ?4",
            )?
            .execute(row)?;
    }
    for scope in current.difference(wanted) {
        let row = params![org.as_bytes(), scope_key(*scope), rank, id.as_bytes()];
        connection
            .prepare_cached(
                "delete from record_scope where org = ?1 and scope = ?2 and rank = ?3 and id = ?4",
            )?
            .execute(row)?;
        let left = NewFeedRow::record_left(rank, id, *scope);
        let seq = feed::append(connection, org, &left, &BTreeSet::from([*scope]))?;
        connection
            .prepare_cached(
                "insert into former_record_scope (org, scope, rank, id, until_seq)
                 values (?1, ?2, ?3, ?4, ?5)
                 on conflict (org, scope, rank, id) do update set until_seq = excluded.until_seq",
            )?
            .execute(params![org.as_bytes(), scope_key(*scope), rank, id.as_bytes(), seq])?;
    }
    Ok(())
}

/// Since when placements that ended are kept by their former holders.
pub(super) fn kept_since(connection: &Connection, org: OrgId) -> Result<Timestamp, StorageError> {
    let since = connection
        .prepare_cached("select kept_since from org where org = ?1")?
        .query_row([org.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(since.map(Timestamp::from_millis).unwrap_or_default())
}

/// What is told to whoever reads that a record left.
pub(super) const fn gone(
    kind: RecordKind,
    id: RecordId,
    version: crate::storage::model::Seq,
) -> RecordRow {
    RecordRow { kind, id, version, body: Vec::new() }
}

/// A placement with what whoever loses the customer by it is left with; none if nobody
/// does, or the row is not there.
pub(super) fn with_what_is_left(
    connection: &Connection,
    org: OrgId,
    before: &RecordRow,
    after: &PlacementRecord,
) -> Result<Option<PlacementRecord>, StorageError> {
    let Ok(Record::Placement(before)) = before.decode() else { return Ok(None) };
    if after.kind != DocKind::Customer {
        return Ok(None);
    }
    let Some(ended) = lost_by(Some(&before), after) else { return Ok(None) };
    let Some(row) = rows::one(connection, org, after.subject)? else { return Ok(None) };
    let DocState::Customer(state) = row.state else { return Ok(None) };
    let mut placement = after.clone();
    if let Some(span) = placement.spans.get_mut(ended).filter(|span| span.left_with.is_none()) {
        span.left_with = Some(Box::new(LeftWith {
            heads: row.heads,
            name: state.value.name,
            created_at: state.value.created_at,
            position: state.value.position.map(|position| position.point),
        }));
    }
    Ok(Some(placement))
}

/// What a batch of [`let_go`] came to.
pub(super) enum LetGo {
    /// There is more behind this placement.
    More(RecordId),
    /// Everything was looked at.
    Done,
}

/// Takes placements that ended before `since` from their former holders, a batch at a
/// time. What is written meanwhile is measured by the same instant.
pub(super) fn let_go(
    connection: &Connection,
    org: OrgId,
    since: Timestamp,
    after: RecordId,
    at: Timestamp,
) -> Result<LetGo, StorageError> {
    connection
        .prepare_cached("update org set kept_since = max(kept_since, ?2) where org = ?1")?
        .execute(params![org.as_bytes(), since.millis()])?;
    let kind = RecordKind::Placement;
    let batch: Vec<RecordId> = connection
        .prepare_cached(
            "select id from record where org = ?1 and kind = ?2 and id > ?3 order by id limit ?4",
        )?
        .query_map(params![org.as_bytes(), kind.as_str(), after.as_bytes(), BATCH], |row| {
            id(row, 0, RecordId::from_bytes)
        })?
        .collect::<Result<_, _>>()?;
    let Some(last) = batch.last().copied() else {
        connection
            .prepare_cached("update org set let_go_until = ?2 where org = ?1")?
            .execute(params![org.as_bytes(), since.millis()])?;
        return Ok(LetGo::Done);
    };
    for id in batch {
        let row = records::one(connection, org, kind, id)?;
        let Some(record) = row.and_then(|row| row.decode().ok()) else { continue };
        let wanted = of_record(&record, &write_records::bearings(connection, org, &record, None)?);
        let held = scopes_of(connection, org, (record_rank(kind), id))?;
        let left: BTreeSet<Scope> = held.difference(&wanted).copied().collect();
        if left.is_empty() || injected(Fault::LeaveSkipped) {
            continue;
        }
        let kept = held.intersection(&wanted).copied().collect();
        bring_to(connection, org, (record_rank(kind), id), &kept)?;
        if let Record::Placement(placement) = record {
            aliases::narrow(connection, org, placement.subject, at)?;
        }
    }
    Ok(LetGo::More(last))
}

/// Until when placements were let go of.
pub(super) fn let_go_until(connection: &Connection, org: OrgId) -> Result<Timestamp, StorageError> {
    let until = connection
        .prepare_cached("select let_go_until from org where org = ?1")?
        .query_row([org.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(until.map(Timestamp::from_millis).unwrap_or_default())
}
