use serde::{Deserialize, Serialize};

use crate::docs::{DocKind, Heads};
use crate::geo::Point;
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
    /// What whoever held it until the end is left with; written by the server when the
    /// span ends and somebody loses the customer by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_with: Option<Box<LeftWith>>,
}

/// A customer as it was when a span of holding ended.
///
/// A card of a month that is over looks at the customers of that time. Their documents
/// are with somebody else by now, and what became of them since is none of its business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftWith {
    /// The heads it was read at.
    pub heads: Heads,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was made, by the phone's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
}

impl Placement {
    /// Whether it is this person's: as owner, or beside the owner.
    pub fn names(&self, user: UserId) -> bool {
        self.owner == user || self.collaborators.contains(&user)
    }

    /// Everybody whose it is.
    pub fn people(&self) -> impl Iterator<Item = UserId> + '_ {
        std::iter::once(self.owner).chain(self.collaborators.iter().copied())
    }
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

    /// The record as it stood at `horizon`: what was decided for later is not in it. The
    /// first span is, whenever it began: before it nobody else held the thing.
    #[must_use]
    pub fn as_of(&self, horizon: Timestamp) -> Self {
        let begun = self.spans.iter().filter(|span| span.from <= horizon).cloned();
        let mut spans: Vec<Placement> = begun.collect();
        if spans.is_empty() {
            spans.extend(self.spans.first().cloned());
        }
        if let Some(last) = spans.last_mut().filter(|last| last.until.is_some_and(|u| horizon < u))
        {
            last.until = None;
        }
        Self { spans, ..self.clone() }
    }
}
