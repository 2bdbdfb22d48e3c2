use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::plan::PlanState;
use crate::docs::{Header, Heads, Hydrated};
use crate::id::{DocId, ItemId, UserId};
use crate::time::{Date, Timestamp};

/// A rep's day: what was planned and what was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFact {
    /// The plan.
    pub fact: FactRef,
    /// Whose day.
    pub rep: UserId,
    /// The day.
    pub date: Date,
    /// Planned visits, by the stop's id.
    pub stops: Vec<StopFact>,
    /// Key tasks (S1).
    pub key_tasks: Vec<KeyTaskFact>,
    /// When the daily report was submitted, by the phone's clock.
    pub report_submitted_at: Option<Timestamp>,
}

/// A planned visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopFact {
    /// The stop in its plan.
    pub id: ItemId,
    /// Whom.
    pub customer: Option<DocId>,
    /// The visit that fulfilled it, as the rep said.
    pub visit: Option<DocId>,
    /// It was skipped, with a reason.
    pub skipped: bool,
}

/// One of the day's key tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTaskFact {
    /// The task in its plan.
    pub id: ItemId,
    /// For which customer.
    pub customer: Option<DocId>,
    /// Done.
    pub done: bool,
}

impl PlanFact {
    /// A plan as its document has it; none without a day.
    pub fn of(header: &Header, heads: &Heads, plan: &Hydrated<PlanState>) -> Option<Self> {
        let state = &plan.value;
        let said =
            |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        Some(Self {
            fact: FactRef { doc: header.doc, heads: heads.clone() },
            rep: header.author,
            date: state.date?,
            stops: state
                .stops
                .iter()
                .map(|(id, stop)| StopFact {
                    id: *id,
                    customer: stop.customer,
                    visit: stop.visit,
                    skipped: said(&stop.skipped_reason),
                })
                .collect(),
            key_tasks: state
                .key_tasks
                .iter()
                .filter(|(_id, task)| said(&task.text))
                .map(|(id, task)| KeyTaskFact {
                    id: *id,
                    customer: task.customer,
                    done: task.done == Some(true),
                })
                .collect(),
            report_submitted_at: state.report.submitted_at.as_ref().map(|captured| captured.at),
        })
    }
}
