use serde::{Deserialize, Serialize};

use crate::docs::visit::VisitMode;
use crate::period::Period;
use crate::records::{CalendarRecord, Tier};
use crate::rules::units::Percent;
use crate::time::Date;

/// How often a tier is to be visited. Several rules may hold for one tier at
/// once; the standard is met when all are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyRule {
    /// For whom.
    pub tier: Tier,
    /// At least so many visits; 0 says how contact is kept up without a count (S3 C类
    /// 线上维护) …
    pub count: u32,
    /// … in each of these.
    pub period: RulePeriod,
    /// In these modes; any that count if empty.
    #[serde(default)]
    pub modes: Vec<VisitMode>,
    /// A deep contact is meant (S3 深度沟通); the modes say which count as deep.
    #[serde(default)]
    pub deep: bool,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl FrequencyRule {
    /// Whether a visit in `mode` counts for this rule.
    pub fn takes(&self, mode: &VisitMode) -> bool {
        self.modes.is_empty() || self.modes.contains(mode)
    }
}

/// The natural period of a frequency rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulePeriod {
    /// Week, from the day on which the org's weeks begin.
    Week,
    /// Calendar month.
    Month,
    /// Calendar quarter.
    Quarter,
}

impl RulePeriod {
    /// The period that `date` lies in.
    pub fn of(self, date: Date, calendar: &CalendarRecord) -> Period {
        match self {
            Self::Week => calendar.week_of(date),
            Self::Month => Period::month_of(date),
            Self::Quarter => Period::quarter_of(date),
        }
    }

    /// Nominal days for due status (F5).
    pub const fn nominal_days(self) -> u32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
        }
    }
}

/// When a customer is due for a visit (F5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuePolicy {
    /// Share of the interval after which a follow-up is due.
    pub follow_up: Percent,
    /// Visits older than this, counted from the period's start, are not looked at.
    pub lookback_days: u32,
}
