use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::Heads;
use crate::docs::deal::{DealOutcome, LeadGrade, Priority};
use crate::id::DocId;
use crate::money::Money;
use crate::time::{Date, Timestamp};

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
    /// Lead grade (S0).
    pub grade: Option<LeadGrade>,
    /// When it was graded.
    pub graded_at: Option<Timestamp>,
    /// P1 to P3 (S3).
    pub priority: Option<Priority>,
    /// A competitor is in it.
    pub competitor: bool,
    /// Milestones that were reached, by what they are, with the day (S1: the report
    /// that a stage asks for is one).
    pub milestones: Vec<MilestoneFact>,
    /// Milestones that are to be reached by a day (S3 阶段性跟进节点).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<AwaitedFact>,
}

impl DealFact {
    /// An open deal of which nothing more is known.
    pub const fn new(doc: DocId, heads: Heads) -> Self {
        Self {
            doc,
            heads,
            customer: None,
            stage: None,
            stages: Vec::new(),
            outcome: None,
            decided_at: None,
            amount: None,
            created_at: None,
            grade: None,
            graded_at: None,
            priority: None,
            competitor: false,
            milestones: Vec::new(),
            awaited: Vec::new(),
        }
    }

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

/// A milestone of a deal that was reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MilestoneFact {
    /// What.
    pub what: String,
    /// On.
    pub done_on: Date,
}

/// A milestone of a deal that is to be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AwaitedFact {
    /// By.
    pub due_on: Date,
    /// What; empty where nobody said it.
    pub what: String,
}
