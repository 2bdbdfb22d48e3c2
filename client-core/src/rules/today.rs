//! The evening board (S1 晚会): a day against the day's part of the month's target.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::period::Period;
use crate::records::Metric;
use crate::rules::effective_visit::judge_all;
use crate::rules::facts::Facts;
use crate::rules::measures::{Span, measure};
use crate::rules::outcome::Verdict;
use crate::rules::policy::Policy;
use crate::rules::rounding::{basis_points, div_half_even, saturate};
use crate::rules::targets::target;
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
pub fn today(facts: &[Facts], policy: &Policy, day: Date, as_of: Timestamp) -> Vec<Today> {
    let mut days: Vec<Today> =
        facts.iter().map(|facts| of_rep(facts, policy, day, as_of)).collect();
    days.sort_by_key(|today| today.rep);
    days
}

fn of_rep(facts: &Facts, policy: &Policy, day: Date, as_of: Timestamp) -> Today {
    let zone = &facts.calendar.zone;
    let month = Period::month_of(day);
    let working_days = facts.calendar.working_days(month.first_day(), month.next_first_day());
    let end = zone.start_of(day.next());
    let span = Span { from: zone.start_of(day), until: end.min(as_of.plus_millis(1)) };
    let judged = judge_all(facts, policy, as_of);
    let figure = |metric: Metric| {
        let actual = measure(&metric, facts, &judged, policy, span).map_or(0, |sum| sum.value);
        let target = target(facts, &metric, month, day);
        day_figure(actual, target, working_days)
    };
    let logged = || judged.iter().filter(|one| one.date == day);
    let under_review = logged().filter(|one| matches!(one.verdict, Verdict::NeedsReview(_)));
    Today {
        rep: facts.rep,
        visits_logged: logged().map(|_one| 1).sum(),
        under_review: under_review.map(|_one| 1).sum(),
        effective_visits: figure(Metric::EffectiveVisits),
        new_leads: figure(Metric::NewLeads),
        new_deals: figure(Metric::NewDeals),
        won_amount: figure(Metric::SalesAmount),
    }
}

fn day_figure(actual: i64, month_target: Option<i64>, working_days: i64) -> DayFigure {
    let target = month_target.map(i128::from).filter(|_target| working_days > 0);
    DayFigure {
        actual,
        target_hundredths: target
            .and_then(|target| div_half_even(target.saturating_mul(100), working_days.into()))
            .map(saturate),
        attainment: target.filter(|target| *target > 0).and_then(|target| {
            basis_points(i128::from(actual).saturating_mul(working_days.into()), target)
        }),
    }
}

#[cfg(test)]
mod tests;
