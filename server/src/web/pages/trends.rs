//! Trends (C1 item 6): twelve months of sales with their targets, customers by industry,
//! the product mix against its goals.

use askama::Template;
use client_core::id::DocId;
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::rules::{BasisPoints, Figure, FigureUnit, ProductMix};

use super::deals::line_control;
use super::figure;
use crate::web::curve::{Curve, MonthValue, Slice, pie};
use crate::web::filters::{Choices, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::team::TeamAsk;
use crate::web::view::{Meter, State, Tone};

/// A month's sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthSales {
    /// Which.
    pub month: Period,
    /// Won, in minor units of the org's currency.
    pub won: i64,
    /// To be won.
    pub target: Option<i64>,
    /// It is not over.
    pub running: bool,
}

/// A figure of the team in a month (F11, F13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFigure {
    /// Its id.
    pub id: &'static str,
    /// What its value counts.
    pub unit: FigureUnit,
    /// It is made of visits, and of deals otherwise.
    pub of_visits: bool,
    /// In the month; absent where there is nothing to say it of.
    pub now: Option<Figure>,
    /// In the month before.
    pub before: Option<i64>,
    /// At least so much is wanted, in basis points.
    pub goal: Option<BasisPoints>,
}

/// The customers that bought most (S3 Top20%).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAccounts {
    /// What they bought of everything.
    pub share: Figure,
    /// The first of them, the largest first.
    pub shown: Vec<KeyAccount>,
    /// How many they are.
    pub all: usize,
}

/// A customer that bought much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAccount {
    /// Which.
    pub customer: DocId,
    /// Its name.
    pub name: Option<String>,
    /// What it bought.
    pub sum: Money,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct TrendsData {
    /// What is asked for.
    pub ask: TeamAsk,
    /// Twelve months, oldest first.
    pub months: Vec<MonthSales>,
    /// Deals won that are in none of the sums: of another currency, or without an amount.
    pub foreign: usize,
    /// Customers by industry; none for those of whom it is not known.
    pub industries: Vec<(Option<String>, u64)>,
    /// What was sold of each class in these months.
    pub mix: Option<ProductMix>,
    /// The team in figures, in the month that is asked for.
    pub figures: Vec<TeamFigure>,
    /// Who bought most in these months; none where nothing was sold.
    pub key_accounts: Option<KeyAccounts>,
    /// The share that products of high margin are to have.
    pub high_margin_goal: Option<BasisPoints>,
    /// The org's currency.
    pub currency: Currency,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The product lines there are.
    pub lines: Vec<String>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "trends.html")]
pub struct Trends {
    frame: Frame,
    filters: Filters,
    span: String,
    curve: Option<Curve>,
    rows: Vec<RowView>,
    foreign: Option<String>,
    slices: Vec<Slice>,
    pie_label: String,
    mix: Vec<MixView>,
    month: String,
    before: String,
    figures: Vec<FigureRow>,
    keys_line: String,
    keys: Vec<KeyRow>,
}

#[derive(Debug)]
struct KeyRow {
    href: String,
    name: String,
    sum: String,
    share: String,
}

#[derive(Debug)]
struct FigureRow {
    name: String,
    href: String,
    value: String,
    goal: String,
    state: Option<State>,
    before: String,
    change: String,
}

#[derive(Debug)]
struct RowView {
    month: String,
    href: String,
    won: String,
    target: String,
    attained: String,
    odd: Option<State>,
}

#[derive(Debug)]
struct MixView {
    name: String,
    share: String,
    goal: String,
    deviation: String,
    bar: Meter,
    state: State,
}

/// Closed months before one that say what is usual.
const USUAL_MONTHS: usize = 3;

/// Whether a month's sales are far from the mean of the three before: less than half, or
/// more than one and a half times. A choice of ours; the guides dot anomalies and do not
/// say what one is.
fn is_odd(before: &[MonthSales], won: i64) -> bool {
    let last: Vec<i128> =
        before.iter().rev().take(USUAL_MONTHS).map(|one| i128::from(one.won)).collect();
    let sum: i128 = last.iter().sum();
    // won ÷ mean < 1/2 or > 3/2, without dividing.
    let scaled = i128::from(won) * 2 * i128::try_from(last.len()).unwrap_or(0);
    last.len() == USUAL_MONTHS && sum > 0 && (scaled < sum || scaled > 3 * sum)
}

impl Trends {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &TrendsData) -> Self {
        let odd: Vec<bool> = data
            .months
            .iter()
            .enumerate()
            .map(|(n, one)| {
                !one.running && is_odd(data.months.get(..n).unwrap_or_default(), one.won)
            })
            .collect();
        let some = data.months.iter().any(|one| one.won != 0 || one.target.is_some());
        let slices = slices(f, data);
        let said: Vec<String> =
            slices.iter().map(|slice| format!("{} {}", slice.label, slice.share)).collect();
        let foreign = i64::try_from(data.foreign).unwrap_or(i64::MAX);
        Self {
            filters: filters(f, data),
            span: span(f, &data.months),
            curve: some.then(|| curve(f, data, &odd)),
            rows: data
                .months
                .iter()
                .zip(&odd)
                .rev()
                .map(|(one, odd)| row(f, data, one, *odd))
                .collect(),
            foreign: (foreign > 0)
                .then(|| f.w.count("trends.foreign", foreign, &[("n", &foreign)])),
            slices,
            pie_label: said.join(", "),
            mix: mix(f, data),
            month: f.period(data.ask.month),
            before: f.period(data.ask.month.previous()),
            figures: data.figures.iter().map(|one| figure_row(f, data, one)).collect(),
            keys_line: data.key_accounts.as_ref().map_or_else(String::new, |keys| {
                let share = format::percent(keys.share.numerator, keys.share.denominator);
                let all = i64::try_from(keys.all).unwrap_or(i64::MAX);
                f.w.count("trends.keys_line", all, &[("n", &format::count(all)), ("share", &share)])
            }),
            keys: data.key_accounts.iter().flat_map(|keys| key_rows(f, keys)).collect(),
            frame,
        }
    }
}

fn filters(f: &Format, data: &TrendsData) -> Filters {
    let mut filters = data.ask.by_month(f.w, "/trends", &data.choices);
    if !data.lines.is_empty() {
        filters.main.push(line_control(f.w, &data.lines, data.ask.line.as_deref()));
    }
    if data.ask.line.is_some() {
        filters.clear = Some("/trends".to_owned());
    }
    filters
}

fn span(f: &Format, months: &[MonthSales]) -> String {
    match (months.first(), months.last()) {
        (Some(first), Some(last)) => {
            format!("{} – {}", f.period(first.month), f.period(last.month))
        }
        _ => String::new(),
    }
}

fn curve(f: &Format, data: &TrendsData, odd: &[bool]) -> Curve {
    let money = |minor: i64| f.money(Money::new(minor, data.currency));
    let months: Vec<MonthValue> = data
        .months
        .iter()
        .zip(odd)
        .map(|(one, odd)| {
            let month = f.period(one.month);
            let title = match one.target {
                Some(target) => f.w.with(
                    "trends.month_of",
                    &[("month", &month), ("won", &money(one.won)), ("target", &money(target))],
                ),
                None => f.w.with("trends.month", &[("month", &month), ("won", &money(one.won))]),
            };
            MonthValue {
                caption: one.month.first_day().naive().format("%-m").to_string(),
                value: one.won,
                target: one.target,
                odd: *odd,
                running: one.running,
                title,
                text: money(one.won),
            }
        })
        .collect();
    Curve::of(&months, f.w.with("trends.label", &[("span", &span(f, &data.months))]))
}

fn row(f: &Format, data: &TrendsData, one: &MonthSales, odd: bool) -> RowView {
    let money = |minor: i64| f.money(Money::new(minor, data.currency));
    let (first, last) = (one.month.first_day(), one.month.last_day());
    let list = data.ask.address("/deals").with("outcome", "won");
    let list = list.given("line", data.ask.line.as_ref());
    RowView {
        month: f.period(one.month),
        href: list.with("decided_from", first).with("decided_to", last).to_string(),
        won: money(one.won),
        target: one.target.map_or_else(|| "–".to_owned(), money),
        attained: one
            .target
            .filter(|target| *target > 0)
            .map_or_else(|| "–".to_owned(), |target| format::percent(one.won, target)),
        odd: match (odd, one.running) {
            (true, _) => Some(State::new(Tone::Watch, f.w.say("trends.odd"))),
            (false, true) => Some(State::new(Tone::Unknown, f.w.say("trends.running"))),
            (false, false) => None,
        },
    }
}

fn slices(f: &Format, data: &TrendsData) -> Vec<Slice> {
    let counts = data.industries.iter().map(|(industry, n)| match industry {
        Some(name) => {
            let list = data.ask.address("/customers").with("industry", name);
            (name.clone(), *n, Some(list.to_string()))
        }
        None => (f.w.say("trends.no_industry").to_owned(), *n, None),
    });
    pie(counts.collect(), f.w.say("trends.other"))
}

fn mix(f: &Format, data: &TrendsData) -> Vec<MixView> {
    let Some(mix) = &data.mix else { return Vec::new() };
    let mut views: Vec<MixView> = mix
        .classes
        .iter()
        .map(|class| {
            let name = f.w.code("product_class", class.class.as_str()).into_owned();
            mix_view(f, name, class.share.value, class.goal, class.deviation, false)
        })
        .collect();
    if let Some(goal) = data.high_margin_goal {
        let deviation = mix.high_margin.value.map(|share| BasisPoints(share - goal.0));
        let name = f.w.say("trends.high_margin").to_owned();
        views.push(mix_view(f, name, mix.high_margin.value, goal, deviation, true));
    }
    views
}

fn key_rows(f: &Format, keys: &KeyAccounts) -> Vec<KeyRow> {
    let all = keys.share.denominator;
    let row = |one: &KeyAccount| KeyRow {
        href: format!("/customers/{}", one.customer),
        name: one.name.clone().unwrap_or_else(|| "–".to_owned()),
        sum: f.money(one.sum),
        share: format::percent(one.sum.minor, all),
    };
    keys.shown.iter().map(row).collect()
}

/// The number, its goal, its change, with the way to what it is made of.
fn figure_row(f: &Format, data: &TrendsData, one: &TeamFigure) -> FigureRow {
    let value = |n: i64| figure::value(f, one.unit, data.currency, n);
    let now = one.now.as_ref().and_then(|figure| figure.value);
    let (first, last) = (data.ask.month.first_day(), data.ask.month.last_day());
    let href = if one.of_visits {
        data.ask.address("/visits").with("from", first).with("to", last)
    } else {
        let list = data.ask.address("/deals").with("outcome", "won");
        let list = list.given("line", data.ask.line.as_ref());
        list.with("decided_from", first).with("decided_to", last)
    };
    let state = one.goal.zip(one.now.as_ref()).filter(|_both| now.is_some()).map(|(goal, is)| {
        let (above, below) = (i128::from(is.numerator), i128::from(is.denominator));
        match above * 10_000 >= below * i128::from(goal.0) {
            true => State::new(Tone::Good, f.w.say("trends.reached")),
            false => State::new(Tone::Watch, f.w.say("trends.below")),
        }
    });
    FigureRow {
        name: figure::name(f, one.id),
        href: href.to_string(),
        value: now.map_or_else(|| "–".to_owned(), value),
        goal: one.goal.map_or_else(String::new, |goal| {
            f.w.with("trends.at_least", &[("n", &format::percent(goal.0, 10_000))])
        }),
        state,
        before: one.before.map_or_else(|| "–".to_owned(), value),
        change: now.zip(one.before).map_or_else(String::new, |pair| change(f, one.unit, pair)),
    }
}

/// Shares differ by points, and everything else by a share of what it was.
fn change(f: &Format, unit: FigureUnit, (now, before): (i64, i64)) -> String {
    let difference = now.saturating_sub(before);
    let sign = if difference > 0 { "+" } else { "" };
    match unit {
        FigureUnit::BasisPoints => {
            let points = format!("{sign}{}", format::points(difference));
            f.w.with("trends.points", &[("n", &points)])
        }
        _ if before > 0 => format!("{sign}{}", format::percent(difference, before)),
        _ => String::new(),
    }
}

/// Points beside which a share is where it should be.
const NEAR: i64 = 500;

fn mix_view(
    f: &Format,
    name: String,
    share: Option<i64>,
    goal: BasisPoints,
    deviation: Option<BasisPoints>,
    at_least: bool,
) -> MixView {
    let percent = |points: i64| format::percent(points, 10_000);
    let off = deviation.map_or(0, |deviation| deviation.0);
    let (tone, key) = match share {
        None => (Tone::Unknown, "trends.no_sales"),
        Some(_) if at_least && off >= 0 => (Tone::Good, "trends.reached"),
        Some(_) if off.abs() <= NEAR => (Tone::Good, "trends.near"),
        Some(_) if off < 0 => (Tone::Watch, "trends.below"),
        Some(_) => (Tone::Watch, "trends.above"),
    };
    let said = share.map_or_else(|| "–".to_owned(), percent);
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("share", &said), ("goal", &percent(goal.0))];
    let label = f.w.with("trends.share_of", &values);
    let sign = if off > 0 { "+" } else { "" };
    let shift = format!("{sign}{}", format::decimal(i128::from(off), 2));
    MixView {
        name,
        share: said,
        goal: percent(goal.0),
        deviation: f.w.with("trends.points", &[("n", &shift)]),
        bar: Meter {
            filled: share.unwrap_or(0).clamp(0, 10_000) / 50,
            hatched: 0,
            mark: Some(goal.0.clamp(0, 10_000) / 50),
            tone: "",
            label,
        },
        state: State::new(tone, f.w.say(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_odd_that_is_far_from_the_three_before() {
        let month = |won| MonthSales {
            month: "2026-01".parse().unwrap(),
            won,
            target: None,
            running: false,
        };
        let usual = [month(100), month(90), month(110)];
        assert!(!is_odd(&usual, 50) && is_odd(&usual, 49));
        assert!(!is_odd(&usual, 150) && is_odd(&usual, 151));
        assert!(!is_odd(&usual[..2], 1), "two months say nothing");
    }
}
