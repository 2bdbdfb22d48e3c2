use serde::{Deserialize, Serialize};

use crate::id::{DocId, ItemId, RecordId};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// A signed contract with what is due when, as the office has it on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// The contract.
    pub id: RecordId,
    /// With whom.
    pub customer: DocId,
    /// The deal it came from, if that is known.
    pub deal: Option<DocId>,
    /// The number on the paper.
    pub reference: Option<String>,
    /// Approval was asked for (S1 approval cycle).
    pub asked_on: Option<Date>,
    /// Approved.
    pub approved_on: Option<Date>,
    /// Signed: the callback is due from here (S1 seven days).
    pub signed_on: Date,
    /// How much.
    pub amount: Money,
    /// What is due when, in order of the days.
    pub instalments: Vec<InstalmentTerm>,
    /// Ended before its time.
    pub cancelled_on: Option<Date>,
    /// When it turned out to be no contract of theirs at all; it counts if absent.
    pub withdrawn_at: Option<Timestamp>,
}

/// Money that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalmentTerm {
    /// What payments name it by.
    pub id: ItemId,
    /// Due on.
    pub due_on: Date,
    /// How much.
    pub amount: Money,
}

impl ContractRecord {
    /// Whether it is a contract at all.
    pub const fn counts(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}
