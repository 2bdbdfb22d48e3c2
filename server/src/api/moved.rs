//! Saying at whom a visit was that its author logged at the wrong customer, and taking that
//! back.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::DocId;
use client_core::protocol::ProblemCode;
use client_core::records::MovedRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::values::Named;
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::MoveError;
use crate::web::queries::visits;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, decide))
}

/// At whom a visit was.
#[derive(Debug, Serialize, ToSchema)]
struct VisitPlace {
    visit: Id,
    /// The customer that it counts for.
    customer: Option<Named>,
    /// Whether that is another one than its author logged.
    moved: bool,
    /// Who said so last; absent where nobody or the command line did.
    by: Option<Named>,
    at: Option<Instant>,
}

async fn place(app: &App, caller: &Caller, visit: &str) -> Answer<VisitPlace> {
    let doc: DocId = id(visit)?;
    let data = visits::visit(app.storage(), &caller.base, &caller.reach, doc).await?;
    let data = data.ok_or_else(not_found)?;
    let record = caller.office(app).moved(doc).await?;
    let name = data.customer_name.or(data.state.customer_name);
    let person = |user| Named::of(user, caller.base.user_name(user));
    Ok(Json(VisitPlace {
        visit: doc.into(),
        customer: data.customer.map(|customer| Named::of(customer, name.unwrap_or_default())),
        moved: record.as_ref().is_some_and(MovedRecord::in_force),
        by: record.as_ref().and_then(|record| record.by).map(person),
        at: record.map(|record| record.undone_at.unwrap_or(record.at).into()),
    }))
}

/// At whom a visit was.
#[utoipa::path(get, path = "/v1/visits/{visit}/move", tag = "decisions",
    params(("visit" = String, Path, description = "Its id.")),
    responses((status = 200, body = VisitPlace)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
) -> Answer<VisitPlace> {
    caller.deciding()?;
    place(&app, &caller, &visit).await
}

/// At whom a visit is to have been.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveVisit {
    /// The customer; where its author logged it if absent.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    to: Option<DocId>,
}

/// Says at whom a visit was. The visit stays as its author wrote it; what is so already stays
/// so.
#[utoipa::path(post, path = "/v1/visits/{visit}/move", tag = "decisions",
    params(("visit" = String, Path, description = "Its id.")),
    request_body = MoveVisit, responses((status = 200, body = VisitPlace)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
    request: Body,
) -> Answer<VisitPlace> {
    caller.deciding()?;
    drop(place(&app, &caller, &visit).await?);
    let doc: DocId = id(&visit)?;
    let MoveVisit { to } = body::json(request).await?;
    let (office, by) = (caller.office(&app), Some(caller.signed.user));
    let done = match to {
        Some(to) if !visits::sees(app.storage(), &caller.base, &caller.reach, to).await? => {
            return Err(not_found());
        }
        Some(to) => office.move_visit(doc, to, by).await,
        None => office.move_visit_back(doc, by).await,
    };
    match done {
        Ok(_) | Err(MoveError::AlreadyThere { .. } | MoveError::NotMoved { .. }) => {
            place(&app, &caller, &visit).await
        }
        Err(error) => Err(error.into()),
    }
}

impl From<MoveError> for ProblemResponse {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Storage(error) => error.into(),
            MoveError::UnknownVisit { .. } | MoveError::UnknownCustomer { .. } => {
                Self::new(ProblemCode::NotFound, error.to_string())
            }
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
