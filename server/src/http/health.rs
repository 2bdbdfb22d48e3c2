//! Is it alive, and can it work.

use std::sync::PoisonError;
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

/// A write that worked so long ago need not be tried again: probes come every few
/// seconds, some of several watchers. Failures are always looked at anew.
const GOOD_FOR_MS: i64 = 2_000;

/// The database takes a write, and there is room for more.
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, ProblemResponse> {
    let now = app.clock().now();
    let ready = *app.ready().lock().unwrap_or_else(PoisonError::into_inner);
    if ready.is_some_and(|at| (0..GOOD_FOR_MS).contains(&now.since(at))) {
        return Ok("ok\n");
    }
    let probe = tokio::time::timeout(PATIENCE, app.storage().probe()).await;
    match probe {
        Ok(Ok(())) => {
            *app.ready().lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            Ok("ok\n")
        }
        Ok(Err(error)) => Err(error.into()),
        Err(_elapsed) => Err(ProblemResponse::new(
            ProblemCode::Unavailable,
            "the database did not take a write within 2 seconds",
        )),
    }
}
