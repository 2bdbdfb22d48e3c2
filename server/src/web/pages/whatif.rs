//! "What if": a card's figures changed by hand, with the total that they would give.
//!
//! The rule core computes it ([`suppose`]) with the policy of the card, so that nobody
//! plans by another arithmetic than the one they are scored by. Nothing is kept: what is
//! supposed stands in the address.

use std::collections::BTreeMap;

use client_core::money::Currency;
use client_core::records::Metric;
use client_core::rules::policy::Policy;
use client_core::rules::{IndicatorLine, Scorecard, suppose};

use super::scorecard::{attainment, counted};
use super::targets::value;
use super::wording;
use crate::web::form::Field;
use crate::web::format::{self, Format};

/// What the address supposes, by the metric's code, as it was typed.
pub type Supposed = BTreeMap<String, String>;

/// The panel.
#[derive(Debug)]
pub struct WhatIf {
    /// Where the form leads, and the card without it.
    pub action: String,
    /// A field for each line that has a target.
    pub fields: Vec<Field>,
    /// What it would give, if something was supposed.
    pub answer: Option<Answer>,
}

/// What the supposed figures would give.
#[derive(Debug)]
pub struct Answer {
    /// The total.
    pub total: String,
    /// Against the card's own, in points.
    pub change: String,
    /// Every line.
    pub lines: Vec<SupposedLine>,
}

/// A line of the card as it is and as it would be.
#[derive(Debug)]
pub struct SupposedLine {
    /// What it is called.
    pub label: String,
    /// The figure was changed.
    pub changed: bool,
    /// The figure it is computed with.
    pub actual: String,
    /// Against the target.
    pub attainment: String,
    /// After cap and floor.
    pub counted: String,
    /// Points on the card.
    pub was: String,
    /// Points as supposed.
    pub is: String,
}

/// What was typed, read: a figure, nothing, or no figure of that metric.
enum Typed {
    Nothing,
    Figure(i64),
    Unreadable,
}

fn typed(line: &IndicatorLine, currency: Currency, supposed: &Supposed) -> Typed {
    let text = supposed.get(line.indicator.as_str()).map(|text| text.trim()).unwrap_or_default();
    if text.is_empty() || Some(text) == filled(line, currency).as_deref() {
        return Typed::Nothing;
    }
    match value::read(&line.indicator, currency, text) {
        Some(figure) if Some(figure) == line.value => Typed::Nothing,
        Some(figure) => Typed::Figure(figure),
        None => Typed::Unreadable,
    }
}

/// The panel of a card; none where its policy is not kept any more, or no line has a target.
pub fn panel(
    f: &Format,
    here: &str,
    card: &Scorecard,
    (policy, currency): (&Policy, Currency),
    supposed: &Supposed,
) -> Option<WhatIf> {
    let lines = || card.lines.iter().filter(|line| line.target.is_some());
    let fields: Vec<Field> = lines().map(|line| field(f, line, currency, supposed)).collect();
    if fields.is_empty() {
        return None;
    }
    let wrong = fields.iter().any(|field| field.error.is_some());
    let figures: BTreeMap<Metric, i64> = lines()
        .filter_map(|line| match typed(line, currency, supposed) {
            Typed::Figure(figure) => Some((line.indicator.clone(), figure)),
            Typed::Nothing | Typed::Unreadable => None,
        })
        .collect();
    let asked = !wrong && !figures.is_empty();
    Some(WhatIf {
        action: here.to_owned(),
        fields,
        answer: asked.then(|| {
            let would = suppose(card, &policy.scorecard, &figures);
            answer(f, card, &would, currency, &figures)
        }),
    })
}

/// What the field holds before anybody typed: the figure, and nothing for one below zero,
/// which nobody supposes.
fn filled(line: &IndicatorLine, currency: Currency) -> Option<String> {
    line.value.filter(|now| *now >= 0).map(|now| value::written(&line.indicator, currency, now))
}

fn field(f: &Format, line: &IndicatorLine, currency: Currency, supposed: &Supposed) -> Field {
    let metric = &line.indicator;
    let now = filled(line, currency);
    let text = supposed.get(metric.as_str()).cloned().or(now).unwrap_or_default();
    let target = line.target.map(|target| wording::value(f, metric, currency, target));
    let hint = target.map(|target| f.w.with("suppose.target", &[("target", &target)]));
    let unreadable = matches!(typed(line, currency, supposed), Typed::Unreadable);
    let error = unreadable.then(|| f.w.say("suppose.no_figure").to_owned());
    Field::line(metric.as_str(), &f.w.code("metric", metric.as_str()), text)
        .hint(hint.unwrap_or_default())
        .wrong(error)
}

fn answer(
    f: &Format,
    card: &Scorecard,
    would: &Scorecard,
    currency: Currency,
    figures: &BTreeMap<Metric, i64>,
) -> Answer {
    let points = |card: &Scorecard| card.total.map_or(0, |total| total.0);
    let change = points(would).saturating_sub(points(card));
    let sign = if change > 0 { "+" } else { "" };
    let lines = card.lines.iter().zip(&would.lines).map(|(was, is)| SupposedLine {
        label: f.w.code("metric", was.indicator.as_str()).into_owned(),
        changed: figures.contains_key(&was.indicator),
        actual: is.value.map_or_else(
            || "–".to_owned(),
            |value| wording::value(f, &is.indicator, currency, value),
        ),
        attainment: attainment(is),
        counted: counted(is.normalised),
        was: format::points(was.points.0),
        is: format::points(is.points.0),
    });
    Answer {
        total: would.total.map_or_else(|| "–".to_owned(), |total| format::points(total.0)),
        change: format!("{sign}{}", format::points(change)),
        lines: lines.collect(),
    }
}
