use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::visit::{
    Check, Fix, NextStep, Outcome, PlannedRef, Purpose, VisitMode, VisitState,
};
use crate::docs::{Header, Heads, Hydrated, Problem};
use crate::id::{DocId, UserId};
use crate::time::{Date, Timestamp};

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
    /// What it was for.
    pub purpose: Option<Purpose>,
    /// When the next step is due.
    pub next_step_due: Option<Date>,
    /// The stop of a day plan that it fulfils, as the rep said.
    pub planned: Option<PlannedRef>,
    /// A competitor was seen there.
    pub competitor_seen: bool,
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
            purpose: state.purpose.clone(),
            next_step_due: match &state.next_step {
                Some(NextStep::Do { due, .. }) => *due,
                Some(NextStep::None) | None => None,
            },
            planned: state.planned,
            competitor_seen: !state.competitors.is_empty(),
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
