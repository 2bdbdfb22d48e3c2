//! What protects every page: a policy under which nothing foreign runs, and a
//! check that a form came from a page of ours.

use axum::extract::Request;
use axum::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::PageError;
use super::language;
use crate::web::words::Words;

/// `connect-src` is for the live refresh, which fetches the page it is on.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const SEALS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    // Names and figures of people: in no shared cache, and not behind the back button.
    (header::CACHE_CONTROL, "private, no-store"),
];

/// Puts the headers on a page.
pub(super) async fn seal(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in SEALS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets a request that changes something through only if it comes from a page
/// of this origin. Browsers say so in `Sec-Fetch-Site`, or in `Origin` where the
/// address is plain HTTP; what says neither is no browser of a reader.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from_here(request.headers()) {
        return next.run(request).await;
    }
    let words = Words::new(language::without_reader(request.uri(), request.headers()));
    PageError::NotAllowed.outside(words).into_response()
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(&ORIGIN).and_then(|origin| origin.split_once("://"));
    match (origin, text(&HOST)) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_origin_may_change_something() {
        let check = |pairs: &[(&'static str, &'static str)], expected: bool| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| {
                    (HeaderName::from_static(name), HeaderValue::from_static(value))
                })
                .collect();
            assert_eq!(comes_from_here(&headers), expected, "{pairs:?}");
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], false);
        check(&[("sec-fetch-site", "none")], false);
        check(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], true);
        check(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")], false);
        check(&[("origin", "null"), ("host", "a")], false);
        check(&[], false);
    }
}
