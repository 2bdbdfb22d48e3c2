//! Is everything here that the server says should be here?

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, document, outbox, projection, repair};
use crate::docs::Generation;
use crate::id::DocId;
use crate::protocol::{Scope, ScopeDigest};
use crate::time::Timestamp;

/// How long a count by differences is trusted.
const DAY_MS: i64 = 24 * 3_600_000;

/// What is known about a scope that was sent completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeTally {
    /// The scope.
    pub scope: Scope,
    /// When the server last said that it was complete, by this phone's clock.
    pub completed_at: Timestamp,
    /// Documents the server counts.
    pub server_count: u64,
    /// Documents this file counts.
    pub local_count: u64,
    /// Count and digest agree.
    pub matches: bool,
    /// What stays wrong although every document was compared; for whoever looks after
    /// the server.
    pub fault: Option<String>,
}

/// Counts a scope here, as far as the server has confirmed its documents.
pub(super) fn count(conn: &Connection, scope: Scope) -> Result<ScopeDigest, StoreError> {
    let mut statement = conn.prepare_cached(
        "select m.doc, d.generation, d.acked from membership m join doc d on d.id = m.doc
         where m.scope = ?1 and d.acked is not null",
    )?;
    let mut rows = statement.query(params![scope.to_string()])?;
    let mut digest = ScopeDigest::empty(scope);
    while let Some(row) = rows.next()? {
        let doc = outbox::doc_id(&row.get::<_, Vec<u8>>(0)?)?;
        let acked = document::decode_heads(&row.get::<_, Vec<u8>>(2)?)?;
        digest = digest.plus(ScopeDigest::term(doc, Generation(row.get(1)?), &acked));
    }
    Ok(digest)
}

/// Keeps the counts of complete scopes current while an answer is stored: what
/// each document amounted to before it was touched is remembered, and the
/// difference is added up. Counting a whole scope after every visit that arrives
/// cost 20 ms where a phone holds 4,000 documents, and grew with them.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Nothing is complete yet: the first count will be a whole one.
    idle: bool,
    before: BTreeMap<DocId, Share>,
}

/// What a document adds to which scopes.
#[derive(Debug, Default)]
struct Share {
    scopes: Vec<String>,
    term: Option<u128>,
}

impl Ledger {
    pub(super) fn open(conn: &Connection) -> Result<Self, StoreError> {
        let any = conn.prepare_cached("select 1 from scope limit 1")?.exists([])?;
        Ok(Self { idle: !any, before: BTreeMap::new() })
    }

    /// To be called before a document, its membership or what is acknowledged of
    /// it changes.
    pub(super) fn touch(&mut self, conn: &Connection, doc: DocId) -> Result<(), StoreError> {
        if !self.idle && !self.before.contains_key(&doc) {
            self.before.insert(doc, share(conn, doc)?);
        }
        Ok(())
    }

    /// Brings the counts up to now.
    pub(super) fn settle(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let mut moved: BTreeMap<String, (Vec<u128>, Vec<u128>)> = BTreeMap::new();
        for (doc, before) in std::mem::take(&mut self.before) {
            let now = share(conn, doc)?;
            for scope in before.scopes {
                moved.entry(scope).or_default().0.extend(before.term);
            }
            for scope in now.scopes {
                moved.entry(scope).or_default().1.extend(now.term);
            }
        }
        for (scope, (minus, plus)) in moved {
            let scope = scope.parse().map_err(|error| StoreError::damaged("scope", error))?;
            let Some(held) = kept(conn, scope)? else { continue };
            let held = minus.into_iter().fold(held, ScopeDigest::minus);
            let held = plus.into_iter().fold(held, ScopeDigest::plus);
            conn.prepare_cached(
                "update scope set local_count = ?2, local_sum = ?3 where scope = ?1",
            )?
            .execute(params![
                scope.to_string(),
                i64::try_from(held.count).unwrap_or(i64::MAX),
                held.digest,
            ])?;
        }
        Ok(())
    }
}

fn share(conn: &Connection, doc: DocId) -> Result<Share, StoreError> {
    let row: Option<(u32, Vec<u8>)> = conn
        .prepare_cached("select generation, acked from doc where id = ?1 and acked is not null")?
        .query_row(params![doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((generation, acked)) = row else { return Ok(Share::default()) };
    let acked = document::decode_heads(&acked)?;
    let scopes = conn
        .prepare_cached("select scope from membership where doc = ?1")?
        .query_map(params![doc.as_bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(Share { scopes, term: Some(ScopeDigest::term(doc, Generation(generation), &acked)) })
}

/// What a complete scope amounts to here.
fn kept(conn: &Connection, scope: Scope) -> Result<Option<ScopeDigest>, StoreError> {
    Ok(conn
        .prepare_cached("select local_count, local_sum from scope where scope = ?1")?
        .query_row(params![scope.to_string()], |row| {
            let count = row.get::<_, i64>(0)?.unsigned_abs();
            Ok(ScopeDigest { scope, count, digest: row.get(1)? })
        })
        .optional()?)
}

/// Remembers that a scope is complete and how it compares.
pub(super) fn complete(
    conn: &Connection,
    server: &ScopeDigest,
    at: Timestamp,
) -> Result<(), StoreError> {
    let local = match kept(conn, server.scope)? {
        Some(kept) if kept == *server && is_fresh(conn, server.scope, at)? => kept,
        // The first time, once a day, or they differ: what is really here decides.
        _ => {
            let here = count(conn, server.scope)?;
            if matches!(server.scope, Scope::User(_)) {
                projection::restore_rows(conn)?;
            }
            counted(conn, &here, at)?;
            here
        }
    };
    conn.prepare_cached(
        "insert into scope (scope, completed_at, server_count, server_sum, local_count, local_sum)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (scope) do update set completed_at = excluded.completed_at,
             open = 0, server_count = excluded.server_count, server_sum = excluded.server_sum,
             local_count = excluded.local_count, local_sum = excluded.local_sum",
    )?
    .execute(params![
        server.scope.to_string(),
        at.millis(),
        i64::try_from(server.count).unwrap_or(i64::MAX),
        server.digest,
        i64::try_from(local.count).unwrap_or(i64::MAX),
        local.digest,
    ])?;
    counted(conn, &local, at)?;
    if local == *server {
        repair::agreed(conn, server)
    } else {
        repair::begin(conn, server.scope, at)
    }
}

/// Whether a scope was counted document by document within a day: a row that was lost
/// does not show in sums that are kept by adding up differences.
fn is_fresh(conn: &Connection, scope: Scope, now: Timestamp) -> Result<bool, StoreError> {
    let counted: Option<i64> = conn
        .prepare_cached("select counted_at from scope where scope = ?1")?
        .query_row(params![scope.to_string()], |row| row.get(0))
        .optional()?;
    Ok(counted.is_some_and(|at| (0..DAY_MS).contains(&now.since(Timestamp::from_millis(at)))))
}

/// Remembers what is really here.
pub(super) fn counted(
    conn: &Connection,
    here: &ScopeDigest,
    at: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "update scope set local_count = ?2, local_sum = ?3, counted_at = ?4 where scope = ?1",
    )?
    .execute(params![
        here.scope.to_string(),
        i64::try_from(here.count).unwrap_or(i64::MAX),
        here.digest,
        at.millis(),
    ])?;
    Ok(())
}

/// Every scope that was sent completely.
pub(crate) fn all(conn: &Connection) -> Result<Vec<ScopeTally>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select scope, completed_at, server_count, local_count,
                server_count = local_count and server_sum = local_sum, fault
         from scope order by scope",
    )?;
    let mut rows = statement.query([])?;
    let mut tallies = Vec::new();
    while let Some(row) = rows.next()? {
        let scope = row.get::<_, String>(0)?;
        tallies.push(ScopeTally {
            scope: scope.parse().map_err(|error| StoreError::damaged("scope", error))?,
            completed_at: Timestamp::from_millis(row.get(1)?),
            server_count: row.get::<_, i64>(2)?.unsigned_abs(),
            local_count: row.get::<_, i64>(3)?.unsigned_abs(),
            matches: row.get(4)?,
            fault: row.get(5)?,
        });
    }
    Ok(tallies)
}

/// Whether everything of a scope is here: it was sent completely, and nothing that
/// came into it since is still on its way.
pub(crate) fn is_complete(conn: &Connection, scope: Scope) -> Result<bool, StoreError> {
    let open: Option<bool> = conn
        .prepare_cached("select open from scope where scope = ?1")?
        .query_row(params![scope.to_string()], |row| row.get(0))
        .optional()?;
    Ok(open == Some(false))
}

/// Documents come into these scopes, and the page they come with is not the last: a
/// customer may be here before its visits.
pub(super) fn open(conn: &Connection, scopes: &BTreeSet<Scope>) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("update scope set open = 1 where scope = ?1")?;
    for scope in scopes {
        statement.execute(params![scope.to_string()])?;
    }
    Ok(())
}
