//! The policy: every number and choice of the rules, as data.
//!
//! The requirement guides disagree with one another (DOMAIN A7), so nothing of
//! theirs is in code. A policy is a TOML text: entered by a manager, stored as a
//! versioned record, quoted by the explanation screen. Where a value comes from a
//! guide, `[sources]` says which, under the value's key.

mod appraisal;
mod bounds;
pub(crate) mod clock;
mod difference;
mod error;
mod examples;
mod frequency;
mod goals;
mod identity;
mod integrity;
mod lines;
mod milestone;
mod pipeline;
mod preset;
mod risk;
mod scorecard;
mod sense;
mod source;
mod target;
#[cfg(test)]
mod tests;
mod validate;
mod visits;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use appraisal::AppraisalPolicy;
pub use clock::{DayTime, ParseDayTimeError, WorkingHours};
pub use difference::{PolicyChange, difference};
pub use error::PolicyError;
pub use examples::{EXAMPLES, Example};
pub use frequency::{DuePolicy, FrequencyRule, RulePeriod};
pub use goals::{
    ChurnPolicy, CollectionVariant, Comparing, FallPolicy, GoalPolicy, HygienePolicy, LeadPolicy,
    MixPolicy, ReminderPolicy, SatisfactionMeasure, SlaClock,
};
pub use integrity::IntegrityPolicy;
pub use lines::{Leaf, Lines, line_at};
pub use milestone::{MilestoneFigure, MilestoneMetric, MilestoneRule, Operator, Threshold, Within};
pub use pipeline::{Phase, PipelinePolicy, Stage, StageGate};
pub use preset::{PRESETS, preset_text};
pub use risk::RiskPolicy;
pub use scorecard::{
    Better, CountPolicy, Group, IndicatorRule, NotApplicablePolicy, PacePolicy, ScorecardPolicy,
};
pub use source::unexplained;
pub use target::TargetPolicy;
pub use visits::{JointVisits, ModeRule, Requirement, VisitPolicy};

/// The rules' numbers and choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name, for people.
    pub name: String,
    /// Effective visits, places, new customers (F1, F2).
    pub visits: VisitPolicy,
    /// How often which tier is to be visited (F3). May be empty.
    #[serde(default)]
    pub frequency: Vec<FrequencyRule>,
    /// Visit due status (F5).
    pub due: DuePolicy,
    /// The scorecard (F14).
    pub scorecard: ScorecardPolicy,
    /// Pace (F12).
    pub pace: PacePolicy,
    /// Stages of deals.
    pub pipeline: PipelinePolicy,
    /// Goals of the guides for figures beyond the scorecard.
    pub goals: GoalPolicy,
    /// Leads (R7).
    pub leads: LeadPolicy,
    /// Churn and decline alarms (R4 to R6).
    pub alarms: ChurnPolicy,
    /// Callbacks, answers, day plans.
    pub reminders: ReminderPolicy,
    /// Targets (R14).
    #[serde(default)]
    pub targets: TargetPolicy,
    /// Customers in danger (R1 to R3).
    #[serde(default)]
    pub risk: RiskPolicy,
    /// Signals of invented work (R13).
    #[serde(default)]
    pub integrity: IntegrityPolicy,
    /// Milestones of the year (R15).
    #[serde(default)]
    pub milestones: Vec<MilestoneRule>,
    /// Appraisals (F15).
    #[serde(default, skip_serializing_if = "AppraisalPolicy::is_empty")]
    pub appraisal: AppraisalPolicy,
    /// Where values come from: key path to guide reference and meaning. A path names
    /// the items of a list by position or by what they are about:
    /// `scorecard.indicators.sales_amount.weight`. Explains, and changes no result.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
}

impl Policy {
    /// Reads and checks a policy that somebody enters.
    ///
    /// # Errors
    /// When the text is not TOML of this shape, a value contradicts another, or a number
    /// makes its rule hold for all or for none; the message names the line, the key and what
    /// is allowed.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, |policy| sense::check(policy).and_then(|()| validate::check(policy)))
    }

    /// Reads a policy that was put in force, under the limits of its day: a card keeps the
    /// policy that it was counted by, also where such a text would be refused today.
    ///
    /// # Errors
    /// When the text is not TOML of this shape, or the rules could not compute with it.
    pub fn kept(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, validate::check)
    }

    fn read(
        text: &str,
        check: impl FnOnce(&Self) -> Result<(), PolicyError>,
    ) -> Result<Self, PolicyError> {
        let policy: Self =
            toml::from_str(text).map_err(|error| PolicyError::unreadable(text, &error))?;
        check(&policy)
            .and_then(|()| source::check(text, &policy.sources))
            .map_err(|error| error.found_in(text))?;
        Ok(policy)
    }

    /// The preset `name`, one of [`PRESETS`].
    ///
    /// # Errors
    /// When there is no such preset.
    pub fn preset(name: &str) -> Result<Self, PolicyError> {
        let text = preset_text(name)
            .ok_or_else(|| PolicyError::UnknownPreset { name: name.to_owned() })?;
        Self::from_toml(text)
    }

    /// SHA-256 of the values; comments, layout and `[sources]` do not count, and neither
    /// does the default of a key that came after policies were known by their hash.
    pub fn hash(&self) -> [u8; 32] {
        identity::hash(self)
    }

    /// Where the value under `key` comes from: `S1 考核指标: 过程指标占40%`.
    pub fn source(&self, key: &str) -> Option<&str> {
        self.sources.get(key).map(String::as_str)
    }
}
