//! What a day plan says: three key tasks, stops, and the evening's report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::visit::HelpRequest;
use crate::id::{DocId, ItemId};
use crate::time::{CapturedAt, Date};

/// The state of a plan document. Its rep is the header's author.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanState {
    /// The day.
    pub date: Option<Date>,
    /// Key tasks (S1: three each morning).
    pub key_tasks: BTreeMap<ItemId, KeyTask>,
    /// Customers to visit.
    pub stops: BTreeMap<ItemId, Stop>,
    /// The evening's report.
    pub report: DailyReport,
    /// Help wanted.
    pub help_requests: BTreeMap<ItemId, HelpRequest>,
}

/// One of the day's key tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyTask {
    /// What.
    pub text: Option<String>,
    /// For which customer.
    pub customer: Option<DocId>,
    /// Done.
    pub done: Option<bool>,
    /// Position in the list.
    pub order: Option<i64>,
}

/// A planned visit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stop {
    /// Whom.
    pub customer: Option<DocId>,
    /// Position on the route.
    pub order: Option<i64>,
    /// What for.
    pub objective: Option<String>,
    /// The visit that fulfilled it.
    pub visit: Option<DocId>,
    /// Why it did not happen.
    pub skipped_reason: Option<String>,
}

/// The free texts of the daily report (S3); the counts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DailyReport {
    /// Progress of key projects.
    pub progress: Option<String>,
    /// Obstacles and resources wanted.
    pub obstacles: Option<String>,
    /// Why the day's target was missed (S1 evening recap).
    pub gap_reason: Option<String>,
    /// Submitted.
    pub submitted_at: Option<CapturedAt>,
}
