//! The whole of the rules, in order.

use std::collections::BTreeMap;

use crate::docs::visit::VisitMode;
use crate::id::DocId;
use crate::period::Period;
use crate::records::Metric;
use crate::rules::agenda::{AgendaCustomer, agenda};
use crate::rules::buyers::{new_customers, purchases};
use crate::rules::collection::Ledger;
use crate::rules::coverage::coverage;
use crate::rules::due::Due;
use crate::rules::effective_visit::{Judged, judge_all};
use crate::rules::facts::Facts;
use crate::rules::figures::Basis;
use crate::rules::indicators::scorecard;
use crate::rules::measures::{Measure, Span, measure};
use crate::rules::outcome::{JudgedVisit, Outcome, Provisional, Verdict, VisitReason};
use crate::rules::pace::{Pace, Progress, outside, pace, serious, week_before};
use crate::rules::policy::{CountPolicy, Policy};
use crate::rules::risk::Watch;
use crate::rules::rounding::basis_points;
use crate::rules::targets::target;
use crate::rules::tasks::{Desk, gates, tasks};
use crate::time::{Date, Timestamp};

use super::RULES_VERSION;

/// Metrics that grow day by day and so have a pace.
const PACED: [Metric; 4] =
    [Metric::SalesAmount, Metric::EffectiveVisits, Metric::NewLeads, Metric::NewDeals];

/// Applies the rules to `facts` as seen from `as_of`. After the period has ended
/// the rules look from its last millisecond.
pub fn evaluate(facts: &Facts, policy: &Policy, period: Period, as_of: Timestamp) -> Outcome {
    let (start, end) = period.bounds(&facts.calendar.zone);
    let horizon = as_of.min(end.plus_millis(-1));
    let judged = judge_all(facts, policy, horizon);
    let in_period: Vec<&Judged<'_>> = judged.iter().filter(|one| start <= one.at).collect();
    let today = facts.calendar.zone.date(horizon);
    let purchases = purchases(facts, policy.scorecard.count, today);
    let ledger = Ledger::of(facts, policy.scorecard.count);
    let basis = Basis {
        facts,
        policy,
        period,
        as_of,
        horizon,
        judged: &judged,
        purchases: &purchases,
        ledger: &ledger,
    };
    let desk = Desk { facts, policy, judged: &judged, horizon, open: as_of < end };
    Outcome {
        rep: facts.rep,
        period,
        as_of,
        rules_version: RULES_VERSION,
        policy_hash: policy.hash(),
        inputs_digest: facts.digest(policy),
        scorecard: scorecard(&basis),
        coverage: coverage(facts, policy, period, horizon, &judged),
        pace: paces(facts, policy, period, horizon, &judged),
        provisional: provisional(&in_period, as_of < end),
        visits: in_period.into_iter().map(judged_visit).collect(),
        due: due_list(facts, policy, horizon, &judged),
        figures: basis.figures(),
        risks: Watch::new(facts, policy, &ledger, &judged, &purchases, horizon).risks(),
        gates: gates(desk),
        tasks: tasks(desk),
    }
}

/// What `metric` came to for a rep from the beginning of `period` until before `until`, as
/// a card counts it; `None` for what is no amount or count.
pub fn reached(
    facts: &Facts,
    policy: &Policy,
    metric: &Metric,
    period: Period,
    until: Timestamp,
) -> Option<i64> {
    measured(facts, policy, metric, period, until).map(|measure| measure.value)
}

/// The same with what it was counted from.
pub(super) fn measured(
    facts: &Facts,
    policy: &Policy,
    metric: &Metric,
    period: Period,
    until: Timestamp,
) -> Option<Measure> {
    let (from, end) = period.bounds(&facts.calendar.zone);
    let until = until.min(end);
    if *metric == Metric::NewCustomers {
        let last = facts.calendar.zone.date(until.plus_millis(-1));
        let bought = purchases(facts, policy.scorecard.count, last);
        return Measure::of_figure(new_customers(&bought, period).count, 1).ok();
    }
    let judged = judge_all(facts, policy, until.plus_millis(-1));
    measure(metric, facts, &judged, policy, Span { from, until })?.whole().ok()
}

fn judged_visit(one: &Judged<'_>) -> JudgedVisit {
    JudgedVisit {
        fact: one.visit.fact(),
        customer: one.visit.customer,
        at: one.at,
        tier: one.tier,
        location: one.location,
        verdict: one.verdict.clone(),
        counts: one.counts,
    }
}

fn provisional(visits: &[&Judged<'_>], period_open: bool) -> Provisional {
    let count = |wanted: fn(&Verdict) -> bool| {
        let found = visits.iter().filter(|one| wanted(&one.verdict)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    Provisional {
        period_open,
        under_review: count(|verdict| matches!(verdict, Verdict::NeedsReview(_))),
        drafts: count(
            |verdict| matches!(verdict, Verdict::NotEffective(why) if why.contains(&VisitReason::NotSubmitted)),
        ),
    }
}

fn paces(
    facts: &Facts,
    policy: &Policy,
    period: Period,
    horizon: Timestamp,
    judged: &[Judged<'_>],
) -> Vec<Pace> {
    let zone = &facts.calendar.zone;
    let (from, until) = period.bounds(zone);
    let today = zone.date(horizon);
    let week_ago = week_before(period, today);
    let reached = |metric: &Metric, until: Timestamp| {
        let counted = measure(metric, facts, judged, policy, Span { from, until })?;
        counted.whole().ok().map(|measure| measure.value)
    };
    let side = |metric: &Metric, target: i64, day: Date| {
        let actual = reached(metric, zone.start_of(day.next()))?;
        outside(actual, target, Progress::on(period, day, &facts.calendar), &policy.pace)
    };
    let unconfirmed = policy.scorecard.count == CountPolicy::Confirmed && !facts.confirms.orders;
    PACED
        .into_iter()
        .filter(|metric| !(unconfirmed && *metric == Metric::SalesAmount))
        .filter_map(|metric| {
            let target = target(facts, &metric, period, today)?;
            let actual = reached(&metric, until.min(horizon.plus_millis(1)))?;
            let progress = Progress::on(period, today, &facts.calendar);
            let now = outside(actual, target, progress, &policy.pace);
            let before = week_ago.and_then(|day| side(&metric, target, day));
            Some(Pace {
                attainment: basis_points(actual.into(), target.into()),
                pace: pace(actual, target, progress),
                outside: now,
                serious: serious(now, before),
                working_days: progress.working_days,
                elapsed_days: progress.elapsed_days,
                metric,
                actual,
                target,
            })
        })
        .collect()
}

fn due_list(facts: &Facts, policy: &Policy, horizon: Timestamp, judged: &[Judged<'_>]) -> Vec<Due> {
    let mut last: BTreeMap<DocId, BTreeMap<VisitMode, Timestamp>> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.counts) {
        let Some((customer, mode)) = one.visit.customer.zip(one.visit.mode.clone()) else {
            continue;
        };
        let seen = last.entry(customer).or_default().entry(mode).or_insert(one.at);
        *seen = one.at.max(*seen);
    }
    let customers: Vec<AgendaCustomer> = facts
        .customers
        .iter()
        .filter_map(|customer| {
            let span = customer.owned_at(horizon)?;
            Some(AgendaCustomer {
                customer: customer.doc,
                tier: span.tier,
                known_since: customer.known_since,
                last_visits: last.remove(&customer.doc).unwrap_or_default(),
            })
        })
        .collect();
    agenda(&customers, policy, &facts.calendar.zone, horizon, true)
}

#[cfg(test)]
mod tests;
