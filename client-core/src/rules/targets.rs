//! Which target a figure is held against.

use crate::period::Period;
use crate::records::Metric;
use crate::rules::facts::{Facts, TargetFact};
use crate::time::Date;

/// The rep's target of `metric` for `period` as known on `today`.
///
/// A target that is not published yet does not count. Of several for the same
/// metric and period the one with the greatest id, the newest, holds. Without
/// one for the period itself, a quarter or year takes the sum of its months if
/// every month has one and the metric is a sum.
pub(super) fn target(facts: &Facts, metric: &Metric, period: Period, today: Date) -> Option<i64> {
    exact(facts, metric, period, today).or_else(|| {
        let additive = matches!(
            metric,
            Metric::SalesAmount
                | Metric::EffectiveVisits
                | Metric::NewLeads
                | Metric::NewDeals
                | Metric::NewCustomers
        );
        if !additive || !matches!(period, Period::Quarter(_) | Period::Year(_)) {
            return None;
        }
        months(period).try_fold(0_i64, |sum, month| {
            Some(sum.saturating_add(exact(facts, metric, month, today)?))
        })
    })
}

fn exact(facts: &Facts, metric: &Metric, period: Period, today: Date) -> Option<i64> {
    let published = |target: &&TargetFact| target.published_on.is_none_or(|from| from <= today);
    facts
        .targets
        .iter()
        .filter(|target| target.metric == *metric && target.period == period)
        .filter(published)
        .max_by_key(|target| target.id)
        .map(|target| target.value)
}

fn months(period: Period) -> impl Iterator<Item = Period> {
    let end = period.next_first_day();
    std::iter::successors(Some(Period::month_of(period.first_day())), |month| {
        Some(Period::month_of(month.next_first_day()))
    })
    .take_while(move |month| month.first_day() < end)
}
