//! Leaderboard and scorecards, down to the facts behind a line.
//!
//! The stored outcome goes out as it is; nothing is computed a second time.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use client_core::id::DocId;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::{
    CoverageFigures, FactRef, IndicatorLine, LineState, NamedFigure, Outcome, Pace, Scorecard,
    Share,
};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::month;
use super::query::{PageQuery, Query};
use super::values::{Named, code};
use super::{Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::storage::model::Row;
use crate::storage::{Boards, Scores};
use crate::web::lists::given;
use crate::web::pages::board::Heard;
use crate::web::pages::customer::start_of;
use crate::web::pages::leaderboard::{SortBy, by_place};
use crate::web::queries::cards;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(leaderboard))
        .routes(routes!(scorecard))
        .routes(routes!(facts))
}

/// When a phone was heard last; absent where there is none.
pub(super) fn heard(heard: Heard) -> Option<Instant> {
    match heard {
        Heard::NoPhone => None,
        Heard::At(at) => Some(at.into()),
    }
}

/// A rep on the leaderboard.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ranked {
    /// The place among all reps of the org, seen or not; absent without a total.
    rank: Option<usize>,
    rep: Named,
    unit: String,
    /// What is not known after this instant; absent where no phone is enrolled.
    heard_at: Option<Instant>,
    card: Points,
}

/// The points of a card, in hundredths.
#[derive(Debug, Serialize, ToSchema)]
struct Points {
    /// Absent where no line could be judged.
    total: Option<i64>,
    groups: Vec<Group>,
}

/// A group of indicators.
#[derive(Debug, Serialize, ToSchema)]
struct Group {
    /// `result` or `process`.
    group: String,
    weight: u32,
    /// What it weighs once lines that do not apply are left out.
    weight_in_force: u32,
    /// Hundredths of a point.
    points: i64,
    gate_missed: bool,
}

impl Points {
    fn of(card: &Scorecard) -> Self {
        let groups = card.groups.iter().map(|line| Group {
            group: code(&line.group),
            weight: line.weight,
            weight_in_force: line.weight_in_force,
            points: line.points.0,
            gate_missed: line.gate_missed,
        });
        Self { total: card.total.map(|total| total.0), groups: groups.collect() }
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct LeaderboardQuery {
    /// The month; this one if absent.
    period: String,
    /// `total`, `result` or `process`.
    sort: String,
    /// Which page, from 1.
    page: String,
}

/// The cards of a month, the highest first.
#[utoipa::path(get, path = "/v1/leaderboard", tag = "scorecards", params(LeaderboardQuery),
    responses((status = 200, body = Page<Ranked>)))]
async fn leaderboard(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<LeaderboardQuery>,
) -> Result<Listed<Ranked>, ProblemResponse> {
    let period = given(&query.period)?.unwrap_or_else(|| Period::month_of(caller.today()));
    let sort = SortBy::parse(&query.sort);
    let (base, reach) = (&caller.base, &caller.reach);
    let (mut found, _all) = cards::ranking(app.storage(), base, reach, month(period)?).await?;
    by_place(&mut found, sort);
    let ranked = found.into_iter().map(|card| Ranked {
        rank: card.place(sort),
        heard_at: heard(card.heard),
        card: Points::of(&card.card),
        rep: Named::of(card.rep, card.name),
        unit: card.unit,
    });
    let page = crate::web::lists::page(&query.page)?;
    Ok(Listed(caller.page_of(ranked.collect(), page)))
}

/// A rep's month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scorecard)]
struct ScorecardBody {
    rep: Named,
    unit: String,
    period: String,
    /// Absent where it was not computed yet.
    card: Option<Card>,
    /// What was kept when the month closed.
    closed: Option<Closed>,
}

/// A computed card with what it was computed from.
#[derive(Debug, Serialize, ToSchema)]
struct Card {
    as_of: Instant,
    rules_version: u32,
    /// SHA-256 of the policy.
    policy_hash: String,
    /// SHA-256 of the facts.
    inputs_digest: String,
    points: Points,
    lines: Vec<Line>,
    /// Figures beside the card: they give no points.
    figures: Vec<FigureBody>,
    coverage: CoverageBody,
    pace: Vec<PaceBody>,
    provisional: ProvisionalBody,
}

/// A figure beside a card.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FigureBody {
    /// Its code; its facts are at `/v1/scorecards/{rep}/{period}/{indicator}`.
    id: String,
    /// What the value counts: `count`, `basis_points`, `minutes`, `minor_units` and so on.
    unit: String,
    /// The formula, such as `F4`.
    rule: String,
    /// Absent where there is nothing to compute it from.
    value: Option<i64>,
    numerator: i64,
    denominator: i64,
}

impl From<&NamedFigure> for FigureBody {
    fn from(one: &NamedFigure) -> Self {
        Self {
            id: one.id.clone(),
            unit: one.unit.as_str().to_owned(),
            rule: code(&one.figure.rule),
            value: one.figure.value,
            numerator: one.figure.numerator,
            denominator: one.figure.denominator,
        }
    }
}

/// What may still move.
#[derive(Debug, Serialize, ToSchema)]
struct ProvisionalBody {
    period_open: bool,
    visits_under_review: u32,
    drafts: u32,
}

/// An indicator of a card.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    /// Code of the metric; its facts are at `/v1/scorecards/{rep}/{period}/{indicator}`.
    indicator: String,
    group: String,
    /// The formula, such as `F1`.
    rule: String,
    weight: u32,
    /// Absent where it applies; otherwise the code of why not.
    not_applicable: Option<String>,
    value: Option<i64>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    target: Option<i64>,
    /// In basis points.
    attainment: Option<i64>,
    /// In billionths.
    normalised: Option<i64>,
    /// `cap`, `floor` or `threshold` where one was met.
    limit: Option<String>,
    /// Hundredths of a point.
    points: i64,
    facts: usize,
    exclusions: usize,
}

impl From<&IndicatorLine> for Line {
    fn from(line: &IndicatorLine) -> Self {
        Self {
            indicator: line.indicator.to_string(),
            group: code(&line.group),
            rule: code(&line.rule),
            weight: line.weight,
            not_applicable: match &line.state {
                LineState::Applicable => None,
                LineState::NotApplicable(why) => Some(code(why)),
            },
            value: line.value,
            numerator: line.numerator,
            denominator: line.denominator,
            target: line.target,
            attainment: line.attainment.map(|share| share.0),
            normalised: line.normalised.map(|part| part.0),
            limit: line.limit.as_ref().map(code),
            points: line.points.0,
            facts: line.facts.len(),
            exclusions: line.exclusions.len(),
        }
    }
}

/// The three numbers of coverage (F3).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoverageBody {
    /// Customers with an effective visit.
    reach: ShareBody,
    /// Customers that got every required visit.
    standard_met: ShareBody,
    /// Visits made of those required.
    frequency: ShareBody,
}

impl From<&CoverageFigures> for CoverageBody {
    fn from(figures: &CoverageFigures) -> Self {
        Self {
            reach: figures.reach.into(),
            standard_met: figures.standard_met.into(),
            frequency: figures.frequency.into(),
        }
    }
}

/// A part of a whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Share)]
pub(super) struct ShareBody {
    numerator: i64,
    denominator: i64,
    /// In basis points; absent of nothing.
    share: Option<i64>,
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        let Share { numerator, denominator, share } = share;
        Self { numerator, denominator, share: share.map(|share| share.0) }
    }
}

/// How far along for the day (F12).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pace)]
struct PaceBody {
    metric: String,
    actual: i64,
    target: i64,
    working_days: i64,
    elapsed_days: i64,
    /// In basis points.
    attainment: Option<i64>,
    /// In basis points of what the days passed would have brought.
    pace: Option<i64>,
    /// `below` or `above` the bounds of the policy.
    outside: Option<String>,
    /// Out of them for a week.
    serious: bool,
}

impl From<&Pace> for PaceBody {
    fn from(pace: &Pace) -> Self {
        Self {
            metric: pace.metric.to_string(),
            actual: pace.actual,
            target: pace.target,
            working_days: pace.working_days,
            elapsed_days: pace.elapsed_days,
            attainment: pace.attainment.map(|share| share.0),
            pace: pace.pace.map(|share| share.0),
            outside: pace.outside.as_ref().map(code),
            serious: pace.serious,
        }
    }
}

/// The card as it stood when its month closed.
#[derive(Debug, Serialize, ToSchema)]
struct Closed {
    on: Day,
    /// Hundredths of a point.
    total: Option<i64>,
    /// Whether later facts moved the card since.
    restated: bool,
}

fn card(outcome: &Outcome) -> Card {
    Card {
        as_of: outcome.as_of.into(),
        rules_version: outcome.rules_version,
        policy_hash: HEXLOWER.encode(&outcome.policy_hash),
        inputs_digest: HEXLOWER.encode(&outcome.inputs_digest),
        points: Points::of(&outcome.scorecard),
        lines: outcome.scorecard.lines.iter().map(Line::from).collect(),
        figures: outcome.figures.iter().map(FigureBody::from).collect(),
        coverage: (&outcome.coverage.total).into(),
        pace: outcome.pace.iter().map(PaceBody::from).collect(),
        provisional: ProvisionalBody {
            period_open: outcome.provisional.period_open,
            visits_under_review: outcome.provisional.under_review,
            drafts: outcome.provisional.drafts,
        },
    }
}

/// A rep's card of a month.
#[utoipa::path(get, path = "/v1/scorecards/{rep}/{period}", tag = "scorecards",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`.")),
    responses((status = 200, body = ScorecardBody)))]
async fn scorecard(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
) -> Answer<ScorecardBody> {
    let (rep, period) = caller.rep_and_month(&rep, &period)?;
    let org = caller.signed.org;
    let outcome = cards::outcome(app.storage(), org, rep.id, period).await?;
    let closed = app.storage().closed_card(org, rep.id, period).await?.map(|kept| Closed {
        on: caller.base.zone().date(kept.closed_at).into(),
        total: kept.card.record.total_centipoints,
        restated: outcome
            .as_ref()
            .is_some_and(|now| now.digest() != kept.card.record.outcome_digest),
    });
    Ok(Json(ScorecardBody {
        rep: Named::of(rep.id, rep.name.clone()),
        unit: caller.base.unit_of(rep),
        period: period.to_string(),
        card: outcome.as_ref().map(card),
        closed,
    }))
}

/// A fact behind a line: a document as it was at these heads, or a record.
#[derive(Debug, Serialize, ToSchema)]
struct Fact {
    id: Id,
    /// Heads of the document, or the digest of the record: SHA-256.
    heads: Vec<String>,
    /// `visit`, `deal` or another kind of document; absent for a record.
    kind: Option<String>,
    name: Option<String>,
    at: Option<Instant>,
    counted: bool,
    /// Codes of why it was left out.
    reasons: Vec<String>,
}

/// The facts behind a line of a card or a figure beside it, the latest first; those left out come after those
/// that count.
#[utoipa::path(get, path = "/v1/scorecards/{rep}/{period}/{indicator}", tag = "scorecards",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`."),
        ("indicator" = String, Path, description = "Code of the metric or figure."), PageQuery),
    responses((status = 200, body = Page<Fact>)))]
async fn facts(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period, indicator)): Path<(String, String, String)>,
    Query(query): Query<PageQuery>,
) -> Result<Listed<Fact>, ProblemResponse> {
    let (rep, period) = caller.rep_and_month(&rep, &period)?;
    let outcome = cards::outcome(app.storage(), caller.signed.org, rep.id, period).await?;
    let outcome = outcome.ok_or_else(not_found)?;
    let of = cards::facts_of(&outcome, &indicator).ok_or_else(not_found)?;
    let counted = cards::newest_first(of.facts()).into_iter().map(|fact| (fact, true, Vec::new()));
    let left_out = of.exclusions().iter().map(|each| {
        let reasons = each.reasons.iter().map(client_core::rules::ExclusionReason::code).collect();
        (each.fact.clone(), false, reasons)
    });
    let all: Vec<(FactRef, bool, Vec<String>)> = counted.chain(left_out).collect();
    let page = caller.page_of(all, query.number()?);
    let docs = page.items().iter().map(|(fact, ..)| fact.doc).collect();
    let rows = app.storage().rows(caller.signed.org, docs).await?;
    let rows: BTreeMap<DocId, &Row> = rows.iter().map(|row| (row.header.doc, row)).collect();
    Ok(Listed(page.map(|(fact, counted, reasons)| {
        let row = rows.get(&fact.doc).copied();
        let (name, at) = row.map(named).unwrap_or_default();
        Fact {
            id: fact.doc.into(),
            heads: fact.heads.as_slice().iter().map(ToString::to_string).collect(),
            kind: row.map(|row| row.header.kind.as_str().to_owned()),
            name,
            at,
            counted,
            reasons,
        }
    })))
}

fn named(row: &Row) -> (Option<String>, Option<Instant>) {
    match &row.state {
        DocState::Visit(visit) => {
            (visit.value.customer_name.clone(), start_of(&visit.value).map(Into::into))
        }
        DocState::Deal(deal) => {
            let at = deal.value.decided_at.or(deal.value.created_at);
            (deal.value.name.clone(), at.map(Into::into))
        }
        DocState::Customer(customer) => {
            (customer.value.name.clone(), customer.value.created_at.map(Into::into))
        }
        DocState::Case(case) => (case.value.subject.clone(), None),
        DocState::Plan(_) => (None, None),
    }
}
