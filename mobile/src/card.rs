//! My card, opened down to the visits behind each point.

use client_core::rules::facts::FactName;
use client_core::rules::{
    ExclusionReason, ExplainedExclusion, ExplainedFact, ExplainedLine as CoreLine,
};
use client_core::rules::{FactKind, FigureUnit, LineState, NamedFigure};

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;

/// A card with where each point comes from.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ExplainedCard {
    /// The period, for example `2026-10`.
    pub period: String,
    /// The policy's name.
    pub policy: String,
    /// Total in hundredths of a point; none when nothing was applicable.
    pub total_centipoints: Option<i64>,
    /// The lines; their points sum to the total.
    pub lines: Vec<ExplainedLine>,
}

/// A line, opened.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ExplainedLine {
    /// The indicator's code, for example `effective_visits`.
    pub indicator: String,
    /// What its value counts: `minor_units` of the org's currency, `count`, `basis_points`
    /// or `hundredths`.
    pub unit: String,
    /// Where the policy has it from, for example `S1: …`.
    pub source: Option<String>,
    /// Weight in percent of the total.
    pub weight: u32,
    /// False where it could not be applied and its weight went elsewhere.
    pub applicable: bool,
    /// Value in its unit; none where there is nothing to compute it from.
    pub value: Option<i64>,
    /// Above the line.
    pub numerator: Option<i64>,
    /// Below it.
    pub denominator: Option<i64>,
    /// Target in the value's unit.
    pub target: Option<i64>,
    /// Value ÷ target in basis points.
    pub attainment_bp: Option<i64>,
    /// Points in hundredths.
    pub centipoints: i64,
    /// What it was computed from.
    pub facts: Vec<FactRow>,
    /// What was left out, with the reasons.
    pub left_out: Vec<LeftOutRow>,
}

/// A figure beside the card. It gives no points.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FigureRow {
    /// The code, for example `plan_adherence`.
    pub id: String,
    /// What the value counts: `count`, `basis_points`, `hundredths`, `half_days`,
    /// `hundredths_of_days`, `minutes` or `minor_units`.
    pub unit: String,
    /// The value; none where there is nothing to compute it from.
    pub value: Option<i64>,
    /// Above the line.
    pub numerator: i64,
    /// Below it.
    pub denominator: i64,
    /// The documents and records it was computed from.
    pub facts: Vec<String>,
}

/// A fact behind a line.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FactRow {
    /// `visit`, `customer`, `deal`, `case`, `plan`, `contract`, `payment`, `order`, or
    /// `unknown`.
    pub kind: String,
    /// The document or record.
    pub doc: String,
    /// The business day, `YYYY-MM-DD`.
    pub on: Option<String>,
}

/// A fact that was left out.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LeftOutRow {
    /// Which.
    pub fact: FactRow,
    /// Why, as codes such as `visit.too_short`.
    pub reasons: Vec<String>,
}

#[uniffi::export]
impl FieldClient {
    /// My card for a period such as `2026-10`, opened down to its facts.
    pub fn explained_scorecard(&self, period: String) -> Result<ExplainedCard, FieldError> {
        let card = self.client.explained_scorecard(convert::parse(&period)?)?;
        Ok(ExplainedCard {
            period: card.period.to_string(),
            policy: card.policy,
            total_centipoints: card.total.map(|points| points.0),
            lines: card.lines.into_iter().map(line).collect(),
        })
    }

    /// The figures beside my card for a period such as `2026-10`: plan adherence,
    /// repurchase, response times and others.
    pub fn figures(&self, period: String) -> Result<Vec<FigureRow>, FieldError> {
        let outcome = self.client.scorecard(convert::parse(&period)?, None)?;
        Ok(outcome.figures.into_iter().map(figure).collect())
    }
}

/// Where my card and the official one rest on different facts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FactsApartView {
    /// Only this phone has these.
    pub only_here: Vec<ApartRow>,
    /// Only the server has these.
    pub only_there: Vec<ApartRow>,
    /// Both have these, and they say different things.
    pub different: Vec<ApartRow>,
}

/// A fact by name.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ApartRow {
    /// `visit`, `customer`, `deal`, `payment`, `target` and so on; `frame` for the calendar
    /// and what else all facts stand in.
    pub kind: String,
    /// The document or record.
    pub doc: String,
}

#[uniffi::export]
impl FieldClient {
    /// Which facts of my card only this phone has, which only the server has, and which
    /// differ. Asks the server, so it needs signal.
    pub async fn facts_apart(&self, period: String) -> Result<FactsApartView, FieldError> {
        let apart = self.client.facts_apart(convert::parse(&period)?).await?;
        let rows = |names: Vec<FactName>| -> Vec<ApartRow> {
            let row = |one: FactName| ApartRow { kind: one.kind, doc: one.doc.to_string() };
            names.into_iter().map(row).collect()
        };
        Ok(FactsApartView {
            only_here: rows(apart.only_here),
            only_there: rows(apart.only_there),
            different: rows(apart.different),
        })
    }
}

fn figure(one: NamedFigure) -> FigureRow {
    FigureRow {
        id: one.id,
        unit: one.unit.as_str().to_owned(),
        value: one.figure.value,
        numerator: one.figure.numerator,
        denominator: one.figure.denominator,
        facts: one.figure.facts.iter().map(|fact| fact.doc.to_string()).collect(),
    }
}

fn line(line: CoreLine) -> ExplainedLine {
    ExplainedLine {
        indicator: line.indicator.to_string(),
        unit: FigureUnit::of(&line.indicator).as_str().to_owned(),
        source: line.source,
        weight: line.weight,
        applicable: line.state == LineState::Applicable,
        value: line.value,
        numerator: line.numerator,
        denominator: line.denominator,
        target: line.target,
        attainment_bp: line.attainment.map(|share| share.0),
        centipoints: line.points.0,
        facts: line.facts.iter().map(fact).collect(),
        left_out: line.exclusions.iter().map(left_out).collect(),
    }
}

fn left_out(exclusion: &ExplainedExclusion) -> LeftOutRow {
    let reasons = exclusion.reasons.iter().map(ExclusionReason::code).collect();
    LeftOutRow { fact: fact(&exclusion.fact), reasons }
}

fn fact(fact: &ExplainedFact) -> FactRow {
    let kind = match fact.kind {
        FactKind::Visit => "visit",
        FactKind::Customer => "customer",
        FactKind::Deal => "deal",
        FactKind::Case => "case",
        FactKind::Plan => "plan",
        FactKind::Contract => "contract",
        FactKind::Payment => "payment",
        FactKind::Order => "order",
        FactKind::Unknown => "unknown",
    };
    FactRow {
        kind: kind.to_owned(),
        doc: fact.doc.to_string(),
        on: fact.on.map(|day| day.to_string()),
    }
}
