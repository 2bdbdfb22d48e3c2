//! Customers in danger (R3).

use axum::extract::State;
use client_core::rules::Receivable;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Listed;
use super::query::Query;
use super::values::{Named, code};
use super::{Amount, Caller, Day, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::web::lists::team::TeamQuery;
use crate::web::pages::risks::RiskLine;
use crate::web::queries::risks;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A customer in danger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Risk)]
struct RiskBody {
    customer: Named,
    owner: Named,
    /// `red` or `yellow`.
    level: String,
    /// Codes.
    reasons: Vec<String>,
    since: Day,
    /// The reasons are gone, and nobody has said so yet.
    kept: bool,
    /// The first of the coming days on which it stands in a plan.
    planned_on: Option<Day>,
    /// How it is to be kept; absent where nobody planned anything.
    plan: Option<RecoveryBody>,
    /// What it owes late.
    overdue: Option<OverdueBody>,
    /// What its open deals are worth, by currency.
    at_stake: Vec<Amount>,
}

/// How a customer in danger is to be kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecoveryPlan)]
struct RecoveryBody {
    /// What is done.
    text: Option<String>,
    /// Who sees to it; the customer's owner if absent.
    helper: Option<Named>,
    /// Until when.
    due: Option<Day>,
    /// When it was done; it goes on if absent.
    done_on: Option<Day>,
}

/// What a customer owes late.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverdueSum)]
struct OverdueBody {
    amount: Amount,
    instalments: usize,
    /// Since the oldest of them was due.
    days: i64,
}

fn plan(line: &RiskLine) -> Option<RecoveryBody> {
    let recovery = &line.recovery;
    (!recovery.is_nothing()).then(|| RecoveryBody {
        text: recovery.plan.clone(),
        helper: recovery.owner.map(|user| Named::of(user, line.helper.clone().unwrap_or_default())),
        due: recovery.due.map(Into::into),
        done_on: recovery.done_on.map(Into::into),
    })
}

impl From<Receivable> for OverdueBody {
    fn from(owed: Receivable) -> Self {
        Self { amount: owed.amount.into(), instalments: owed.instalments, days: owed.days }
    }
}

impl From<RiskLine> for RiskBody {
    fn from(line: RiskLine) -> Self {
        let plan = plan(&line);
        Self {
            customer: Named::of(line.risk.customer, line.name.unwrap_or_default()),
            owner: Named::of(line.rep, line.owner),
            level: code(&line.risk.level),
            reasons: line.risk.reasons.iter().map(|why| why.as_str().to_owned()).collect(),
            since: line.risk.since.into(),
            kept: line.risk.kept,
            planned_on: line.planned.map(Into::into),
            plan,
            overdue: line.overdue.map(Into::into),
            at_stake: line.stake.into_iter().map(Amount::from).collect(),
        }
    }
}

/// Customers in danger, red ones first.
#[utoipa::path(get, path = "/v1/risks", tag = "boards", params(TeamQuery),
    responses((status = 200, body = Page<RiskBody>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Result<Listed<RiskBody>, ProblemResponse> {
    let ask = query.ask(caller.today())?;
    let page = ask.page;
    let data = risks::page(app.storage(), &caller.base, &caller.reach, ask).await?;
    let all = u64::try_from(data.all).unwrap_or(u64::MAX);
    let lines = data.lines.into_iter().map(RiskBody::from).collect();
    Ok(Listed(caller.page_counted(lines, page, all)))
}
