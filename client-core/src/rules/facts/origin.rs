use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::docs::{ChangeHash, Heads};
use crate::id::{DocId, ItemId, RecordId};
use crate::records::Record;

/// A document at the heads it was read at: what a figure is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactRef {
    /// The document.
    pub doc: DocId,
    /// Its heads.
    pub heads: Heads,
}

impl FactRef {
    /// A record as a fact: its id, and as heads the hash of its body, so that two
    /// machines that hold the same record hold the same fact.
    pub fn of_record(record: &Record) -> Self {
        let hash = ChangeHash(Sha256::digest(record.encode()).into());
        Self { doc: record_doc(record.id()), heads: Heads::new(vec![hash]) }
    }
}

/// A record's id where facts are told apart by documents' ids.
pub const fn record_doc(record: RecordId) -> DocId {
    DocId::from_bytes(*record.as_bytes())
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A rep typed it into a document.
    Claimed,
    /// A business system or the office confirmed it by a record.
    Confirmed,
}

/// Where a business fact stands: in a document, as one of its items, or as a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The document or record.
    pub fact: FactRef,
    /// The item in it, where it holds several.
    pub item: Option<ItemId>,
    /// Who says so.
    pub source: Source,
}

impl Origin {
    /// An item of a document that a rep wrote.
    pub const fn claim(fact: FactRef, item: Option<ItemId>) -> Self {
        Self { fact, item, source: Source::Claimed }
    }

    /// A record, or an item of one.
    pub const fn confirmed(fact: FactRef, item: Option<ItemId>) -> Self {
        Self { fact, item, source: Source::Confirmed }
    }

    /// What tells it apart from every other.
    pub const fn key(&self) -> Key {
        Key { doc: self.fact.doc, item: self.item }
    }
}

/// What tells a business fact apart: the document or record, and the item in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The document or record.
    pub doc: DocId,
    /// The item in it.
    pub item: Option<ItemId>,
}
