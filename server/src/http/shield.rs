//! What stands around every route: rate limits, panics, logs.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use client_core::protocol::ProblemCode;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::{ClientAddr, ProblemResponse};
use crate::app::App;
use crate::edge::random_bytes;

pub(super) fn around(router: Router, app: App) -> Router {
    router.layer(CatchPanicLayer::custom(after_panic)).layer(from_fn_with_state(app, guard))
}

/// Counts the request, names it, and logs how it ended.
async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let ClientAddr(from) = ClientAddr::of(&parts);
    if let Err(error) = app.throttles().request(from) {
        return ProblemResponse::from(error).into_response();
    }
    let id = data_encoding::HEXLOWER.encode(&random_bytes::<8>(app.random()));
    // The path alone: queries may hold names.
    let span = tracing::info_span!("request", %id, method = %parts.method, path = parts.uri.path());
    // A page that failed shows the number; whatever the client called it does not count.
    parts.headers.remove("x-request-id");
    if let Ok(id) = HeaderValue::from_str(&id) {
        parts.headers.insert("x-request-id", id);
    }
    let request = Request::from_parts(parts, body);
    async move {
        let mut response = next.run(request).await;
        let status = response.status();
        tracing::debug!(status = status.as_u16(), "answered");
        // Only what went wrong is worth a header; a quiet sync is a few hundred bytes.
        if (status.is_server_error() || status.is_client_error())
            && let Ok(id) = HeaderValue::from_str(&id)
        {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
    .instrument(span)
    .await
}

fn after_panic(_panic: Box<dyn std::any::Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler panicked");
    ProblemResponse::new(
        ProblemCode::ServerFault,
        "Nothing was lost: what was not answered as stored is still on the phone.",
    )
    .into_response()
}
