use serde::{Deserialize, Serialize};

use crate::rules::units::{BasisPoints, Percent};

/// When a customer is in danger (R1 to R3). The guides name the causes; the numbers
/// are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskPolicy {
    /// Yellow: an instalment overdue for so many days or more (R1).
    pub overdue_days: u32,
    /// Yellow: so many complaints or more … (R1)
    pub complaints: u32,
    /// … within so many days.
    pub complaint_days: u32,
    /// Red: so many signals of churn at once; one alone is yellow (R2).
    pub red_signals: u32,
    /// Signal: no effective visit for more than so many of the tier's intervals.
    pub visit_intervals: u32,
    /// Signal: no order for more than this share of the customer's own median gap …
    pub order_gap: Percent,
    /// … where there were so many orders or more, …
    pub order_min: u32,
    /// … or for more than so many days.
    pub order_days: u32,
    /// Signal: the last answer is this or lower.
    pub score_at_most: u32,
    /// Signal: a complaint open for more than so many days.
    pub complaint_open_days: u32,
    /// Signal: an instalment overdue for more than so many days.
    pub long_overdue_days: u32,
    /// Signal: a stage regression, and a competitor seen within so many days.
    pub competitor_days: u32,
    /// A level drops when its cause has been gone for so many days (R3).
    pub hold_days: u32,
    /// How far back history is told.
    pub history_days: u32,
}

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            overdue_days: 1,
            complaints: 3,
            complaint_days: 30,
            red_signals: 2,
            visit_intervals: 2,
            order_gap: Percent(BasisPoints(15_000)),
            order_min: 3,
            order_days: 180,
            score_at_most: 6,
            complaint_open_days: 7,
            long_overdue_days: 30,
            competitor_days: 90,
            hold_days: 7,
            history_days: 90,
        }
    }
}
