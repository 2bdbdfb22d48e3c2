//! Changes that arrived before what they build on.
//!
//! The feed is in causal order, but an answer may be an old one that was asked for
//! again, and a page may hold what builds on an entry that could not be used. Such
//! a change must neither enter the document (Automerge would keep it there without
//! bound) nor be lost, because the cursor moves on. So it waits here, a few for
//! each document, and is taken up when the document comes or grows.

use rusqlite::{Connection, params};

use super::StoreError;
use crate::docs::ChangeHash;
use crate::id::DocId;

/// Changes that may wait for one document.
const PER_DOCUMENT: u32 = 32;
/// Changes that may wait in all; the oldest go first.
const IN_ALL: u32 = 1_000;

/// Keeps a change until it can be used. Beyond the bounds it is dropped: the count
/// of its scope will not match then, and the scope is repaired.
pub(super) fn keep(
    conn: &Connection,
    doc: DocId,
    hash: &ChangeHash,
    bytes: &[u8],
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into orphan (doc, hash, bytes)
         select ?1, ?2, ?3 where (select count(*) from orphan where doc = ?1) < ?4
         on conflict (doc, hash) do nothing",
    )?
    .execute(params![doc.as_bytes(), hash.0, bytes, PER_DOCUMENT])?;
    conn.prepare_cached(
        "delete from orphan where position <= (select max(position) from orphan) - ?1",
    )?
    .execute(params![IN_ALL])?;
    Ok(())
}

/// What waits for a document, in the order in which it came.
pub(super) fn waiting(conn: &Connection, doc: DocId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement =
        conn.prepare_cached("select bytes from orphan where doc = ?1 order by position")?;
    let rows = statement.query_map(params![doc.as_bytes()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Nothing of a document waits any more.
pub(super) fn forget(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    conn.prepare_cached("delete from orphan where doc = ?1")?.execute(params![doc.as_bytes()])?;
    Ok(())
}
