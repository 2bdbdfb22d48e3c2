//! Documents kept loaded, bounded by bytes.
//!
//! Loading a document costs about as much as applying a change to it, and the
//! documents that change are those that changed a minute ago. The oldest go
//! first. An entry names its revision: a stale one is never used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use client_core::docs::Document;
use client_core::id::{DocId, OrgId};

/// A loaded document takes about this many times its snapshot (measured at 4 to 12).
const WEIGHT: usize = 8;

/// The cache.
pub struct DocumentCache {
    entries: Mutex<Entries>,
    limit: usize,
}

/// How the cache is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CacheFigures {
    /// Bytes it holds, as it weighs them.
    pub(crate) bytes: u64,
    /// Documents it holds.
    pub(crate) documents: u64,
    /// Documents that were asked for and there.
    pub(crate) hits: u64,
    /// Documents that were asked for and not there.
    pub(crate) misses: u64,
}

#[derive(Default)]
struct Entries {
    hits: u64,
    misses: u64,
    by_doc: HashMap<(OrgId, DocId), Entry>,
    bytes: usize,
    turn: u64,
}

struct Entry {
    document: Document,
    revision: u64,
    bytes: usize,
    turn: u64,
}

impl DocumentCache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: Mutex::default(), limit }
    }

    /// A copy of the document that is loaded, if any, and its revision.
    pub(super) fn get(&self, org: OrgId, doc: DocId) -> Option<(u64, Document)> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.turn += 1;
        let turn = entries.turn;
        let Some(entry) = entries.by_doc.get_mut(&(org, doc)) else {
            entries.misses += 1;
            return None;
        };
        entry.turn = turn;
        let found = (entry.revision, entry.document.clone());
        entries.hits += 1;
        Some(found)
    }

    /// How it is used.
    pub(crate) fn figures(&self) -> CacheFigures {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        CacheFigures {
            bytes: entries.bytes as u64,
            documents: entries.by_doc.len() as u64,
            hits: entries.hits,
            misses: entries.misses,
        }
    }

    /// Keeps a document.
    pub(super) fn put(&self, org: OrgId, document: Document, revision: u64, snapshot: usize) {
        let bytes = snapshot.saturating_mul(WEIGHT);
        if bytes > self.limit {
            return;
        }
        let key = (org, document.header().doc);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.turn += 1;
        let entry = Entry { document, revision, bytes, turn: entries.turn };
        if let Some(old) = entries.by_doc.insert(key, entry) {
            entries.bytes -= old.bytes;
        }
        entries.bytes += bytes;
        if entries.bytes > self.limit {
            entries.make_room(self.limit / 4 * 3);
        }
    }
}

impl Entries {
    /// Drops the least recently used until three quarters are left: the sort is
    /// paid once for many entries.
    fn make_room(&mut self, wanted: usize) {
        let mut ages: Vec<(u64, (OrgId, DocId))> =
            self.by_doc.iter().map(|(key, entry)| (entry.turn, *key)).collect();
        ages.sort_unstable();
        for (_turn, key) in ages {
            if self.bytes <= wanted {
                return;
            }
            if let Some(old) = self.by_doc.remove(&key) {
                self.bytes -= old.bytes;
            }
        }
    }
}
