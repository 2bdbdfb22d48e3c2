use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::customer::{CustomerState, Lifecycle};
use crate::docs::{Header, Heads, Hydrated};
use crate::geo::Point;
use crate::id::{DocId, UserId};
use crate::records::Tier;
use crate::time::Timestamp;

/// What the rules see of a customer document; whose it is, placements say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerSeen {
    /// The customer.
    pub doc: DocId,
    /// Who made it.
    pub author: UserId,
    /// Its heads.
    pub heads: Heads,
    /// Its name.
    pub name: Option<String>,
    /// When it was made, by the phone's clock.
    pub created_at: Option<Timestamp>,
    /// Where it is.
    pub position: Option<Point>,
    /// Lifecycle phase now.
    pub lifecycle: Option<Lifecycle>,
    /// Its owner marked it "at risk" (R2).
    pub at_risk: bool,
}

impl CustomerSeen {
    /// What the rules see of a customer document.
    pub fn of(header: &Header, heads: &Heads, customer: &Hydrated<CustomerState>) -> Self {
        let state = &customer.value;
        Self {
            doc: header.doc,
            author: header.author,
            heads: heads.clone(),
            name: state.name.clone(),
            created_at: state.created_at,
            position: state.position.as_ref().map(|position| position.point),
            lifecycle: state.lifecycle.clone(),
            at_risk: state.at_risk == Some(true),
        }
    }
}

/// A customer the rep holds, works on, or held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFact {
    /// The customer.
    pub doc: DocId,
    /// Its heads; empty once the rep no longer holds it and only the closed
    /// placement is left on the phone.
    pub heads: Heads,
    /// Its name, while the rep holds it.
    pub name: Option<String>,
    /// Known to the company since: the earlier of its creation (while the rep
    /// holds it) and its first placement.
    pub known_since: Option<Timestamp>,
    /// Where it is, while the rep holds it.
    pub position: Option<Point>,
    /// Lifecycle phase now, while the rep holds it.
    pub lifecycle: Option<Lifecycle>,
    /// Its owner marked it "at risk" (R2).
    pub at_risk: bool,
    /// Spans in which this rep owned it, oldest first; none for a collaborator.
    pub owned: Vec<OwnedSpan>,
}

impl CustomerFact {
    /// The customer at its heads.
    pub fn fact(&self) -> FactRef {
        FactRef { doc: self.doc, heads: self.heads.clone() }
    }

    /// The span in which the rep owned it at `at`.
    pub fn owned_at(&self, at: Timestamp) -> Option<&OwnedSpan> {
        self.owned
            .iter()
            .rev()
            .find(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }

    /// The tier that a visit at `at` was made under. A visit may come just
    /// before the first span (the server places a new customer on receipt) or
    /// after the last (a farewell); the nearest span's tier holds then.
    pub fn tier_around(&self, at: Timestamp) -> Option<Tier> {
        let before = self.owned.iter().rev().find(|span| span.from <= at);
        before.or(self.owned.first()).and_then(|span| span.tier)
    }
}

/// A span in which the rep owned a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedSpan {
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, exclusive; open if absent.
    pub until: Option<Timestamp>,
    /// The customer's tier.
    pub tier: Option<Tier>,
}
