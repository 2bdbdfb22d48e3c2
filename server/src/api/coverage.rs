//! Coverage of a month (F3).

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cards::{CoverageBody, heard};
use super::query::Query;
use super::values::{Named, code};
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::web::lists::coverage::CoverageQuery;
use crate::web::pages::coverage::{RepCoverage, Tally};
use crate::web::queries::coverage;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Coverage of a month, rep by rep, as their cards say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoverageOfMonth)]
struct Month {
    period: String,
    units: Vec<UnitLine>,
    reps: Vec<RepLine>,
}

/// A unit; those below one follow it.
#[derive(Debug, Serialize, ToSchema)]
struct UnitLine {
    unit: Named,
    /// How far below the first one.
    depth: usize,
}

/// A rep's coverage.
#[derive(Debug, Serialize, ToSchema)]
struct RepLine {
    rep: Named,
    unit: Option<Id>,
    /// Whether what is missing is not known: no phone was heard lately.
    unheard: bool,
    /// When it was heard last, where it is unheard.
    heard_at: Option<Instant>,
    total: CoverageBody,
    /// Customers that came in the month.
    new: CoverageBody,
    /// Customers that were there before.
    existing: CoverageBody,
    tiers: Vec<TierLine>,
    due: Vec<DueCount>,
}

/// A tier's part.
#[derive(Debug, Serialize, ToSchema)]
struct TierLine {
    /// Absent for customers without one.
    tier: Option<String>,
    figures: CoverageBody,
}

/// How many customers are due how.
#[derive(Debug, Serialize, ToSchema)]
struct DueCount {
    tier: Option<String>,
    /// Code; `unknown` where nobody can say.
    status: &'static str,
    customers: i64,
}

impl From<RepCoverage> for RepLine {
    fn from(rep: RepCoverage) -> Self {
        let Tally { tiers, total, new, existing, due } = &rep.tally;
        Self {
            unit: rep.unit.map(Into::into),
            unheard: rep.unheard.is_some(),
            heard_at: rep.unheard.and_then(heard),
            total: total.into(),
            new: new.into(),
            existing: existing.into(),
            tiers: tiers
                .iter()
                .map(|(tier, figures)| TierLine {
                    tier: tier.as_ref().map(code),
                    figures: figures.into(),
                })
                .collect(),
            due: due
                .iter()
                .map(|((tier, status), customers)| DueCount {
                    tier: tier.as_ref().map(code),
                    status: status.as_str(),
                    customers: *customers,
                })
                .collect(),
            rep: Named::of(rep.rep, rep.name),
        }
    }
}

/// Who reached how many customers as often as the standard asks.
#[utoipa::path(get, path = "/v1/coverage", tag = "boards", params(CoverageQuery),
    responses((status = 200, body = Month)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<CoverageQuery>,
) -> Answer<Month> {
    let ask = query.ask(caller.today())?;
    let data = coverage::page(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    let units = data
        .units
        .into_iter()
        .map(|unit| UnitLine { depth: unit.depth, unit: Named::of(unit.unit, unit.name) });
    Ok(Json(Month {
        period: ask.period.to_string(),
        units: units.collect(),
        reps: data.reps.into_iter().map(RepLine::from).collect(),
    }))
}
