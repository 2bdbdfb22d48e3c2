//! Flags about more than one customer or deal: milestones, churn, falling months, stages
//! below their benchmark, signals, sums of targets.

use std::collections::BTreeSet;

use serde_json::json;

use super::answer::{PlainFlag, facts_of};
use super::read::Material;
use super::team;
use crate::id::DocId;
use crate::period::Period;
use crate::records::{Metric, TargetLevel};
use crate::rules::alarms::{churn_rise, falling, milestone};
use crate::rules::cascade::sums;
use crate::rules::evaluate::evaluate;
use crate::rules::facts::Facts;
use crate::rules::integrity::{Suspect, WatchedDeal, WatchedVisit, suspects};
use crate::rules::policy::Policy;
use crate::rules::targets::target;
use crate::time::Timestamp;

/// R15: how far the year's milestones are, from the facts of the year.
pub(super) fn milestones(
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    scope: &str,
) -> Vec<PlainFlag> {
    let zone = &facts.calendar.zone;
    let today = zone.date(as_of).min(period.last_day());
    let year = Period::year_of(period.first_day());
    let mut flags = Vec::new();
    for rule in &policy.milestones {
        let Some(target) = target(facts, &rule.metric, year, today) else { continue };
        let ends = milestone(rule, year, target, 0).quarter;
        if today < ends.first_day() {
            continue;
        }
        // From the year's first day to the quarter's last: the longest period of that
        // end is evaluated as the year looked at from then.
        let until = as_of.min(zone.end_of(ends.last_day()));
        let seen = evaluate(facts, &counting(policy, &rule.metric), year, until);
        let line = seen.scorecard.lines.iter().find(|line| line.indicator == rule.metric);
        let actual = line.and_then(|line| line.value).unwrap_or(0);
        let found = milestone(rule, year, target, actual);
        let over = zone.date(as_of) > ends.last_day();
        flags.push(PlainFlag {
            rule: "R15".to_owned(),
            kind: "milestone".to_owned(),
            scope: scope.to_owned(),
            subject: Some(format!("{} {}", found.metric, found.quarter)),
            level: match (found.reached, over) {
                (true, _) => "reached",
                (false, true) => "missed",
                (false, false) => "open",
            }
            .to_owned(),
            reasons: Vec::new(),
            facts: Vec::new(),
            detail: json!({
                "target": found.target,
                "wanted": found.wanted,
                "actual": found.actual,
                "reached": found.reached,
            }),
        });
    }
    flags
}

/// R13: what looks invented in the period, beside everything known by then.
fn suspicions(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<Suspect> {
    let zone = &material.calendar.zone;
    let (start, end) = period.bounds(zone);
    let last = as_of.min(end.plus_millis(-1));
    let known = material.collected.watched.iter();
    let known = known.filter(|visit| visit.start.is_none_or(|at| at <= last));
    let watched: Vec<WatchedVisit> = known.cloned().collect();
    let closed = material.collected.closed.iter().filter(|deal| zone.start_of(deal.won_on) <= last);
    let closed: Vec<WatchedDeal> = closed
        .map(|deal| WatchedDeal {
            undone_on: deal.undone_on.filter(|on| *on <= zone.date(as_of)),
            ..deal.clone()
        })
        .collect();
    let visits = watched.iter().filter(|visit| visit.start.is_none_or(|at| start <= at));
    let deals = closed.iter().filter(|deal| start <= zone.start_of(deal.won_on));
    let inside: BTreeSet<DocId> =
        visits.map(|visit| visit.fact.doc).chain(deals.map(|deal| deal.fact.doc)).collect();
    let mut found = suspects(&watched, &closed, &policy.integrity, &policy.visits);
    found.retain(|one| one.facts.iter().any(|fact| inside.contains(&fact.doc)));
    found
}

/// The policy with one indicator: what is asked is how much there is of it.
fn counting(policy: &Policy, metric: &Metric) -> Policy {
    let mut counting = policy.clone();
    counting.scorecard.indicators.truncate(1);
    for rule in &mut counting.scorecard.indicators {
        rule.metric = metric.clone();
    }
    counting
}

/// R4, R5, R6, R13, R14: what the file shows of units, regions and targets.
pub(super) fn alarms(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<PlainFlag> {
    let names = &material.names;
    let mut flags = Vec::new();
    for (scope, now, before) in &material.collected.churn {
        if let Some(rise) = churn_rise(*now, *before, &policy.alarms) {
            flags.push(PlainFlag {
                rule: "R4".to_owned(),
                kind: "churn".to_owned(),
                scope: scope.clone(),
                subject: None,
                level: "warning".to_owned(),
                reasons: vec!["churn_rose".to_owned()],
                facts: Vec::new(),
                detail: json!(rise),
            });
        }
    }
    for (scope, months) in &material.collected.months {
        // The running month never counts.
        let closed: Vec<_> = months
            .iter()
            .filter(|one| one.month.bounds(&material.calendar.zone).1 <= as_of)
            .copied()
            .collect();
        if falling(&closed, &policy.alarms, &material.calendar) {
            flags.push(PlainFlag {
                rule: "R5".to_owned(),
                kind: "falling".to_owned(),
                scope: scope.clone(),
                subject: None,
                level: "warning".to_owned(),
                reasons: vec!["months_down".to_owned()],
                facts: Vec::new(),
                detail: json!(closed),
            });
        }
    }
    flags.extend(team::below_benchmarks(material, policy, period, as_of));
    let found = suspicions(material, policy, period, as_of);
    flags.extend(found.iter().map(|one| PlainFlag {
        rule: "R13".to_owned(),
        kind: "signal".to_owned(),
        scope: format!("rep:{}", names.text(one.rep.as_bytes())),
        subject: None,
        level: "review".to_owned(),
        reasons: vec![one.kind.as_str().to_owned()],
        facts: facts_of(names, &one.facts),
        detail: json!({ "measure": one.measure }),
    }));
    let sums = sums(&material.collected.target_records, policy.targets.over_assignment);
    for check in sums.into_iter().filter(|check| check.state.is_warning()) {
        let parent =
            material.collected.target_records.iter().find(|target| target.id == check.parent);
        flags.push(PlainFlag {
            rule: "R14".to_owned(),
            kind: "target_sum".to_owned(),
            scope: match parent.map(|parent| parent.level) {
                Some(TargetLevel::Rep(rep)) => format!("rep:{}", names.text(rep.as_bytes())),
                Some(TargetLevel::Unit(unit)) => format!("unit:{}", names.text(unit.as_bytes())),
                _ => "org".to_owned(),
            },
            subject: Some(names.text(check.parent.as_bytes())),
            level: "warning".to_owned(),
            reasons: vec![
                if check.difference > 0 { "over_assigned" } else { "under_assigned" }.to_owned(),
            ],
            facts: Vec::new(),
            detail: json!({
                "cut": check.axis,
                "value": check.value,
                "parts": check.sum,
                "difference": check.difference,
            }),
        });
    }
    flags
}
