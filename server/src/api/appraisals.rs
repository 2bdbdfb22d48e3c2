//! Appraisals, from hand to hand (F15).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::period::Period;
use client_core::protocol::AssessSelf;
use client_core::records::{AppraisalRecord, AppraisalState, Role, UserRecord};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::month;
use super::query::Query;
use super::values::Named;
use super::{Answer, Caller, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::NewStep;
use crate::web::lists::{Unreadable, given, page};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, take))
}

/// An appraisal.
#[derive(Debug, Serialize, ToSchema)]
struct Appraisal {
    rep: Named,
    period: String,
    /// `draft` until the person hands in; then the code of how far it is.
    state: String,
    /// The card as it was when the person handed in.
    frozen: Option<Frozen>,
    /// Who took which step, the first one first.
    steps: Vec<Step>,
}

/// A frozen card.
#[derive(Debug, Serialize, ToSchema)]
struct Frozen {
    as_of: Instant,
    /// Hundredths of a point.
    total: Option<i64>,
    /// SHA-256 each.
    policy_hash: String,
    inputs_digest: String,
    outcome_digest: String,
}

/// A step that somebody took.
#[derive(Debug, Serialize, ToSchema)]
struct Step {
    to: String,
    by: Option<Named>,
    at: Instant,
    comment: Option<String>,
    /// 1 to 5 by family.
    ratings: BTreeMap<String, u8>,
}

fn appraisal(
    caller: &Caller,
    rep: &UserRecord,
    period: Period,
    record: Option<AppraisalRecord>,
) -> Appraisal {
    let person = |user| Named::of(user, caller.base.user_name(user));
    let state = record.as_ref().map_or(&AppraisalState::Draft, |record| &record.state);
    Appraisal {
        rep: Named::of(rep.id, rep.name.clone()),
        period: period.to_string(),
        state: state.to_string(),
        frozen: record.as_ref().and_then(|record| record.frozen.as_ref()).map(|frozen| Frozen {
            as_of: frozen.as_of.into(),
            total: frozen.total_centipoints,
            policy_hash: HEXLOWER.encode(&frozen.policy_hash),
            inputs_digest: HEXLOWER.encode(&frozen.inputs_digest),
            outcome_digest: HEXLOWER.encode(&frozen.outcome_digest),
        }),
        steps: record
            .into_iter()
            .flat_map(|record| record.steps)
            .map(|step| Step {
                to: step.to.to_string(),
                by: step.by.map(person),
                at: step.at.into(),
                comment: step.comment,
                ratings: step.ratings,
            })
            .collect(),
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AppraisalsQuery {
    /// The month; the last one if absent.
    period: String,
    /// Which page, from 1.
    page: String,
}

/// The appraisals of a month, begun or not, by name.
#[utoipa::path(get, path = "/v1/appraisals", tag = "appraisals", params(AppraisalsQuery),
    responses((status = 200, body = Page<Appraisal>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AppraisalsQuery>,
) -> Result<Listed<Appraisal>, ProblemResponse> {
    let last = Period::month_of(caller.today()).previous();
    let period = month(given(&query.period)?.unwrap_or(last))?;
    let begun = caller.office(&app).appraisals().await?;
    let reps = caller.base.reps().filter(|rep| caller.reach.sees(rep.id));
    let all = reps.map(|rep| {
        let own = begun.iter().find(|one| one.rep == rep.id && one.period == period);
        appraisal(&caller, rep, period, own.cloned())
    });
    Ok(Listed(caller.page_of(all.collect(), page(&query.page)?)))
}

/// A rep's appraisal of a month.
#[utoipa::path(get, path = "/v1/appraisals/{rep}/{period}", tag = "appraisals",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`.")),
    responses((status = 200, body = Appraisal)))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
) -> Answer<Appraisal> {
    let (rep, period) = sells(caller.rep_and_month(&rep, &period)?)?;
    let found = caller.office(&app).appraisals().await?;
    let own = found.into_iter().find(|one| one.rep == rep.id && one.period == period);
    Ok(Json(appraisal(&caller, rep, period, own)))
}

/// Only reps have cards, and so appraisals.
fn sells((user, period): (&UserRecord, Period)) -> Result<(&UserRecord, Period), ProblemResponse> {
    if user.role == Role::Rep { Ok((user, period)) } else { Err(not_found()) }
}

/// A step in an appraisal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeStep {
    /// Code of where it leads; `self_submitted` hands in.
    to: String,
    /// A step back needs one.
    #[serde(default)]
    comment: Option<String>,
    /// 1 to 5 by family.
    #[serde(default)]
    ratings: BTreeMap<String, u8>,
}

/// Takes the caller's step in an appraisal.
#[utoipa::path(post, path = "/v1/appraisals/{rep}/{period}", tag = "appraisals",
    params(("rep" = String, Path, description = "Whose."),
        ("period" = String, Path, description = "A month, such as `2026-10`.")),
    request_body = TakeStep, responses((status = 200, body = Appraisal)))]
async fn take(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
    request: Body,
) -> Answer<Appraisal> {
    let (rep, period) = sells(caller.rep_and_month(&rep, &period)?)?;
    let TakeStep { to, comment, ratings } = body::json(request).await?;
    let to = AppraisalState::from(to.as_str());
    if matches!(to, AppraisalState::Unknown(_)) {
        return Err(Unreadable.into());
    }
    let registrar = caller.registrar(&app).await?;
    let at = registrar.asked_at();
    let taken = if to == AppraisalState::SelfSubmitted && caller.signed.user == rep.id {
        let comment = comment.unwrap_or_default();
        registrar.assess_self(AssessSelf { period, comment, ratings, at }).await?
    } else {
        let step = NewStep { rep: rep.id, period, to, comment, ratings, at };
        registrar.step_appraisal(step).await?
    };
    Ok(Json(appraisal(&caller, rep, period, Some(taken))))
}
