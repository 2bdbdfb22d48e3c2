//! Documents that arrive whole and need no merging.
//!
//! A first sync brings tens of thousands of documents that were never here. Their
//! bytes are stored as they came and their rows read straight from them, without
//! loading a CRDT document. A document that is edited later is loaded then.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, document, outbox, projection};
use crate::docs::{Header, Heads};
use crate::projection::DocState;

/// Stores what came, if there is nothing here to merge it with and it can be read
/// without loading it; false where it has to be loaded.
pub(super) fn store(
    conn: &Connection,
    header: &Header,
    history: &[u8],
) -> Result<bool, StoreError> {
    let here: Option<(u32, Vec<u8>)> = conn
        .prepare_cached("select generation, heads from doc where id = ?1")?
        .query_row(params![header.doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if outbox::holds(conn, header.doc)? {
        return Ok(false);
    }
    let Some((heads, state)) = DocState::of_history(header.kind, history) else {
        return Ok(false);
    };
    let new = here.is_none();
    // The same once more, because it matters today and then belongs to a scope; or to
    // take the place of bytes that cannot be read here.
    let same = here.is_some_and(|(generation, found)| {
        generation == header.generation.0 && found == heads.to_bytes()
    });
    if !new && !same {
        return Ok(false);
    }
    put(conn, header, &heads, history)?;
    projection::put(conn, header, &heads, &state)?;
    Ok(true)
}

fn put(
    conn: &Connection,
    header: &Header,
    heads: &Heads,
    history: &[u8],
) -> Result<(), StoreError> {
    let heads = heads.to_bytes();
    conn.prepare_cached(
        "insert into doc (id, kind, generation, header, heads, acked, snapshot)
         values (?1, ?2, ?3, ?4, ?5, ?5, ?6)
         on conflict (id) do update set header = excluded.header, heads = excluded.heads,
             acked = excluded.acked, snapshot = excluded.snapshot, leaving = 0",
    )?
    .execute(params![
        header.doc.as_bytes(),
        header.kind.as_str(),
        header.generation.0,
        document::encode_header(header),
        heads,
        history,
    ])?;
    Ok(())
}
