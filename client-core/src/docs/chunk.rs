//! The chunks that a stored history consists of.
//!
//! What is stored and sent of a document is either Automerge's save format, or the
//! raw changes one after another, or one followed by the other; genesis is known and
//! left out. A document of one change is the common case by far, and its change alone
//! is a tenth shorter than its save format on the wire, because the latter names its
//! heads: 32 bytes that nothing compresses and that the change's own bytes give.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::docs::ChangeHash;
use crate::guard::bytes::Cursor;

/// The first four bytes of every Automerge chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// A raw change.
pub(crate) const CHANGE: u8 = 1;

/// One chunk, framing read and nothing checked yet.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'b> {
    /// What it holds.
    pub(crate) kind: u8,
    /// All of it.
    pub(crate) bytes: &'b [u8],
    /// What follows the framing.
    pub(crate) body: &'b [u8],
    checksum: [u8; 4],
    hashed: &'b [u8],
}

impl Chunk<'_> {
    /// The hash of a change; `None` if the checksum says that bytes are damaged.
    pub(crate) fn hash(&self) -> Option<ChangeHash> {
        let hash: [u8; 32] = Sha256::digest(self.hashed).into();
        hash.starts_with(&self.checksum).then_some(ChangeHash(hash))
    }
}

/// Every chunk of `bytes`; `None` where they end in the middle of one.
pub(crate) fn chunks(bytes: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut cursor = Cursor::new(rest);
        if cursor.array::<4>().ok()? != MAGIC {
            return None;
        }
        let checksum = cursor.array::<4>().ok()?;
        let hashed = cursor.rest();
        let [kind] = cursor.array::<1>().ok()?;
        let length = cursor.unsigned().ok()?;
        let body = cursor.slice(length).ok()?;
        let after = cursor.rest();
        let hashed = hashed.get(..hashed.len() - after.len())?;
        let bytes = rest.get(..rest.len() - after.len())?;
        found.push(Chunk { kind, bytes, body, checksum, hashed });
        rest = after;
    }
    Some(found)
}

/// The heads of a history as it is stored and sent, without loading it: what its save
/// format names, and the changes after it that nothing builds on. Empty for bytes that
/// are no history.
pub fn heads_of(history: &[u8]) -> Vec<ChangeHash> {
    let read = || {
        let mut heads = BTreeSet::new();
        for chunk in chunks(history)? {
            let mut cursor = Cursor::new(chunk.body);
            if chunk.kind == CHANGE {
                for _dep in 0..cursor.unsigned().ok()? {
                    heads.remove(&ChangeHash(cursor.array().ok()?));
                }
                heads.insert(ChangeHash(Sha256::digest(chunk.hashed).into()));
                continue;
            }
            for _actor in 0..cursor.unsigned().ok()? {
                let length = cursor.unsigned().ok()?;
                cursor.slice(length).ok()?;
            }
            for _head in 0..cursor.unsigned().ok()? {
                heads.insert(ChangeHash(cursor.array().ok()?));
            }
        }
        Some(heads.into_iter().collect())
    };
    read().unwrap_or_default()
}

/// Whether a stored history is what was written: framing and checksums are right. A
/// flipped bit is found; whether the history is the right one, its heads say.
pub fn is_intact(history: &[u8]) -> bool {
    chunks(history).is_some_and(|chunks| {
        !chunks.is_empty() && chunks.iter().all(|chunk| chunk.hash().is_some())
    })
}
