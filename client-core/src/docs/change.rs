//! Hashes and heads, in our own types so that no caller needs Automerge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The hash that names a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

impl ChangeHash {
    /// The hash whose bytes are `slice`, if there are 32 of them.
    pub fn from_slice(slice: &[u8]) -> Option<Self> {
        slice.try_into().ok().map(Self)
    }
}

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The text names no change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no change: it is 64 hexadecimal digits")]
pub struct ParseChangeHashError {
    /// What was given.
    pub text: String,
}

impl FromStr for ChangeHash {
    type Err = ParseChangeHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let hash = bytes.as_deref().and_then(Self::from_slice);
        hash.ok_or_else(|| ParseChangeHashError { text: text.to_owned() })
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash({self})")
    }
}

impl Serialize for ChangeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for ChangeHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(serde::de::Error::custom)?
        } else {
            serde_bytes::ByteBuf::deserialize(deserializer)?.into_vec()
        };
        Self::from_slice(&bytes)
            .ok_or_else(|| serde::de::Error::invalid_length(bytes.len(), &"32 bytes"))
    }
}

/// The heads of a document: the hashes nothing known builds on, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heads(Vec<ChangeHash>);

impl Heads {
    /// Heads from hashes in any order.
    pub fn new(mut hashes: Vec<ChangeHash>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    /// The hashes, ascending.
    pub fn as_slice(&self) -> &[ChangeHash] {
        &self.0
    }

    /// All hashes one after another, for storing in one column.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.0).collect()
    }

    /// The reverse of [`Heads::to_bytes`]; `None` if the length is no multiple of 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| Self::new(hashes.iter().map(|hash| ChangeHash(*hash)).collect()))
    }

    /// The first 16 bytes of SHA-256 over the heads: the link that a submitted
    /// visit embeds to prove what its device had seen of the customer.
    pub fn prefix(&self) -> [u8; 16] {
        let digest = Sha256::digest(self.to_bytes());
        let mut prefix = [0; 16];
        prefix.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        prefix
    }
}
