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
        let months = period.months();
        if !metric.is_additive() || months.len() < 2 {
            return None;
        }
        months
            .into_iter()
            .try_fold(0_i64, |sum, month| sum.checked_add(exact(facts, metric, month, today)?))
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
