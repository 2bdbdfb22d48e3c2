//! Reading request bodies: bounded in bytes and in time before anything is parsed.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use client_core::protocol::{MAX_PUSH_BYTES, ProblemCode, codec};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::ProblemResponse;

/// The whole body must have arrived by then: 4 MiB at 140 KB/s.
const DEADLINE: Duration = Duration::from_secs(30);

/// Reads at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, ProblemResponse> {
    let collecting = Limited::new(body, limit).collect();
    let late = |_elapsed| {
        ProblemResponse::new(ProblemCode::MalformedBody, "the body did not arrive in 30 seconds")
    };
    let collected = tokio::time::timeout(DEADLINE, collecting).await.map_err(late)?;
    collected.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            let detail = format!("the body is longer than {limit} bytes");
            ProblemResponse::new(ProblemCode::BodyTooLarge, detail)
        } else {
            ProblemResponse::new(ProblemCode::MalformedBody, "the body was cut short")
        }
    })
}

/// Reads a CBOR message, compressed or not.
pub(super) async fn message<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, ProblemResponse> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
    let encoding = codec::parse_encoding(encoding)?;
    let bytes = read(body, MAX_PUSH_BYTES).await?;
    Ok(codec::decode(&bytes, encoding, MAX_PUSH_BYTES)?)
}

/// Reads a JSON message.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, ProblemResponse> {
    /// Sign-ins and refreshes are a few hundred bytes.
    const LIMIT: usize = 16 * 1024;
    let bytes = read(body, LIMIT).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let detail = format!("the JSON could not be read at column {}", error.column());
        ProblemResponse::new(ProblemCode::MalformedBody, detail)
    })
}
