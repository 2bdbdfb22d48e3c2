//! Late work that waits for a decision.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::docs::LeftOut;
use client_core::id::RecordId;
use client_core::protocol::ProblemCode;
use client_core::records::{DecisionRecord, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Listed;
use super::caller::id;
use super::query::{PageQuery, Query};
use super::values::{Named, code};
use super::{Answer, Caller, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{DecideError, Extent};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, decide))
}

/// Work that was kept aside, and what was decided about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LateWork {
    id: Id,
    /// The document that it would change.
    subject: Id,
    /// Kind of that document.
    kind: String,
    author: Named,
    device: Id,
    /// The unit whose leads decide.
    unit: Option<Id>,
    /// How many changes wait.
    changes: usize,
    /// `late`, `builds_on` or another code of why.
    cause: String,
    received_at: Instant,
    /// Absent while it waits.
    verdict: Option<String>,
    decided_by: Option<Named>,
    decided_at: Option<Instant>,
    note: Option<String>,
    /// Who received the customer's work, where it was handed over.
    handed_to: Option<Named>,
    /// What had no place in the document any more when a part was accepted.
    left_out: Vec<NotThere>,
}

/// What was written to a field and has no place in the document any more.
#[derive(Debug, Serialize, ToSchema)]
struct NotThere {
    /// Such as `contacts/<id>/title`.
    field: String,
    /// What was written; absent where something was added or removed.
    value: Option<String>,
}

fn work(caller: &Caller, record: DecisionRecord) -> LateWork {
    let person = |user| Named::of(user, caller.base.user_name(user));
    LateWork {
        id: record.id.into(),
        subject: record.subject.into(),
        kind: record.kind.as_str().to_owned(),
        author: person(record.author),
        device: record.device.into(),
        unit: record.unit.map(Into::into),
        changes: record.changes.len(),
        cause: code(&record.cause),
        received_at: record.received_at.into(),
        verdict: record.verdict.as_ref().map(code),
        decided_by: record.by.map(person),
        decided_at: record.at.map(Into::into),
        note: record.note,
        handed_to: record.to.map(person),
        left_out: record
            .left_out
            .into_iter()
            .map(|LeftOut { field, value }| NotThere { field, value })
            .collect(),
    }
}

/// Late work that the reader may decide on: what waits comes first.
#[utoipa::path(get, path = "/v1/quarantine", tag = "decisions", params(PageQuery),
    responses((status = 200, body = Page<LateWork>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Listed<LateWork>, ProblemResponse> {
    let cases = caller.leading(&app).await?.cases().await?;
    let cases = cases.into_iter().map(|record| work(&caller, record)).collect();
    Ok(Listed(caller.page_of(cases, query.number()?)))
}

/// One piece of late work.
#[utoipa::path(get, path = "/v1/quarantine/{case}", tag = "decisions",
    params(("case" = String, Path, description = "Its id.")),
    responses((status = 200, body = LateWork)))]
async fn one(State(app): State<App>, caller: Caller, Path(case): Path<String>) -> Answer<LateWork> {
    let found = caller.leading(&app).await?.case(id(&case)?).await?;
    Ok(Json(work(&caller, found.decision)))
}

/// A decision on late work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecideLateWork)]
struct DecideBody {
    /// `accepted`, `rejected` or `handed_over`.
    #[schema(value_type = String)]
    verdict: Verdict,
    /// Why, for the author.
    #[serde(default)]
    note: Option<String>,
    /// Accept what fits, where something does not: that is told in `left_out`, and changes
    /// that do not go in at all wait on in a case of their own.
    #[serde(default)]
    in_part: bool,
}

/// Decides on late work, once and for all.
#[utoipa::path(post, path = "/v1/quarantine/{case}", tag = "decisions",
    params(("case" = String, Path, description = "Its id.")),
    request_body = DecideBody, responses((status = 200, body = LateWork)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    request: Body,
) -> Answer<LateWork> {
    let registrar = caller.leading(&app).await?;
    let case: RecordId = id(&case)?;
    let DecideBody { verdict, note, in_part } = body::json(request).await?;
    let extent = if in_part { Extent::WhatFits } else { Extent::Whole };
    let decided = registrar.decide_on(case, verdict, extent, note).await?;
    Ok(Json(work(&caller, decided)))
}

impl From<DecideError> for ProblemResponse {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Storage(error) => error.into(),
            DecideError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            DecideError::InPart { .. } => {
                let detail = format!("{error}; `in_part` takes what fits");
                Self::new(ProblemCode::Refused, detail)
            }
            DecideError::Unknown { .. } => Self::new(ProblemCode::NotFound, error.to_string()),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
