//! The due list (C1 item 10): what somebody should do within a week, and what is late.
//!
//! Nothing here can be ticked off: a line goes when a fact resolves it.

use askama::Template;
use client_core::id::UserId;
use client_core::rules::{TaskKind, TaskState};
use client_core::time::Date;

use super::library::help_kind;
use super::wording;
use crate::storage::model::MeetingItem;
use crate::web::filters::{Choices, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::team::TeamAsk;
use crate::web::queries::library::HelpWanted;
use crate::web::view::{Pages, State, Tone};

/// Something with a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Where it is shown.
    pub href: String,
    /// What it is called.
    pub name: Option<String>,
}

/// Reminders of one kind.
#[derive(Debug, Clone)]
pub struct DueKind {
    /// Which.
    pub kind: TaskKind,
    /// How many there are.
    pub all: usize,
    /// How many of them are late.
    pub overdue: usize,
    /// The first of them, late ones before.
    pub lines: Vec<DueLine>,
}

/// A reminder.
#[derive(Debug, Clone)]
pub struct DueLine {
    /// Whose it is.
    pub rep: UserId,
    /// The name.
    pub rep_name: String,
    /// The customer.
    pub customer: Option<Named>,
    /// The deal or visit.
    pub subject: Option<Named>,
    /// How it stands.
    pub state: TaskState,
    /// It came up on.
    pub opened_on: Date,
    /// To be done by.
    pub due_on: Date,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct DueData {
    /// What is asked for.
    pub ask: TeamAsk,
    /// By kind.
    pub kinds: Vec<DueKind>,
    /// Whose may be asked for.
    pub choices: Choices,
}

/// What people gave each other to do, the first of each.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    /// Help that was asked for, the newest first: who asks, who is asked.
    pub help: Vec<(String, Option<String>, HelpWanted)>,
    /// How much help was asked for.
    pub help_all: usize,
    /// What meetings decided and is not done, the longest due first: who does it.
    pub actions: Vec<(Option<String>, MeetingItem)>,
    /// How many there are.
    pub actions_all: usize,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "due.html")]
pub struct Due {
    frame: Frame,
    filters: Filters,
    lead: String,
    kinds: Vec<KindView>,
    help: Vec<HelpView>,
    help_count: String,
    actions: Vec<ActionView>,
    actions_count: String,
    /// Where one kind is shown, the way back to all.
    all: Option<String>,
    pages: Option<Pages>,
}

#[derive(Debug)]
struct HelpView {
    kind: String,
    text: String,
    href: Option<String>,
    rep: String,
    asked_of: String,
    on: String,
}

#[derive(Debug)]
struct ActionView {
    href: String,
    text: String,
    owner: String,
    due: String,
    state: State,
}

#[derive(Debug)]
struct KindView {
    id: &'static str,
    title: String,
    rule: &'static str,
    count: String,
    late: Option<State>,
    lines: Vec<LineView>,
    /// The kind by itself, where it has more lines.
    more: Option<(String, String)>,
}

#[derive(Debug)]
struct LineView {
    thing: (Option<String>, String),
    about: Option<(String, String)>,
    rep: (String, String),
    due: String,
    opened: String,
    state: State,
}

impl Due {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &DueData, agenda: &Agenda) -> Self {
        let sum = |pick: fn(&DueKind) -> usize| count(data.kinds.iter().map(pick).sum());
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &sum(|kind| kind.all)), ("late", &sum(|kind| kind.overdue))];
        Self {
            lead: f.w.with("due_list.lead", &values),
            filters: data
                .ask
                .of_now(f.w, "/due", &data.choices)
                .keeping("kind", data.ask.kind.as_deref().unwrap_or_default()),
            pages: data.ask.kind.as_ref().and_then(|kind| {
                let here = data.ask.address("/due").with("kind", kind).to_string();
                Pages::of(f.w, &here, data.ask.page, data.kinds.first().map_or(0, |one| one.all))
            }),
            all: data.ask.kind.as_ref().map(|_| data.ask.address("/due").to_string()),
            help: agenda.help.iter().map(|one| help_view(f, data.ask.today, one)).collect(),
            help_count: count(agenda.help_all),
            actions: agenda.actions.iter().map(|one| action(f, data.ask.today, one)).collect(),
            actions_count: count(agenda.actions_all),
            kinds: data.kinds.iter().map(|kind| view(f, &data.ask, kind)).collect(),
            frame,
        }
    }
}

fn help_view(
    f: &Format,
    today: Date,
    (rep, asked_of, one): &(String, Option<String>, HelpWanted),
) -> HelpView {
    HelpView {
        kind: help_kind(f.w, one),
        text: one.text.clone().unwrap_or_else(|| "–".to_owned()),
        href: one.visit.map(|visit| format!("/visits/{visit}")),
        rep: rep.clone(),
        asked_of: asked_of.clone().unwrap_or_else(|| f.w.say("library.anybody").to_owned()),
        on: f.date_near(one.on, today),
    }
}

fn action(f: &Format, today: Date, (owner, item): &(Option<String>, MeetingItem)) -> ActionView {
    let state = match item.due.map(|due| due.days_since(today)) {
        Some(days) if days < 0 => {
            State::new(Tone::Late, f.w.count("due_list.days_late", -days, &[("n", &-days)]))
        }
        Some(0) => State::new(Tone::Watch, f.w.say("due_list.today")),
        Some(days) => {
            State::new(Tone::Neutral, f.w.count("due_list.in_days", days, &[("n", &days)]))
        }
        None => State::new(Tone::Neutral, f.w.say("meetings.open")),
    };
    ActionView {
        href: format!("/meetings/{}", item.meeting),
        text: match item.text.as_str() {
            "" => f.w.say("meetings.erased").to_owned(),
            text => text.to_owned(),
        },
        owner: owner.clone().unwrap_or_else(|| "–".to_owned()),
        due: item.due.map_or_else(|| "–".to_owned(), |due| f.date_near(due, today)),
        state,
    }
}

fn count(n: usize) -> String {
    format::count(i64::try_from(n).unwrap_or(i64::MAX))
}

fn view(f: &Format, ask: &TeamAsk, kind: &DueKind) -> KindView {
    let late = f.w.with("due_list.late", &[("n", &count(kind.overdue))]);
    let more = ask.kind.is_none() && kind.all > kind.lines.len();
    let alone = ask.address("/due").with("kind", kind.kind.as_str()).to_string();
    KindView {
        id: kind.kind.as_str(),
        title: f.w.code("task", kind.kind.as_str()).into_owned(),
        rule: kind.kind.rule(),
        count: count(kind.all),
        late: (kind.overdue > 0).then(|| State::new(Tone::Late, late)),
        lines: kind.lines.iter().map(|line| line_view(f, ask.today, line)).collect(),
        more: more.then(|| (alone, f.w.with("due_list.more", &[("n", &count(kind.all))]))),
    }
}

fn line_view(f: &Format, today: Date, line: &DueLine) -> LineView {
    let link =
        |named: &Named| (named.href.clone(), wording::customer_name(f.w, named.name.as_deref()));
    let (customer, subject) = (line.customer.as_ref().map(link), line.subject.as_ref().map(link));
    let thing = customer.clone().or_else(|| subject.clone());
    let days = line.due_on.days_since(today);
    let state = match line.state {
        TaskState::Overdue => {
            State::new(Tone::Late, f.w.count("due_list.days_late", -days, &[("n", &-days)]))
        }
        _ if days <= 0 => State::new(Tone::Watch, f.w.say("due_list.today")),
        _ => State::new(Tone::Neutral, f.w.count("due_list.in_days", days, &[("n", &days)])),
    };
    LineView {
        thing: thing.map_or_else(
            || (None, f.date_near(line.due_on, today)),
            |(href, name)| (Some(href), name),
        ),
        // A visit is called as its customer is.
        about: customer.zip(subject).map(|((_href, customer), (href, name))| {
            let same = customer == name;
            (href, if same { f.w.say("word.visit").to_owned() } else { name })
        }),
        rep: (format!("/due?rep={}", line.rep), line.rep_name.clone()),
        due: f.date_near(line.due_on, today),
        opened: f.w.with("due_list.since", &[("day", &f.date_near(line.opened_on, today))]),
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::{Lang, Words};

    #[test]
    fn a_line_says_how_late_it_is_and_leads_to_its_customer() {
        let f = Format::new(Words::new(Lang::En), client_core::time::Zone::fixed("UTC", 0));
        let today: Date = "2026-10-15".parse().unwrap();
        let line = |due: &str, state| DueLine {
            rep: UserId::from_bytes([1; 16]),
            rep_name: "Anna".into(),
            customer: Some(Named { href: "/customers/1".into(), name: Some("Acme".into()) }),
            subject: None,
            state,
            opened_on: "2026-10-01".parse().unwrap(),
            due_on: due.parse().unwrap(),
        };
        let late = line_view(&f, today, &line("2026-10-12", TaskState::Overdue));
        assert_eq!((late.state.tone, late.state.word.as_str()), (Tone::Late, "3 days late"));
        assert_eq!(late.thing, (Some("/customers/1".into()), "Acme".into()));
        let open = line_view(&f, today, &line("2026-10-16", TaskState::Open));
        assert_eq!(open.state.word, "in 1 day");
    }
}
