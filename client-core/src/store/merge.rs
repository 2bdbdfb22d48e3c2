//! What arrives of a document, put together with what is here of it.
//!
//! Documents merge in any order, so an edit that waits here stays on top of whatever
//! comes, and what builds on something that is still to come waits beside the
//! document. Bytes of the server's may be damaged or newer than this app: whatever they
//! do to the document code is the fault of one entry and never stops a page.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Connection, params};

use super::document::{self, StoredDoc};
use super::feed::Incoming;
use super::meta::{self, Identity};
use super::rebase::Waiting;
use super::{StoreError, arrive, orphan, outbox, repair, results};
use crate::docs::{Applied, ChangeHash, DocKind, Document, Header, Heads};
use crate::faults::{Fault, injected};
use crate::guard::ScreenedChange;
use crate::id::DocId;
use crate::projection::DocState;

/// Why one entry could not be used.
pub(super) struct Unusable(pub(super) String);

pub(super) enum EntryError {
    Unusable(String),
    Store(StoreError),
}

impl From<StoreError> for EntryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for EntryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Unusable> for EntryError {
    fn from(error: Unusable) -> Self {
        Self::Unusable(error.0)
    }
}

/// A document, if it is here and can be read. One that cannot must stop neither
/// the answers to the others nor the page.
pub(super) fn undamaged(conn: &Connection, doc: DocId) -> Result<Option<StoredDoc>, StoreError> {
    document::load(conn, doc).or_else(|error| match error {
        StoreError::Unreadable { .. } | StoreError::Damaged { .. } => Ok(None),
        StoreError::Sqlite(_) | StoreError::Full => Err(error),
    })
}

/// A document came into sight, or comes whole. Unsent edits stay on top of it.
pub(super) fn enter(
    conn: &Connection,
    incoming: &Incoming<'_>,
    header: &Header,
    snapshot: &[u8],
) -> Result<bool, EntryError> {
    if arrive::store(conn, header, snapshot)? {
        return Ok(false);
    }
    // What is damaged here is healed by what the server sends, and by the outbox.
    let local = undamaged(conn, header.doc)?;
    let unsent = match local {
        Some(_) => Vec::new(),
        None => outbox::unsent(conn, header.doc)?,
    };
    if local.as_ref().is_some_and(|local| local.document.header().generation > header.generation) {
        return Ok(false);
    }
    let older = |local: &StoredDoc| local.document.header().generation < header.generation;
    if local.as_ref().is_some_and(older)
        || (!unsent.is_empty() && Waiting::of(conn, header.doc)?.is_older_than(header.generation))
    {
        restart(conn, header, snapshot)?;
        stay(conn, header.doc)?;
        return Ok(true);
    }
    let (merged, acked, state, bytes) = guarded(|| {
        let server = Document::load(*header, snapshot)?;
        let Some(local) = local else {
            let acked = server.heads();
            let mut whole = server;
            for bytes in &unsent {
                whole.apply(&ScreenedChange::screen(bytes, incoming.limits)?)?;
            }
            let state = DocState::read(&whole);
            let bytes = if unsent.is_empty() { snapshot.to_vec() } else { whole.snapshot() };
            return Ok((whole, acked, state, bytes));
        };
        let mut merged = server.clone();
        for change in local.document.changes_since(&server.heads()) {
            let change = ScreenedChange::screen(&change.bytes, incoming.limits)?;
            merged.apply(&change)?;
        }
        let acked = union(&merged, &server, local.acked.as_ref());
        let state = DocState::read(&merged);
        let bytes = merged.snapshot();
        Ok((merged, acked, state, bytes))
    })?;
    document::put(conn, &merged, &state, &bytes, Some(&acked))?;
    stay(conn, header.doc)?;
    Ok(false)
}

/// A document that was to leave is in sight again.
pub(super) fn stay(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    conn.prepare_cached("update doc set leaving = 0 where id = ?1")?
        .execute(params![doc.as_bytes()])?;
    Ok(())
}

/// A document's history starts anew: what is here is forgotten, and what was not
/// sent is written again on top of `snapshot`.
pub(super) fn restart(
    conn: &Connection,
    header: &Header,
    snapshot: &[u8],
) -> Result<(), EntryError> {
    let me: Identity = meta::get(conn, meta::Key::Identity)?
        .ok_or_else(|| StoreError::damaged("meta", "there is no identity"))?;
    let waiting = Waiting::of(conn, header.doc)?;
    let old = undamaged(conn, header.doc)?;
    let (fresh, acked, rebased, state) = guarded(|| {
        let mut fresh = Document::load(*header, snapshot)?;
        let acked = fresh.heads();
        let rebased = waiting.onto(old.as_ref(), &mut fresh, me.actor);
        let state = DocState::read(&fresh);
        Ok((fresh, acked, rebased, state))
    })?;
    document::put(conn, &fresh, &state, &fresh.snapshot(), Some(&acked))?;
    waiting.replace(conn, header, &rebased)?;
    conn.prepare_cached(
        "update doc set leaving = 0 where id = ?1 and exists
         (select 1 from membership where doc = ?1)",
    )?
    .execute(params![header.doc.as_bytes()])?;
    Ok(())
}

/// The heads of everything that the snapshot or an earlier answer says the server has.
fn union(merged: &Document, server: &Document, before: Option<&Heads>) -> Heads {
    let beyond: Vec<ChangeHash> = before
        .map(|heads| {
            heads.as_slice().iter().copied().filter(|hash| !server.contains(hash)).collect()
        })
        .unwrap_or_default();
    if beyond.is_empty() {
        return server.heads();
    }
    let all: Vec<ChangeHash> = beyond.iter().chain(server.heads().as_slice()).copied().collect();
    let tips = all.iter().copied().filter(|hash| {
        all.iter().all(|other| {
            other == hash
                || merged
                    .changes_since(&Heads::new(vec![*other]))
                    .iter()
                    .any(|change| change.hash == *hash)
        })
    });
    Heads::new(tips.collect())
}

/// More changes of a document in sight, and what waited for them. What builds on
/// changes that are not here waits beside the document; gives how many do.
pub(super) fn extend<'a>(
    conn: &Connection,
    incoming: &Incoming<'_>,
    doc: DocId,
    changes: impl Iterator<Item = &'a [u8]>,
) -> Result<(DocKind, usize), EntryError> {
    let screen = |bytes: &[u8]| ScreenedChange::screen(bytes, incoming.limits);
    let arrived: Vec<ScreenedChange> = changes
        .map(screen)
        .collect::<Result<_, _>>()
        .map_err(|error| Unusable(error.to_string()))?;
    let Some(stored) = undamaged(conn, doc)? else {
        repair::want(conn, doc, "changes came of what is not here or damaged")?;
        for change in &arrived {
            orphan::keep(conn, doc, &change.hash(), change.bytes())?;
        }
        return Err(Unusable("changes of a document that is not here or damaged".to_owned()).into());
    };
    let waited = orphan::waiting(conn, doc)?;
    let mut all = arrived.clone();
    all.extend(waited.iter().filter_map(|bytes| screen(bytes).ok()));
    let grown = match guarded(|| grow(&stored, all)) {
        // What waited must not keep out what came now.
        Err(_bad) if !waited.is_empty() => guarded(|| grow(&stored, arrived))?,
        grown => grown?,
    };
    let snapshot = grown.document.snapshot();
    if injected(Fault::RowForgotten) {
        document::put_state(conn, &grown.document, &snapshot, Some(&grown.acked))?;
    } else {
        document::put(conn, &grown.document, &grown.state, &snapshot, Some(&grown.acked))?;
    }
    if !waited.is_empty() {
        orphan::forget(conn, doc)?;
    }
    for change in &grown.left {
        orphan::keep(conn, doc, &change.hash(), change.bytes())?;
    }
    Ok((stored.document.header().kind, grown.left.len()))
}

/// A document with more changes in it.
struct Grown {
    document: Document,
    acked: Heads,
    state: DocState,
    /// What builds on changes that are not here.
    left: Vec<ScreenedChange>,
}

/// Applies changes in whatever order they can be applied.
fn grow(
    stored: &StoredDoc,
    changes: Vec<ScreenedChange>,
) -> Result<Grown, Box<dyn std::error::Error>> {
    let mut grown = StoredDoc { document: stored.document.clone(), acked: stored.acked.clone() };
    let (mut left, mut applied, mut before) = (changes, Vec::new(), usize::MAX);
    while !left.is_empty() && left.len() < before {
        before = left.len();
        for change in std::mem::take(&mut left) {
            match grown.document.apply(&change)? {
                Applied::New | Applied::Duplicate => applied.push(change),
                Applied::MissingDeps(_) => left.push(change),
            }
        }
    }
    let acked = results::acknowledge(&grown, &applied);
    let state = DocState::read(&grown.document);
    Ok(Grown { document: grown.document, acked, state, left })
}

/// Runs document code that must not stop the page, whatever the bytes make it do.
fn guarded<T>(work: impl FnOnce() -> Result<T, Box<dyn std::error::Error>>) -> Result<T, Unusable> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Unusable(error.to_string())),
        Err(_panic) => Err(Unusable("the document code panicked".to_owned())),
    }
}
