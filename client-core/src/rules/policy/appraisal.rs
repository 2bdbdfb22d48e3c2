use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What ratings weigh in an appraisal (F15, S2 团队协作, 销售技能). None weighs anything
/// unless the org says so, so that 60/40 holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppraisalPolicy {
    /// Percent of the whole, by family: `teamwork = 10`. At most 100 together.
    #[serde(default)]
    pub ratings: BTreeMap<String, u32>,
}

impl AppraisalPolicy {
    /// Whether the score alone counts.
    pub fn is_empty(&self) -> bool {
        self.ratings.is_empty()
    }
}
