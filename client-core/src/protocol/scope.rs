//! Scopes: the few static channels that documents and records are members of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::docs::{Generation, Heads};
use crate::id::{DocId, UnitId, UserId};

/// A channel of the feed. Users hold tens of scopes, never thousands.
///
/// As text `org`, `unit/<id>`, `user/<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// What everybody in the org reads.
    #[serde(rename = "o")]
    Org,
    /// What belongs to a unit.
    #[serde(rename = "n")]
    Unit(UnitId),
    /// What belongs to a person.
    #[serde(rename = "u")]
    User(UserId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Org => f.write_str("org"),
            Self::Unit(unit) => write!(f, "unit/{unit}"),
            Self::User(user) => write!(f, "user/{user}"),
        }
    }
}

/// The text was no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a scope: expected org, unit/<id> or user/<id>")]
pub struct ParseScopeError {
    /// What was given.
    pub text: String,
}

impl FromStr for Scope {
    type Err = ParseScopeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text.split_once('/') {
            None if text == "org" => Some(Self::Org),
            Some(("unit", id)) => id.parse().ok().map(Self::Unit),
            Some(("user", id)) => id.parse().ok().map(Self::User),
            _ => None,
        };
        parsed.ok_or_else(|| ParseScopeError { text: text.to_owned() })
    }
}

/// How many documents a scope holds and what they amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDigest {
    /// The scope.
    #[serde(rename = "s")]
    pub scope: Scope,
    /// Documents in it.
    #[serde(rename = "n")]
    pub count: u64,
    /// The wrapping 128-bit sum of [`ScopeDigest::term`] over its documents, big-endian.
    #[serde(rename = "h", with = "serde_bytes")]
    pub digest: [u8; 16],
}

impl ScopeDigest {
    /// An empty scope.
    pub const fn empty(scope: Scope) -> Self {
        Self { scope, count: 0, digest: [0; 16] }
    }

    /// One document's share of the digest: the first 16 bytes of SHA-256 over
    /// id, generation and heads. A sum, so that a commit can maintain it by
    /// subtracting the old share and adding the new one.
    pub fn term(doc: DocId, generation: Generation, heads: &Heads) -> u128 {
        let mut hash = Sha256::new();
        hash.update(doc.as_bytes());
        hash.update(generation.0.to_be_bytes());
        hash.update(heads.to_bytes());
        let digest = hash.finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        u128::from_be_bytes(bytes)
    }

    /// Adds a document.
    #[must_use]
    pub fn plus(self, term: u128) -> Self {
        let sum = u128::from_be_bytes(self.digest).wrapping_add(term);
        Self { count: self.count + 1, digest: sum.to_be_bytes(), ..self }
    }

    /// Removes a document that was added before.
    #[must_use]
    pub fn minus(self, term: u128) -> Self {
        let sum = u128::from_be_bytes(self.digest).wrapping_sub(term);
        Self { count: self.count.saturating_sub(1), digest: sum.to_be_bytes(), ..self }
    }
}
