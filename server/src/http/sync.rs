//! `POST /v1/sync`.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use client_core::protocol::codec::Encoding;
use client_core::protocol::{MEDIA_TYPE, SyncRequest, SyncResponse};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, SizeHint};

use super::admission::Place;
use super::{ProblemResponse, body};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::edge::Stopwatch;
use crate::metrics::{Metrics, SyncResult};
use crate::relay;

/// What a phone wrote, and what there is for it: one exchange of the sync protocol.
#[utoipa::path(post, path = "/v1/sync", tag = "sync",
    request_body(content = Vec<u8>, content_type = MEDIA_TYPE),
    responses((status = 200, description = "CBOR.", content_type = MEDIA_TYPE)))]
pub(super) async fn post(
    State(app): State<App>,
    device: SignedDevice,
    headers: HeaderMap,
    request: Body,
) -> Result<Response, ProblemResponse> {
    // None where a body does not say how long it is.
    let length = request.size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok());
    let place = app.admission().place(&app, &device, length)?;
    let packed = body::packed(&headers, request).await?;
    let up = packed.bytes.len();
    // Opened only now: who waits for a turn holds what came, and not what is in it.
    let turn = app.admission().turn(&app).await?;
    let request: SyncRequest = packed.open().await?;
    let answer = relay::sync(&app, &device, request).await?;
    count(app.metrics(), &answer);
    let (bytes, encoding) = body::pack(answer, wanted(&headers)).await?;
    drop(turn);
    app.metrics().bodies(up, bytes.len());
    let page = Page { bytes: Full::new(Bytes::from(bytes)), _place: place };
    let mut response = Body::new(page).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(encoding) = encoding.header() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// Measures every sync, refused ones too.
pub(super) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let response = next.run(request).await;
    let result = SyncResult::of_status(response.status().as_u16());
    app.metrics().synced(result, watch.elapsed());
    response
}

fn count(metrics: &Metrics, answer: &SyncResponse) {
    if !answer.feed.is_empty() {
        metrics.page();
    }
    for result in answer.results.iter().flat_map(|group| &group.changes) {
        metrics.change(result);
    }
}

/// zstd where the phone says it reads it.
fn wanted(headers: &HeaderMap) -> Encoding {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let zstd = accepted.is_some_and(|list| list.split(',').any(|one| one.trim() == "zstd"));
    if zstd { Encoding::Zstd } else { Encoding::Identity }
}

/// An answer that holds its request's place until the phone has taken it: pages that
/// nobody reads must not pile up either.
struct Page {
    bytes: Full<Bytes>,
    _place: Place,
}

impl hyper::body::Body for Page {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.bytes).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}
