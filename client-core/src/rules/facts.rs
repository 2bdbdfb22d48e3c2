//! What the rules may look at.
//!
//! A score is disputed when two machines computed it from different things. So
//! the rules read nothing but [`Facts`]: plain values gathered by one builder
//! ([`Facts::for_rep`]) from rows that both the rep's phone and the server hold,
//! sorted and without duplicates. Equal [`Facts::digest`] on both sides means
//! equal outcomes; unequal digests can be explained fact by fact, because each
//! carries its document id and heads.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::docs::customer::CustomerState;
use crate::docs::deal::DealOutcome;
use crate::docs::visit::{Check, Fix, Outcome, VisitMode, VisitState};
use crate::docs::{Header, Heads, Hydrated, Problem};
use crate::geo::Point;
use crate::id::{DocId, RecordId, UserId};
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::records::{CalendarRecord, Metric, Tier, VoidRecord};
use crate::time::{Date, Timestamp};

/// Everything the rules look at for one rep and one period.
///
/// Made by [`Facts::for_rep`], which documents what is included. The rep's name
/// is not a fact: renaming a person changes no score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Whose.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// The org's currency; amounts in another are excluded, never converted.
    pub currency: Currency,
    /// Working days and the zone.
    pub calendar: CalendarRecord,
    /// Visits, by document id.
    pub visits: Vec<VisitFact>,
    /// Customers, by document id.
    pub customers: Vec<CustomerFact>,
    /// Deals credited to the rep, by document id.
    pub deals: Vec<DealFact>,
    /// The rep's targets, by record id.
    pub targets: Vec<TargetFact>,
    /// Rulings on visits, by visit; the latest of each.
    pub decisions: Vec<Decision>,
    /// Signals on visits, by visit and code.
    pub signals: Vec<Signal>,
}

/// A document at the heads it was read at: what a figure is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactRef {
    /// The document.
    pub doc: DocId,
    /// Its heads.
    pub heads: Heads,
}

/// A visit as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitFact {
    /// The visit.
    pub doc: DocId,
    /// Its heads.
    pub heads: Heads,
    /// Who logged it.
    pub author: UserId,
    /// Whom it went to.
    pub customer: Option<DocId>,
    /// The customer's name as the visit copied it.
    pub customer_name: Option<String>,
    /// How contact was made.
    pub mode: Option<VisitMode>,
    /// Start, by the phone's clock.
    pub started_at: Option<Timestamp>,
    /// End, by the phone's clock.
    pub ended_at: Option<Timestamp>,
    /// Arrival.
    pub check_in: Option<CheckFact>,
    /// Departure.
    pub check_out: Option<CheckFact>,
    /// What came out of it.
    pub outcome: Option<Outcome>,
    /// Whether there is any text: a result in words.
    pub has_text: bool,
    /// Whether a next step or an explicit "none" was set.
    pub has_next_step: bool,
    /// Submitted, by the phone's clock.
    pub submitted_at: Option<Timestamp>,
    /// Colleagues who came along, ascending.
    pub co_visitors: Vec<UserId>,
    /// Deals spoken about, ascending.
    pub deals: Vec<DocId>,
    /// Something was written after submit outside amendments; not counted
    /// without review.
    pub edited_after_submit: bool,
}

impl VisitFact {
    /// What the rules see of a visit document.
    pub fn of(header: &Header, heads: &Heads, visit: &Hydrated<VisitState>) -> Self {
        let state = &visit.value;
        let check = |check: &Check| CheckFact { at: check.at.at, fix: check.fix.clone() };
        Self {
            doc: header.doc,
            heads: heads.clone(),
            author: header.author,
            customer: header.customer,
            customer_name: state.customer_name.clone(),
            mode: state.mode.clone(),
            started_at: state.started_at.as_ref().map(|captured| captured.at),
            ended_at: state.ended_at.as_ref().map(|captured| captured.at),
            check_in: state.check_in.as_ref().map(check),
            check_out: state.check_out.as_ref().map(check),
            outcome: state.outcome.clone(),
            has_text: state.result.as_ref().is_some_and(|text| !text.trim().is_empty()),
            has_next_step: state.next_step.is_some(),
            submitted_at: state.submitted_at.as_ref().map(|captured| captured.at),
            co_visitors: state.co_visitors.keys().copied().collect(),
            deals: state.deals.keys().copied().collect(),
            edited_after_submit: visit
                .faults
                .iter()
                .any(|fault| fault.problem == Problem::EditAfterSubmit),
        }
    }

    /// The business time: the start of the visit (DOMAIN A8, common rule 3).
    /// A message has no start of its own, so its submit time stands in.
    pub fn business_time(&self) -> Option<Timestamp> {
        self.start().or(self.submitted_at)
    }

    /// When contact began.
    pub fn start(&self) -> Option<Timestamp> {
        self.started_at.or(self.check_in.as_ref().map(|check| check.at))
    }

    /// When contact ended.
    pub fn end(&self) -> Option<Timestamp> {
        self.ended_at.or(self.check_out.as_ref().map(|check| check.at))
    }

    /// The visit at its heads.
    pub fn fact(&self) -> FactRef {
        FactRef { doc: self.doc, heads: self.heads.clone() }
    }
}

/// A check-in or check-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFact {
    /// When, by the phone's clock.
    pub at: Timestamp,
    /// Where, if there was a fix.
    pub fix: Option<Fix>,
}

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

/// A deal credited to the rep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealFact {
    /// The deal.
    pub doc: DocId,
    /// Its heads.
    pub heads: Heads,
    /// The customer.
    pub customer: Option<DocId>,
    /// The stage now.
    pub stage: Option<String>,
    /// Entries into stages, by time.
    pub stages: Vec<StageFact>,
    /// Won or lost.
    pub outcome: Option<DealOutcome>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Its amount.
    pub amount: Option<Money>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

impl DealFact {
    /// The deal at its heads.
    pub fn fact(&self) -> FactRef {
        FactRef { doc: self.doc, heads: self.heads.clone() }
    }
}

/// An entry into a stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StageFact {
    /// When.
    pub at: Timestamp,
    /// The stage's code.
    pub stage: String,
}

/// A target of the rep's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFact {
    /// The record.
    pub id: RecordId,
    /// Of what.
    pub metric: Metric,
    /// For when.
    pub period: Period,
    /// How much.
    pub value: i64,
    /// In force for reps from this day on.
    pub published_on: Option<Date>,
}

/// A supervisor's ruling on a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The visit.
    pub visit: DocId,
    /// What was ruled.
    pub ruling: Ruling,
    /// When.
    pub at: Timestamp,
}

impl Decision {
    /// What voided visits amount to for the rules.
    pub fn of_voids<'a>(voids: impl IntoIterator<Item = &'a VoidRecord>) -> Vec<Self> {
        let standing = voids.into_iter().filter(|void| void.in_force());
        standing.map(|void| Self { visit: void.visit, ruling: Ruling::Void, at: void.at }).collect()
    }
}

/// What a supervisor may rule about a visit under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It counts.
    Accept,
    /// It does not.
    Reject,
    /// Somebody took it out of the count, with a reason.
    Void,
}

/// A doubt about a visit that only the server could see (DOMAIN R13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The visit.
    pub visit: DocId,
    /// Which signal: `s_mock`, `s_photo`, …
    pub code: String,
    /// Nobody has settled it yet.
    pub open: bool,
}

impl Facts {
    /// The facts as canonical CBOR: fields in their declared order, lists sorted.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::canonical::bytes(self)
    }

    /// SHA-256 of [`Facts::to_bytes`].
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }
}
