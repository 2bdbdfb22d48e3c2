use serde::{Deserialize, Serialize};

use crate::rules::units::Percent;

/// Targets and how they are split (R14).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetPolicy {
    /// The parts of a target may sum to so much more than the whole: a reserve against
    /// those that will be missed.
    pub over_assignment: Percent,
}
