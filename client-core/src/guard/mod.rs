//! The screen that bytes from a device pass before any Automerge call.
//!
//! Automerge 0.12 trusts its input: a change of 133 bytes that claims 120
//! million operations costs 18 s inside `Change::from_bytes`, a compressed chunk
//! of 1 MB reaches 2 GB of memory, and neither can be stopped once it began. So
//! the framing and every column of a change are counted here first, with
//! checked arithmetic, in one pass over the bytes. Only raw change chunks pass:
//! no document, no compressed chunk, no bundle, no compressed column, and no
//! column or trailing bytes that this version does not know.
//!
//! What is not judged here: whether the operations make sense. The author is a
//! claim that the server compares with the device, and damage that only shows
//! inside Automerge is met by applying to a clone inside `catch_unwind`.

mod bytes;
mod columns;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::docs::ChangeHash;
use crate::guard::bytes::Cursor;
use crate::id::ActorId;
use crate::time::Timestamp;

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
    claimed_at: Timestamp,
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
    /// Holds a text or a byte string longer than a field may be.
    #[error("the change holds a value of {bytes} bytes, the limit is {limit}")]
    ValueTooLong {
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: usize,
    },
}

/// The first four bytes of every Automerge chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of a raw change.
const RAW_CHANGE: u8 = 1;

impl ScreenedChange {
    /// Screens the bytes of one change. Allocates nothing before a limit is checked.
    pub fn screen(bytes: &[u8], limits: &Limits) -> Result<Self, Rejection> {
        if bytes.len() > limits.change_bytes {
            return Err(Rejection::TooLong { bytes: bytes.len(), limit: limits.change_bytes });
        }
        let mut chunk = Cursor::new(bytes);
        if chunk.array::<4>()? != MAGIC {
            return malformed("it does not begin with the magic bytes");
        }
        let checksum = chunk.array::<4>()?;
        let hashed = chunk.rest();
        if chunk.array::<1>()? != [RAW_CHANGE] {
            return malformed("its chunk type is not 1");
        }
        let length = chunk.unsigned()?;
        if usize::try_from(length) != Ok(chunk.rest().len()) {
            return malformed("its length is not the length it states");
        }
        let hash = ChangeHash(Sha256::digest(hashed).into());
        if !hash.0.starts_with(&checksum) {
            return malformed("its checksum is wrong");
        }
        Self::screen_body(bytes, hash, chunk, limits)
    }

    fn screen_body(
        bytes: &[u8],
        hash: ChangeHash,
        mut body: Cursor<'_>,
        limits: &Limits,
    ) -> Result<Self, Rejection> {
        let dependencies = body.unsigned()?;
        let limit = limits.change_dependencies;
        if usize::try_from(dependencies).map_or(true, |count| count > limit) {
            return Err(Rejection::TooManyDependencies { dependencies, limit });
        }
        let mut deps = Vec::new();
        for _ in 0..dependencies {
            deps.push(ChangeHash(body.array()?));
        }
        if !deps.is_sorted_by(|a, b| a < b) {
            return malformed("its dependencies are not ascending");
        }
        let actor = actor(&mut body)?;
        let seq = body.unsigned()?;
        let start_op = body.unsigned()?;
        if seq == 0 || start_op == 0 {
            return malformed("it is numbered 0");
        }
        // A claim; any is good.
        let claimed_at = Timestamp::from_millis(body.signed()?);
        let message = body.unsigned()?;
        if std::str::from_utf8(body.value(message, limits)?).is_err() {
            return malformed("its message is not UTF-8");
        }
        let others = body.unsigned()?;
        if usize::try_from(others).map_or(true, |count| count > limits.document_actors) {
            return malformed("it names more actors than a document may have");
        }
        for _ in 0..others {
            actor_bytes(&mut body)?;
        }
        let operations = columns::screen(&mut body, others, limits)?;
        if !body.rest().is_empty() {
            return malformed("bytes follow its columns");
        }
        if start_op.checked_add(operations).is_none_or(|last| last > u64::from(u32::MAX)) {
            return malformed("its operations are numbered beyond 32 bits");
        }
        Ok(Self { bytes: bytes.to_vec(), hash, actor, seq, deps, claimed_at, operations })
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

    /// When it was written, as the device's clock claims.
    pub const fn claimed_at(&self) -> Timestamp {
        self.claimed_at
    }

    /// Operations it claims.
    pub const fn operations(&self) -> u64 {
        self.operations
    }
}

const fn malformed<T>(reason: &'static str) -> Result<T, Rejection> {
    Err(Rejection::Malformed { reason })
}

fn actor_bytes(body: &mut Cursor<'_>) -> Result<[u8; 16], Rejection> {
    if body.unsigned()? != 16 {
        return malformed("an actor does not have 16 bytes");
    }
    body.array()
}

fn actor(body: &mut Cursor<'_>) -> Result<ActorId, Rejection> {
    actor_bytes(body).map(ActorId::from_bytes)
}
