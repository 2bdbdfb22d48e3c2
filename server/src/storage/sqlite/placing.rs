//! Who holds what: decisions put together with what is in force, in the transaction
//! that writes them, and when somebody's access to a document ended.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, OrgId, RecordId, UnitId, UserId};
use client_core::protocol::Scope;
use client_core::records::{Placement, PlacementRecord, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, optional_time, scope_key, scopes_from_bytes, time};
use super::leaving::{self, LetGo};
use super::{SqliteStorage, audit, records, write_records};
use crate::storage::lists::Window;
use crate::storage::model::{AuditEntry, AuditFilter, record_rank};
use crate::storage::placing::{self, DealAlong, PlaceChange, PlaceRefusal, Placed};
use crate::storage::{Placing, StorageError};

impl Placing for SqliteStorage {
    async fn place(
        &self,
        org: OrgId,
        changes: Vec<(DocId, PlaceChange)>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<Vec<Result<Placed, PlaceRefusal>>, StorageError> {
        self.write(move |connection| {
            let place =
                |(doc, wanted): &(DocId, PlaceChange)| one(connection, org, *doc, wanted, by, at);
            changes.iter().map(place).collect()
        })
        .await
    }

    async fn let_go(
        &self,
        org: OrgId,
        since: Timestamp,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let done = self.read(move |connection| leaving::let_go_until(connection, org)).await?;
        if since <= done {
            return Ok(());
        }
        let mut after = RecordId::from_bytes([0; 16]);
        loop {
            // Other writers come in between: there may be a hundred thousand placements.
            let batch = self
                .write(move |connection| leaving::let_go(connection, org, since, after, at))
                .await?;
            match batch {
                LetGo::More(last) => after = last,
                LetGo::Done => return Ok(()),
            }
        }
    }

    async fn held_by(
        &self,
        org: OrgId,
        user: UserId,
    ) -> Result<Vec<PlacementRecord>, StorageError> {
        self.read(move |connection| {
            // A placement is in the scope of everybody it ever named.
            let mut statement = connection.prepare_cached(
                "select r.kind, r.id, r.version, r.body from record_scope s
                 join record r on r.org = s.org and r.kind = 'placement' and r.id = s.id
                 where s.org = ?1 and s.scope = ?2 and s.rank = ?3 order by r.id",
            )?;
            let rank = record_rank(RecordKind::Placement);
            let wanted = params![org.as_bytes(), scope_key(Scope::User(user)), rank];
            let rows = statement.query_map(wanted, records::from_row)?;
            let mut held = Vec::new();
            for row in rows {
                let Ok(Record::Placement(placement)) = row?.decode() else { continue };
                let names = placement.current().is_some_and(|span| span.names(user));
                if names {
                    held.push(placement);
                }
            }
            Ok(held)
        })
        .await
    }

    async fn access_ended(
        &self,
        org: OrgId,
        user: UserId,
        doc: DocId,
        version: u32,
    ) -> Result<Option<Timestamp>, StorageError> {
        self.read(move |connection| ended(connection, org, user, doc, version)).await
    }

    async fn audit(
        &self,
        org: OrgId,
        filter: AuditFilter,
        window: Window,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.read(move |connection| audit::all(connection, org, &filter, window)).await
    }

    async fn audit_count(&self, org: OrgId, filter: AuditFilter) -> Result<u64, StorageError> {
        self.read(move |connection| audit::count(connection, org, &filter)).await
    }
}

fn one(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    wanted: &PlaceChange,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Result<Placed, PlaceRefusal>, StorageError> {
    let kind: Option<String> = connection
        .prepare_cached("select kind from doc where org = ?1 and doc = ?2")?
        .query_row(params![org.as_bytes(), doc.as_bytes()], |row| row.get(0))
        .optional()?;
    let kind = kind.as_deref().and_then(DocKind::parse);
    let Some(kind @ (DocKind::Customer | DocKind::Deal)) = kind else {
        return Ok(Err(PlaceRefusal::Unknown { doc }));
    };
    let before = records::placement(connection, org, doc)?;
    let after = match placing::change(before.clone(), doc, kind, wanted) {
        Ok(after) => after,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if before.as_ref() == Some(&after) {
        return Ok(Ok(Placed { placement: after, deals: Vec::new() }));
    }
    write_records::one(connection, org, &Record::Placement(after.clone()), at)?;
    let entry = AuditEntry {
        at,
        user: by,
        device: None,
        what: "placed".to_owned(),
        subject: Some(RecordId::from_bytes(*doc.as_bytes())),
        detail: Some(placing::difference(before.as_ref(), &after)),
    };
    audit::write(connection, org, &entry)?;
    let (was, now) = (before.as_ref().and_then(PlacementRecord::current), after.current());
    let deals = match was.zip(now) {
        Some((was, now)) if wanted.with_deals && was.owner != now.owner => {
            deals_along(connection, org, doc, (was, now, wanted.deals_of.as_ref()), by, at)?
        }
        _ => Vec::new(),
    };
    let placement = records::placement(connection, org, doc)?.unwrap_or(after);
    Ok(Ok(Placed { placement, deals }))
}

/// Moves the open deals of a customer that went to another owner.
fn deals_along(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
    (was, to, deals_of): (&Placement, &Placement, Option<&BTreeSet<UnitId>>),
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Vec<DealAlong>, StorageError> {
    let deals: Vec<DocId> = connection
        .prepare_cached(
            "select doc from doc where org = ?1 and customer = ?2 and kind = 'deal' order by doc",
        )?
        .query_map(params![org.as_bytes(), customer.as_bytes()], |row| {
            id(row, 0, DocId::from_bytes)
        })?
        .collect::<Result<_, _>>()?;
    let mut moved = Vec::new();
    for deal in deals {
        let Some(placement) = records::placement(connection, org, deal)? else { continue };
        let Some(change) = placing::along(&placement, was, to, deals_of) else { continue };
        let unit = placement.current().map_or(to.unit, |span| span.unit);
        if one(connection, org, deal, &change, by, at)?.is_ok() {
            moved.push(DealAlong { deal, was: (was.owner, unit) });
        }
    }
    Ok(moved)
}

/// A stretch of time; without an end while it lasts.
#[derive(Clone, Copy)]
struct Span {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Span {
    /// The end of the time that two stretches share; none if it lasts, or there is none.
    fn shared_end(self, other: Self) -> Option<Timestamp> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(one), Some(two)) => one.min(two),
            (one, two) => one.or(two)?,
        };
        (from <= until).then_some(until)
    }
}

/// A user loses a document when it leaves a scope of theirs, or when they lose the
/// scope: whichever came first, for the scope through which they had it longest.
fn ended(
    connection: &Connection,
    org: OrgId,
    user: UserId,
    doc: DocId,
    version: u32,
) -> Result<Option<Timestamp>, StorageError> {
    let versions: Vec<(Vec<Scope>, Timestamp)> = connection
        .prepare_cached(
            "select scopes, since_at from access
             where org = ?1 and user = ?2 and version >= ?3 order by version",
        )?
        .query_map(params![org.as_bytes(), user.as_bytes(), version], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, time(row, 1)?))
        })?
        .map(|found| {
            let (scopes, since) = found?;
            Ok((scopes_from_bytes(&scopes)?, since))
        })
        .collect::<Result<_, StorageError>>()?;
    let Some((held, since)) = versions.first() else { return Ok(None) };
    let mut last = None;
    for scope in held {
        let lost = versions.iter().find(|(scopes, _since)| !scopes.contains(scope));
        let mine = Span { from: *since, until: lost.map(|(_scopes, at)| *at) };
        for there in memberships(connection, org, doc, *scope)? {
            last = last.max(mine.shared_end(there));
        }
    }
    Ok(last)
}

/// When a document was in a scope.
fn memberships(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    scope: Scope,
) -> Result<Vec<Span>, StorageError> {
    Ok(connection
        .prepare_cached(
            "select since_at, until_at from former_member
             where org = ?1 and doc = ?2 and scope = ?3
             union all
             select since_at, null from member where org = ?1 and scope = ?3 and doc = ?2",
        )?
        .query_map(params![org.as_bytes(), doc.as_bytes(), scope_key(scope)], |row| {
            Ok(Span { from: time(row, 0)?, until: optional_time(row, 1)? })
        })?
        .collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stretches_end_together_where_the_first_of_them_ends() {
        let check = |one: (i64, Option<i64>), two: (i64, Option<i64>), expected: Option<i64>| {
            let span = |(from, until): (i64, Option<i64>)| Span {
                from: Timestamp::from_millis(from),
                until: until.map(Timestamp::from_millis),
            };
            let found = span(one).shared_end(span(two)).map(Timestamp::millis);
            assert_eq!(found, expected, "{one:?} and {two:?}");
        };
        check((0, None), (5, None), None);
        check((0, None), (5, Some(9)), Some(9));
        check((0, Some(7)), (5, Some(9)), Some(7));
        check((0, Some(4)), (5, None), None);
        check((6, None), (0, Some(5)), None);
    }
}
