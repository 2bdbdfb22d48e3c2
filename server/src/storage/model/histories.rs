use client_core::docs::{ChangeHash, Generation, Header, Heads, Things};
use client_core::id::DocId;
use client_core::protocol::{ChangeNames, Scope};

use super::StoredDoc;

/// A document whose history has grown since it was saved as a whole.
#[derive(Debug, Clone)]
pub struct Unfolded {
    /// What is stored.
    pub stored: StoredDoc,
    /// The heads that it leads to.
    pub heads: Heads,
}

/// What is kept of a history that is over.
#[derive(Debug, Clone)]
pub struct EndedHistory {
    /// Which.
    pub generation: Generation,
    /// The names of what it held, and of what came of it since.
    pub changes: ChangeNames,
    /// Where its things were.
    pub things: Things,
}

/// The histories of a document that are over.
#[derive(Debug, Clone, Default)]
pub struct Former {
    /// Those of which something was here, the oldest first.
    pub ended: Vec<EndedHistory>,
    /// The latest that a former life of the data began and that came back: whatever was
    /// written on an earlier one is in it.
    pub came_back: Option<Generation>,
}

/// Changes of a history that is over, written again on the one that stands.
#[derive(Debug, Clone)]
pub struct WrittenAgain {
    /// Of which history.
    pub generation: Generation,
    /// What they were.
    pub changes: Vec<ChangeHash>,
    /// Where the things of that history are, with those that these made.
    pub things: Things,
}

/// What there is of a document that a phone asked for.
#[derive(Debug, Clone)]
pub enum WholeDoc {
    /// The reader's.
    Held {
        /// Its header.
        header: Header,
        /// The reader's scopes it is in.
        scopes: Vec<Scope>,
        /// Its history.
        snapshot: Vec<u8>,
    },
    /// In no scope of the reader's.
    NotHeld(DocId),
    /// Not here.
    Unknown(DocId),
}

/// How far what matters today was told; in the order of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelevantPlace {
    /// Why it matters.
    pub class: u8,
    /// Its order among those.
    pub key: i64,
    /// The customer.
    pub doc: DocId,
    /// How much of what is told with it.
    pub step: u8,
}

impl RelevantPlace {
    /// Behind everything that matters today.
    pub const END: Self =
        Self { class: u8::MAX, key: i64::MAX, doc: DocId::from_bytes([0xFF; 16]), step: u8::MAX };
}
