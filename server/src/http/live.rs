//! `GET /v1/live`.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use client_core::id::ReplicaId;
use client_core::protocol::{LIVE_MEDIA_TYPE, ProblemCode};
use serde::Deserialize;

use super::ProblemResponse;
use crate::app::App;
use crate::auth::SignedDevice;
use crate::live::{self, OpenError, Refused};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    replica: Option<ReplicaId>,
}

/// What keeps a stream from being held back or kept: nginx, proxies and phones each
/// look at another line.
const UNBUFFERED: [(HeaderName, &str); 3] = [
    (CONTENT_TYPE, LIVE_MEDIA_TYPE),
    (CACHE_CONTROL, "no-store, no-transform"),
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

/// A stream of hints that there is something up to a position, for phones.
#[utoipa::path(get, path = "/v1/live", tag = "sync",
    params(("replica" = Option<String>, Query, description = "Whose own changes are no news.")),
    responses((status = 200, description = "Hints.", content_type = LIVE_MEDIA_TYPE)))]
pub(super) async fn get(
    State(app): State<App>,
    device: SignedDevice,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, ProblemResponse> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map_or_else(String::new, |token| token.trim().to_owned());
    let listener = live::open(&app, &device, asked.replica, token)
        .await
        .map_err(|error| refusal(&app, error))?;
    let mut response = Body::from_stream(listener.body()).into_response();
    for (name, value) in UNBUFFERED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn refusal(app: &App, error: OpenError) -> ProblemResponse {
    let later = |code, detail: &str, seconds| ProblemResponse::new(code, detail).after(seconds);
    match error {
        OpenError::Storage(error) => error.into(),
        OpenError::Refused(Refused::Off) => later(
            ProblemCode::Unavailable,
            "This server gives no live hints: sync every now and then.",
            3600,
        ),
        OpenError::Refused(Refused::Full) => later(
            ProblemCode::Unavailable,
            "As many phones listen as may: sync every now and then.",
            60 + u64::from(app.chance(240)),
        ),
        OpenError::Refused(Refused::TooMany) => {
            later(ProblemCode::SlowDown, "You listen on as many devices as one person may.", 300)
        }
        OpenError::Refused(Refused::Closing) => {
            later(ProblemCode::Unavailable, "The server is stopping.", 2 + u64::from(app.chance(8)))
        }
    }
}
