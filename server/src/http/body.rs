//! Reading request bodies: bounded in bytes and in time before anything is parsed.
//!
//! A body of 4 MiB takes milliseconds to unpack, which is longer than an async
//! thread may be held. So messages are read and written on the blocking pool, a few
//! at a time: each may take 4 MiB packed, as much unpacked, and what it becomes.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use bytes::BytesMut;
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{MAX_PUSH_BYTES, ProblemCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::ProblemResponse;

/// So long may nothing come: a line at 1 kB/s that loses packets still moves.
const SILENCE: Duration = Duration::from_secs(30);
/// The whole body must have arrived by then: 600 kB at 1 kB/s.
const WHOLE: Duration = Duration::from_secs(600);

/// Messages that are packed or unpacked at the same time.
static CODERS: Semaphore = Semaphore::const_new(8);

/// Runs work that is too long for an async thread.
async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProblemResponse> {
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a message could not be packed or unpacked");
        ProblemResponse::new(ProblemCode::ServerFault, "Nothing was lost. Try again.")
    };
    let _turn = CODERS.acquire().await.map_err(|error| failed(&error))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))
}

/// Reads at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, ProblemResponse> {
    let slow = |what: &str| ProblemResponse::new(ProblemCode::TooSlow, what);
    let mut body = Limited::new(body, limit);
    let reading = async {
        let mut read = BytesMut::new();
        loop {
            let frame = tokio::time::timeout(SILENCE, body.frame());
            let frame = frame.await.map_err(|_silence| slow("nothing came for 30 seconds"))?;
            match frame.transpose() {
                Ok(None) => return Ok(read.freeze()),
                Ok(Some(frame)) => read.extend(frame.into_data().ok()),
                Err(error) if error.is::<LengthLimitError>() => {
                    let detail = format!("the body is longer than {limit} bytes");
                    return Err(ProblemResponse::new(ProblemCode::BodyTooLarge, detail));
                }
                Err(_broken) => {
                    let detail = "the body was cut short";
                    return Err(ProblemResponse::new(ProblemCode::MalformedBody, detail));
                }
            }
        }
    };
    let whole = tokio::time::timeout(WHOLE, reading).await;
    whole.unwrap_or_else(|_late| Err(slow("the body did not arrive in ten minutes")))
}

/// A CBOR message as it came, which takes less room than what is in it.
pub(super) struct Packed {
    encoding: Encoding,
    pub(super) bytes: Bytes,
}

/// Reads a CBOR message, compressed or not, and does not open it yet.
pub(super) async fn packed(headers: &HeaderMap, body: Body) -> Result<Packed, ProblemResponse> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
    let encoding = codec::parse_encoding(encoding)?;
    let bytes = read(body, MAX_PUSH_BYTES).await?;
    Ok(Packed { encoding, bytes })
}

impl Packed {
    /// What is in it.
    pub(super) async fn open<T>(self) -> Result<T, ProblemResponse>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let Self { encoding, bytes } = self;
        let decode = move || codec::decode(&bytes, encoding, MAX_PUSH_BYTES);
        Ok(off_the_async_threads(decode).await??)
    }
}

/// Writes a CBOR message, compressed if that is wanted and pays.
pub(super) async fn pack<T: Serialize + Send + 'static>(
    message: T,
    wanted: Encoding,
) -> Result<(Vec<u8>, Encoding), ProblemResponse> {
    off_the_async_threads(move || codec::encode(&message, wanted)).await
}

/// Reads a JSON message: sign-ins, refreshes and decisions are a few hundred bytes.
pub(crate) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, ProblemResponse> {
    json_within(body, 16 * 1024).await
}

/// Reads a long JSON message: a policy with its comments, or hundreds of customers.
pub(crate) async fn long_json<T: DeserializeOwned>(body: Body) -> Result<T, ProblemResponse> {
    json_within(body, 256 * 1024).await
}

async fn json_within<T: DeserializeOwned>(body: Body, limit: usize) -> Result<T, ProblemResponse> {
    let bytes = read(body, limit).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let detail = format!("the JSON could not be read at column {}", error.column());
        ProblemResponse::new(ProblemCode::MalformedBody, detail)
    })
}
