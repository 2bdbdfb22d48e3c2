//! Answers: bodies, pages of lists, and their tags.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LINK, VARY};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use client_core::protocol::ProblemCode;
use data_encoding::BASE64URL_NOPAD;
use http_body_util::BodyExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::http::ProblemResponse;
use crate::web::view::PAGE;

/// A body, or the problem in its place.
pub(crate) type Answer<T> = Result<Json<T>, ProblemResponse>;

/// Nothing is there, or nothing that the reader may see: they are told the same.
pub(crate) fn not_found() -> ProblemResponse {
    ProblemResponse::new(ProblemCode::NotFound, "there is nothing here that you may see")
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// What is on it.
    items: Vec<T>,
    /// Which page it is, from 1.
    page: usize,
    /// How many match what was asked for, on all pages.
    matching: u64,
    /// How many the reader may see, whatever was asked for.
    all: u64,
    /// The address of the next page; also in the header `Link`. Absent on the last.
    next: Option<String>,
}

impl<T> Page<T> {
    pub(super) fn new(uri: &Uri, items: Vec<T>, page: usize, (matching, all): (u64, u64)) -> Self {
        let shown = u64::try_from(page.saturating_mul(PAGE)).unwrap_or(u64::MAX);
        let next = (shown < matching).then(|| with_page(uri, page.saturating_add(1)));
        Self { items, page, matching, all, next }
    }

    pub(super) fn cut(uri: &Uri, all: Vec<T>, page: usize) -> Self {
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let first = page.saturating_sub(1).saturating_mul(PAGE);
        let items = all.into_iter().skip(first).take(PAGE).collect();
        Self::new(uri, items, page, (count, count))
    }
}

impl<T> Page<T> {
    /// What is on it.
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// The same page of what becomes of its items.
    pub(super) fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, page, matching, all, next } = self;
        Page { items: items.into_iter().map(turn).collect(), page, matching, all, next }
    }
}

/// The same address for another page.
fn with_page(uri: &Uri, page: usize) -> String {
    let kept = uri.query().unwrap_or_default().split('&');
    let kept = kept.filter(|part| !part.is_empty() && !part.starts_with("page="));
    let query: Vec<String> =
        kept.map(str::to_owned).chain(std::iter::once(format!("page={page}"))).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

/// A page of a list with its header `Link`.
pub(crate) struct Listed<T>(pub(crate) Page<T>);

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let link = self.0.next.as_ref().map(|next| format!("<{next}>; rel=\"next\""));
        let mut response = Json(self.0).into_response();
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// Gives every body that was read a tag, and answers 304 to whoever has it already. The
/// tag is of the bytes, so it never says less than the body.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET;
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !reads || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        let detail = "the answer could not be written";
        return ProblemResponse::new(ProblemCode::ServerFault, detail).into_response();
    };
    let tag = tag(&body);
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    parts.headers.insert(VARY, HeaderValue::from_static("authorization"));
    let same = known.is_some_and(|known| names(&known, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, tag);
    }
    if same {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(axum::http::header::CONTENT_TYPE);
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn tag(body: &Bytes) -> String {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let (short, _) = digest.split_at(16);
    format!("\"{}\"", BASE64URL_NOPAD.encode(short))
}

/// Whether an `If-None-Match` names this tag; a proxy may have marked it as weak.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(str::trim).any(|each| each == "*" || each.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked_for_and_the_last_has_none() {
        let check = |uri: &'static str, page: usize, matching: u64, next: Option<&str>| {
            let made = Page::<u8>::new(&Uri::from_static(uri), vec![], page, (matching, 500));
            assert_eq!(made.next.as_deref(), next, "{uri}");
        };
        check("/v1/visits", 1, 50, None);
        check("/v1/visits", 1, 51, Some("/v1/visits?page=2"));
        check("/v1/visits?q=a&page=2&rep=x", 2, 101, Some("/v1/visits?q=a&rep=x&page=3"));
        check("/v1/visits?page=2", 2, 100, None);
    }

    #[test]
    fn a_tag_is_known_in_a_list_and_when_a_proxy_made_it_weak() {
        let tag = tag(&Bytes::from_static(b"{}"));
        let check = |known: &str, same: bool| {
            assert_eq!(names(&HeaderValue::from_str(known).unwrap(), &tag), same, "{known}");
        };
        check(&tag, true);
        check(&format!("\"other\", W/{tag}"), true);
        check("*", true);
        check("\"other\"", false);
    }
}
