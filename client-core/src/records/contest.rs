use serde::{Deserialize, Serialize};

use crate::id::{DocId, RecordId, UserId};
use crate::period::Period;
use crate::records::Approval;
use crate::time::Timestamp;

/// A rep does not agree with a line of their card. Reason, evidence and answer stay
/// with the figure as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestRecord {
    /// The objection: the id of the command that brought it.
    pub id: RecordId,
    /// Whose card.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// The line: the indicator's code.
    pub line: String,
    /// SHA-256 of the outcome that the rep looked at.
    #[serde(with = "serde_bytes")]
    pub outcome_digest: [u8; 32],
    /// The points of the line there, in hundredths.
    pub centipoints: Option<i64>,
    /// Why it is wrong.
    pub reason: String,
    /// Visits, deals, customers or cases that show it.
    pub evidence: Vec<DocId>,
    /// When, by the rep's clock.
    pub at: Timestamp,
    /// What was answered; none while it waits. A yes says that the facts will be put
    /// right: no answer changes a figure by itself.
    pub answer: Option<Approval>,
}
