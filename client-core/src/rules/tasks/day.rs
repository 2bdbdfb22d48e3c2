//! R12 and S1: the day's report and the day's three key tasks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Desk, Task, TaskKind, TaskState, id};
use crate::rules::facts::{FactRef, PlanFact};
use crate::time::Date;

const NOON_MS: i64 = 12 * 3_600_000;

/// R12: a working day with visits has a report by noon of the next working day.
pub(super) fn reports(desk: Desk<'_>) -> Vec<Task> {
    let (calendar, today) = (&desk.facts.calendar, desk.today());
    let mut visited: BTreeMap<Date, BTreeSet<FactRef>> = BTreeMap::new();
    let own = desk.judged.iter().filter(|one| one.visit.author == desk.facts.rep);
    let lately = today.plus_days(-super::PAST_DAYS - 14);
    for one in own.filter(|one| lately <= one.date && calendar.is_working_day(one.date)) {
        visited.entry(one.date).or_default().insert(one.visit.fact());
    }
    let mut tasks = Vec::new();
    for (day, facts) in visited {
        let plan = plan_of(desk, day);
        let reported =
            plan.and_then(|plan| plan.report_submitted_at).is_some_and(|at| at <= desk.horizon);
        if reported {
            continue;
        }
        let due_on = desk.working_days_after(day, 1);
        let due_at = calendar.zone.start_of(due_on).plus_millis(NOON_MS);
        tasks.push(Task {
            id: id(TaskKind::MissingReport, day),
            kind: TaskKind::MissingReport,
            // At noon itself it is still in time.
            state: if due_at < desk.horizon { TaskState::Overdue } else { TaskState::Open },
            customer: None,
            subject: plan.map(|plan| plan.fact.doc),
            opened_on: day,
            due_at,
            due_on,
            priority: None,
            facts: facts.into_iter().chain(plan.map(|plan| plan.fact.clone())).collect(),
            resolved_by: None,
        });
    }
    tasks
}

/// S1: each working day begins with so many key tasks.
pub(super) fn key_tasks(desk: Desk<'_>) -> Vec<Task> {
    let today = desk.today();
    if !desk.open || !desk.facts.calendar.is_working_day(today) {
        return Vec::new();
    }
    let plan = plan_of(desk, today);
    let named = plan.map_or(0, |plan| plan.key_tasks.len());
    if u32::try_from(named).unwrap_or(u32::MAX) >= desk.policy.reminders.key_tasks {
        return Vec::new();
    }
    let due_at = desk.end_of(today);
    vec![Task {
        id: id(TaskKind::KeyTasks, today),
        kind: TaskKind::KeyTasks,
        state: TaskState::Open,
        customer: None,
        subject: plan.map(|plan| plan.fact.doc),
        opened_on: today,
        due_at,
        due_on: today,
        priority: None,
        facts: plan.map(|plan| plan.fact.clone()).into_iter().collect(),
        resolved_by: None,
    }]
}

fn plan_of(desk: Desk<'_>, day: Date) -> Option<&PlanFact> {
    let own = desk.facts.plans.iter().filter(|plan| plan.rep == desk.facts.rep);
    own.filter(|plan| plan.date == day).max_by_key(|plan| plan.report_submitted_at)
}
