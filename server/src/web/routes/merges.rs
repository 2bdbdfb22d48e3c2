//! `/customers/merges`: what was merged, taking it back, and suspected duplicates.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use client_core::id::DocId;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{done, office, refused, told};
use super::fields::Fields;
use super::merge::decides;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::MergeError;
use crate::web::frame::Section;
use crate::web::pages::merges::Merges;
use crate::web::queries::merges;
use crate::web::view::State as Shown;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergesQuery {
    done: String,
}

/// `GET /customers/merges`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<MergesQuery>,
) -> Response {
    let message = told(&visitor, "merges", &["parted", "kept_apart", "suspected"], &query.done);
    visitor.answer(page(&app, &visitor, message).await)
}

async fn page(app: &App, visitor: &Visitor, message: Option<Shown>) -> Result<Response, PageError> {
    if !decides(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    let data = merges::read(app.storage(), &office(app, visitor), &visitor.base).await?;
    answer::html(&Merges::new(visitor.frame(Section::Merges), &visitor.f, &data, message))
}

/// `POST /customers/merges`: two are two again, were never one, or may be one after all.
pub(super) async fn decide(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        if !decides(visitor.signed.role) {
            return Err(PageError::NotAllowed);
        }
        let (office, by) = (office(&app, &visitor), Some(visitor.signed.user));
        let (what, decided) = if let Some(two) = fields.sent("apart") {
            let (one, other) = pair(two)?;
            ("kept_apart", office.keep_apart(one, other, by).await.map(drop))
        } else if let Some(two) = fields.sent("suspect") {
            let (one, other) = pair(two)?;
            ("suspected", office.suspect_again(one, other, by).await.map(drop))
        } else {
            let customer = parse(fields.get("undo"))?;
            ("parted", office.part_customers(customer, by).await.map(drop))
        };
        match decided {
            Ok(()) => Ok(done("/customers/merges", what)),
            Err(MergeError::Storage(error)) => Err(error.into()),
            Err(MergeError::UnknownCustomer { .. }) => Err(PageError::NotFound),
            Err(_) => {
                let message = refused(visitor.f.w.say("merge.already"));
                let page = page(&app, &visitor, message).await?;
                Ok((StatusCode::CONFLICT, page).into_response())
            }
        }
    };
    visitor.answer(page.await)
}

fn pair(two: &str) -> Result<(DocId, DocId), PageError> {
    let (one, other) = two.split_once('/').ok_or(PageError::Unreadable)?;
    Ok((parse(one)?, parse(other)?))
}
