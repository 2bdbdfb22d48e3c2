//! The evening board (S1 晚会): a day against the day's part of the month's target.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::rules::facts::Facts;
use crate::rules::policy::Policy;
use crate::rules::units::BasisPoints;
use crate::time::{Date, Timestamp};

/// A rep's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Today {
    /// Whose.
    pub rep: UserId,
    /// Visits of the day, drafts included.
    pub visits_logged: i64,
    /// Those of them under review.
    pub under_review: i64,
    /// Visits that count.
    pub effective_visits: DayFigure,
    /// Deals created as leads.
    pub new_leads: DayFigure,
    /// Deals that entered their first stage after the lead phase.
    pub new_deals: DayFigure,
    /// Won amount, minor units of the org's currency.
    pub won_amount: DayFigure,
}

/// A figure of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigure {
    /// Reached.
    pub actual: i64,
    /// The month's target ÷ working days of the month, in hundredths, half-even;
    /// absent without a target.
    pub target_hundredths: Option<i64>,
    /// Actual ÷ the exact, unrounded daily target.
    pub attainment: Option<BasisPoints>,
}

/// The day `day` of every rep in `facts`, by rep id.
///
/// Pass facts of the month that contains the day, so that the month's targets
/// are among them.
pub fn today(_facts: &[Facts], _policy: &Policy, _day: Date, _as_of: Timestamp) -> Vec<Today> {
    todo!()
}
