//! F12: how far along, and how far along for the day?
//!
//! 40 % of a target is good in the first week and bad in the last. Pace holds
//! what was reached against what the working days passed would have brought.
//!
//! Choices of ours where the guides are silent: the day of `as_of` counts as
//! passed, and "two weeks running" (严重偏离) means out of bounds on the same
//! side today and seven days ago, both within the period.

use serde::{Deserialize, Serialize};

use crate::period::Period;
use crate::records::{CalendarRecord, Metric};
use crate::rules::policy::PacePolicy;
use crate::rules::rounding::basis_points;
use crate::rules::units::BasisPoints;
use crate::time::Date;

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

/// Working days of a period, and those of them that have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Of the period.
    pub working_days: i64,
    /// Passed, today included.
    pub elapsed_days: i64,
}

impl Progress {
    /// The progress of `period` on the evening of `today`.
    pub fn on(period: Period, today: Date, calendar: &CalendarRecord) -> Self {
        let (first, end) = (period.first_day(), period.next_first_day());
        Self {
            working_days: calendar.working_days(first, end),
            elapsed_days: calendar.working_days(first, today.next().min(end)),
        }
    }
}

/// The pace of `actual` towards `target`.
pub fn pace(actual: i64, target: i64, progress: Progress) -> Option<BasisPoints> {
    let (reached, expected) = sides(actual, target, progress);
    if expected > 0 { basis_points(reached, expected) } else { None }
}

/// On which side of the policy's bounds a pace lies, if on one. Exactly on a
/// bound is within.
pub fn outside(
    actual: i64,
    target: i64,
    progress: Progress,
    policy: &PacePolicy,
) -> Option<PaceSide> {
    let (reached, expected) = sides(actual, target, progress);
    if expected <= 0 {
        return None;
    }
    let reached = reached.saturating_mul(10_000);
    if reached < expected.saturating_mul(policy.low.0.0.into()) {
        Some(PaceSide::Below)
    } else if reached > expected.saturating_mul(policy.high.0.0.into()) {
        Some(PaceSide::Above)
    } else {
        None
    }
}

/// The day a week before `today`, if it lies in the period too: where "two weeks running"
/// looks back to.
pub fn week_before(period: Period, today: Date) -> Option<Date> {
    Some(today.plus_days(-7)).filter(|day| period.contains(*day))
}

/// Whether a pace deviates seriously: outside on the same side now and a week ago.
pub fn serious(now: Option<PaceSide>, week_ago: Option<PaceSide>) -> bool {
    now.is_some() && now == week_ago
}

/// Actual and expected over a common denominator.
fn sides(actual: i64, target: i64, progress: Progress) -> (i128, i128) {
    (
        i128::from(actual).saturating_mul(progress.working_days.into()),
        i128::from(target).saturating_mul(progress.elapsed_days.into()),
    )
}

#[cfg(test)]
mod tests;
