//! What an address asks for after its `?`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use client_core::protocol::ProblemCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::http::ProblemResponse;
use crate::web::lists::{Unreadable, page};

/// The query; one that cannot be read is a problem document.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(query)| Self(query)).map_err(|_rejection| Unreadable.into())
    }
}

impl From<Unreadable> for ProblemResponse {
    fn from(_: Unreadable) -> Self {
        let detail = "a part of the query is no date, period, number, id or code of ours";
        Self::new(ProblemCode::MalformedBody, detail)
    }
}

/// Which page of a list that has no filter.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Which page, from 1.
    page: String,
}

impl PageQuery {
    /// Its number.
    pub(crate) fn number(&self) -> Result<usize, Unreadable> {
        page(&self.page)
    }
}
