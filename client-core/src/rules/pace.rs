//! F12: how far along, and how far along for the day?

use serde::{Deserialize, Serialize};

use crate::records::Metric;
use crate::rules::units::BasisPoints;

/// Attainment and pace of an indicator with a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Of what.
    pub metric: Metric,
    /// Reached so far.
    pub actual: i64,
    /// To be reached.
    pub target: i64,
    /// Working days of the period.
    pub working_days: i64,
    /// Working days up to and including the day of `as_of`.
    pub elapsed_days: i64,
    /// Actual ÷ target.
    pub attainment: Option<BasisPoints>,
    /// Actual ÷ (target × elapsed ÷ working days).
    pub pace: Option<BasisPoints>,
    /// Outside the policy's bounds now.
    pub outside: Option<PaceSide>,
    /// Outside on the same side a week earlier too (严重偏离): a reason to ask
    /// for another target.
    pub serious: bool,
}

/// On which side of the bounds a pace lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaceSide {
    /// Too slow.
    Below,
    /// Faster than the target foresaw.
    Above,
}
