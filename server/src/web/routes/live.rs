//! `GET /live`: a page that is looked at hears that there is something new, never what.
//!
//! The stream is the phones' own, opened with the session of a browser. Where there is no
//! place on it the answer is empty: a browser then asks no more, and the page's script goes
//! on looking every few seconds.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use client_core::protocol::LIVE_MEDIA_TYPE;

use super::cookie;
use crate::app::App;
use crate::auth::verify_web_session;
use crate::live;

/// What keeps a stream from being held back or kept on its way.
const UNBUFFERED: [(HeaderName, &str); 3] = [
    (CONTENT_TYPE, LIVE_MEDIA_TYPE),
    (CACHE_CONTROL, "no-store, no-transform"),
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

pub(super) async fn listen(State(app): State<App>, parts: Parts) -> Response {
    let token = cookie::session(&parts.headers, cookie::is_secure(&parts));
    let Some(token) = token else { return StatusCode::NO_CONTENT.into_response() };
    let Ok(signed) = verify_web_session(&app, &token).await else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let Ok(listener) = live::open_page(&app, &signed, token).await else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let mut response = Body::from_stream(listener.body()).into_response();
    for (name, value) in UNBUFFERED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
