//! Why a card is not the earlier one any more.

use axum::Json;
use axum::extract::{Path, State};
use client_core::rules::Moved;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::query::Query;
use super::values::{Named, code};
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::scoring::{Arrival, card_changes};
use crate::storage::Scores;
use crate::web::queries::changes;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// A day, which means its end, or `closed`. A closed month is compared with its
    /// closing and a running one with yesterday where it is absent.
    since: String,
}

/// How one card became another.
#[derive(Debug, Serialize, ToSchema)]
struct CardDifference {
    rep: Named,
    period: String,
    since: Instant,
    closed_at: Option<Instant>,
    /// Hundredths of a point.
    before: i64,
    after: i64,
    /// What moved it; the points sum to the difference.
    causes: Vec<CauseLine>,
    /// Every figure that moved.
    figures: Vec<MovedLine>,
    /// Documents that came or changed since.
    arrived: Vec<Arrived>,
}

/// Something that moved the card.
#[derive(Debug, Serialize, ToSchema)]
struct CauseLine {
    /// Code.
    cause: String,
    /// Hundredths of a point.
    points: i64,
    lines: Vec<MovedPoints>,
    /// Documents that it comes from.
    facts: Vec<Id>,
}

/// By how much a line moved.
#[derive(Debug, Serialize, ToSchema)]
struct MovedPoints {
    indicator: String,
    /// Hundredths of a point.
    points: i64,
}

/// A figure that moved.
#[derive(Debug, Serialize, ToSchema)]
struct MovedLine {
    figure: String,
    /// Code of its unit.
    unit: String,
    was: Option<i64>,
    is: Option<i64>,
}

/// A document that came or changed.
#[derive(Debug, Serialize, ToSchema)]
struct Arrived {
    cause: String,
    id: Id,
    kind: Option<String>,
    name: Option<String>,
    received_at: Option<Instant>,
    changed_at: Option<Instant>,
}

impl From<Moved> for CauseLine {
    fn from(moved: Moved) -> Self {
        let lines = moved.lines.into_iter().map(|(metric, points)| MovedPoints {
            indicator: metric.to_string(),
            points: points.0,
        });
        Self {
            cause: code(&moved.cause),
            points: moved.points.0,
            lines: lines.collect(),
            facts: moved.facts.into_iter().map(|fact| fact.doc.into()).collect(),
        }
    }
}

impl From<Arrival> for Arrived {
    fn from(arrival: Arrival) -> Self {
        Self {
            cause: code(&arrival.cause),
            id: arrival.doc.into(),
            kind: arrival.kind.map(|kind| kind.as_str().to_owned()),
            name: arrival.name,
            received_at: arrival.received_at.map(Into::into),
            changed_at: arrival.changed_at.map(Into::into),
        }
    }
}

/// Why a card is not the earlier one any more, cause by cause.
#[utoipa::path(get, path = "/v1/scorecards/{rep}/{period}/changes", tag = "scorecards",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`."), ChangesQuery),
    responses((status = 200, body = CardDifference)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
    Query(query): Query<ChangesQuery>,
) -> Answer<CardDifference> {
    let (rep, period) = caller.rep_and_month(&rep, &period)?;
    let org = caller.signed.org;
    let closed = app.storage().closed_card(org, rep.id, period).await?.is_some();
    let (_, since) = changes::since(&caller.base, caller.now, period, closed, &query.since)?;
    let found = card_changes(&app, org, rep.id, period, since).await?.ok_or_else(not_found)?;
    let figures = found.difference.figures.into_iter().map(|figure| MovedLine {
        unit: code(&figure.unit),
        was: figure.old,
        is: figure.new,
        figure: figure.id,
    });
    Ok(Json(CardDifference {
        rep: Named::of(rep.id, rep.name.clone()),
        period: period.to_string(),
        since: found.since.into(),
        closed_at: found.closed_at.map(Into::into),
        before: found.difference.before.0,
        after: found.difference.after.0,
        causes: found.difference.moved.into_iter().map(CauseLine::from).collect(),
        figures: figures.collect(),
        arrived: found.arrived.into_iter().map(Arrived::from).collect(),
    }))
}
