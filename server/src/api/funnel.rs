//! The funnel of a period (F6).

use axum::Json;
use axum::extract::State;
use client_core::rules::{Cohort, Conversion, OpenDeals, StageFigures};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deals::{DealLine, Total};
use super::query::Query;
use super::values::code;
use super::{Amount, Answer, Caller};
use crate::app::App;
use crate::storage::lists::StageTotal;
use crate::web::lists::funnel::FunnelQuery;
use crate::web::queries::funnel;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The funnel of a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Funnel)]
struct FunnelBody {
    period: String,
    /// The cohorts of the period beside those of the one before; absent without a policy.
    cohorts: Option<Cohorts>,
    /// What lies in each stage now.
    open: Vec<InStage>,
    /// Open deals that have neither moved nor been in contact for so many days.
    stalled_days: u16,
    /// How many there are; the first ten follow.
    stalled_count: u64,
    stalled: Vec<DealLine>,
}

/// Deals of a stage in one currency.
#[derive(Debug, Serialize, ToSchema)]
struct InStage {
    /// Code; absent for deals without one.
    stage: Option<String>,
    total: Total,
}

impl From<StageTotal> for InStage {
    fn from(StageTotal { stage, total }: StageTotal) -> Self {
        Self { stage, total: total.into() }
    }
}

/// What became of the deals of two periods, read at the same maturity.
#[derive(Debug, Serialize, ToSchema)]
struct Cohorts {
    compared_with: String,
    stages: Vec<StageBody>,
    lead_to_deal: ConversionBody,
    deal_to_signing: ConversionBody,
    /// Deals that could not be read as a way through the stages.
    left_out: usize,
}

/// One stage.
#[derive(Debug, Serialize, ToSchema)]
struct StageBody {
    stage: String,
    /// `lead`, `deal` or another phase of the policy.
    phase: String,
    open: OpenBody,
    conversion: ConversionBody,
}

/// Deals that lie there now.
#[derive(Debug, Serialize, ToSchema)]
struct OpenBody {
    count: u32,
    amounts: Vec<Amount>,
    without_amount: u32,
}

impl From<OpenDeals> for OpenBody {
    fn from(open: OpenDeals) -> Self {
        let amounts = open.amounts.into_iter().map(Amount::from).collect();
        Self { count: open.count, amounts, without_amount: open.without_amount }
    }
}

/// A step of the funnel.
#[derive(Debug, Serialize, ToSchema)]
struct ConversionBody {
    now: CohortBody,
    before: CohortBody,
    /// In basis points.
    change: Option<i64>,
}

impl From<Conversion> for ConversionBody {
    fn from(step: Conversion) -> Self {
        let change = step.change.map(|change| change.0);
        Self { now: step.now.into(), before: step.before.into(), change }
    }
}

/// The deals that entered a step in a period.
#[derive(Debug, Serialize, ToSchema)]
struct CohortBody {
    /// In basis points; absent where too few are decided.
    value: Option<i64>,
    entered: u32,
    passed: u32,
    lost: u32,
    undecided: u32,
}

impl From<Cohort> for CohortBody {
    fn from(cohort: Cohort) -> Self {
        Self {
            value: cohort.value.map(|share| share.0),
            entered: cohort.entered,
            passed: cohort.passed,
            lost: cohort.lost,
            undecided: cohort.undecided,
        }
    }
}

fn stage(stage: StageFigures) -> StageBody {
    StageBody {
        phase: code(&stage.phase),
        open: stage.open.into(),
        conversion: stage.conversion.into(),
        stage: stage.stage,
    }
}

/// What lies in each stage, and what became of the deals of a period.
#[utoipa::path(get, path = "/v1/funnel", tag = "boards", params(FunnelQuery),
    responses((status = 200, body = FunnelBody)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<FunnelQuery>,
) -> Answer<FunnelBody> {
    let ask = query.ask(caller.today())?;
    let data = funnel::page(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    Ok(Json(FunnelBody {
        period: data.ask.period.to_string(),
        cohorts: data.funnel.map(|figures| Cohorts {
            compared_with: figures.compared_with.to_string(),
            stages: figures.stages.into_iter().map(stage).collect(),
            lead_to_deal: figures.lead_to_deal.into(),
            deal_to_signing: figures.deal_to_signing.into(),
            left_out: figures.exclusions.len(),
        }),
        open: data.stages.into_iter().map(InStage::from).collect(),
        stalled_days: data.ask.stalled,
        stalled_count: data.stalled_count,
        stalled: data.stalled.into_iter().map(|deal| DealLine::new(&caller.reach, deal)).collect(),
    }))
}
