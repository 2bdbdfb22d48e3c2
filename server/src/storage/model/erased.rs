//! What erasing and deciding work with.

use client_core::docs::{
    ChangeHash, Conflict, ConflictLabel, DocKind, Generation, Redaction, Things,
};
use client_core::id::{DocId, UserId};
use client_core::records::UserRecord;
use client_core::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

use super::{DocCommit, ExternalKind, SetAside};
use crate::storage::lists::{Window, Within};

/// A document at the beginning of a generation.
#[derive(Debug, Clone)]
pub struct NewGeneration {
    /// Its first changes and the state they come to, on top of the last revision.
    pub commit: DocCommit,
    /// Where the things of the history were that ends.
    pub things: Things,
    /// Something was erased: what names the document elsewhere goes too.
    pub erased: bool,
    /// Of which generation the history was in the life of the data that began it, where it
    /// came back from there.
    pub came_back: Option<Generation>,
    /// What was written on the history that ends and does not fit into the one that begins:
    /// it waits before a person from the same commit on.
    pub aside: Vec<SetAside>,
}

/// A document of which something was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedactedDoc {
    /// Which.
    pub doc: DocId,
    /// What its histories leave out since.
    pub redaction: Redaction,
    /// The generation that began by it.
    pub generation: Generation,
}

/// What stands in the place of a former user's account.
#[derive(Debug, Clone)]
pub struct ErasedAccount {
    /// The public record, without name.
    pub user: UserRecord,
    /// A login that nobody had.
    pub login: String,
    /// A hash that no password has.
    pub password: String,
}

/// What a file calls something that was erased, under a key that is the org's alone: who
/// reads it learns nothing, and who has the name can ask whether it was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErasedKey(pub [u8; 32]);

impl ErasedKey {
    /// The hash of what `source` calls a thing of a kind; an empty source stands for what
    /// anybody calls it, such as its name. Case and space around do not matter.
    pub fn of(secret: &[u8; 32], source: &str, kind: ExternalKind, key: &str) -> Self {
        let mut hash = [0; 32];
        // A key of any length will do for HMAC, so this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else {
            return Self(hash);
        };
        mac.update(b"fieldsync erased 1");
        for part in [source, kind.as_str(), key.trim().to_lowercase().as_str()] {
            mac.update(&part.len().to_be_bytes());
            mac.update(part.as_bytes());
        }
        hash.copy_from_slice(&mac.finalize().into_bytes());
        Self(hash)
    }
}

impl Serialize for ErasedKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&ChangeHash(self.0))
    }
}

impl<'de> Deserialize<'de> for ErasedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash: ChangeHash = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(hash.0))
    }
}

/// Which conflicts; newest first.
#[derive(Debug, Clone)]
pub struct ConflictAsk {
    /// Same field, or different ones.
    pub label: ConflictLabel,
    /// What the reader may see.
    pub within: Within,
    /// Only of this document.
    pub doc: Option<DocId>,
    /// Only of this kind.
    pub kind: Option<DocKind>,
    /// Which of them.
    pub window: Window,
}

/// A conflict with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// The document.
    pub doc: DocId,
    /// Its kind.
    pub kind: DocKind,
    /// Its author.
    pub author: UserId,
    /// The customer that it follows, as lists show it; none for customers and plans.
    pub customer: Option<DocId>,
    /// The latest of the times at which one of the values was written.
    pub at: Timestamp,
    /// The field and its values.
    pub conflict: Conflict,
}
