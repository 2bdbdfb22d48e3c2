//! What threatens, and what comes next (S1 风险预警, S3 下周计划).

use std::collections::BTreeMap;

use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::period::Period;
use client_core::rules::{DueStatus, RiskLevel, TaskKind, TaskState};

use super::card::CardTold;
use super::model::{Cell, Figure, Named, Section, Table};
use super::sources::Sources;
use super::voices::rep;

/// Customers in danger that a report names.
const RISKS: usize = 15;
/// Things to be done that a report names.
const TASKS: usize = 30;

/// The cards of the month in which the period ends: reminders and risks are of a day.
fn last_cards(sources: &Sources) -> impl Iterator<Item = &CardTold> {
    let last = sources.cards.iter().map(|card| card.period).max();
    sources.cards.iter().filter(move |card| Some(card.period) == last)
}

/// Customers in danger, red ones first, with what is open with them.
pub(super) fn risks(sources: &Sources) -> Section {
    let mut open: BTreeMap<DocId, Vec<Money>> = BTreeMap::new();
    for (customer, amount) in &sources.open_with {
        open.entry(*customer).or_default().push(*amount);
    }
    let home = sources.currency;
    let stake = |customer: &DocId| {
        let amounts = open.get(customer)?;
        amounts.iter().find(|amount| amount.currency == home).or(amounts.first()).copied()
    };
    let mut found: Vec<_> = last_cards(sources)
        .flat_map(|card| card.risks.iter().map(move |risk| (card.rep, risk)))
        .collect();
    found.sort_by_key(|(_rep, risk)| {
        let minor = stake(&risk.customer).map_or(0, |amount| amount.minor);
        (risk.level != RiskLevel::Red, std::cmp::Reverse(minor), risk.since, risk.customer)
    });
    found.dedup_by_key(|(_rep, risk)| risk.customer);
    let count =
        |level| Cell::count(found.iter().filter(|(_rep, risk)| risk.level == level).count());
    let rows = found.iter().map(|(owner, risk)| {
        let reasons: Vec<&str> = risk.reasons.iter().map(|reason| reason.as_str()).collect();
        vec![
            Cell::doc(Named::Customer, risk.customer, sources.customer(risk.customer)),
            Cell::code("risk_level", risk.level.as_str()),
            Cell::code("risk_reason", reasons.join(" ")),
            rep(sources, *owner),
            Cell::day(Some(risk.since)),
            stake(&risk.customer).map_or(Cell::Empty, Cell::Money),
        ]
    });
    let columns = ["customer", "level", "reasons", "owner", "since", "at_stake"];
    Section::new("risks")
        .with([
            Figure::new("red", count(RiskLevel::Red)),
            Figure::new("yellow", count(RiskLevel::Yellow)),
        ])
        .table(Table::of("risks", &columns, rows.collect(), RISKS))
}

/// What the next period holds already: planned visits, and what falls due in it or before.
pub(super) fn ahead(sources: &Sources) -> Section {
    let next = sources.question.period.following();
    let plans = || sources.plans.iter().filter(|plan| next.contains(plan.date));
    let planned: u32 = plans().map(|plan| plan.stops).sum();
    let tasks = last_cards(sources)
        .flat_map(|card| card.tasks.iter().map(move |task| (card.rep, task)))
        .filter(|(_rep, task)| task.due_on < next.next_first_day() && is_of_a_customer(task.kind));
    let mut tasks: Vec<_> = tasks.collect();
    tasks.sort_by_key(|(owner, task)| (task.due_on, *owner, task.kind, task.subject));
    let overdue = tasks.iter().filter(|(_rep, task)| task.state == TaskState::Overdue).count();
    let (late, coming): (Vec<_>, Vec<_>) =
        tasks.iter().partition(|(_rep, task)| task.state == TaskState::Overdue);
    let visits_due: u32 = last_cards(sources)
        .flat_map(|card| &card.due)
        .filter(|(status, ..)| matches!(status, DueStatus::Overdue | DueStatus::Never))
        .map(|(_status, _tier, count)| count)
        .sum();
    let rows = coming.iter().chain(&late).map(|(owner, task)| {
        let customer = task.customer;
        vec![
            Cell::day(Some(task.due_on)),
            Cell::code("report_task", task.kind.as_str()),
            customer.map_or(Cell::Empty, |customer| {
                Cell::doc(Named::Customer, customer, sources.customer(customer))
            }),
            rep(sources, *owner),
            Cell::code("report_task_state", state(task.state)),
        ]
    });
    let columns = ["due", "task", "customer", "rep", "state"];
    Section::new("ahead")
        .with([
            Figure::new("planned_visits", Cell::count(planned)),
            Figure::new("due_tasks", Cell::count(coming.len())),
            Figure::new("overdue_tasks", Cell::count(overdue)),
            Figure::new("customers_due", Cell::count(visits_due)),
        ])
        .table(Table::of("tasks", &columns, rows.collect(), TASKS))
        .table(planned_days(sources, next))
}

/// A day's own chores are the day's report's; a week names what customers wait for.
const fn is_of_a_customer(kind: TaskKind) -> bool {
    !matches!(kind, TaskKind::MissingReport | TaskKind::KeyTasks | TaskKind::Hygiene)
}

const fn state(state: TaskState) -> &'static str {
    match state {
        TaskState::Overdue => "overdue",
        TaskState::Open => "open",
        TaskState::Resolved => "resolved",
    }
}

/// What meetings decided and nobody has done yet (S2 会议决议).
pub(super) fn actions(sources: &Sources) -> Section {
    let rows = sources.actions.iter().map(|action| {
        vec![
            Cell::text(Some(&action.text)),
            action.owner.map_or(Cell::Empty, |owner| rep(sources, owner)),
            Cell::day(action.due),
        ]
    });
    let columns = ["action", "owner", "due"];
    Section::new("actions").table(Table::of("actions", &columns, rows.collect(), TASKS))
}

fn planned_days(sources: &Sources, next: Period) -> Table {
    let mut days: BTreeMap<_, (u32, u32, Vec<UserId>)> = BTreeMap::new();
    for plan in sources.plans.iter().filter(|plan| next.contains(plan.date)) {
        let (stops, tasks, reps) = days.entry(plan.date).or_default();
        *stops += plan.stops;
        *tasks += plan.key_tasks;
        reps.push(plan.rep);
    }
    let rows = days.into_iter().map(|(day, (stops, tasks, reps))| {
        vec![Cell::day(Some(day)), Cell::count(reps.len()), Cell::count(stops), Cell::count(tasks)]
    });
    let columns = ["date", "reps", "planned_visits", "key_tasks"];
    Table::of("planned", &columns, rows.collect(), usize::MAX)
}
