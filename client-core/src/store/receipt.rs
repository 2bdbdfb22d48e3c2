//! The server's signatures: kept in case it loses what it signed.
//!
//! One signature covers a whole answer, so it is kept once with its list, and each
//! document says which of them vouch for it. A later one that names all heads of a
//! document replaces the earlier ones, unless something of it is to be given back: a
//! server that lost what they prove signs what it has left. So what is kept grows with the
//! documents and not with the syncs: about 32 bytes of list and 25 of index for each.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde_bytes::ByteBuf;

use super::{StoreError, document, hand_back, repair};
use crate::docs::{ChangeHash, Header};
use crate::id::DocId;
use crate::protocol::hand_back::{MAX_RECEIPTS, Told, told};
use crate::protocol::{FeedEntry, Receipt, SyncResponse};
use crate::sync::Manifest;

/// What an answer tells, before anything of it is applied: later its headers may differ.
pub(super) fn read(conn: &Connection, manifest: &Manifest, response: &SyncResponse) -> Told {
    // Of a document whose history is another one there, the server signs a header that is
    // not here: no such signature could be shown again.
    let other = |entry: &FeedEntry| match entry {
        FeedEntry::Changes { doc, .. } => repair::is_to_come(conn, *doc).unwrap_or(true),
        _ => false,
    };
    if response.receipt.is_none() || response.feed.iter().any(other) {
        return Told::default();
    }
    let sent: Vec<(Header, Vec<ChangeHash>)> = manifest
        .headers
        .iter()
        .zip(&manifest.groups)
        .map(|(header, (_doc, hashes))| (*header, hashes.clone()))
        .collect();
    told(&sent, &response.results, &response.feed, |doc| document::header(conn, doc).ok().flatten())
}

/// Keeps the signature of an answer for the documents that are here.
pub(super) fn keep(
    conn: &Connection,
    told: &Told,
    response: &SyncResponse,
) -> Result<(), StoreError> {
    let Some(signature) = response.receipt.as_ref().filter(|_| !told.leaves.is_empty()) else {
        return Ok(());
    };
    let mut by_doc: BTreeMap<DocId, BTreeSet<ChangeHash>> = BTreeMap::new();
    for (doc, _generation, hash) in &told.changes {
        by_doc.entry(*doc).or_default().insert(*hash);
    }
    conn.prepare_cached("insert into receipt (signature, leaves, live) values (?1, ?2, ?3)")?
        .execute(params![
            signature.as_slice(),
            told.leaves,
            i64::try_from(by_doc.len()).unwrap_or(i64::MAX)
        ])?;
    let receipt = conn.last_insert_rowid();
    for (doc, hashes) in by_doc {
        if any(conn, doc)? && !hand_back::gives(conn, doc)? && covers(conn, doc, &hashes)? {
            forget(conn, doc)?;
        }
        conn.prepare_cached("insert or ignore into receipt_doc (doc, receipt) values (?1, ?2)")?
            .execute(params![doc.as_bytes(), receipt])?;
    }
    Ok(())
}

fn any(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("select 1 from receipt_doc where doc = ?1")?
        .exists(params![doc.as_bytes()])?)
}

/// Whether all that the server is known to hold of a document is named.
fn covers(
    conn: &Connection,
    doc: DocId,
    hashes: &BTreeSet<ChangeHash>,
) -> Result<bool, StoreError> {
    let acked: Option<Option<Vec<u8>>> = conn
        .prepare_cached("select acked from doc where id = ?1")?
        .query_row(params![doc.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(acked) = acked.flatten() else { return Ok(false) };
    Ok(document::decode_heads(&acked)?.as_slice().iter().all(|head| hashes.contains(head)))
}

/// Drops what vouched for a document.
pub(super) fn forget(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    let receipts: Vec<i64> = conn
        .prepare_cached("select receipt from receipt_doc where doc = ?1")?
        .query_map(params![doc.as_bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if receipts.is_empty() {
        return Ok(());
    }
    conn.prepare_cached("delete from receipt_doc where doc = ?1")?
        .execute(params![doc.as_bytes()])?;
    for receipt in receipts {
        conn.prepare_cached("update receipt set live = live - 1 where id = ?1")?
            .execute(params![receipt])?;
        conn.prepare_cached("delete from receipt where id = ?1 and live <= 0")?
            .execute(params![receipt])?;
    }
    Ok(())
}

/// The receipts that vouch for some documents, each once.
pub(super) fn for_docs(
    conn: &Connection,
    docs: &BTreeSet<DocId>,
) -> Result<Vec<Receipt>, StoreError> {
    let mut ids = BTreeSet::new();
    let mut statement = conn.prepare_cached("select receipt from receipt_doc where doc = ?1")?;
    for doc in docs {
        let found = statement.query_map(params![doc.as_bytes()], |row| row.get::<_, i64>(0))?;
        ids.extend(found.collect::<Result<Vec<_>, _>>()?);
    }
    let mut statement =
        conn.prepare_cached("select signature, leaves from receipt where id = ?1")?;
    let mut receipts = Vec::new();
    for id in ids.into_iter().take(MAX_RECEIPTS) {
        let found = statement.query_row(params![id], |row| {
            Ok(Receipt {
                signature: ByteBuf::from(row.get::<_, Vec<u8>>(0)?),
                leaves: ByteBuf::from(row.get::<_, Vec<u8>>(1)?),
            })
        });
        receipts.extend(found.optional()?);
    }
    Ok(receipts)
}
