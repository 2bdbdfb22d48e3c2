//! Documents in the store, and the unit of work that saves them.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{StoreError, conflict, meta, outbox, projection, receipt};
use crate::docs::{DocKind, Document, EditContext, Header, Heads, NewChange};
use crate::id::{ActorId, DocId};
use crate::projection::DocState;
use crate::protocol::AccessStamp;
use crate::store::Touched;
use crate::time::Timestamp;

/// A document as stored.
#[derive(Debug)]
pub(crate) struct StoredDoc {
    /// The document.
    pub document: Document,
    /// What the server is known to hold; none if nothing.
    pub acked: Option<Heads>,
}

/// Loads a document.
pub(crate) fn load(conn: &Connection, doc: DocId) -> Result<Option<StoredDoc>, StoreError> {
    type Columns = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);
    let row: Option<Columns> = conn
        .prepare_cached("select header, snapshot, acked from doc where id = ?1")?
        .query_row(params![doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((header, snapshot, acked)) = row else { return Ok(None) };
    let header = decode_header(&header)?;
    let document = Document::load(header, &snapshot)
        .map_err(|error| StoreError::Unreadable { doc, reason: error.to_string() })?;
    let acked = acked.as_deref().map(decode_heads).transpose()?;
    Ok(Some(StoredDoc { document, acked }))
}

/// The header of a document, without loading it.
pub(crate) fn header(conn: &Connection, doc: DocId) -> Result<Option<Header>, StoreError> {
    let row: Option<Vec<u8>> = conn
        .prepare_cached("select header from doc where id = ?1")?
        .query_row(params![doc.as_bytes()], |row| row.get(0))
        .optional()?;
    row.as_deref().map(decode_header).transpose()
}

/// The heads of a document, without loading it.
pub(crate) fn heads(conn: &Connection, doc: DocId) -> Result<Option<Heads>, StoreError> {
    let row: Option<Vec<u8>> = conn
        .prepare_cached("select heads from doc where id = ?1")?
        .query_row(params![doc.as_bytes()], |row| row.get(0))
        .optional()?;
    row.as_deref().map(decode_heads).transpose()
}

/// Writes a document and its projection.
pub(super) fn put(
    conn: &Connection,
    document: &Document,
    state: &DocState,
    snapshot: &[u8],
    acked: Option<&Heads>,
) -> Result<(), StoreError> {
    put_state(conn, document, snapshot, acked)?;
    projection::put(conn, document.header(), &document.heads(), state)?;
    conflict::put(conn, document)
}

/// Writes a document alone.
pub(super) fn put_state(
    conn: &Connection,
    document: &Document,
    snapshot: &[u8],
    acked: Option<&Heads>,
) -> Result<(), StoreError> {
    let header = document.header();
    conn.prepare_cached(
        "insert into doc (id, kind, generation, header, heads, acked, snapshot)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (id) do update set generation = excluded.generation,
             header = excluded.header, heads = excluded.heads, acked = excluded.acked,
             snapshot = excluded.snapshot",
    )?
    .execute(params![
        header.doc.as_bytes(),
        header.kind.as_str(),
        header.generation.0,
        encode_header(header),
        document.heads().to_bytes(),
        acked.map(Heads::to_bytes),
        snapshot,
    ])?;
    Ok(())
}

/// Whether the server is known to hold anything of a document.
pub(super) fn is_acknowledged(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    let acked: Option<Option<Vec<u8>>> = conn
        .prepare_cached("select acked from doc where id = ?1")?
        .query_row(params![doc.as_bytes()], |row| row.get(0))
        .optional()?;
    let heads = acked.flatten().as_deref().map(decode_heads).transpose()?;
    Ok(heads.is_some_and(|heads| !heads.as_slice().is_empty()))
}

/// Replaces what the server is known to hold of a document.
pub(super) fn set_acked(conn: &Connection, doc: DocId, acked: &Heads) -> Result<(), StoreError> {
    conn.prepare_cached("update doc set acked = ?2 where id = ?1")?
        .execute(params![doc.as_bytes(), acked.to_bytes()])?;
    Ok(())
}

/// Removes a document with everything computed from it, and with what arrived of it and
/// could not be used. What its author wrote and the server did not take stays in the
/// outbox, where they can see it, until they let go of it.
pub(super) fn purge(conn: &Connection, doc: DocId, kind: DocKind) -> Result<(), StoreError> {
    projection::remove(conn, doc, kind)?;
    conflict::remove(conn, doc)?;
    receipt::forget(conn, doc)?;
    for sql in [
        "delete from membership where doc = ?1",
        "delete from orphan where doc = ?1",
        "delete from fault where subject = ?1",
        "delete from doc where id = ?1",
        "insert or ignore into purged (doc) values (?1)",
    ] {
        conn.prepare_cached(sql)?.execute(params![doc.as_bytes()])?;
    }
    Ok(())
}

pub(super) fn encode_header(header: &Header) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and every field of a header has a CBOR form.
    let written = ciborium::into_writer(header, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

pub(super) fn decode_header(bytes: &[u8]) -> Result<Header, StoreError> {
    ciborium::from_reader(bytes).map_err(|error| StoreError::damaged("doc", error))
}

pub(super) fn decode_heads(bytes: &[u8]) -> Result<Heads, StoreError> {
    Heads::from_bytes(bytes)
        .ok_or_else(|| StoreError::damaged("doc", "heads are no multiple of 32 bytes"))
}

/// Who saves and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saving {
    /// The device's actor.
    pub actor: ActorId,
    /// The device's clock.
    pub at: Timestamp,
}

/// One unit of work: everything put through it is saved together or not at all.
pub(crate) struct Unit<'a> {
    tx: &'a Transaction<'a>,
    saving: Saving,
    stamp: Option<AccessStamp>,
    /// What was written.
    pub touched: Touched,
}

impl<'a> Unit<'a> {
    pub(crate) fn begin(tx: &'a Transaction<'a>, saving: Saving) -> Result<Self, StoreError> {
        let stamp = meta::get(tx, meta::Key::Stamp)?;
        Ok(Self { tx, saving, stamp, touched: Touched::default() })
    }

    /// The transaction, for reading what this unit builds on.
    pub(crate) fn conn(&self) -> &Connection {
        self.tx
    }

    /// The context of every edit in this unit.
    pub(crate) const fn edit_context(&self) -> EditContext {
        EditContext { actor: self.saving.actor, at: self.saving.at }
    }

    /// Saves a document with the change just made to it.
    pub(crate) fn put(
        &mut self,
        document: &Document,
        change: &NewChange,
    ) -> Result<(), StoreError> {
        let header = *document.header();
        let acked: Option<Vec<u8>> = self
            .tx
            .prepare_cached("select acked from doc where id = ?1")?
            .query_row(params![header.doc.as_bytes()], |row| row.get(0))
            .optional()?
            .flatten();
        let acked = acked.as_deref().map(decode_heads).transpose()?;
        let state = DocState::read(document);
        put(self.tx, document, &state, &document.snapshot(), acked.as_ref())?;
        outbox::add(self.tx, &header, change, self.stamp.as_ref(), self.saving.at)?;
        self.touched.doc(header.kind, header.doc);
        Ok(())
    }
}
