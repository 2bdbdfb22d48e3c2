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

pub(crate) mod bytes;
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
    /// Dependencies of one change. More than a document has actors: each of them may have
    /// written without seeing the others, and the next change names all of that.
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
            change_dependencies: 256,
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
    /// Not a raw change chunk with the right checksum.
    #[error("not a raw change: {reason}")]
    Malformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// Claims more of something than allowed.
    #[error("the change claims {claimed} {what}, the limit is {limit}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many, counted until the limit was passed.
        claimed: u64,
        /// The limit.
        limit: u64,
    },
}

impl Rejection {
    const fn unless_within(what: &'static str, claimed: u64, limit: u64) -> Result<(), Self> {
        if claimed > limit { Err(Self::TooMuch { what, claimed, limit }) } else { Ok(()) }
    }
}

/// The first four bytes of every Automerge chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of a raw change.
const RAW_CHANGE: u8 = 1;

impl ScreenedChange {
    /// Screens the bytes of one change. Allocates nothing before a limit is checked.
    pub fn screen(bytes: &[u8], limits: &Limits) -> Result<Self, Rejection> {
        Rejection::unless_within("bytes", bytes.len() as u64, limits.change_bytes as u64)?;
        let mut body = Cursor::new(bytes);
        let (magic, checksum) = (body.array::<4>()?, body.array::<4>()?);
        ensure(magic == MAGIC, "it does not begin with the magic bytes")?;
        let hash = ChangeHash(Sha256::digest(body.rest()).into());
        ensure(body.array()? == [RAW_CHANGE], "its chunk type is not 1")?;
        let length = body.unsigned()?;
        ensure(length == body.rest().len() as u64, "its length is not the length it states")?;
        ensure(hash.0.starts_with(&checksum), "its checksum is wrong")?;
        let dependencies = body.unsigned()?;
        let limit = limits.change_dependencies as u64;
        Rejection::unless_within("dependencies", dependencies, limit)?;
        let deps = (0..dependencies).map(|_| body.array().map(ChangeHash));
        let deps: Vec<_> = deps.collect::<Result<_, _>>()?;
        ensure(deps.is_sorted_by(|a, b| a < b), "its dependencies are not ascending")?;
        let actor = actor(&mut body)?;
        let (seq, start_op) = (body.unsigned()?, body.unsigned()?);
        ensure(seq > 0 && start_op > 0, "it is numbered 0")?;
        let claimed_at = Timestamp::from_millis(body.signed()?);
        let _message = body.text(limits.text_bytes)?;
        let others = body.unsigned()?;
        Rejection::unless_within("actors", others, limits.document_actors as u64)?;
        for _ in 0..others {
            let _named = self::actor(&mut body)?;
        }
        let operations = columns::screen(&mut body, others, limits)?;
        ensure(body.rest().is_empty(), "bytes follow its columns")?;
        let last = start_op.saturating_add(operations);
        ensure(last <= u64::from(u32::MAX), "its operations are numbered beyond 32 bits")?;
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

const fn ensure(holds: bool, reason: &'static str) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::Malformed { reason }) }
}

fn actor(body: &mut Cursor<'_>) -> Result<ActorId, Rejection> {
    ensure(body.unsigned()? == 16, "an actor does not have 16 bytes")?;
    body.array().map(ActorId::from_bytes)
}
