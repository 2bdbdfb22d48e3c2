//! Is everything here that the server says should be here?

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, document, outbox};
use crate::docs::Generation;
use crate::protocol::{Scope, ScopeDigest};
use crate::time::Timestamp;

/// What is known about a scope that was sent completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Remembers that a scope is complete and how it compares.
pub(super) fn complete(
    conn: &Connection,
    server: &ScopeDigest,
    at: Timestamp,
) -> Result<(), StoreError> {
    let local = count(conn, server.scope)?;
    conn.prepare_cached(
        "insert into scope (scope, completed_at, server_count, server_sum, local_count, local_sum)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (scope) do update set completed_at = excluded.completed_at,
             server_count = excluded.server_count, server_sum = excluded.server_sum,
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
    Ok(())
}

/// Every scope that was sent completely.
pub(crate) fn all(conn: &Connection) -> Result<Vec<ScopeTally>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select scope, completed_at, server_count, local_count,
                server_count = local_count and server_sum = local_sum
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
        });
    }
    Ok(tallies)
}

/// Whether a scope was ever sent completely.
pub(crate) fn is_complete(conn: &Connection, scope: Scope) -> Result<bool, StoreError> {
    let found: Option<i64> = conn
        .prepare_cached("select 1 from scope where scope = ?1")?
        .query_row(params![scope.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}
