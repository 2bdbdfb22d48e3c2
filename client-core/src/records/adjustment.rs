use serde::{Deserialize, Serialize};

use crate::id::{RecordId, UserId};
use crate::records::TargetLevel;
use crate::time::Timestamp;

/// A request to change a target, and what was decided (S4 目标动态调整: only after
/// approval).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentRecord {
    /// The request: the id of the command that brought it.
    pub id: RecordId,
    /// The target.
    pub target: RecordId,
    /// Whose target it is.
    pub level: TargetLevel,
    /// Its value when the request was received.
    pub was: i64,
    /// The value asked for, in the metric's unit.
    pub wanted: i64,
    /// Why.
    pub reason: String,
    /// Who asks; nobody where the command line did.
    pub by: Option<UserId>,
    /// When, by the asker's clock.
    pub at: Timestamp,
    /// What was decided; none while it waits.
    pub answer: Option<Approval>,
}

/// A yes or a no to a request, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Yes.
    pub approved: bool,
    /// By whom; nobody where the command line did.
    pub by: Option<UserId>,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What the decider has to say.
    pub note: Option<String>,
}
