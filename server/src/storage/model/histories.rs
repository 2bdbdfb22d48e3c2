use client_core::docs::{Header, Heads};
use client_core::id::DocId;
use client_core::protocol::Scope;

use super::StoredDoc;

/// A document whose history has grown since it was saved as a whole.
#[derive(Debug, Clone)]
pub struct Unfolded {
    /// What is stored.
    pub stored: StoredDoc,
    /// The heads that it leads to.
    pub heads: Heads,
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
