//! Replacing a password that was given out.

use axum::Form;
use axum::RequestExt;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::door::{admit, inside};
use super::{cookie, language};
use crate::app::App;
use crate::auth::{AuthError, ChangePasswordError, change_password};
use crate::http::ClientAddr;
use crate::office::ResetPasswordError;
use crate::web::frame::Frame;
use crate::web::pages::sign_in::NewPassword;
use crate::web::view::{State as Shown, Tone};
use crate::web::words::Words;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    login: String,
    password: String,
    chosen: String,
    again: String,
    next: String,
}

/// Checks the old password, keeps the new one and opens a session.
pub(super) async fn enter(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let words = Words::new(language::without_reader(&parts.uri, &parts.headers));
    let secure = cookie::is_secure(&parts);
    let Ok(from) = ClientAddr::from_request_parts(&mut parts, &()).await;
    let uri = parts.uri.clone();
    let read: Result<Form<Given>, FormRejection> = Request::from_parts(parts, body).extract().await;
    let Ok(Form(given)) = read else {
        return PageError::Unreadable.outside(words);
    };
    let login = given.login.trim().to_owned();
    let (status, key) = if given.chosen == given.again {
        match change_password(&app, &login, &given.password, given.chosen, from.0).await {
            Ok(session) => return admit(&app, &session, &given.next, secure),
            Err(error) => match why(error) {
                Ok(shown) => shown,
                Err(broken) => return broken.outside(words),
            },
        }
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, "new_password.differ")
    };
    let message = Shown::new(Tone::Late, words.say(key));
    let mut response = form(words, &uri, Some(message), login, &given.next);
    *response.status_mut() = status;
    response
}

fn why(error: ChangePasswordError) -> Result<(StatusCode, &'static str), PageError> {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        ChangePasswordError::Same => Ok((refused, "new_password.same")),
        ChangePasswordError::Refused(ResetPasswordError::Password(_)) => {
            Ok((refused, "new_password.length"))
        }
        ChangePasswordError::Auth(AuthError::SlowDown { .. }) => {
            Ok((StatusCode::TOO_MANY_REQUESTS, "sign_in.slow_down"))
        }
        ChangePasswordError::Auth(AuthError::Storage(error))
        | ChangePasswordError::Refused(ResetPasswordError::Storage(error)) => {
            Err(PageError::Storage(error))
        }
        ChangePasswordError::Auth(error @ AuthError::Hashing { .. })
        | ChangePasswordError::Refused(ResetPasswordError::Hash(error)) => {
            tracing::error!(%error, "a password could not be changed");
            Ok((StatusCode::INTERNAL_SERVER_ERROR, "problem.fault_detail"))
        }
        ChangePasswordError::Auth(_) | ChangePasswordError::Refused(_) => {
            Ok((StatusCode::UNAUTHORIZED, "sign_in.wrong"))
        }
    }
}

/// The form; shown by the door to whoever comes with a password that was given out.
pub(super) fn form(
    words: Words,
    uri: &Uri,
    message: Option<Shown>,
    login: String,
    next: &str,
) -> Response {
    let here = uri.path_and_query().map_or("/sign-in", |here| here.as_str());
    let page = NewPassword {
        frame: Frame::outside(words, here),
        message,
        login,
        next: inside(next).to_owned(),
    };
    answer::html(&page).unwrap_or_else(|error| error.outside(words))
}
