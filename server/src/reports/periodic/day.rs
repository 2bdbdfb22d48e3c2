//! The day's report (S3 日报): customers visited, new deals, progress of key projects,
//! obstacles and resources wanted. The counts come from the day's documents, the words from
//! the evening's report of each rep.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealOutcome;
use client_core::id::UserId;
use client_core::rules::Policy;
use client_core::rules::policy::Phase;

use super::model::{Cell, Figure, Section, Table};
use super::sales::decided;
use super::sources::{PlanTold, Sources};
use super::voices::rep;

/// The team's day, and a row for each rep.
pub(super) fn day(sources: &Sources) -> Section {
    let period = sources.question.period;
    let created = created(sources);
    let won = decided(sources, period, &DealOutcome::Won).count();
    let plans: BTreeMap<UserId, &PlanTold> = sources
        .plans
        .iter()
        .filter(|plan| period.contains(plan.date))
        .map(|plan| (plan.rep, plan))
        .collect();
    let visits: BTreeMap<UserId, _> = sources.visits.iter().map(|one| (one.rep, one)).collect();
    let mut reps: BTreeSet<UserId> = visits.keys().copied().collect();
    reps.extend(plans.keys());
    reps.extend(created.keys());
    let mut reps: Vec<UserId> = reps.into_iter().collect();
    reps.sort_by_key(|rep| (sources.person(*rep), *rep));
    let rows = reps.iter().map(|who| {
        let visits = visits.get(who);
        let plan = plans.get(who);
        let words = |pick: fn(&PlanTold) -> Option<&String>| {
            Cell::text(plan.and_then(|plan| pick(plan)).map(String::as_str))
        };
        let handed_in = plan.is_some_and(|plan| plan.submitted);
        vec![
            rep(sources, *who),
            Cell::count(visits.map_or(0, |one| one.customers)),
            Cell::count(visits.map_or(0, |one| one.counted)),
            Cell::count(created.get(who).copied().unwrap_or(0)),
            Cell::count(plan.map_or(0, |plan| plan.done)),
            Cell::count(plan.map_or(0, |plan| plan.key_tasks)),
            words(|plan| plan.progress.as_ref()),
            words(|plan| plan.obstacles.as_ref()),
            words(|plan| plan.gap_reason.as_ref()),
            Cell::code("handed_in", if handed_in { "yes" } else { "no" }),
        ]
    });
    let columns = [
        "rep",
        "customers_visited",
        "effective_visits",
        "new_deals",
        "key_tasks_done",
        "key_tasks",
        "progress",
        "obstacles",
        "gap_reason",
        "handed_in",
    ];
    let missing = visits.keys().filter(|rep| !plans.get(*rep).is_some_and(|plan| plan.submitted));
    let all = |count: fn(&super::sources::VisitsOf) -> u64, of: &[super::sources::VisitsOf]| {
        Cell::count(of.iter().map(count).sum::<u64>())
    };
    let (now, before) = (&sources.visits, &sources.visits_before);
    Section::new("day")
        .with([
            Figure::new("customers_visited", all(|one| one.customers, now))
                .before(all(|one| one.customers, before)),
            Figure::new("effective_visits", all(|one| one.counted, now))
                .before(all(|one| one.counted, before)),
            Figure::new("new_deals", Cell::count(created.values().sum::<i64>())),
            Figure::new("won_deals", Cell::count(won)),
            Figure::new("reports_missing", Cell::count(missing.count())),
        ])
        .table(Table::of("reps", &columns, rows.collect(), usize::MAX))
}

/// Deals begun on the day, by whom they are credited to. A lead is none yet.
fn created(sources: &Sources) -> BTreeMap<UserId, i64> {
    let period = sources.question.period;
    let policy = sources.policy.as_ref().and_then(|used| Policy::kept(&used.toml).ok());
    let is_lead = |stage: Option<&str>| {
        let known = stage.zip(policy.as_ref());
        known
            .and_then(|(stage, policy)| policy.pipeline.stage(stage))
            .is_some_and(|stage| stage.phase == Phase::Lead)
    };
    let mut created: BTreeMap<UserId, i64> = BTreeMap::new();
    for one in &sources.deals {
        let fact = &one.deal.fact;
        let begun = fact.created_at.filter(|at| *at <= sources.as_of);
        if begun.is_some_and(|at| period.contains(sources.zone.date(at)))
            && !is_lead(fact.stage.as_deref())
        {
            *created.entry(one.deal.credit.rep).or_default() += 1;
        }
    }
    created
}
