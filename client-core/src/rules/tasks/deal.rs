//! R7, R8, R11: leads that are too old for their grade, deals that do not move, and
//! deals that nobody touches; and the next milestone of a deal (S3 阶段性跟进节点).

use super::{Desk, Task, TaskKind, id};
use crate::docs::deal::{LeadGrade, Priority};
use crate::rules::facts::{DealFact, FactRef};
use crate::rules::policy::{Phase, Stage};
use crate::rules::team::{Fate, fate};
use crate::time::{Date, Timestamp};

/// Reminders about open deals. A deal that does not move is not also called untouched:
/// of the two the stronger is said.
pub(super) fn deals(desk: Desk<'_>) -> Vec<Task> {
    let open = desk.facts.deals.iter().filter(|deal| fate(deal, desk.horizon) == Fate::Open);
    open.flat_map(|deal| {
        let stalled = stalled(desk, deal);
        let untouched = if stalled.is_none() { hygiene(desk, deal) } else { None };
        let all = stale(desk, deal).into_iter().chain(stalled).chain(untouched);
        all.chain(milestone(desk, deal)).collect::<Vec<_>>()
    })
    .collect()
}

/// The first milestone that was not reached yet, by its day; the fact of reaching it resolves
/// it, and the next one takes its place.
fn milestone(desk: Desk<'_>, deal: &DealFact) -> Option<Task> {
    let next = deal.awaited.iter().min()?;
    let created = deal.created_at.map(|at| desk.facts.calendar.zone.date(at));
    let opened_on = created.map_or(next.due_on, |created| created.min(next.due_on));
    Some(Task { opened_on, ..task(desk, TaskKind::Milestone, deal, next.due_on, Vec::new()) })
}

/// R7: a lead of grade A is to close within 30 days, of grade B within 90 (S0).
fn stale(desk: Desk<'_>, deal: &DealFact) -> Option<Task> {
    let days = match deal.grade.as_ref()? {
        LeadGrade::A => desk.policy.leads.a_days,
        LeadGrade::B => desk.policy.leads.b_days,
        LeadGrade::C | LeadGrade::Unknown(_) => return None,
    };
    let graded = desk.facts.calendar.zone.date(deal.graded_at.or(deal.created_at)?);
    let last = graded.plus_days(i64::from(days));
    (desk.today() > last).then(|| task(desk, TaskKind::StaleLead, deal, last, Vec::new()))
}

/// R8: neither another stage nor a contact for so many days (S3 停滞).
fn stalled(desk: Desk<'_>, deal: &DealFact) -> Option<Task> {
    let stage = stage_of(desk, deal)?;
    let allowed =
        stage.and_then(|stage| stage.stall_days).unwrap_or(desk.policy.reminders.stall_days);
    let moved = deal.stages.iter().map(|entry| entry.at).chain(deal.created_at);
    let (moved, contact) = (latest(desk, moved), contact(desk, deal));
    let since = moved.into_iter().chain(contact.as_ref().map(|(at, _fact)| *at)).max()?;
    let due_on = desk.facts.calendar.zone.date(since).plus_days(i64::from(allowed));
    let contact = contact.map(|(_at, fact)| fact);
    (desk.today() >= due_on)
        .then(|| task(desk, TaskKind::StalledDeal, deal, due_on, contact.into_iter().collect()))
}

/// R11: not touched for more than so many working days, by priority. (S3 says daily.)
fn hygiene(desk: Desk<'_>, deal: &DealFact) -> Option<Task> {
    stage_of(desk, deal)?;
    let hygiene = &desk.policy.reminders.hygiene;
    let allowed = match &deal.priority {
        Some(Priority::P1) => hygiene.p1,
        Some(Priority::P2) => hygiene.p2,
        _ => hygiene.p3,
    };
    let zone = &desk.facts.calendar.zone;
    let quotes = desk.facts.quotes.iter().filter(|quote| quote.deal == Some(deal.doc));
    let quoted = quotes.flat_map(|quote| [quote.issued_on, quote.decided_on]).flatten();
    let times =
        deal.stages.iter().map(|entry| entry.at).chain(deal.created_at).chain(deal.graded_at);
    let contact = contact(desk, deal);
    let touched = latest(desk, times.chain(contact.as_ref().map(|(at, _fact)| *at)));
    let day = touched.map(|at| zone.date(at)).into_iter().chain(quoted);
    let day = day.filter(|day| *day <= desk.today()).max()?;
    let due_on = desk.working_days_after(day, allowed);
    let contact = contact.map(|(_at, fact)| fact);
    (desk.today() > due_on
        && desk.facts.calendar.working_days(day.next(), desk.today().next()) > i64::from(allowed))
    .then(|| task(desk, TaskKind::Hygiene, deal, due_on, contact.into_iter().collect()))
}

/// The stage that an opportunity is in, if the policy knows it; `None` for a lead.
fn stage_of<'a>(desk: Desk<'a>, deal: &DealFact) -> Option<Option<&'a Stage>> {
    let stage = deal.stage.as_deref().and_then(|code| desk.policy.pipeline.stage(code));
    let lead = stage.is_some_and(|stage| matches!(stage.phase, Phase::Lead | Phase::Closed));
    (!lead).then_some(stage)
}

fn latest(desk: Desk<'_>, times: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    times.filter(|at| *at <= desk.horizon).max()
}

/// The last submitted contact that names the deal, or that was with its customer.
fn contact(desk: Desk<'_>, deal: &DealFact) -> Option<(Timestamp, FactRef)> {
    let about = desk.judged.iter().filter(|one| {
        one.was_contact()
            && (one.visit.deals.contains(&deal.doc)
                || (deal.customer.is_some() && one.visit.customer == deal.customer))
    });
    about.max_by_key(|one| (one.at, one.visit.doc)).map(|one| (one.at, one.visit.fact()))
}

fn task(desk: Desk<'_>, kind: TaskKind, deal: &DealFact, due_on: Date, more: Vec<FactRef>) -> Task {
    let due_at = desk.end_of(due_on);
    let mut facts = vec![deal.fact()];
    facts.extend(more);
    facts.sort();
    Task {
        id: id(kind, deal.doc),
        kind,
        state: desk.state(due_at, false),
        customer: deal.customer,
        subject: Some(deal.doc),
        opened_on: due_on,
        due_at,
        due_on,
        priority: deal.priority.clone(),
        facts,
        resolved_by: None,
    }
}
