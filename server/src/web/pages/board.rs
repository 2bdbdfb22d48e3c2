//! The evening board (S1 晚会): the day, or its week or month, against the target, and who
//! has not been heard from yet.

use askama::Template;
use client_core::id::{DocId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::rules::DayFigure;
use client_core::time::{Date, Timestamp};

use super::wording;
use crate::web::address::Address;
use crate::web::chart::{Columns, DayValue};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::queries::board::Span;
use crate::web::view::{Figure, Meter, State, Tone};

/// How many of the day's visits the board lists.
pub const VISITS_SHOWN: usize = 20;

/// What the board is given.
#[derive(Debug, Clone)]
pub struct BoardData {
    /// The day, or one of the days.
    pub day: Date,
    /// How many days.
    pub span: Span,
    /// The days.
    pub period: Period,
    /// The last of them, or the day it is now where they are not over.
    pub last: Date,
    /// The day it is now in the org's zone.
    pub today: Date,
    /// Units to choose from, and the chosen one.
    pub units: Vec<(UnitId, String)>,
    /// The unit chosen.
    pub unit: Option<UnitId>,
    /// Product lines to choose from.
    pub lines: Vec<String>,
    /// The line that the deals are of; all of them if absent.
    pub line: Option<String>,
    /// The org's currency.
    pub currency: Currency,
    /// Every rep, by name.
    pub reps: Vec<RepDay>,
    /// The days' visits, latest first, at most [`VISITS_SHOWN`].
    pub visits: Vec<VisitOfDay>,
    /// Effective visits of the working days up to the day, oldest first.
    pub trend: Vec<(Date, i64)>,
}

/// A rep's day.
#[derive(Debug, Clone)]
pub struct RepDay {
    /// Who.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their unit's name.
    pub unit: String,
    /// When their phone was heard last.
    pub heard: Heard,
    /// Visits of the day, drafts included.
    pub visits_logged: i64,
    /// Effective visits.
    pub visits: DayFigure,
    /// New leads.
    pub leads: DayFigure,
    /// New deals.
    pub deals: DayFigure,
    /// Won amount in minor units.
    pub won: DayFigure,
    /// Why the days fell short, as the rep's last daily report that says why.
    pub gap_reason: Option<(Date, String)>,
}

/// When a rep's phones were heard last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// No phone is enrolled.
    NoPhone,
    /// Last at this instant.
    At(Timestamp),
}

/// A visit of the day.
#[derive(Debug, Clone)]
pub struct VisitOfDay {
    /// Which.
    pub doc: DocId,
    /// The customer's name.
    pub customer: Option<String>,
    /// The rep's name.
    pub rep: String,
    /// Mode code.
    pub mode: Option<String>,
    /// When it began.
    pub at: Option<Timestamp>,
    /// Outcome code.
    pub outcome: Option<String>,
    /// The verdict, if it was judged.
    pub state: State,
}

/// The board.
#[derive(Debug, Template)]
#[template(path = "board.html")]
pub struct Board {
    frame: Frame,
    title: String,
    when: String,
    date: Date,
    kept_span: Option<&'static str>,
    spans: Vec<Tab>,
    earlier: (String, String),
    later: Option<(String, String)>,
    words: Said,
    units: Vec<UnitChoice>,
    lines: Vec<(String, bool)>,
    figures: Vec<Figure>,
    reps: Vec<RepRow>,
    visits: Vec<VisitRow>,
    visits_count: String,
    more_visits: Option<String>,
    silent: Vec<SilentRow>,
    gaps: Vec<GapRow>,
    trend: Option<Columns>,
}

/// A board of fewer or more days.
#[derive(Debug)]
struct Tab {
    label: String,
    href: String,
    chosen: bool,
}

/// What is said otherwise of an evening than of more days.
#[derive(Debug)]
struct Said {
    team_hint: String,
    visits: String,
    no_visits: String,
}

#[derive(Debug)]
struct UnitChoice {
    id: UnitId,
    name: String,
    chosen: bool,
}

#[derive(Debug)]
struct RepRow {
    href: String,
    name: String,
    unit: String,
    heard: State,
    visits: String,
    visits_href: String,
    visits_target: String,
    bar: Meter,
    leads: String,
    deals: String,
    won: String,
}

#[derive(Debug)]
struct VisitRow {
    href: String,
    customer: String,
    mode: String,
    time: String,
    rep: String,
    outcome: String,
    state: State,
}

#[derive(Debug)]
struct SilentRow {
    href: String,
    name: String,
    since: String,
}

#[derive(Debug)]
struct GapRow {
    href: String,
    name: String,
    day: String,
    reason: String,
}

impl Board {
    /// The board of `data`.
    pub fn new(frame: Frame, f: &Format, data: &BoardData) -> Self {
        let link = |day: Date, span: Span| {
            let address = Address::new("/board").with("date", day).given("unit", data.unit);
            let address = address.given("line", data.line.as_ref());
            address.given("span", kept(span)).to_string()
        };
        let beside = |period: Period| (link(period.first_day(), data.span), f.period(period));
        let later = data.period.following();
        let silent = data.reps.iter().filter(|rep| rep.is_silent(f, data.last));
        let of = |key: &str| match data.span {
            Span::Day => f.w.say(key).to_owned(),
            Span::Week | Span::Month => f.w.say(&format!("{key}_of_days")).to_owned(),
        };
        Self {
            title: match data.span {
                Span::Day => f.w.say("board.title").to_owned(),
                Span::Week => f.w.say("board.title_week").to_owned(),
                Span::Month => f.w.say("board.title_month").to_owned(),
            },
            when: if data.period == Period::Day(data.today) {
                f.w.with("period.today", &[("day", &f.day(data.day))])
            } else {
                f.period(data.period)
            },
            date: data.day,
            kept_span: kept(data.span),
            spans: Span::ALL
                .map(|span| Tab {
                    label: f.w.code("board_span", span.as_str()).into_owned(),
                    href: link(data.day, span),
                    chosen: span == data.span,
                })
                .into(),
            earlier: beside(data.period.previous()),
            later: (later.first_day() <= data.today).then(|| beside(later)),
            words: Said {
                team_hint: of("board.team_hint"),
                visits: of("board.visits"),
                no_visits: of("board.no_visits"),
            },
            units: data
                .units
                .iter()
                .map(|(id, name)| UnitChoice {
                    id: *id,
                    name: name.clone(),
                    chosen: data.unit == Some(*id),
                })
                .collect(),
            lines: data
                .lines
                .iter()
                .map(|line| (line.clone(), data.line.as_ref() == Some(line)))
                .collect(),
            figures: figures(f, data),
            reps: data.reps.iter().map(|rep| rep_row(f, data, rep)).collect(),
            visits: data.visits.iter().map(|visit| visit_row(f, data, visit)).collect(),
            visits_count: visits_count(f, data),
            more_visits: more_visits(f, data),
            silent: silent.map(|rep| silent_row(f, data, rep)).collect(),
            gaps: data.reps.iter().filter_map(|rep| gap_row(f, data, rep)).collect(),
            trend: trend(f, data),
            frame,
        }
    }
}

impl BoardData {
    /// Every phone was heard since the day began. Somebody without a phone is
    /// listed as not heard from, and nothing of theirs is still to come.
    fn all_heard(&self, f: &Format, day: Date) -> bool {
        let phones = self.reps.iter().filter(|rep| rep.heard != Heard::NoPhone);
        phones.into_iter().all(|rep| !rep.is_silent(f, day))
    }
}

impl RepDay {
    fn is_silent(&self, f: &Format, day: Date) -> bool {
        match self.heard {
            Heard::NoPhone => true,
            Heard::At(at) => at < f.zone.start_of(day),
        }
    }

    /// The phone was heard after the day ended, so nothing of it can be missing
    /// that the phone knew.
    fn is_complete(&self, f: &Format, day: Date) -> bool {
        matches!(self.heard, Heard::At(at) if at > f.zone.end_of(day))
    }
}

/// What the address says of a span; an evening is meant where it says nothing.
fn kept(span: Span) -> Option<&'static str> {
    (span != Span::Day).then(|| span.as_str())
}

/// A day's target from hundredths: to a tenth, and without it where it is zero.
fn target_text(hundredths: i64) -> String {
    let text = format::decimal(i128::from(hundredths + 5).div_euclid(10), 1);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn card_href(rep: UserId, day: Date) -> String {
    format!("/scorecards/{rep}/{}", Period::month_of(day))
}

fn figures(f: &Format, data: &BoardData) -> Vec<Figure> {
    type Pick = fn(&RepDay) -> &DayFigure;
    let complete = data.all_heard(f, data.last);
    let counts: [(&str, &str, Pick); 3] = [
        ("word.effective_visits", "#visits", |rep| &rep.visits),
        ("word.new_leads", "#team", |rep| &rep.leads),
        ("word.new_deals", "#team", |rep| &rep.deals),
    ];
    let mut figures: Vec<Figure> = counts
        .into_iter()
        .map(|(label, href, pick)| {
            let (actual, target) = sum(data, pick);
            let goal = target.map(target_text);
            figure(f, label, href, format::count(actual), goal, (actual, target, complete))
        })
        .collect();
    let (actual, target) = sum(data, |rep| &rep.won);
    let money = |minor: i64| f.money(Money::new(minor, data.currency));
    let goal = target.map(|hundredths| money(hundredths / 100));
    let won = figure(f, "word.won", "#team", money(actual), goal, (actual, target, complete));
    figures.push(won);
    figures
}

/// The sum of a figure over all reps, and of its target in hundredths.
fn sum(data: &BoardData, pick: fn(&RepDay) -> &DayFigure) -> (i64, Option<i64>) {
    let actual = data.reps.iter().map(|rep| pick(rep).actual).sum();
    let targets = data.reps.iter().filter_map(|rep| pick(rep).target_hundredths);
    let target = targets.fold(None, |sum: Option<i64>, each| Some(sum.unwrap_or(0) + each));
    (actual, target)
}

fn figure(
    f: &Format,
    label: &str,
    href: &str,
    value: String,
    goal: Option<String>,
    (actual, target, complete): (i64, Option<i64>, bool),
) -> Figure {
    let target = target.filter(|target| *target > 0);
    let against = match (&goal, target) {
        (Some(goal), Some(_)) => f.w.with("board.of_target", &[("target", goal)]),
        _ => f.w.say("board.no_target").to_owned(),
    };
    let bar = target.map(|target| {
        let key = if complete { "board.bar" } else { "board.bar_unknown" };
        let goal = goal.unwrap_or_default();
        let text = f.w.with(key, &[("actual", &value), ("target", &goal)]);
        Meter::against(actual.saturating_mul(100), Some(target), complete, text)
    });
    Figure {
        label: f.w.say(label).to_owned(),
        value,
        unit: String::new(),
        against,
        share: target
            .map(|target| format::percent(actual.saturating_mul(100), target))
            .unwrap_or_default(),
        bar,
        href: href.to_owned(),
    }
}

fn rep_row(f: &Format, data: &BoardData, rep: &RepDay) -> RepRow {
    let silent = rep.is_silent(f, data.last);
    let href = card_href(rep.rep, data.last);
    let visits = format::count(rep.visits.actual);
    let goal = rep.visits.target_hundredths.filter(|target| *target > 0).map(target_text);
    let goal_text = goal.clone().unwrap_or_else(|| "–".to_owned());
    let key = if silent { "board.bar_unknown" } else { "board.bar" };
    let label = f.w.with(key, &[("actual", &visits), ("target", &goal_text)]);
    RepRow {
        visits_href: format!("{href}/effective_visits"),
        href,
        name: rep.name.clone(),
        unit: rep.unit.clone(),
        heard: heard_state(f, data.last, rep),
        visits_target: goal
            .map(|goal| f.w.with("board.of_target", &[("target", &goal)]))
            .unwrap_or_default(),
        bar: Meter::against(
            rep.visits.actual.saturating_mul(100),
            rep.visits.target_hundredths,
            !silent,
            label,
        ),
        visits,
        leads: format::count(rep.leads.actual),
        deals: format::count(rep.deals.actual),
        won: f.money(Money::new(rep.won.actual, data.currency)),
    }
}

fn heard_state(f: &Format, day: Date, rep: &RepDay) -> State {
    match rep.heard {
        Heard::NoPhone => State::new(Tone::Unknown, f.w.say("heard.no_phone")),
        Heard::At(_) if rep.is_silent(f, day) => State::new(Tone::Unknown, f.w.say("heard.silent")),
        Heard::At(at) => {
            let tone = if rep.is_complete(f, day) { Tone::Good } else { Tone::Neutral };
            State::new(tone, f.moment_on(at, day))
        }
    }
}

fn visit_row(f: &Format, data: &BoardData, visit: &VisitOfDay) -> VisitRow {
    let when = |at: Timestamp| match data.span {
        Span::Day => f.time(at),
        Span::Week | Span::Month => f.moment(at),
    };
    VisitRow {
        href: format!("/visits/{}", visit.doc),
        customer: wording::customer_name(f.w, visit.customer.as_deref()),
        mode: wording::code(f.w, "mode", visit.mode.as_deref()),
        time: visit.at.map_or_else(|| "–".to_owned(), when),
        rep: visit.rep.clone(),
        outcome: wording::code(f.w, "outcome", visit.outcome.as_deref()),
        state: visit.state.clone(),
    }
}

fn visits_count(f: &Format, data: &BoardData) -> String {
    let logged: i64 = data.reps.iter().map(|rep| rep.visits_logged).sum();
    let effective: i64 = data.reps.iter().map(|rep| rep.visits.actual).sum();
    f.w.count("board.visits_count_effective", logged, &[("n", &logged), ("effective", &effective)])
}

fn more_visits(f: &Format, data: &BoardData) -> Option<String> {
    let logged: i64 = data.reps.iter().map(|rep| rep.visits_logged).sum();
    let shown = i64::try_from(data.visits.len()).unwrap_or(i64::MAX);
    (logged > shown).then(|| f.w.with("board.more_visits", &[("shown", &shown), ("all", &logged)]))
}

fn silent_row(f: &Format, data: &BoardData, rep: &RepDay) -> SilentRow {
    let since = match rep.heard {
        Heard::NoPhone => f.w.say("heard.no_phone").to_owned(),
        Heard::At(at) => f.w.with("board.heard_before", &[("when", &f.moment(at))]),
    };
    SilentRow { href: card_href(rep.rep, data.last), name: rep.name.clone(), since }
}

fn gap_row(f: &Format, data: &BoardData, rep: &RepDay) -> Option<GapRow> {
    let (day, reason) = rep.gap_reason.clone().filter(|(_, text)| !text.trim().is_empty())?;
    Some(GapRow {
        href: card_href(rep.rep, data.last),
        name: rep.name.clone(),
        day: if data.span == Span::Day { String::new() } else { f.short_day(day) },
        reason,
    })
}

fn trend(f: &Format, data: &BoardData) -> Option<Columns> {
    if data.trend.iter().all(|(_, value)| *value == 0) {
        return None;
    }
    let days: Vec<DayValue> = data
        .trend
        .iter()
        .map(|(day, value)| DayValue {
            day: *day,
            value: *value,
            complete: data.all_heard(f, *day),
            title: f.w.count(
                "board.trend_day",
                *value,
                &[("day", &f.short_day(*day)), ("n", value)],
            ),
        })
        .collect();
    // The line is a day's target, which a board of more days does not hold.
    let target = sum(data, |rep| &rep.visits).1.filter(|_| data.span == Span::Day);
    let target = target.map(|hundredths| (hundredths + 50) / 100);
    let label = f.w.with("board.trend_label", &[("n", &days.len())]);
    Some(Columns::trend(&days, target, label))
}
