//! `POST /v1/sync`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use client_core::protocol::codec::Encoding;
use client_core::protocol::{MEDIA_TYPE, SyncRequest};

use super::{ProblemResponse, body};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::relay;

pub(super) async fn post(
    State(app): State<App>,
    device: SignedDevice,
    headers: HeaderMap,
    request: Body,
) -> Result<Response, ProblemResponse> {
    let request: SyncRequest = body::message(&headers, request).await?;
    let answer = relay::sync(&app, &device, request).await?;
    let (bytes, encoding) = body::packed(answer, wanted(&headers)).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(encoding) = encoding.header() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// zstd where the phone says it reads it.
fn wanted(headers: &HeaderMap) -> Encoding {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let zstd = accepted.is_some_and(|list| list.split(',').any(|one| one.trim() == "zstd"));
    if zstd { Encoding::Zstd } else { Encoding::Identity }
}
