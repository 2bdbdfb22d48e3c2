//! A figure in words: its name, its value in its unit, what it is a share of.

use client_core::money::{Currency, Money};
use client_core::rules::{FigureUnit, LineState, NamedFigure, RuleId};

use super::wording;
use crate::web::format::{self, Format};

/// A figure's name, of the card or beside it.
pub fn name(f: &Format, id: &str) -> String {
    let known = f.w.code("figure", id);
    if known == id { f.w.code("metric", id).into_owned() } else { known.into_owned() }
}

/// A value in its unit.
pub fn value(f: &Format, unit: FigureUnit, currency: Currency, value: i64) -> String {
    let value_in = |decimals| format::decimal(i128::from(value), decimals);
    match unit {
        FigureUnit::BasisPoints => format::percent(value, 10_000),
        FigureUnit::Hundredths => value_in(2),
        FigureUnit::MinorUnits => f.money(Money::new(value, currency)),
        FigureUnit::Minutes => wording::minutes(f, value),
        FigureUnit::HalfDays => f.w.with("span.days", &[("n", &half(value))]),
        FigureUnit::HundredthsOfDays => f.w.with("span.days", &[("n", &value_in(2))]),
        FigureUnit::Count => format::count(value),
    }
}

/// `2.5` from five halves.
fn half(halves: i64) -> String {
    format::decimal(i128::from(halves) * 5, 1)
}

/// A figure beside a card.
#[derive(Debug)]
pub struct FigureView {
    /// Where its facts are.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its rule.
    pub rule: String,
    /// Its value, or why there is none.
    pub value: String,
    /// It has a value.
    pub applies: bool,
    /// What it is a share of, where it is one.
    pub fraction: String,
}

/// The figure with a way to its facts below `card`.
pub fn view(f: &Format, currency: Currency, card: &str, one: &NamedFigure) -> FigureView {
    let figure = &one.figure;
    let shown = figure.value.map(|n| value(f, one.unit, currency, n));
    FigureView {
        href: format!("{card}/{}", one.id),
        name: name(f, &one.id),
        rule: wording::rule(figure.rule).to_owned(),
        applies: shown.is_some(),
        value: match (shown, figure.state) {
            (Some(shown), _) => shown,
            (None, LineState::NotApplicable(why)) => wording::not_applicable(f.w, why),
            (None, LineState::Applicable) => "–".to_owned(),
        },
        fraction: if one.unit == FigureUnit::BasisPoints {
            let (of, all) = parts(f, currency, one);
            f.w.with("coverage.fraction", &[("of", &of), ("all", &all)])
        } else {
            String::new()
        },
    }
}

/// Above the line and below it. Rates of money are of money.
pub fn parts(f: &Format, currency: Currency, one: &NamedFigure) -> (String, String) {
    let figure = &one.figure;
    let shown = |n: i64| match (figure.rule, one.unit) {
        (RuleId::F7, _) | (_, FigureUnit::MinorUnits) => f.money(Money::new(n, currency)),
        _ => format::count(n),
    };
    let below = match one.unit {
        FigureUnit::MinorUnits => format::count(figure.denominator),
        _ => shown(figure.denominator),
    };
    (shown(figure.numerator), below)
}
