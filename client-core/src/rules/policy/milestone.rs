use serde::{Deserialize, Serialize};

use crate::records::Metric;
use crate::rules::units::Percent;

/// A milestone of the year (R15, S3 季度里程碑): by the end of a quarter so much of the
/// year's target is to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneRule {
    /// The quarter, 1 to 4.
    pub quarter: u32,
    /// Of what.
    pub metric: Metric,
    /// At least this share of the year's target.
    pub share: Percent,
}
