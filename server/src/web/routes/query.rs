//! What an address asks for after its `?`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::answer::PageError;
use super::language;
use crate::web::words::Words;

/// The query; one that cannot be read, such as a field that is named twice, is
/// answered by a page in the reader's language.
#[derive(Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(query)| Self(query)).map_err(|_rejection| {
            let words = Words::new(language::without_reader(&parts.uri, &parts.headers));
            PageError::Unreadable.outside(words)
        })
    }
}
