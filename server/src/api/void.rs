//! Deciding about a visit: settling one under review, taking one out of the count, and back.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::DocId;
use client_core::protocol::{JudgeVisit, ProblemCode};
use client_core::records::VoidRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::values::{Named, code};
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::VoidError;
use crate::web::queries::visits;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, decide)).routes(routes!(judge))
}

/// What was decided about a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitRuling)]
struct RulingBody {
    visit: Id,
    /// Whether it is out of the count.
    void: bool,
    /// `accept`, `reject` or `void`; absent where nothing stands.
    ruling: Option<String>,
    /// Who decided last; absent where nobody or the command line did.
    by: Option<Named>,
    at: Option<Instant>,
    reason: Option<String>,
}

fn ruling(caller: &Caller, visit: DocId, record: Option<VoidRecord>) -> RulingBody {
    let person = |user| Named::of(user, caller.base.user_name(user));
    let void = |record: &VoidRecord| record.in_force() && record.ruling.is_void();
    RulingBody {
        visit: visit.into(),
        ruling: record.as_ref().filter(|record| record.in_force()).map(|one| code(&one.ruling)),
        void: record.as_ref().is_some_and(void),
        by: record.as_ref().and_then(|record| record.by).map(person),
        at: record.as_ref().map(|record| record.undone_at.unwrap_or(record.at).into()),
        reason: record.map(|record| record.reason),
    }
}

/// A visit that the caller may see.
async fn seen(app: &App, caller: &Caller, visit: &str) -> Result<DocId, ProblemResponse> {
    let doc: DocId = id(visit)?;
    let found = visits::visit(app.storage(), &caller.base, &caller.reach, doc).await?;
    found.map(|_visit| doc).ok_or_else(not_found)
}

/// Whether a visit was taken out of the count.
#[utoipa::path(get, path = "/v1/visits/{visit}/void", tag = "decisions",
    params(("visit" = String, Path, description = "Its id.")),
    responses((status = 200, body = RulingBody)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
) -> Answer<RulingBody> {
    caller.deciding()?;
    let doc = seen(&app, &caller, &visit).await?;
    let record = caller.office(&app).void(doc).await?;
    Ok(Json(ruling(&caller, doc, record)))
}

/// Whether a visit is to count.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidVisit {
    /// False takes it back into the count.
    void: bool,
    /// Why, for the rep; needed to take it out.
    #[serde(default)]
    reason: String,
}

/// Takes a visit out of the count, or back.
#[utoipa::path(post, path = "/v1/visits/{visit}/void", tag = "decisions",
    params(("visit" = String, Path, description = "Its id.")),
    request_body = VoidVisit, responses((status = 200, body = RulingBody)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
    request: Body,
) -> Answer<RulingBody> {
    caller.deciding()?;
    let doc = seen(&app, &caller, &visit).await?;
    let VoidVisit { void, reason } = body::json(request).await?;
    let (office, by) = (caller.office(&app), Some(caller.signed.user));
    let record = if void {
        office.void_visit(doc, &reason, by).await?
    } else {
        office.unvoid_visit(doc, by).await?
    };
    Ok(Json(ruling(&caller, doc, Some(record))))
}

/// What is to be said of a visit under review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JudgeVisit)]
struct JudgeBody {
    /// Whether it is to count.
    accepted: bool,
    /// Why, for the rep.
    note: String,
}

/// Settles a visit under review. The same again is nothing new.
#[utoipa::path(post, path = "/v1/visits/{visit}/judge", tag = "decisions",
    params(("visit" = String, Path, description = "Its id.")),
    request_body = JudgeBody, responses((status = 200, body = RulingBody)))]
async fn judge(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
    request: Body,
) -> Answer<RulingBody> {
    let registrar = caller.leading(&app).await?;
    let doc = seen(&app, &caller, &visit).await?;
    let JudgeBody { accepted, note } = body::json(request).await?;
    let ruled = registrar.judge_visit(JudgeVisit { visit: doc, accepted, note }).await?;
    Ok(Json(ruling(&caller, doc, Some(ruled))))
}

impl From<VoidError> for ProblemResponse {
    fn from(error: VoidError) -> Self {
        match error {
            VoidError::Storage(error) => error.into(),
            VoidError::UnknownVisit { .. } => Self::new(ProblemCode::NotFound, error.to_string()),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
