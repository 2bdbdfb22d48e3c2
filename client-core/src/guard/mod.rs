//! The screen that bytes from a device pass before any Automerge call.

use crate::docs::ChangeHash;
use crate::id::ActorId;

/// What one change and one document may cost. Configurable downwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one change.
    pub change_bytes: usize,
    /// Operations of one change.
    pub change_operations: u64,
    /// Dependencies of one change.
    pub change_dependencies: usize,
    /// Bytes of one document's snapshot.
    pub document_bytes: usize,
    /// Operations of one document.
    pub document_operations: u64,
    /// Actors of one document.
    pub document_actors: usize,
    /// Bytes of one string.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            change_bytes: 64 * 1024,
            change_operations: 5_000,
            change_dependencies: 64,
            document_bytes: 1024 * 1024,
            document_operations: 50_000,
            document_actors: 200,
            text_bytes: 16 * 1024,
        }
    }
}

/// A raw change that passed the screen: well-formed framing, checksum right,
/// actor named, costs counted and bounded. What follows re-validates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenedChange {
    bytes: Vec<u8>,
    hash: ChangeHash,
    actor: ActorId,
    seq: u64,
    deps: Vec<ChangeHash>,
    operations: u64,
}

/// Why bytes did not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Longer than a change may be.
    #[error("the change is {bytes} bytes long, the limit is {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Not a raw change chunk with the right checksum.
    #[error("not a raw change: {reason}")]
    Malformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// Claims more operations than allowed.
    #[error("the change claims {operations} operations or more, the limit is {limit}")]
    TooManyOperations {
        /// Operations counted until the limit was passed.
        operations: u64,
        /// The limit.
        limit: u64,
    },
    /// Depends on more changes than allowed.
    #[error("the change has {dependencies} dependencies, the limit is {limit}")]
    TooManyDependencies {
        /// How many it claims.
        dependencies: u64,
        /// The limit.
        limit: usize,
    },
}

impl ScreenedChange {
    /// Screens the bytes of one change. Allocates nothing before a limit is checked.
    pub fn screen(_bytes: &[u8], _limits: &Limits) -> Result<Self, Rejection> {
        todo!()
    }

    /// The raw bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash that names it.
    pub const fn hash(&self) -> ChangeHash {
        self.hash
    }

    /// Who claims to have written it.
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Its sequence number within the actor.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The changes it builds on.
    pub fn deps(&self) -> &[ChangeHash] {
        &self.deps
    }

    /// Operations it claims.
    pub const fn operations(&self) -> u64 {
        self.operations
    }
}
