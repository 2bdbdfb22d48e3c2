use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::period::Period;
use crate::records::Metric;
use crate::time::Date;

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
