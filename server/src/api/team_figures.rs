//! The figures of a team (F11, F13) in a week, month, quarter or year.

use axum::Json;
use axum::extract::{Path, State};
use client_core::id::UnitId;
use client_core::period::{Days, Period};
use client_core::protocol::ProblemCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::cards::FigureBody;
use super::query::Query;
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::reports::team_report;
use crate::web::lists::{Unreadable, given};
use crate::web::queries::reach::Reach;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct TeamQuery {
    /// This unit and those below; whoever sees a part of the org gets their own if absent.
    unit: String,
}

/// The figures of a team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamFigures)]
struct TeamBody {
    period: String,
    unit: Option<Id>,
    /// Of what has no other currency at the end of its name.
    currency: String,
    as_of: Instant,
    policy_version: u32,
    /// By id: `mix.high_end`, `concentration.top_1`, `products_per_customer`,
    /// `win_rate.tender`, `amount_per_head` and so on.
    figures: Vec<FigureBody>,
}

/// A team's product mix, concentration, win rates, and what a customer, an order and a head
/// bring. Money is what the policy counts.
#[utoipa::path(get, path = "/v1/team-figures/{period}", tag = "reports",
    params(("period" = String, Path, description = "such as 2026-10, 2026-W42, 2026-Q4 or 2026"),
           TeamQuery),
    responses((status = 200, body = TeamBody)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(period): Path<String>,
    Query(query): Query<TeamQuery>,
) -> Answer<TeamBody> {
    caller.leading(&app).await?;
    let period: Period = period.parse().map_err(|_error| Unreadable)?;
    if caller.today() < period.first_day() {
        return Err(Unreadable.into());
    }
    let asked: Option<UnitId> = given(&query.unit)?;
    let unit = match caller.reach {
        Reach::All => asked,
        Reach::Some { .. } => asked.or_else(|| caller.unit()),
    };
    let exists = unit.is_none_or(|unit| caller.base.units.iter().any(|each| each.id == unit));
    let sees = match (&caller.reach, unit) {
        (Reach::All, _) => true,
        (Reach::Some { units, .. }, Some(unit)) => units.contains(&unit),
        (Reach::Some { .. }, None) => false,
    };
    if !exists || !sees {
        return Err(not_found());
    }
    let office = caller.office(&app);
    let report = team_report(&app, &office, Days::from(period), unit).await?;
    let none = || ProblemResponse::new(ProblemCode::Refused, "there is no policy yet");
    let report = report.ok_or_else(none)?;
    Ok(Json(TeamBody {
        period: period.to_string(),
        unit: report.unit.map(Into::into),
        currency: report.currency.to_string(),
        as_of: report.as_of.into(),
        policy_version: report.policy_version,
        figures: report.figures.iter().map(FigureBody::from).collect(),
    }))
}
