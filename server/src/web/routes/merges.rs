//! `/customers/merges`: what was merged, taking it back, and suspected duplicates.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
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
    let message = told(&visitor, "merges", &["parted"], &query.done);
    visitor.answer(page(&app, &visitor, message).await)
}

async fn page(app: &App, visitor: &Visitor, message: Option<Shown>) -> Result<Response, PageError> {
    if !decides(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    let data = merges::read(app.storage(), &office(app, visitor), &visitor.base).await?;
    answer::html(&Merges::new(visitor.frame(Section::Merges), &visitor.f, &data, message))
}

/// `POST /customers/merges`: two are two again.
pub(super) async fn undo(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        if !decides(visitor.signed.role) {
            return Err(PageError::NotAllowed);
        }
        let by = Some(visitor.signed.user);
        match office(&app, &visitor).part_customers(parse(fields.get("undo"))?, by).await {
            Ok(_) => Ok(done("/customers/merges", "parted")),
            Err(MergeError::Storage(error)) => Err(error.into()),
            Err(_) => {
                let message = refused(visitor.f.w.say("merge.already"));
                let page = page(&app, &visitor, message).await?;
                Ok((StatusCode::CONFLICT, page).into_response())
            }
        }
    };
    visitor.answer(page.await)
}
