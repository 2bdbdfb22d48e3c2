//! "What if": a card with other figures, computed by the policy of the card. Nothing is kept.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::records::Metric;
use client_core::rules::{IndicatorLine, suppose as supposed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::{Answer, Caller};
use crate::app::App;
use crate::http::body;
use crate::web::lists::Unreadable;
use crate::web::queries::cards;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(suppose))
}

/// Figures in the place of a card's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Suppose {
    /// By the code of the indicator, in its unit: minor units, counts, basis points.
    figures: BTreeMap<String, i64>,
}

/// What the card would say.
#[derive(Debug, Serialize, ToSchema)]
struct SupposedCard {
    /// Hundredths of a point; absent where no line could be judged.
    total: Option<i64>,
    /// The card's own.
    was: Option<i64>,
    lines: Vec<SupposedLine>,
}

/// A line of the card as it would be.
#[derive(Debug, Serialize, ToSchema)]
struct SupposedLine {
    /// Code of the metric.
    indicator: String,
    value: Option<i64>,
    target: Option<i64>,
    /// In basis points.
    attainment: Option<i64>,
    /// In billionths.
    normalised: Option<i64>,
    /// Hundredths of a point.
    points: i64,
    /// The card's own.
    was: i64,
}

impl SupposedLine {
    fn new((was, line): (&IndicatorLine, &IndicatorLine)) -> Self {
        Self {
            indicator: line.indicator.to_string(),
            value: line.value,
            target: line.target,
            attainment: line.attainment.map(|share| share.0),
            normalised: line.normalised.map(|part| part.0),
            points: line.points.0,
            was: was.points.0,
        }
    }
}

/// What a rep's card would say with other figures, by the policy that it was computed by.
/// Nothing is kept.
#[utoipa::path(post, path = "/v1/scorecards/{rep}/{period}/suppose", tag = "scorecards",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`.")),
    request_body = Suppose, responses((status = 200, body = SupposedCard)))]
async fn suppose(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
    request: Body,
) -> Answer<SupposedCard> {
    let (rep, period) = caller.rep_and_month(&rep, &period)?;
    let Suppose { figures } = body::json(request).await?;
    let outcome = cards::outcome(app.storage(), caller.signed.org, rep.id, period).await?;
    let outcome = outcome.ok_or_else(not_found)?;
    let policy = caller.base.policy_with(&outcome.policy_hash).ok_or_else(not_found)?;
    let card = outcome.scorecard;
    let mut read: BTreeMap<Metric, i64> = BTreeMap::new();
    for (code, figure) in figures {
        let line = card.lines.iter().find(|line| line.indicator.as_str() == code);
        let line = line.filter(|line| line.target.is_some() && figure >= 0).ok_or(Unreadable)?;
        read.insert(line.indicator.clone(), figure);
    }
    let would = supposed(&card, &policy.scorecard, &read);
    Ok(Json(SupposedCard {
        total: would.total.map(|total| total.0),
        was: card.total.map(|total| total.0),
        lines: card.lines.iter().zip(&would.lines).map(SupposedLine::new).collect(),
    }))
}
