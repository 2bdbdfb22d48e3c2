//! Customers that look alike and are two.

use client_core::id::{DocId, UserId};
use client_core::time::Timestamp;

/// Two customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerPair {
    one: DocId,
    other: DocId,
}

impl CustomerPair {
    /// The pair of two customers, whichever is named first; none of one with itself.
    pub fn of(one: DocId, other: DocId) -> Option<Self> {
        (one != other).then(|| Self { one: one.min(other), other: one.max(other) })
    }

    /// The one with the lesser id.
    pub const fn one(self) -> DocId {
        self.one
    }

    /// The other.
    pub const fn other(self) -> DocId {
        self.other
    }
}

/// That somebody said of two customers that they are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSame {
    /// Which.
    pub pair: CustomerPair,
    /// When.
    pub at: Timestamp,
    /// Who; none for the command line.
    pub by: Option<UserId>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
}
