//! What a form sent, as pairs: a name may come more than once.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::answer::PageError;
use super::language;
use crate::web::words::Words;

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value under `name`, without space around it; empty if there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.sent(name).unwrap_or_default()
    }

    /// The same, if the form had this field at all.
    pub(super) fn sent(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// What stood in each field when the form was made, by the field's name.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.starting("was.")
    }

    /// The fields whose name begins so, by the rest of it.
    pub(super) fn starting<'a>(
        &'a self,
        with: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(key, value)| Some((key.strip_prefix(with)?, value.trim())))
    }

    /// Every value under `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let lang = language::without_reader(request.uri(), request.headers());
        let read = Form::<Vec<(String, String)>>::from_request(request, state).await;
        read.map(|Form(pairs)| Self(pairs)).map_err(|rejection| {
            let error = match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLong,
                _ => PageError::Unreadable,
            };
            error.outside(Words::new(lang))
        })
    }
}
