//! Which language a reader gets: what the address says, what they chose before,
//! what their account says, what their browser says, what the org says.

use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::cookie;
use crate::web::words::Lang;

/// The language for somebody whose account is known.
pub(super) fn of(uri: &Uri, headers: &HeaderMap, account: Option<&str>, org: Option<&str>) -> Lang {
    let browser = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked(uri)
        .or_else(|| cookie::language(headers).as_deref().and_then(Lang::from_tag))
        .or_else(|| account.and_then(Lang::from_tag))
        .or_else(|| browser.and_then(Lang::from_accept_language))
        .or_else(|| org.and_then(Lang::from_tag))
        .unwrap_or(Lang::En)
}

/// The language for somebody at the door.
pub(super) fn without_reader(uri: &Uri, headers: &HeaderMap) -> Lang {
    of(uri, headers, None, None)
}

fn asked(uri: &Uri) -> Option<Lang> {
    let query = uri.query()?;
    query.split('&').find_map(|part| part.strip_prefix("lang=")).and_then(Lang::from_tag)
}

/// Keeps a language that the address asked for.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    let chosen = asked(request.uri());
    let mut response = next.run(request).await;
    if let Some(value) = chosen.and_then(|lang| cookie::set_language(lang.tag())) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
