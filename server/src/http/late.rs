//! Late work, from a program of the manager's own.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use client_core::id::RecordId;
use client_core::protocol::ProblemCode;
use client_core::records::{DecisionRecord, Verdict};
use serde::Deserialize;

use super::office::{id, registrar};
use super::{ProblemResponse, body};
use crate::app::App;
use crate::auth::Signed;
use crate::office::DecideError;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/quarantine", get(cases)).route("/v1/quarantine/{case}", post(decide))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecideBody {
    verdict: Verdict,
    #[serde(default)]
    note: Option<String>,
}

async fn cases(
    State(app): State<App>,
    signed: Signed,
) -> Result<Json<Vec<DecisionRecord>>, ProblemResponse> {
    Ok(Json(registrar(&app, &signed).await?.cases().await?))
}

async fn decide(
    State(app): State<App>,
    signed: Signed,
    Path(case): Path<String>,
    request: Body,
) -> Result<Json<DecisionRecord>, ProblemResponse> {
    let case: RecordId = id(&case)?;
    let DecideBody { verdict, note } = body::json(request).await?;
    Ok(Json(registrar(&app, &signed).await?.decide(case, verdict, note).await?))
}

impl From<DecideError> for ProblemResponse {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Storage(error) => error.into(),
            DecideError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            DecideError::Unknown { .. } => Self::new(ProblemCode::NotFound, error.to_string()),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
