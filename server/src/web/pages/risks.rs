//! The risk list (C1 item 8): red then yellow, why, whose, for how long, what is planned,
//! what is at stake.

use askama::Template;
use client_core::docs::customer::Recovery;
use client_core::id::UserId;
use client_core::money::Money;
use client_core::rules::{Receivable, Risk, RiskLevel, RiskReason};
use client_core::time::Date;

use super::wording;
use crate::web::filters::{Choices, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::team::TeamAsk;
use crate::web::view::{Pages, State, Tone};

/// A customer in danger.
#[derive(Debug, Clone)]
pub struct RiskLine {
    /// What the rules say.
    pub risk: Risk,
    /// The customer's name.
    pub name: Option<String>,
    /// Whose it is.
    pub rep: UserId,
    /// The name.
    pub owner: String,
    /// The next day on which somebody plans to go there.
    pub planned: Option<Date>,
    /// How it is to be kept (S1 挽回方案).
    pub recovery: Recovery,
    /// Who sees to that; its owner if absent.
    pub helper: Option<String>,
    /// What it owes late.
    pub overdue: Option<Receivable>,
    /// What its open deals are worth, by currency.
    pub stake: Vec<Money>,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct RisksData {
    /// What is asked for.
    pub ask: TeamAsk,
    /// Those of the page.
    pub lines: Vec<RiskLine>,
    /// How many there are.
    pub all: usize,
    /// How many of them are red.
    pub red: usize,
    /// Whose may be asked for.
    pub choices: Choices,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "risks.html")]
pub struct Risks {
    frame: Frame,
    filters: Filters,
    lead: String,
    lines: Vec<LineView>,
    pages: Option<Pages>,
}

#[derive(Debug)]
struct LineView {
    href: String,
    name: String,
    level: State,
    owner: (String, String),
    why: Vec<(String, bool)>,
    kept: bool,
    since: String,
    age: String,
    planned: State,
    plan: State,
    plan_text: String,
    stake: String,
    overdue: String,
    late: String,
}

impl Risks {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &RisksData) -> Self {
        let count = |n: usize| format::count(i64::try_from(n).unwrap_or(i64::MAX));
        let yellow = count(data.all.saturating_sub(data.red));
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("red", &count(data.red)), ("yellow", &yellow)];
        let here = data.ask.address("/risks").to_string();
        Self {
            lead: f.w.with("risks.lead", &values),
            filters: data.ask.of_now(f.w, "/risks", &data.choices),
            pages: Pages::of(f.w, &here, data.ask.page, data.all),
            lines: data
                .lines
                .iter()
                .map(|line| view(f, data.ask.today, line, frame.people))
                .collect(),
            frame,
        }
    }
}

/// A line; `books` for a reader whom the customer's books open to.
fn view(f: &Format, today: Date, line: &RiskLine, books: bool) -> LineView {
    let risk = &line.risk;
    let tone = match risk.level {
        RiskLevel::Red => Tone::Late,
        RiskLevel::Yellow => Tone::Watch,
    };
    let owes = |reason: RiskReason| matches!(reason, RiskReason::Overdue | RiskReason::LongOverdue);
    let days = today.days_since(risk.since).max(0);
    let stake: Vec<String> = line.stake.iter().map(|sum| f.money(*sum)).collect();
    LineView {
        href: format!("/customers/{}", risk.customer),
        name: wording::customer_name(f.w, line.name.as_deref()),
        level: State::new(tone, f.w.code("risk_level", risk.level.as_str()).into_owned()),
        owner: (format!("/risks?rep={}", line.rep), line.owner.clone()),
        why: risk
            .reasons
            .iter()
            .map(|one| (f.w.code("risk_reason", one.as_str()).into_owned(), books && owes(*one)))
            .collect(),
        kept: risk.kept,
        since: f.date_near(risk.since, today),
        age: f.w.count("risks.days", days, &[("n", &days)]),
        planned: line.planned.map_or_else(
            || State::new(Tone::Watch, f.w.say("risks.not_planned")),
            |day| State::new(Tone::Good, f.date_near(day, today)),
        ),
        plan: plan(f, today, line),
        plan_text: plan_text(line),
        overdue: line.overdue.map(|owed| f.money(owed.amount)).unwrap_or_default(),
        late: line.overdue.map(|owed| overdue(f, owed)).unwrap_or_default(),
        stake: if stake.is_empty() { "–".to_owned() } else { stake.join(" + ") },
    }
}

/// How the plan to keep the customer stands. A red one without a plan is what somebody
/// must act on (S1).
fn plan(f: &Format, today: Date, line: &RiskLine) -> State {
    let recovery = &line.recovery;
    let on = |key: &str, day: Date| f.w.with(key, &[("day", &f.date_near(day, today))]);
    match (recovery.is_underway(), recovery.done_on, recovery.due) {
        (true, _, Some(due)) if due < today => State::new(Tone::Late, on("risks.plan_late", due)),
        (true, _, Some(due)) => State::new(Tone::Neutral, on("risks.plan_until", due)),
        (true, _, None) => State::new(Tone::Neutral, f.w.say("risks.plan_underway")),
        (false, Some(done), _) => State::new(Tone::Good, on("risks.plan_done", done)),
        (false, None, _) => match line.risk.level {
            RiskLevel::Red => State::new(Tone::Late, f.w.say("risks.plan_missing")),
            RiskLevel::Yellow => State::new(Tone::Neutral, f.w.say("risks.no_plan")),
        },
    }
}

fn plan_text(line: &RiskLine) -> String {
    let text = line.recovery.plan.clone().filter(|text| !text.trim().is_empty());
    let parts = [text, line.helper.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn overdue(f: &Format, owed: Receivable) -> String {
    let n = i64::try_from(owed.instalments).unwrap_or(i64::MAX);
    f.w.count("risks.overdue_since", n, &[("n", &n), ("days", &format::count(owed.days))])
}
