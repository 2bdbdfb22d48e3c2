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
use crate::rules::alarms::{
    ClosedMonth, Milestone, churn_rise, falling, figure_milestone, milestone,
};
use crate::rules::cascade::sums;
use crate::rules::evaluate::evaluate;
use crate::rules::facts::Facts;
use crate::rules::figures::collection_rate;
use crate::rules::integrity::{Suspect, WatchedDeal, WatchedVisit, suspects};
use crate::rules::policy::{ChurnPolicy, MilestoneFigure, MilestoneMetric, Policy};
use crate::rules::targets::target;
use crate::time::{Timestamp, Zone};

/// R15: how far the year's milestones that are shares of a rep's targets are, from the facts
/// of the year.
pub(super) fn milestones(
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    material: &Material,
) -> Vec<PlainFlag> {
    let zone = &facts.calendar.zone;
    let scope = format!("rep:{}", material.names.text(facts.rep.as_bytes()));
    let today = zone.date(as_of).min(period.last_day());
    let year = Period::year_of(period.first_day());
    let mut flags = Vec::new();
    for rule in &policy.milestones {
        let MilestoneMetric::Metric(metric) = &rule.metric else { continue };
        let Some(target) = target(facts, metric, year, today) else { continue };
        let ends = rule.ends(year);
        if today < ends.first_day() {
            continue;
        }
        // From the year's first day to the quarter's last: the longest period of that
        // end is evaluated as the year looked at from then.
        let until = as_of.min(zone.end_of(ends.last_day()));
        let seen = evaluate(facts, &counting(policy, metric), year, until);
        let line = seen.scorecard.lines.iter().find(|line| line.indicator == *metric);
        let actual = line.and_then(|line| line.value).unwrap_or(0);
        let found = milestone(rule, year, target, actual);
        let facts = line.map(|line| line.facts.as_slice()).unwrap_or_default();
        let over = zone.date(as_of) > ends.last_day();
        flags.push(of_milestone(&found, over, &scope, facts_of(&material.names, facts)));
    }
    flags
}

/// R15 of figures: everybody in the file together.
pub(super) fn figure_milestones(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<PlainFlag> {
    let zone = &material.calendar.zone;
    let today = zone.date(as_of).min(period.last_day());
    let year = Period::year_of(period.first_day());
    let mut flags = Vec::new();
    for rule in &policy.milestones {
        let MilestoneMetric::Figure(of) = rule.metric else { continue };
        let ends = rule.ends(year);
        if today < ends.first_day() {
            continue;
        }
        let figure = |year: Period, as_of: Timestamp| {
            let days = rule.days(year);
            let until = as_of.min(days.bounds(zone).1.plus_millis(-1));
            match of {
                MilestoneFigure::CollectionRate => {
                    collection_rate(&material.facts(policy, until), policy, days, until)
                }
                MilestoneFigure::ProductsPerCustomer
                | MilestoneFigure::Tenders
                | MilestoneFigure::TenderWinRate => {
                    team::milestone(material, policy, of, days, until)
                }
            }
        };
        let before = rule.growth.map(|_growth| figure(year.previous(), as_of));
        let now = figure(year, as_of);
        let found = figure_milestone(rule, year, &now, before.as_ref());
        let over = zone.date(as_of) > ends.last_day();
        flags.push(of_milestone(&found, over, "team", facts_of(&material.names, &now.facts)));
    }
    flags
}

fn of_milestone(found: &Milestone, over: bool, scope: &str, facts: Vec<String>) -> PlainFlag {
    PlainFlag {
        rule: "R15".to_owned(),
        kind: "milestone".to_owned(),
        scope: scope.to_owned(),
        subject: Some(format!("{} {}", found.metric, found.quarter)),
        level: found.state(over).as_str().to_owned(),
        reasons: Vec::new(),
        facts,
        detail: json!({
            "target": found.target,
            "operator": found.operator,
            "unit": found.unit,
            "wanted": found.wanted,
            "at_most": found.at_most,
            "actual": found.actual,
            "reached": found.reached,
        }),
    }
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

/// The months that R5 compares, by their names: each is a figure of the file.
fn compared(closed: &[ClosedMonth], policy: &ChurnPolicy) -> Vec<String> {
    let mut months: Vec<Period> = closed.iter().map(|one| one.month).collect();
    months.sort_by_key(|month| std::cmp::Reverse(month.first_day()));
    months.dedup();
    months.truncate(usize::try_from(policy.fall.months).unwrap_or(usize::MAX).saturating_add(1));
    months.reverse();
    months.iter().map(ToString::to_string).collect()
}

/// The last month that is over, seen from the period and the instant.
fn last_closed(period: Period, as_of: Timestamp, zone: &Zone) -> Period {
    let until = as_of.min(period.bounds(zone).1);
    Period::month_of(zone.date(until)).previous()
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
        // The running month never counts, nor does what came after the period.
        let last = last_closed(period, as_of, &material.calendar.zone);
        let closed: Vec<_> = months
            .iter()
            .filter(|one| one.month.first_day() <= last.first_day())
            .copied()
            .collect();
        let current = closed.iter().any(|one| one.month == last);
        if current && falling(&closed, &policy.alarms, &material.calendar) {
            flags.push(PlainFlag {
                rule: "R5".to_owned(),
                kind: "falling".to_owned(),
                scope: scope.clone(),
                subject: None,
                level: "warning".to_owned(),
                reasons: vec!["months_down".to_owned()],
                facts: compared(&closed, &policy.alarms),
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
            facts: std::iter::once(check.parent)
                .chain(check.children.iter().copied())
                .map(|target| names.text(target.as_bytes()))
                .collect(),
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
