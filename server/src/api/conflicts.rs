//! Fields that two people wrote at the same time.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::docs::{ChangeHash, ConflictLabel, DocKind};
use client_core::id::{ActorId, DocId, UserId};
use client_core::protocol::ProblemCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::{id, not_allowed};
use super::query::Query;
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{DocumentError, HandError};
use crate::storage::lists::Window;
use crate::storage::model::{ConflictAsk, ConflictRow};
use crate::storage::{Documents, Erasures};
use crate::web::lists::{Unreadable, code, given, page};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(settle))
}

/// Conflicts of one page.
const PAGE: u32 = 50;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ConflictsQuery {
    /// `conflict`, or `parallel_update` for fields that did not clash.
    label: String,
    /// Kind of document.
    kind: String,
    /// Of this document.
    doc: String,
    /// Which page, from 1.
    page: String,
}

/// Conflicts of one page; how many there are in all is not counted.
#[derive(Debug, Serialize, ToSchema)]
struct Conflicts {
    items: Vec<Conflict>,
    page: usize,
    /// Whether another page follows.
    more: bool,
}

/// A field and what was written into it.
#[derive(Debug, Serialize, ToSchema)]
struct Conflict {
    document: Id,
    kind: String,
    /// Path of the field, such as `about/name`.
    field: String,
    /// The one that shows comes first.
    values: Vec<Choice>,
}

/// One of the values.
#[derive(Debug, Serialize, ToSchema)]
struct Choice {
    /// What names it in a decision: SHA-256 of the change that wrote it.
    choice: String,
    value: String,
    /// Absent for the server's.
    author: Option<String>,
    written_at: Instant,
}

fn conflict(caller: &Caller, authors: &BTreeMap<ActorId, UserId>, row: ConflictRow) -> Conflict {
    let values = row.conflict.values.into_iter().map(|value| Choice {
        choice: value.change.to_string(),
        author: authors.get(&value.actor).map(|user| caller.base.user_name(*user)),
        written_at: value.at.into(),
        value: value.value,
    });
    Conflict {
        document: row.doc.into(),
        kind: row.kind.as_str().to_owned(),
        field: row.conflict.path,
        values: values.collect(),
    }
}

/// What two people wrote at the same time, the latest first.
#[utoipa::path(get, path = "/v1/conflicts", tag = "decisions", params(ConflictsQuery),
    responses((status = 200, body = Conflicts)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ConflictsQuery>,
) -> Answer<Conflicts> {
    caller.looking_after(&app).await?;
    let number = page(&query.page)?;
    let before = u64::try_from(number.saturating_sub(1)).map_err(|_error| Unreadable)?;
    let ask = ConflictAsk {
        label: code(&query.label, ConflictLabel::parse)?.unwrap_or(ConflictLabel::Conflict),
        within: caller.reach.scopes(),
        doc: given(&query.doc)?,
        kind: code(&query.kind, DocKind::parse)?,
        window: Window { limit: PAGE + 1, offset: before.saturating_mul(u64::from(PAGE)) },
    };
    let mut found = app.storage().conflicts(caller.signed.org, ask).await?;
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let devices = caller.base.devices.iter();
    let authors = devices.map(|device| (device.actor, device.user)).collect();
    let items = found.into_iter().map(|row| conflict(&caller, &authors, row)).collect();
    Ok(Json(Conflicts { items, page: number, more }))
}

/// Which of the values holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettleConflict {
    /// Path of the field.
    field: String,
    /// The value that holds.
    choice: String,
}

/// What was settled.
#[derive(Debug, Serialize, ToSchema)]
struct Settled {
    document: Id,
    field: String,
}

/// Settles a conflict: the value that was chosen is written as a change of the caller's.
#[utoipa::path(post, path = "/v1/conflicts/{doc}", tag = "decisions",
    params(("doc" = String, Path, description = "The document.")),
    request_body = SettleConflict, responses((status = 200, body = Settled)))]
async fn settle(
    State(app): State<App>,
    caller: Caller,
    Path(doc): Path<String>,
    request: Body,
) -> Answer<Settled> {
    caller.looking_after(&app).await?;
    let doc: DocId = id(&doc)?;
    let SettleConflict { field, choice } = body::json(request).await?;
    let choice: ChangeHash = choice.parse().map_err(|_error| Unreadable)?;
    let held = app.storage().document(caller.signed.org, doc).await?.ok_or_else(not_found)?;
    if !caller.reach.sees_any(&held.scopes) {
        return Err(not_found());
    }
    let office = caller.office(&app);
    let hand = office.hand(caller.signed.user).await.map_err(|error| match error {
        HandError::Storage(error) => ProblemResponse::from(error),
        HandError::UnknownUser { .. } => not_allowed(),
    })?;
    office.settle_conflict(&hand, doc, held.header.kind, &field, choice).await?;
    Ok(Json(Settled { document: doc.into(), field }))
}

impl From<DocumentError> for ProblemResponse {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Storage(error) => error.into(),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
