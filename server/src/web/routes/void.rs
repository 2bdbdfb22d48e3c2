//! `/visits/{visit}/void`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use client_core::id::DocId;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::sections::parse;
use super::visitor::Visitor;
use super::{behalf, one_visit};
use crate::app::App;
use crate::office::VoidError;
use crate::web::form::Field;
use crate::web::frame::Section;
use crate::web::pages::void::Void;
use crate::web::view::{State as Shown, Tone};

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(visit): Path<String>,
) -> Response {
    let page = async { page(&app, &visitor, parse(&visit)?, "", None).await };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: DocId,
    entered: &str,
    wrong: Option<String>,
) -> Result<Response, PageError> {
    let data = one_visit::to_decide(app, visitor, id).await?;
    let (w, (customer, visit)) = (visitor.f.w, one_visit::headline(visitor, &data));
    let standing = data.ruling.as_ref().filter(|line| line.ruling.is_void());
    answer::html(&Void {
        frame: visitor.frame(Section::Visits),
        message: wrong.as_ref().map(|wrong| Shown::new(Tone::Late, wrong)),
        id,
        customer,
        visit,
        standing: standing.map(|void| void.line(&visitor.f)),
        reason: Field::lines("reason", w.say("void.reason"), entered).required().wrong(wrong),
    })
}

/// `POST`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(visit): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let id: DocId = parse(&visit)?;
        one_visit::to_decide(&app, &visitor, id).await?;
        let office = behalf::office(&app, &visitor);
        let by = Some(visitor.signed.user);
        let reason = fields.get("reason");
        let done = if fields.get("undo").is_empty() {
            office.void_visit(id, reason, by).await
        } else {
            office.unvoid_visit(id, by).await
        };
        let w = visitor.f.w;
        let wrong = match done {
            // Somebody else was faster, and it is as it was wanted.
            Ok(_) | Err(VoidError::AlreadyVoid { .. } | VoidError::NotVoid { .. }) => {
                return Ok(one_visit::back(id));
            }
            Err(VoidError::Storage(error)) => return Err(error.into()),
            Err(VoidError::UnknownVisit { .. }) => return Err(PageError::NotFound),
            Err(VoidError::NoReason) => w.say("void.missing"),
            Err(VoidError::LongReason { .. }) => w.say("void.long"),
            Err(VoidError::NotUnderReview { .. }) => w.say("judge.settled"),
            Err(VoidError::Rules(error)) => return Err(PageError::Scoring(error)),
        };
        let page = page(&app, &visitor, id, reason, Some(wrong.to_owned())).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    visitor.answer(page.await)
}
