//! What is due within a week and what is late, from the cards' own reminders.

use std::collections::BTreeMap;

use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::rules::{Task, TaskKind, TaskState};

use super::alarms::names;
use super::base::Base;
use super::cards;
use super::library;
use super::reach::Reach;
use crate::storage::{AnyStorage, Meetings, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::due::{Agenda, DueData, DueKind, DueLine, Named};
use crate::web::view::PAGE;

/// Days that the list looks ahead.
const AHEAD_DAYS: i64 = 7;
/// Lines of one kind beside the other kinds; by itself a kind has pages.
const SHOWN: usize = 8;

/// Lines of the agenda beside the reminders.
pub const BESIDE: usize = SHOWN;

/// What people gave each other to do: help that was asked for, and what meetings decided; of
/// each `most` at most.
pub async fn agenda(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    reader: UserId,
    ask: &TeamAsk,
    most: usize,
) -> Result<Agenda, StorageError> {
    // By kind, the page shows reminders alone.
    if ask.kind.is_some() {
        return Ok(Agenda::default());
    }
    let people = ask.whose.people(base);
    let takes = |user: UserId| people.as_ref().is_none_or(|people| people.contains(&user));
    let mut help = library::help(storage, base, reach, reader, ask.today).await?;
    help.retain(|one| one.is_open() && takes(one.rep));
    let mut actions = storage.open_actions(base.org.id).await?;
    actions.retain(|item| match item.owner {
        Some(owner) => (reach.sees(owner) || owner == reader) && takes(owner),
        None => *reach == Reach::All && people.is_none(),
    });
    Ok(Agenda {
        help_all: help.len(),
        help: help
            .into_iter()
            .take(most)
            .map(|one| {
                let asked = one.asked_of.map(|user| base.user_name(user));
                (base.user_name(one.rep), asked, one)
            })
            .collect(),
        actions_all: actions.len(),
        actions: actions
            .into_iter()
            .take(most)
            .map(|item| (item.owner.map(|owner| base.user_name(owner)), item))
            .collect(),
    })
}

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: TeamAsk,
) -> Result<DueData, StorageError> {
    let month = Period::month_of(ask.today);
    let people = ask.whose.people(base);
    let takes = |rep: UserId| people.as_ref().is_none_or(|people| people.contains(&rep));
    let until = ask.today.plus_days(AHEAD_DAYS);
    let mut by_kind: BTreeMap<TaskKind, Vec<(UserId, Task)>> = BTreeMap::new();
    for (rep, calls) in cards::calls(storage, base.org.id, reach, month).await? {
        if !takes(rep) {
            continue;
        }
        let soon = |task: &&Task| {
            let asked = ask.kind.as_ref().is_none_or(|kind| kind == task.kind.as_str());
            asked && task.state != TaskState::Resolved && task.due_on <= until
        };
        for task in calls.tasks.iter().filter(soon) {
            by_kind.entry(task.kind).or_default().push((rep, task.clone()));
        }
    }
    for tasks in by_kind.values_mut() {
        tasks.sort_by_key(|(rep, task)| (task.state, task.due_at, *rep, task.id.clone()));
    }
    let (first, most) = match ask.kind {
        Some(_) => ((ask.page - 1).saturating_mul(PAGE), PAGE),
        None => (0, SHOWN),
    };
    let shown = by_kind.values().flat_map(|tasks| tasks.iter().skip(first).take(most));
    let docs = shown.flat_map(|(_rep, task)| task.subject.into_iter().chain(task.customer));
    let names = names(storage, base, docs.collect()).await?;
    let named = |doc: DocId| {
        names.get(&doc).map(|(href, name)| Named { href: href.clone(), name: name.clone() })
    };
    let kinds = by_kind.into_iter().map(|(kind, tasks)| DueKind {
        kind,
        all: tasks.len(),
        overdue: tasks.iter().filter(|(_rep, task)| task.state == TaskState::Overdue).count(),
        lines: tasks
            .into_iter()
            .skip(first)
            .take(most)
            .map(|(rep, task)| DueLine {
                rep,
                rep_name: base.user_name(rep),
                customer: task.customer.and_then(named),
                subject: task.subject.filter(|doc| task.customer != Some(*doc)).and_then(named),
                state: task.state,
                opened_on: task.opened_on,
                due_on: task.due_on,
            })
            .collect(),
    });
    Ok(DueData { kinds: kinds.collect(), choices: base.choices(reach), ask })
}
