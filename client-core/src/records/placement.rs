use serde::{Deserialize, Serialize};

use crate::docs::DocKind;
use crate::id::{DocId, UnitId, UserId};
use crate::time::Timestamp;

/// Customer tier (S1, S3): A core, B potential, C maintenance. Never the same
/// field as a lead's grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Core.
    A,
    /// Potential.
    B,
    /// Maintenance.
    C,
}

impl Tier {
    /// A, B, C.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }

    /// The tier with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == code)
    }
}

/// Who holds a customer or deal, and who held it before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementRecord {
    /// The customer or deal.
    pub subject: DocId,
    /// Which of the two.
    pub kind: DocKind,
    /// Every placement, oldest first; spans touch and never overlap.
    pub spans: Vec<Placement>,
    /// Set when a deal is won or lost: the credit stays with that owner.
    pub credit: Option<UserId>,
}

/// One span of holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// From this instant, inclusive.
    pub from: Timestamp,
    /// Until this instant, exclusive; open if absent.
    pub until: Option<Timestamp>,
    /// The owner.
    pub owner: UserId,
    /// Reps who work on it too.
    pub collaborators: Vec<UserId>,
    /// The owner's unit.
    pub unit: UnitId,
    /// The customer's tier; absent for deals and for customers not tiered yet.
    pub tier: Option<Tier>,
}

impl PlacementRecord {
    /// The placement in force at `at`.
    pub fn at(&self, at: Timestamp) -> Option<&Placement> {
        self.spans
            .iter()
            .rev()
            .find(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }

    /// The latest placement.
    pub fn current(&self) -> Option<&Placement> {
        self.spans.last()
    }
}
