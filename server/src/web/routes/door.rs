//! Signing in and out.

use axum::Form;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{RequestExt, extract::rejection::FormRejection};
use serde::Deserialize;

use super::answer::{self, PageError};
use super::visitor::Visitor;
use super::{cookie, language, new_password};
use crate::app::App;
use crate::auth::{AuthError, WebSession, create_web_session, revoke_web_session};
use crate::http::ClientAddr;
use crate::web::frame::Frame;
use crate::web::pages::sign_in::SignIn;
use crate::web::view::{State as Shown, Tone};
use crate::web::words::Words;

const HOME: &str = "/board";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    next: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Credentials {
    login: String,
    password: String,
    next: String,
}

/// The form. Somebody who is in already goes on.
pub(super) async fn show(
    visitor: Option<Visitor>,
    Query(wanted): Query<Wanted>,
    uri: Uri,
    headers: axum::http::HeaderMap,
) -> Response {
    if visitor.is_some() && language_only(&uri) {
        return Redirect::to(inside(&wanted.next)).into_response();
    }
    let words = Words::new(language::without_reader(&uri, &headers));
    form(words, &uri, None, String::new(), &wanted.next)
}

/// A reader who only switches the language at the door stays there.
fn language_only(uri: &Uri) -> bool {
    !uri.query().unwrap_or_default().contains("lang=")
}

/// Checks the password and opens a session.
pub(super) async fn enter(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let words = Words::new(language::without_reader(&parts.uri, &parts.headers));
    let secure = cookie::is_secure(&parts);
    let Ok(from) = ClientAddr::from_request_parts(&mut parts, &()).await;
    let uri = parts.uri.clone();
    let read: Result<Form<Credentials>, FormRejection> =
        Request::from_parts(parts, body).extract().await;
    let Ok(Form(given)) = read else {
        return PageError::Unreadable.outside(words);
    };
    let opened = create_web_session(&app, given.login.trim(), &given.password, from.0).await;
    let (status, key) = match opened {
        Ok(session) => return admit(&app, &session, &given.next, secure),
        Err(AuthError::MustChangePassword) => {
            let login = given.login.trim().to_owned();
            return new_password::form(words, &uri, None, login, &given.next);
        }
        Err(AuthError::SlowDown { .. }) => (StatusCode::TOO_MANY_REQUESTS, "sign_in.slow_down"),
        Err(AuthError::Storage(error)) => return PageError::Storage(error).outside(words),
        Err(error @ AuthError::Hashing { .. }) => {
            tracing::error!(%error, "a password could not be checked");
            (StatusCode::INTERNAL_SERVER_ERROR, "problem.fault_detail")
        }
        Err(AuthError::PasswordExpired) => (StatusCode::UNAUTHORIZED, "sign_in.expired"),
        Err(_) => (StatusCode::UNAUTHORIZED, "sign_in.wrong"),
    };
    let message = Shown::new(Tone::Late, words.say(key));
    let mut response = form(words, &uri, Some(message), given.login, &given.next);
    *response.status_mut() = status;
    response
}

/// Sends somebody who is in now to where they wanted to go.
pub(super) fn admit(app: &App, session: &WebSession, next: &str, secure: bool) -> Response {
    let lives_s = session.expires_at.since(app.clock().now()) / 1000;
    let mut response = Redirect::to(inside(next)).into_response();
    if let Some(value) = cookie::set_session(&session.token, lives_s, secure) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// Ends the session.
pub(super) async fn leave(State(app): State<App>, visitor: Visitor, request: Request) -> Response {
    let (parts, _body) = request.into_parts();
    if let Err(error) = revoke_web_session(&app, &visitor.signed).await {
        tracing::error!(%error, "a session could not be ended");
        return visitor.answer(Err(match error {
            AuthError::Storage(error) => PageError::Storage(error),
            _ => PageError::NotAllowed,
        }));
    }
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(value) = cookie::set_session("", 0, cookie::is_secure(&parts)) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

fn form(words: Words, uri: &Uri, message: Option<Shown>, login: String, next: &str) -> Response {
    let here = uri.path_and_query().map_or("/sign-in", |here| here.as_str());
    let page = SignIn {
        frame: Frame::outside(words, here),
        message,
        login,
        next: inside(next).to_owned(),
    };
    answer::html(&page).unwrap_or_else(|error| error.outside(words))
}

/// A path of this site; the board for anything else. `//host` and `/\host` lead
/// away in a browser's eyes.
pub(super) fn inside(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if local && !next.starts_with("/sign-") && !next.starts_with("/new-password") {
        next
    } else {
        HOME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        let check = |next: &str, expected: &str| assert_eq!(inside(next), expected, "{next}");
        check("/board?date=2026-10-08", "/board?date=2026-10-08");
        check("", HOME);
        check("https://evil.example", HOME);
        check("//evil.example", HOME);
        check("/\\evil.example", HOME);
        check("/board\r\nSet-Cookie: a=b", HOME);
        check("/sign-in", HOME);
    }
}
