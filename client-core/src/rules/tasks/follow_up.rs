//! What was promised, and who waits for an answer.

use std::collections::BTreeMap;

use super::{Desk, Task, TaskKind, id};
use crate::id::DocId;
use crate::rules::effective_visit::Judged;
use crate::rules::policy::SlaClock;
use crate::rules::response;
use crate::time::Timestamp;

/// The next step of the last contact with each customer, where it has a day. A later
/// contact, whatever its kind, takes its place.
pub(super) fn follow_ups(desk: Desk<'_>) -> Vec<Task> {
    let mut last: BTreeMap<DocId, &Judged<'_>> = BTreeMap::new();
    for one in desk.judged.iter().filter(|one| one.was_contact()) {
        let Some(customer) = one.visit.customer else { continue };
        let kept = last.entry(customer).or_insert(one);
        if (kept.at, kept.visit.doc) < (one.at, one.visit.doc) {
            *kept = one;
        }
    }
    let due = last.into_iter().filter_map(|(customer, one)| {
        let due_on = one.visit.next_step_due?;
        let due_at = desk.end_of(due_on);
        Some(Task {
            id: id(TaskKind::FollowUp, one.visit.doc),
            kind: TaskKind::FollowUp,
            state: desk.state(due_at, false),
            customer: Some(customer),
            subject: Some(one.visit.doc),
            opened_on: one.date,
            due_at,
            due_on,
            priority: None,
            facts: vec![one.visit.fact()],
            resolved_by: None,
        })
    });
    due.collect()
}

/// Cases that nobody has answered.
pub(super) fn first_replies(desk: Desk<'_>) -> Vec<Task> {
    let (policy, calendar) = (&desk.policy.reminders, &desk.facts.calendar);
    let waiting = desk.facts.cases.iter().filter(|case| {
        let done = |at: Option<Timestamp>| at.is_some_and(|at| at <= desk.horizon);
        !done(case.first_reply_at) && !done(case.resolved_at)
    });
    waiting
        .filter_map(|case| {
            let opened = case.opened_at.filter(|at| *at <= desk.horizon)?;
            let allowed = i64::from(policy.response_hours) * 60;
            let due_at = match policy.response_clock {
                SlaClock::Elapsed => opened.plus_millis(allowed * 60_000),
                SlaClock::Working => {
                    let mut day = calendar.zone.date(opened);
                    // The first day whose end lies beyond what is allowed.
                    for _ in 0..366 {
                        let end = calendar.zone.end_of(day);
                        if response::minutes(policy, calendar, opened, end) >= allowed {
                            break;
                        }
                        day = day.next();
                    }
                    let before = calendar.zone.start_of(day).max(opened);
                    let used = response::minutes(policy, calendar, opened, before);
                    let opens =
                        calendar.zone.start_of(day).plus_millis(policy.working_hours.from.millis());
                    before.max(opens).plus_millis((allowed - used) * 60_000)
                }
            };
            Some(Task {
                id: id(TaskKind::FirstReply, case.fact.doc),
                kind: TaskKind::FirstReply,
                state: desk.state(due_at, false),
                customer: case.customer,
                subject: Some(case.fact.doc),
                opened_on: calendar.zone.date(opened),
                due_at,
                due_on: calendar.zone.date(due_at),
                priority: None,
                facts: vec![case.fact.clone()],
                resolved_by: None,
            })
        })
        .collect()
}
