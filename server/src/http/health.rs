//! Is it alive, and can it work.

use std::time::Duration;

use axum::extract::State;
use client_core::protocol::ProblemCode;

use super::ProblemResponse;
use crate::app::App;
use crate::storage::Records;

/// Longer than any healthy commit takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// The database takes a write.
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, ProblemResponse> {
    let probe = tokio::time::timeout(PATIENCE, app.storage().probe()).await;
    match probe {
        Ok(Ok(())) => Ok("ok\n"),
        Ok(Err(error)) => Err(error.into()),
        Err(_elapsed) => Err(ProblemResponse::new(
            ProblemCode::Unavailable,
            "the database did not take a write within 2 seconds",
        )),
    }
}
