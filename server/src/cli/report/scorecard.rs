//! `fieldsync report scorecard`.

use std::fmt::Write;

use anyhow::Context;
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::Metric;
use client_core::rules::{
    BasisPoints, Exclusion, FigureUnit, IndicatorLine, LineState, NamedFigure, RuleId,
};
use serde::Serialize;

use crate::cli::answer::{Align, Answer, columns};
use crate::cli::data::{self, DataArg};
use crate::cli::failure::Failure;
use crate::cli::report::figure::amount;
use crate::reports::{RepCard, scorecards};
use crate::scoring::ScoringError;

/// The official scorecards of a month, each with what explains it.
#[derive(Debug, clap::Args)]
pub(super) struct Scorecard {
    /// The month, such as 2026-10.
    #[arg(long)]
    period: Period,
    /// Only this rep's, by login.
    #[arg(long, value_name = "LOGIN")]
    rep: Option<String>,
}

impl Scorecard {
    pub(super) async fn run(&self, data: &DataArg) -> Result<Answer, Failure> {
        let period = self.period;
        if !matches!(period, Period::Month(_)) {
            return Err(Failure::usage(format!("{period} is no month: scorecards are monthly")));
        }
        let (app, office) = data.office().await?;
        let today = office.calendar().await?.zone.date(app.clock().now());
        if today < period.first_day() {
            return Err(Failure::usage(format!("{period} has not begun: there are no cards yet")));
        }
        let only = match &self.rep {
            Some(login) => Some(data::person(&office, login).await?.id),
            None => None,
        };
        let report = scorecards(&app, &office, period, only).await.map_err(failure)?;
        let currency = office.settings().await?.currency;
        let each = report.cards.iter().map(|one| card(one, currency));
        let mut words: Vec<String> = each.collect();
        if words.is_empty() {
            words.push(format!("There is no scorecard for {period}."));
        }
        Ok(Answer::of(words.join("\n\n"), &report).context("the report has no JSON form")?)
    }
}

fn failure(error: ScoringError) -> Failure {
    match error {
        ScoringError::Storage(error) => error.into(),
        error => anyhow::Error::new(error).into(),
    }
}

/// A card as people read it: what each figure is made of, and what was left out.
fn card(card: &RepCard, currency: Currency) -> String {
    let total = card.total_centipoints.map_or_else(|| "–".to_owned(), |total| total.to_string());
    let policy = card.policy_version.map_or_else(String::new, |version| format!(" {version}"));
    let short = card.policy_hash.get(..12).unwrap_or_default();
    let mut words = format!("{}  {}  {total} points\n", card.name, card.period);
    let _written = writeln!(
        words,
        "as of {}, rules {}, policy{policy} ({short}…){}\n",
        card.as_of,
        card.rules_version,
        if card.provisional.period_open { ", provisional" } else { "" },
    );
    let header = ["INDICATOR", "GROUP", "RULE", "WEIGHT", "VALUE", "TARGET", "ATTAINED", "POINTS"];
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(card.lines.iter().map(|one| line(one, currency)));
    let aligns = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
    ];
    words.push_str(&columns(&lines.iter().collect::<Vec<_>>(), aligns));
    for line in &card.lines {
        if let Some(made_of) = made_of(line) {
            let _written = write!(words, "\n  {}: {made_of}", line.indicator);
        }
    }
    let header = ["FIGURE", "RULE", "VALUE", "OF"];
    let mut figures = vec![header.map(str::to_owned)];
    figures.extend(card.figures.iter().map(|one| figure(one, currency)));
    words.push_str("\n\n");
    let aligns = [Align::Left, Align::Left, Align::Right, Align::Right];
    words.push_str(&columns(&figures.iter().collect::<Vec<_>>(), aligns));
    words
}

/// A figure beside the card, in its unit.
fn figure(one: &NamedFigure, currency: Currency) -> [String; 4] {
    let found = &one.figure;
    let money = |n| format!("{currency} {}", amount(Money::new(n, currency)));
    let hundredths =
        |n: i64| format!("{}{}.{:02}", sign(n), n.unsigned_abs() / 100, n.unsigned_abs() % 100);
    let value = match (found.value, found.state) {
        (Some(n), _) => match one.unit {
            FigureUnit::BasisPoints => BasisPoints(n).to_string(),
            FigureUnit::Hundredths => hundredths(n),
            FigureUnit::MinorUnits => money(n),
            FigureUnit::Minutes => format!("{n} min"),
            FigureUnit::HalfDays => format!("{} d", hundredths(n.saturating_mul(50))),
            FigureUnit::HundredthsOfDays => format!("{} d", hundredths(n)),
            FigureUnit::Count => n.to_string(),
        },
        (None, LineState::NotApplicable(reason)) => code(&reason),
        (None, LineState::Applicable) => "–".to_owned(),
    };
    let parts = match (one.unit, found.rule) {
        (FigureUnit::BasisPoints, RuleId::F7) => {
            format!("{} / {}", money(found.numerator), money(found.denominator))
        }
        (FigureUnit::BasisPoints, _) => format!("{} / {}", found.numerator, found.denominator),
        _ => String::new(),
    };
    [one.id.clone(), code(&found.rule), value, parts]
}

const fn sign(n: i64) -> &'static str {
    if n < 0 { "-" } else { "" }
}

fn line(line: &IndicatorLine, currency: Currency) -> [String; 8] {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let shown =
        |value: Option<i64>| or_none(value.map(|value| value_of(&line.indicator, value, currency)));
    let points = match line.state {
        LineState::Applicable => line.points.to_string(),
        LineState::NotApplicable(reason) => code(&reason),
    };
    [
        line.indicator.to_string(),
        code(&line.group),
        code(&line.rule),
        format!("{}%", line.weight),
        shown(line.value),
        shown(line.target),
        or_none(line.attainment.map(|attained| attained.to_string())),
        points,
    ]
}

/// A value in the unit of its metric.
fn value_of(metric: &Metric, value: i64, currency: Currency) -> String {
    match metric {
        Metric::SalesAmount => format!("{currency} {}", amount(Money::new(value, currency))),
        Metric::CustomerSatisfaction => {
            format!("{}.{:02}", value / 100, value.unsigned_abs() % 100)
        }
        Metric::CollectionRate | Metric::NewCustomerGrowth | Metric::QuoteConversion => {
            BasisPoints(value).to_string()
        }
        _ => value.to_string(),
    }
}

/// How many facts a line counted, and how many it left out for which reasons.
fn made_of(line: &IndicatorLine) -> Option<String> {
    if line.facts.is_empty() && line.exclusions.is_empty() {
        return None;
    }
    let mut words = format!("{} counted", line.facts.len());
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for reason in line.exclusions.iter().flat_map(|out: &Exclusion| &out.reasons) {
        let name = reason.short_code();
        match reasons.iter_mut().find(|(known, _count)| *known == name) {
            Some((_known, count)) => *count += 1,
            None => reasons.push((name, 1)),
        }
    }
    if !line.exclusions.is_empty() {
        reasons.sort();
        let each: Vec<String> =
            reasons.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let _written = write!(words, ", {} left out ({})", line.exclusions.len(), each.join(", "));
    }
    Some(words)
}

/// The stable code of a unit variant, as JSON has it.
fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
