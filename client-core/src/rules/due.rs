//! F5: which customer is due for a visit?

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::records::Tier;
use crate::time::Date;

/// A customer's visit due status. The order is the agenda's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueStatus {
    /// More than the interval has passed.
    Overdue,
    /// Never visited, and known for longer than one interval.
    Never,
    /// The follow-up share of the interval has passed.
    FollowUp,
    /// Nothing to do yet.
    OnTrack,
    /// No frequency rule asks for visits.
    NoRule,
    /// The scope is not complete on this device, so nothing may be derived from
    /// what is missing.
    Unknown,
}

/// A customer in the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The customer.
    pub customer: DocId,
    /// Its tier.
    pub tier: Option<Tier>,
    /// The status: the most urgent of its rules'.
    pub status: DueStatus,
    /// The day of the last visit that counts for that rule.
    pub last_visit: Option<Date>,
    /// Days since that visit, or since the customer is known.
    pub days: Option<i64>,
    /// Required visits of that rule per its period.
    pub required: Option<u32>,
    /// Nominal days of that rule's period; the interval is this ÷ `required`.
    pub nominal_days: Option<u32>,
    /// Position of that rule in the policy's list.
    pub rule: Option<u32>,
}
