//! Customers that are one.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::docs::DocKind;
use client_core::id::DocId;
use client_core::protocol::ProblemCode;
use client_core::records::AliasRecord;
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
use crate::office::MergeError;
use crate::storage::Documents;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, decide))
}

/// A customer that is listed under another one.
#[derive(Debug, Serialize, ToSchema)]
struct Merged {
    customer: Id,
    /// Under which it is listed.
    into: Id,
    by: Option<Named>,
    at: Instant,
    /// When it was taken back.
    undone_at: Option<Instant>,
}

fn merged(caller: &Caller, alias: AliasRecord) -> Merged {
    Merged {
        customer: alias.from.into(),
        into: alias.into.into(),
        by: alias.by.map(|by| Named::of(by, caller.base.user_name(by))),
        at: alias.at.into(),
        undone_at: alias.undone_at.map(Into::into),
    }
}

/// A customer of the caller's org.
async fn known(app: &App, caller: &Caller, customer: &str) -> Result<DocId, ProblemResponse> {
    caller.deciding()?;
    let doc: DocId = id(customer)?;
    let held = app.storage().document(caller.signed.org, doc).await?;
    let held = held.filter(|held| held.header.kind == DocKind::Customer);
    held.map(|_held| doc).ok_or_else(not_found)
}

/// What a customer was merged into, and what into it.
#[utoipa::path(get, path = "/v1/customers/{customer}/merge", tag = "decisions",
    params(("customer" = String, Path, description = "Its id.")),
    responses((status = 200, body = Vec<Merged>)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Answer<Vec<Merged>> {
    let doc = known(&app, &caller, &customer).await?;
    let all = caller.office(&app).alias_records().await?;
    let own = all.into_iter().filter(|alias| alias.from == doc || alias.into == doc);
    Ok(Json(own.map(|alias| merged(&caller, alias)).collect()))
}

/// Which customer it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeCustomer {
    /// The customer that stays; null makes it one of its own again.
    #[schema(value_type = Option<Id>)]
    into: Option<DocId>,
}

/// Lists a customer under another one, or takes that back. No document moves.
#[utoipa::path(post, path = "/v1/customers/{customer}/merge", tag = "decisions",
    params(("customer" = String, Path, description = "The customer that is another one.")),
    request_body = MergeCustomer, responses((status = 200, body = Merged)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    request: Body,
) -> Answer<Merged> {
    let doc = known(&app, &caller, &customer).await?;
    let MergeCustomer { into } = body::json(request).await?;
    let (office, by) = (caller.office(&app), Some(caller.signed.user));
    let alias = match into {
        Some(into) => office.merge_customers(doc, into, by).await?,
        None => office.part_customers(doc, by).await?,
    };
    Ok(Json(merged(&caller, alias)))
}

impl From<MergeError> for ProblemResponse {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Storage(error) => error.into(),
            MergeError::UnknownCustomer { .. } => {
                Self::new(ProblemCode::NotFound, error.to_string())
            }
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
