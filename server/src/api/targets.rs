//! Targets and how far they are (F12, S4).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use client_core::records::{TargetLevel, TargetRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::month;
use super::query::Query;
use super::values::{Named, code};
use super::{Answer, Caller, Id};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::scoring::{MilestoneProgress, ScoringError, TargetProgress, milestones, progress};
use crate::web::lists::{Unreadable, given};
use crate::web::queries::reach::Reach;
use crate::web::routes::decides;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct TargetsQuery {
    /// The month; this one if absent.
    period: String,
}

/// The targets of a month, and the milestones of its year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Targets)]
struct TargetsBody {
    period: String,
    working_days: i64,
    /// Those that have passed, today included.
    elapsed_days: i64,
    /// Of every amount.
    currency: String,
    targets: Vec<TargetLine>,
    year: String,
    milestones: Vec<MilestoneLine>,
}

/// Whose a target is.
#[derive(Debug, Serialize, ToSchema)]
struct Whose {
    /// `org`, `unit` or `rep`.
    level: &'static str,
    /// Which unit or rep.
    of: Option<Named>,
}

/// A target and how far it is.
#[derive(Debug, Serialize, ToSchema)]
struct TargetLine {
    id: Id,
    whose: Whose,
    metric: String,
    value: i64,
    /// Absent where nothing of it can be counted yet.
    actual: Option<i64>,
    /// In basis points.
    attainment: Option<i64>,
    /// In basis points of what the days passed would have brought.
    pace: Option<i64>,
    /// `below` or `above` the bounds of the policy.
    outside: Option<String>,
    /// Out of them for a week.
    serious: bool,
    /// Not published yet: only who decides on it sees it.
    draft: bool,
}

/// How far a year should be at the end of a quarter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetMilestone)]
struct MilestoneLine {
    /// The year's target; absent of a figure that has none.
    target: Option<Id>,
    whose: Whose,
    /// Of a target's metric, or `products_per_customer`, `tenders`, `tender_win_rate`,
    /// `collection_rate`.
    metric: String,
    quarter: String,
    /// The target of the year; absent of a figure.
    value: Option<i64>,
    /// `>=` or `>`: whether exactly what is wanted is enough.
    operator: &'static str,
    /// What `wanted` and `actual` count: `count`, `basis_points`, `minor_units`, `hundredths`.
    unit: &'static str,
    wanted: i64,
    /// And no more than so much, where the milestone is a range.
    at_most: Option<i64>,
    /// Absent where there is nothing to say it of.
    actual: Option<i64>,
    reached: bool,
    /// `reached`, `open` while its quarter goes on, `missed`, `beyond` its range, or `no_data`.
    state: &'static str,
    /// Whether the quarter is over.
    over: bool,
}

fn sees(caller: &Caller, level: TargetLevel) -> bool {
    match level {
        TargetLevel::Org => true,
        TargetLevel::Rep(rep) => caller.reach.sees(rep),
        TargetLevel::Unit(unit) => {
            caller.user().units.contains(&unit)
                || match &caller.reach {
                    Reach::All => true,
                    Reach::Some { units, .. } => units.contains(&unit),
                }
        }
    }
}

fn whose(caller: &Caller, level: TargetLevel) -> Whose {
    let base = &caller.base;
    match level {
        TargetLevel::Org => Whose { level: "org", of: None },
        TargetLevel::Unit(unit) => {
            Whose { level: "unit", of: Some(Named::of(unit, base.unit_name(unit))) }
        }
        TargetLevel::Rep(rep) => {
            Whose { level: "rep", of: Some(Named::of(rep, base.user_name(rep))) }
        }
    }
}

fn target(caller: &Caller, one: TargetProgress, draft: bool) -> TargetLine {
    TargetLine {
        id: one.target.into(),
        whose: whose(caller, one.level),
        metric: one.metric.to_string(),
        value: one.value,
        actual: one.actual,
        attainment: one.attainment.map(|share| share.0),
        pace: one.pace.map(|share| share.0),
        outside: one.outside.as_ref().map(code),
        serious: one.serious,
        draft,
    }
}

fn milestone(caller: &Caller, one: MilestoneProgress) -> MilestoneLine {
    MilestoneLine {
        target: one.target.map(Into::into),
        whose: whose(caller, one.level),
        metric: one.milestone.metric.to_string(),
        quarter: one.milestone.quarter.to_string(),
        value: one.milestone.target,
        operator: one.milestone.operator.as_str(),
        unit: one.milestone.unit.as_str(),
        wanted: one.milestone.wanted,
        at_most: one.milestone.at_most,
        actual: one.milestone.actual,
        reached: one.milestone.reached,
        state: one.milestone.state(one.over).as_str(),
        over: one.over,
    }
}

/// Everybody's own targets, their units' and the org's, as far as they are published.
#[utoipa::path(get, path = "/v1/targets", tag = "targets", params(TargetsQuery),
    responses((status = 200, body = TargetsBody)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TargetsQuery>,
) -> Answer<TargetsBody> {
    let today = caller.today();
    let period = month(given(&query.period)?.unwrap_or_else(|| Period::month_of(today)))?;
    if today < period.first_day() {
        return Err(Unreadable.into());
    }
    let year = Period::year_of(period.first_day());
    let office = caller.office(&app);
    let may = |target: &TargetRecord| {
        sees(&caller, target.level) && (decides(caller.signed.role) || !target.draft)
    };
    let all = office.targets().await?;
    let drafts: BTreeSet<RecordId> =
        all.iter().filter(|target| target.draft).map(|target| target.id).collect();
    let found = progress(&app, &office, period, all.clone(), may).await?;
    let seen = |level, target: Option<&TargetRecord>| match target {
        Some(target) => may(target),
        None => sees(&caller, level),
    };
    let milestones = milestones(&app, &office, year, all, seen).await?;
    Ok(Json(TargetsBody {
        period: period.to_string(),
        working_days: found.working_days,
        elapsed_days: found.elapsed_days,
        currency: caller.base.org.currency.to_string(),
        targets: found
            .targets
            .into_iter()
            .map(|one| {
                let draft = drafts.contains(&one.target);
                target(&caller, one, draft)
            })
            .collect(),
        year: year.to_string(),
        milestones: milestones.into_iter().map(|one| milestone(&caller, one)).collect(),
    }))
}

impl From<ScoringError> for ProblemResponse {
    fn from(error: ScoringError) -> Self {
        match error {
            ScoringError::Storage(error) => error.into(),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
