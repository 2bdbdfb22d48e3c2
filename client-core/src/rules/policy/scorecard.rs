use serde::{Deserialize, Serialize};

use crate::records::Metric;
use crate::rules::units::Percent;

/// How the score is put together (F14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScorecardPolicy {
    /// Points of the result indicators; with `process_weight` 100.
    pub result_weight: u32,
    /// Points of the process indicators.
    pub process_weight: u32,
    /// An attainment counts at most this.
    pub cap: Percent,
    /// And at least this.
    pub floor: Percent,
    /// Where the weight of an indicator goes that does not apply.
    pub not_applicable: NotApplicablePolicy,
    /// What amounts count.
    pub count: CountPolicy,
    /// The indicators, in the order of the card.
    pub indicators: Vec<IndicatorRule>,
}

impl ScorecardPolicy {
    /// The weight of `group`.
    pub const fn weight(&self, group: Group) -> u32 {
        match group {
            Group::Result => self.result_weight,
            Group::Process => self.process_weight,
        }
    }
}

/// Where the weight of an indicator goes that does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotApplicablePolicy {
    /// To the others of its group, or to the other group.
    Redistribute,
    /// Nowhere: it scores 0.
    Zero,
}

/// Whether what reps typed counts, or only what a business system confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountPolicy {
    /// As the rep claims it.
    Claimed,
    /// As confirmed by an order or payment record.
    Confirmed,
}

/// Result or process (S1: 60/40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What came out.
    Result,
    /// What was done for it.
    Process,
}

impl Group {
    /// Both, in the order of the card.
    pub const ALL: [Self; 2] = [Self::Result, Self::Process];
}

/// An indicator on the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorRule {
    /// Of what.
    pub metric: Metric,
    /// Result or process.
    pub group: Group,
    /// Its weight inside the group; a group's weights sum to the group's.
    pub weight: u32,
    /// Which way is better.
    #[serde(default)]
    pub better: Better,
    /// The target where no target record names one, in the metric's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_target: Option<i64>,
    /// An attainment below this scores 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Percent>,
    /// An attainment below this makes its whole group score 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Percent>,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Attainment is actual ÷ target.
    #[default]
    Higher,
    /// Attainment is target ÷ actual.
    Lower,
}

/// When a pace is out of bounds (F12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacePolicy {
    /// Below this it is too slow; exactly this is not.
    pub low: Percent,
    /// Above this the target was too small; exactly this is not.
    pub high: Percent,
}
