//! The risk list (C1 item 8): red then yellow, why, whose, for how long, what is planned,
//! what is at stake.

use askama::Template;
use client_core::id::UserId;
use client_core::money::Money;
use client_core::rules::{Risk, RiskLevel, RiskReason};
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
    stake: String,
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
            lines: data.lines.iter().map(|line| view(f, data.ask.today, line)).collect(),
            frame,
        }
    }
}

fn view(f: &Format, today: Date, line: &RiskLine) -> LineView {
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
            .map(|one| (f.w.code("risk_reason", one.as_str()).into_owned(), owes(*one)))
            .collect(),
        kept: risk.kept,
        since: f.date_near(risk.since, today),
        age: f.w.count("risks.days", days, &[("n", &days)]),
        planned: line.planned.map_or_else(
            || State::new(Tone::Watch, f.w.say("risks.not_planned")),
            |day| State::new(Tone::Good, f.date_near(day, today)),
        ),
        stake: if stake.is_empty() { "–".to_owned() } else { stake.join(" + ") },
    }
}
