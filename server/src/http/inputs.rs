//! `POST /v1/scorecard/inputs`.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use client_core::protocol::{InputsAnswer, InputsAsk, ProblemCode};
use utoipa::ToSchema;

use super::{ProblemResponse, body};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::scoring::{self, ScoringError};

/// For when.
#[derive(ToSchema)]
#[schema(as = InputsAsk)]
#[expect(dead_code, reason = "described, never made")]
pub(super) struct AskBody {
    /// Such as `2026-10`.
    period: String,
}

/// The facts of a card by name.
#[derive(ToSchema)]
#[schema(as = Inputs)]
#[expect(dead_code, reason = "described, never made")]
pub(super) struct AnswerBody {
    /// The instant the rules look from, milliseconds since 1970.
    as_of: i64,
    /// Every fact.
    facts: Vec<NameBody>,
}

/// A fact by name.
#[derive(ToSchema)]
#[schema(as = InputName)]
#[expect(dead_code, reason = "described, never made")]
pub(super) struct NameBody {
    /// `visit`, `customer`, `deal`, `payment`, `target` and so on.
    kind: String,
    /// The document or record.
    #[schema(format = "uuid")]
    doc: String,
    /// The item in it, where it holds several.
    #[schema(format = "uuid")]
    item: Option<String>,
    /// The first half of SHA-256 over the fact, in hexadecimal.
    digest: String,
}

/// The facts that one's own card was computed from, to compare with a phone's.
#[utoipa::path(post, path = "/v1/scorecard/inputs", tag = "session", request_body = AskBody,
    responses((status = 200, body = AnswerBody)))]
pub(super) async fn post(
    State(app): State<App>,
    device: SignedDevice,
    request: Body,
) -> Result<Json<InputsAnswer>, ProblemResponse> {
    let InputsAsk { period } = body::json(request).await?;
    let signed = device.signed;
    // Gathering a card costs as much as a sync.
    let _turn = app.admission().turn(&app).await?;
    let found = scoring::examine(&app, signed.org, signed.user, period).await.map_err(trouble)?;
    let (facts, policy, outcome) = found.ok_or_else(|| {
        ProblemResponse::new(ProblemCode::NotFound, "there is no card for this period")
    })?;
    Ok(Json(InputsAnswer { as_of: outcome.as_of, facts: facts.names(&policy) }))
}

fn trouble(error: ScoringError) -> ProblemResponse {
    match error {
        ScoringError::Storage(error) => error.into(),
        error => {
            tracing::error!(%error, "the facts of a card could not be gathered");
            ProblemResponse::new(ProblemCode::ServerFault, "the card could not be computed")
        }
    }
}
