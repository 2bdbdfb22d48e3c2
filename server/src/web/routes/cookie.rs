//! Cookies of ours: one for the session, one for the language.
//!
//! Under TLS the session's name begins with `__Host-`, so that no subdomain and
//! no plain-text page can set it; browsers refuse that prefix on plain loopback,
//! where the cookie goes without it. It is `SameSite=Strict`: a link from
//! outside shows the door, and no other site can act in a reader's name.

use axum::http::header::{COOKIE, HeaderMap, HeaderValue};
use axum::http::request::Parts;

use crate::http::{Proxy, Secure};

const SESSION: &str = "fieldsync_session";
const SESSION_SECURE: &str = "__Host-fieldsync_session";
const LANGUAGE: &str = "fieldsync_lang";
const YEAR_S: i64 = 365 * 24 * 3600;

/// Whether the reader came over TLS: ended here, or by a proxy of ours. Otherwise we
/// listen on plain loopback.
pub(super) fn is_secure(parts: &Parts) -> bool {
    parts.extensions.get::<Secure>() == Some(&Secure(true))
        || parts.extensions.get::<Proxy>() == Some(&Proxy::Trusted)
}

const fn session_name(secure: bool) -> &'static str {
    if secure { SESSION_SECURE } else { SESSION }
}

/// The session's token, if the browser sent one.
pub(super) fn session(headers: &HeaderMap, secure: bool) -> Option<String> {
    find(headers, session_name(secure))
}

/// Sets the session for `seconds`; 0 takes it away.
pub(super) fn set_session(token: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let name = session_name(secure);
    let flag = if secure { "; Secure" } else { "" };
    let text =
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{flag}");
    HeaderValue::from_str(&text).ok()
}

/// The language the reader chose.
pub(super) fn language(headers: &HeaderMap) -> Option<String> {
    find(headers, LANGUAGE)
}

/// Keeps the language the reader chose.
pub(super) fn set_language(tag: &str) -> Option<HeaderValue> {
    let text = format!("{LANGUAGE}={tag}; Path=/; Max-Age={YEAR_S}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        let line = "a=1; x__Host-fieldsync_session=no; fieldsync_session=yes; b=2";
        headers.insert(COOKIE, HeaderValue::from_static(line));
        assert_eq!(session(&headers, false).as_deref(), Some("yes"));
        assert_eq!(session(&headers, true), None);
    }

    #[test]
    fn a_session_cookie_is_strict_and_bound_to_the_host_under_tls() {
        let text = |secure| {
            let value = set_session("fsw_abc", 60, secure).unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            text(true),
            "__Host-fieldsync_session=fsw_abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(text(false).starts_with("fieldsync_session=") && !text(false).contains("Secure"));
        assert!(set_session("bad\nvalue", 60, true).is_none());
    }
}
