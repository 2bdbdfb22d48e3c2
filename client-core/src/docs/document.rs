//! One document: an immutable header and an Automerge history.

use crate::docs::{ChangeHash, DocKind, Header, Heads};
use crate::guard::ScreenedChange;
use crate::id::ActorId;
use crate::time::Timestamp;

/// Who writes, and when by the device's clock.
#[derive(Debug, Clone, Copy)]
pub struct EditContext {
    /// The device's actor.
    pub actor: ActorId,
    /// The device's clock.
    pub at: Timestamp,
}

/// A change this device just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its raw bytes, uncompressed.
    pub bytes: Vec<u8>,
    /// Its sequence number within the actor.
    pub seq: u64,
}

/// What applying one change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is part of the document now.
    New,
    /// It was part of it before.
    Duplicate,
    /// It was not applied, because it builds on changes that are not here.
    MissingDeps(Vec<ChangeHash>),
}

/// Why a change could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Automerge refused it.
    #[error("automerge refused change {hash}: {reason}")]
    Refused {
        /// The change.
        hash: ChangeHash,
        /// What Automerge said.
        reason: String,
    },
}

/// Why a snapshot could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} document could not be loaded: {reason}", kind = kind.as_str())]
pub struct LoadError {
    /// Which kind was expected.
    pub kind: DocKind,
    /// What Automerge said.
    pub reason: String,
}

/// A field that several people wrote without seeing each other's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The field, for example `profile/name`.
    pub path: String,
    /// Every concurrent value, the winner first.
    pub values: Vec<ConflictValue>,
}

/// One of the concurrent values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictValue {
    /// The value as text.
    pub value: String,
    /// The actor that wrote it.
    pub actor: ActorId,
    /// The change that wrote it.
    pub change: ChangeHash,
    /// When, by that device's clock.
    pub at: Timestamp,
}

/// A document.
#[derive(Debug, Clone)]
pub struct Document {
    header: Header,
}

impl Document {
    /// A new document: the genesis of its kind and nothing else.
    pub fn create(_header: Header) -> Self {
        todo!()
    }

    /// Loads a snapshot made by [`Document::snapshot`].
    pub fn load(_header: Header, _snapshot: &[u8]) -> Result<Self, LoadError> {
        todo!()
    }

    /// The document's header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The whole history, uncompressed (`save_nocompress`): pages are compressed as a whole.
    pub fn snapshot(&self) -> Vec<u8> {
        todo!()
    }

    /// The current heads.
    pub fn heads(&self) -> Heads {
        todo!()
    }

    /// Whether a change is part of the document.
    pub fn contains(&self, _hash: &ChangeHash) -> bool {
        todo!()
    }

    /// Operations in the whole history.
    pub fn operations(&self) -> u64 {
        todo!()
    }

    /// Actors in the whole history, genesis excluded.
    pub fn actors(&self) -> Vec<ActorId> {
        todo!()
    }

    /// The last sequence number `actor` used in this document; 0 if none.
    pub fn last_seq(&self, _actor: ActorId) -> u64 {
        todo!()
    }

    /// Applies one screened change. Orphans are reported and never kept inside.
    pub fn apply(&mut self, _change: &ScreenedChange) -> Result<Applied, ApplyError> {
        todo!()
    }

    /// Raw bytes of every change that is not an ancestor of `have`, in causal
    /// order, genesis excluded.
    pub fn changes_since(&self, _have: &Heads) -> Vec<NewChange> {
        todo!()
    }

    /// Same-field conflicts that stand in the document now.
    pub fn conflicts(&self) -> Vec<Conflict> {
        todo!()
    }
}
