//! One target: its parts, setting and splitting it, asking for another value.
//!
//! What is published changes only after somebody else said yes to a request (S4
//! 目标动态调整), here as on the page.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::protocol::{AskTarget, ProblemCode};
use client_core::records::{AdjustmentRecord, Metric, TargetLevel, TargetRecord};
use client_core::rules::Axis;
use client_core::time::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::values::code;
use super::{Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{Cut, Registrar, SetTarget, TargetError};
use crate::web::format::Format;
use crate::web::lists::Unreadable;
use crate::web::pages::targets::one::TargetData;
use crate::web::queries::targets::{self, Asker};
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(make))
        .routes(routes!(publish))
        .routes(routes!(answer))
        .routes(routes!(target, set))
        .routes(routes!(ask))
        .routes(routes!(split))
}

/// A target with its parts.
#[derive(Debug, Serialize, ToSchema)]
struct OneTarget {
    id: Id,
    /// Absent for the whole org's.
    whose: Option<String>,
    metric: String,
    period: String,
    value: i64,
    draft: bool,
    published_on: Option<Day>,
    parent: Option<Id>,
    parts: Vec<Part>,
    /// The parts beside the whole, cut by cut (R14).
    sums: Vec<Sum>,
    requests: Vec<Request>,
}

/// A target without its parts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetPart)]
struct Part {
    id: Id,
    whose: Option<String>,
    period: String,
    value: i64,
    draft: bool,
}

fn part(caller: &Caller, target: TargetRecord) -> Part {
    Part {
        id: target.id.into(),
        whose: targets::whose(&caller.base, target.level),
        period: target.period.to_string(),
        value: target.value,
        draft: target.draft,
    }
}

/// What the parts of one cut sum to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetSum)]
struct Sum {
    /// `time`, `people`, or a key of the org's own.
    by: String,
    sum: i64,
    /// Parts less whole.
    difference: i64,
    /// `exact`, `allowed`, `over` or `under`.
    state: String,
}

/// A request for another value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetRequest)]
struct Request {
    id: Id,
    was: i64,
    wanted: i64,
    reason: String,
    by: Option<String>,
    at: Instant,
    /// Absent while it waits.
    approved: Option<bool>,
    note: Option<String>,
}

fn asked(record: AdjustmentRecord, by: Option<String>) -> Request {
    Request {
        id: record.id.into(),
        was: record.was,
        wanted: record.wanted,
        reason: record.reason,
        by,
        at: record.at.into(),
        approved: record.answer.as_ref().map(|answer| answer.approved),
        note: record.answer.and_then(|answer| answer.note),
    }
}

/// The target, if the caller may know of it.
async fn seen(
    app: &App,
    caller: &Caller,
    registrar: &Registrar,
    target: RecordId,
) -> Result<TargetData, ProblemResponse> {
    let (user, role) = (caller.signed.user, caller.signed.role);
    let asker = Asker { reach: &caller.reach, user, role, registrar };
    let f = Format::new(Words::new(Lang::En), caller.base.zone().clone());
    let (office, base) = (caller.office(app), &caller.base);
    let found = targets::one(app.storage(), &office, base, &f, &asker, target).await?;
    found.ok_or_else(not_found)
}

/// A target that the caller decides on or may know of.
async fn known(
    app: &App,
    caller: &Caller,
    registrar: &Registrar,
    target: &str,
) -> Result<TargetRecord, ProblemResponse> {
    let target: RecordId = id(target)?;
    let found = caller.office(app).target(target).await?.ok_or_else(not_found)?;
    if registrar.sets_target(found.level).await? {
        return Ok(found);
    }
    Ok(seen(app, caller, registrar, target).await?.own.target)
}

/// One target, as far as the caller may know of it.
#[utoipa::path(get, path = "/v1/targets/{target}", tag = "targets",
    params(("target" = String, Path, description = "Which.")),
    responses((status = 200, body = OneTarget)))]
async fn target(
    State(app): State<App>,
    caller: Caller,
    Path(target): Path<String>,
) -> Answer<OneTarget> {
    let registrar = caller.registrar(&app).await?;
    let found = seen(&app, &caller, &registrar, id(&target)?).await?;
    Ok(Json(told(&caller, found)))
}

fn told(caller: &Caller, found: TargetData) -> OneTarget {
    let own = found.own.target;
    OneTarget {
        id: own.id.into(),
        whose: found.own.whose,
        metric: own.metric.as_str().to_owned(),
        period: own.period.to_string(),
        value: own.value,
        draft: own.draft,
        published_on: own.published_on.map(Into::into),
        parent: found.parent.map(|parent| parent.target.id.into()),
        parts: found.parts.into_iter().map(|one| part(caller, one.target)).collect(),
        sums: found
            .sums
            .into_iter()
            .map(|check| Sum {
                by: match check.axis {
                    Axis::Time => "time".to_owned(),
                    Axis::People => "people".to_owned(),
                    Axis::Dimension(key) => key,
                },
                sum: check.sum,
                difference: check.difference,
                state: code(&check.state),
            })
            .collect(),
        requests: found
            .requests
            .into_iter()
            .map(|request| asked(request.record, request.by))
            .collect(),
    }
}

/// A target to be set. The same level, metric, period and dimension name the same target,
/// so setting it again changes its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetTarget)]
struct NewTarget {
    /// Of this rep; the whole org's where neither is named.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    rep: Option<UserId>,
    /// Of this unit.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    unit: Option<UnitId>,
    metric: String,
    #[schema(value_type = String)]
    period: Period,
    /// In the metric's unit: minor units, a count, basis points.
    value: i64,
    /// What part of the whole it is for, by keys of the org's own.
    #[serde(default)]
    dimension: BTreeMap<String, String>,
    /// Not to be seen by reps before it is published.
    #[serde(default)]
    draft: bool,
}

/// Sets a target that is new or a draft.
#[utoipa::path(post, path = "/v1/targets", tag = "targets", request_body = NewTarget,
    responses((status = 200, body = Part)))]
async fn make(State(app): State<App>, caller: Caller, request: Body) -> Answer<Part> {
    let registrar = caller.leading(&app).await?;
    let NewTarget { rep, unit, metric, period, value, dimension, draft } =
        body::json(request).await?;
    let level = match (rep, unit) {
        (None, None) => TargetLevel::Org,
        (Some(rep), None) => TargetLevel::Rep(rep),
        (None, Some(unit)) => TargetLevel::Unit(unit),
        (Some(_), Some(_)) => return Err(Unreadable.into()),
    };
    let wanted = SetTarget::new(level, Metric::from(metric.as_str()), period, value);
    let made = registrar.set_target(SetTarget { dimension, draft, ..wanted }).await?;
    Ok(Json(part(&caller, made)))
}

/// Another value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TargetValue {
    /// In the metric's unit.
    value: i64,
}

/// Gives a draft another value; what is published is asked for.
#[utoipa::path(post, path = "/v1/targets/{target}", tag = "targets",
    params(("target" = String, Path, description = "Which.")),
    request_body = TargetValue, responses((status = 200, body = Part)))]
async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(target): Path<String>,
    request: Body,
) -> Answer<Part> {
    let registrar = caller.leading(&app).await?;
    let found = known(&app, &caller, &registrar, &target).await?;
    let TargetValue { value } = body::json(request).await?;
    let wanted = SetTarget {
        parent: found.parent,
        published_on: found.published_on,
        dimension: found.dimension,
        draft: found.draft,
        ..SetTarget::new(found.level, found.metric, found.period, value)
    };
    Ok(Json(part(&caller, registrar.set_target(wanted).await?)))
}

/// A request for another value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskTarget)]
struct AskBody {
    /// In the metric's unit.
    wanted: i64,
    /// Why, for whoever decides.
    reason: String,
}

/// Asks for another value of a target.
#[utoipa::path(post, path = "/v1/targets/{target}/requests", tag = "targets",
    params(("target" = String, Path, description = "Which."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    request_body = AskBody, responses((status = 200, body = Request)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Path(target): Path<String>,
    request: Body,
) -> Answer<Request> {
    let registrar = caller.registrar(&app).await?;
    let found = known(&app, &caller, &registrar, &target).await?;
    let AskBody { wanted, reason } = body::json(request).await?;
    let ask = AskTarget { target: found.id, wanted, reason, at: registrar.asked_at() };
    let made = registrar.ask_target(caller.new_record(&app), ask).await?;
    let by = made.by.map(|by| caller.base.user_name(by));
    Ok(Json(asked(made, by)))
}

/// An answer to a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerTarget {
    /// Yes changes the target.
    approved: bool,
    /// Why, for whoever asked.
    #[serde(default)]
    note: Option<String>,
}

/// Answers a request for another value, once and for all; nobody answers themselves.
#[utoipa::path(post, path = "/v1/targets/requests/{request}", tag = "targets",
    params(("request" = String, Path, description = "Which.")),
    request_body = AnswerTarget, responses((status = 200, body = Request)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(wanted): Path<String>,
    request: Body,
) -> Answer<Request> {
    let registrar = caller.leading(&app).await?;
    let wanted: RecordId = id(&wanted)?;
    let AnswerTarget { approved, note } = body::json(request).await?;
    let answered = registrar.answer_adjustment(wanted, approved, note).await?;
    let by = answered.by.map(|by| caller.base.user_name(by));
    Ok(Json(asked(answered, by)))
}

/// Into what a target is split.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitTarget {
    /// `months`, `units`, `reps`, or a key of the org's own such as `region`.
    by: String,
    /// By unit name, login, number of the month in its order from 1, or value of the key;
    /// who is not named gets nothing. Alike, and months by their working days, where it is
    /// empty.
    #[serde(default)]
    weights: BTreeMap<String, u64>,
}

fn cut(split: SplitTarget, months: usize) -> Result<Cut, Unreadable> {
    let SplitTarget { by, weights } = split;
    Ok(match by.as_str() {
        "units" => Cut::Units { weights },
        "reps" => Cut::Reps { weights },
        "months" if weights.is_empty() => Cut::Months { weights: None },
        "months" => {
            let known = |key: &String| key.parse().is_ok_and(|n| (1..=months).contains(&n));
            if !weights.keys().all(known) {
                return Err(Unreadable);
            }
            let each = (1..=months).map(|n| weights.get(&n.to_string()).copied());
            Cut::Months { weights: Some(each.map(Option::unwrap_or_default).collect()) }
        }
        _ => Cut::Dimension { key: by, weights },
    })
}

/// Splits a target into parts that sum to it.
#[utoipa::path(post, path = "/v1/targets/{target}/split", tag = "targets",
    params(("target" = String, Path, description = "Which.")),
    request_body = SplitTarget, responses((status = 200, body = Vec<Part>)))]
async fn split(
    State(app): State<App>,
    caller: Caller,
    Path(target): Path<String>,
    request: Body,
) -> Answer<Vec<Part>> {
    let registrar = caller.leading(&app).await?;
    let found = known(&app, &caller, &registrar, &target).await?;
    let cut = cut(body::json(request).await?, found.period.months().len())?;
    let parts = registrar.split_target(found.id, cut).await?.into_iter();
    Ok(Json(parts.map(|one| part(&caller, one)).collect()))
}

/// What is to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublishTargets)]
struct PublishBody {
    /// The drafts of this period and of those inside it.
    #[schema(value_type = String)]
    period: Period,
    /// From this day; from today if absent.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    on: Option<Date>,
}

/// What everybody whom it concerns sees from now on.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedTargets {
    on: Day,
    targets: Vec<Part>,
    /// How many people one of them concerns.
    people: usize,
    /// Wholes among them whose parts do not sum to them as the policy asks.
    warnings: usize,
}

/// Publishes the drafts of a period.
#[utoipa::path(post, path = "/v1/targets/publish", tag = "targets",
    request_body = PublishBody, responses((status = 200, body = PublishedTargets)))]
async fn publish(
    State(app): State<App>,
    caller: Caller,
    request: Body,
) -> Answer<PublishedTargets> {
    let registrar = caller.leading(&app).await?;
    let PublishBody { period, on } = body::json(request).await?;
    let published = registrar.publish_targets(period, on).await?;
    let parts = published.targets.into_iter().map(|one| part(&caller, one));
    Ok(Json(PublishedTargets {
        on: published.on.into(),
        targets: parts.collect(),
        people: published.people.len(),
        warnings: published.warnings.len(),
    }))
}

impl From<TargetError> for ProblemResponse {
    fn from(error: TargetError) -> Self {
        let code = match error {
            TargetError::Storage(error) => return error.into(),
            TargetError::Refused(_) => ProblemCode::NotAllowed,
            _ => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
}
