//! Somebody who proved who they are, with what they may see.
//!
//! A handler that takes a [`Visitor`] needs to check nothing more about them;
//! without a session the request ends at the door, which leads back.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::time::{Date, Timestamp};

use super::answer::PageError;
use super::{cookie, edit, language, merge};
use crate::app::App;
use crate::auth::{AuthError, Signed, verify_web_session};
use crate::office::Registrar;
use crate::web::format::Format;
use crate::web::frame::{Frame, Known, Reader, Section, other_languages};
use crate::web::queries::base::Base;
use crate::web::queries::reach::Reach;
use crate::web::words::Words;

/// Somebody signed in, on the way to a page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// The session.
    pub(super) signed: Signed,
    /// The org and its people.
    pub(super) base: Base,
    /// Whose work they may see.
    pub(super) reach: Reach,
    /// Their words and the org's zone.
    pub(super) f: Format,
    /// The instant of the request.
    pub(super) now: Timestamp,
    reader: Reader,
    here: String,
    request: Option<String>,
}

impl Visitor {
    /// The day it is in the org.
    pub(super) fn today(&self) -> Date {
        self.base.zone().date(self.now)
    }

    /// The frame of a page in `section`.
    pub(super) fn frame(&self, section: Section) -> Frame {
        let heard = self.base.heard_phones(|user| self.reach.sees(user));
        let policy = self.base.policy_for(self.today()).map(|(version, _)| version);
        let w = self.f.w;
        Frame {
            org: self.base.org.name.clone(),
            section,
            viewer: Some(self.reader.clone()),
            people: Registrar::opens_to(self.signed.role),
            decides: Registrar::places(self.signed.role),
            edit_href: edit::href(self.signed.role, &self.here),
            decisions: merge::decisions(self.signed.role, &self.here, w),
            known: Some(Known::new(&self.f, &heard, policy, self.now)),
            languages: other_languages(&self.here, w.lang),
            ..Frame::outside(w, &self.here)
        }
    }

    /// The page, or the problem that stands in its place.
    pub(super) fn answer(&self, page: Result<Response, PageError>) -> Response {
        page.unwrap_or_else(|error| error.page(self.frame(Section::None), self.request.clone()))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let words = Words::new(language::without_reader(&parts.uri, &parts.headers));
        let token = cookie::session(&parts.headers, cookie::is_secure(parts));
        let Some(token) = token else { return Err(door(&parts.uri)) };
        let signed = match verify_web_session(app, &token).await {
            Ok(signed) => signed,
            Err(AuthError::Storage(error)) => {
                return Err(PageError::Storage(error).outside(words));
            }
            Err(_) => return Err(door(&parts.uri)),
        };
        let base = Base::read(app.storage(), signed.org).await;
        let base = base.map_err(|error| PageError::Storage(error).outside(words))?;
        let Some(user) = base.users.iter().find(|user| user.id == signed.user) else {
            return Err(door(&parts.uri));
        };
        let lang = language::of(
            &parts.uri,
            &parts.headers,
            user.locale.as_deref(),
            Some(&base.org.locale),
        );
        let w = Words::new(lang);
        let Some(reach) = Reach::of(user, &base.units, &base.users) else {
            return Err(PageError::Analyst.outside(w));
        };
        let reader = Reader {
            name: user.name.clone(),
            role: w.code("role", user.role.as_str()).into_owned(),
        };
        let request = parts.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        Ok(Self {
            f: Format::new(w, base.zone().clone()),
            now: app.clock().now(),
            here: here(&parts.uri),
            request: request.map(str::to_owned),
            signed,
            reach,
            reader,
            base,
        })
    }
}

/// For pages that are also shown to strangers.
impl OptionalFromRequestParts<App> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> Result<Option<Self>, Self::Rejection> {
        Ok(<Self as FromRequestParts<App>>::from_request_parts(parts, app).await.ok())
    }
}

/// The door, which leads back to `uri`.
fn door(uri: &Uri) -> Response {
    let mut next = String::new();
    for byte in here(uri).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                next.push(char::from(byte));
            }
            _ => next.push_str(&format!("%{byte:02X}")),
        }
    }
    Redirect::to(&format!("/sign-in?next={next}")).into_response()
}

fn here(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/board".to_owned(), ToString::to_string)
}
