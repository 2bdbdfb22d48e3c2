//! The immutable header of a document.

use serde::{Deserialize, Serialize};

use crate::id::{DocId, OrgId, UserId};
use crate::time::Timestamp;

/// What a document is about. Decides its genesis, its fields and its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocKind {
    /// A company or shop that is visited.
    Customer,
    /// One contact with a customer, any mode.
    Visit,
    /// A lead or an opportunity.
    Deal,
    /// A rep's day.
    Plan,
    /// A complaint, an enquiry, a survey.
    Case,
}

impl DocKind {
    /// Every kind, in the order in which a first sync sends them. The place in it is
    /// stored: a new kind goes to the end.
    pub const ALL: [Self; 5] = [Self::Customer, Self::Plan, Self::Deal, Self::Visit, Self::Case];

    /// The stable code used in SQL and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Visit => "visit",
            Self::Deal => "deal",
            Self::Plan => "plan",
            Self::Case => "case",
        }
    }

    /// Whether documents of this kind are about a customer, whom their header names.
    pub const fn has_customer(self) -> bool {
        matches!(self, Self::Visit | Self::Deal | Self::Case)
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// How often a document's history was started anew (erasure, bad history, size).
/// Changes of an older generation are answered by a reset, never merged.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The one that begins `now`, by the server's clock: the seconds since 2020 began, and
    /// more than this one. A server that was restored does not know what its former life
    /// began anew, and must give no number that phones know as another history.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        /// 2020-01-01T00:00:00Z.
        const BEGINNING: Timestamp = Timestamp::from_millis(1_577_836_800_000);
        let by_clock = u32::try_from(now.since(BEGINNING) / 1_000).unwrap_or_default();
        Self(self.0.saturating_add(1).max(by_clock))
    }
}

/// The header travels in the push envelope and is stored at first receipt.
///
/// Scope and authority follow the header and the records, never a mutable field
/// inside the document: otherwise an edit could move a document out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Header {
    /// The document.
    #[serde(rename = "d")]
    pub doc: DocId,
    /// Its kind.
    #[serde(rename = "k")]
    pub kind: DocKind,
    /// The org it belongs to.
    #[serde(rename = "o")]
    pub org: OrgId,
    /// Who made it. For a plan, the rep whose day it is.
    #[serde(rename = "u")]
    pub author: UserId,
    /// The customer of a visit, deal or case; none for customers and plans.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<DocId>,
    /// Which history this is.
    #[serde(rename = "g", default)]
    pub generation: Generation,
}
