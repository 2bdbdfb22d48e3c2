//! `/visits/{visit}`, with the form that settles a visit under review.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::DocId;
use client_core::protocol::JudgeVisit;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::sections::parse;
use super::visitor::Visitor;
use super::{behalf, one_visit};
use crate::app::App;
use crate::office::{AskError, Refusal, VoidError};
use crate::web::frame::Section;
use crate::web::pages::visit::{Judge, VisitPage};

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
    let data = one_visit::seen(app, visitor, id).await?;
    if data.rep != visitor.signed.user {
        behalf::looked_at(app, visitor, id).await?;
    }
    let settles = data.is_to_settle()
        && match behalf::anybody(app, visitor).await?.settles_visits_of(data.rep).await {
            Ok(()) => true,
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(_refused) => false,
        };
    let judge = settles.then(|| Judge::of(&visitor.f, id, entered, wrong));
    answer::html(&VisitPage::new(visitor.frame(Section::Visits), &visitor.f, &data, judge))
}

/// `POST /visits/{visit}/judge`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(visit): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let visit: DocId = parse(&visit)?;
        let accepted = match fields.get("verdict") {
            "accepted" => true,
            "rejected" => false,
            _ => return Err(PageError::Unreadable),
        };
        one_visit::seen(&app, &visitor, visit).await?;
        let registrar = behalf::anybody(&app, &visitor).await?;
        let note = fields.get("note").replace("\r\n", "\n");
        let ask = JudgeVisit { visit, accepted, note: note.clone() };
        let (wrong, status) = match registrar.judge_visit(ask).await {
            Ok(_) => return Ok(one_visit::back(visit)),
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(AskError::Refused(Refusal::Oneself | Refusal::Places)) => {
                return Err(PageError::NotAllowed);
            }
            Err(AskError::Judge(VoidError::NoReason)) => {
                ("void.missing", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(AskError::Judge(VoidError::LongReason { .. })) => {
                ("void.long", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(AskError::Judge(VoidError::NotUnderReview { .. })) => {
                ("judge.settled", StatusCode::CONFLICT)
            }
            Err(AskError::Judge(VoidError::Rules(error))) => return Err(PageError::Scoring(error)),
            Err(AskError::Judge(_)) => ("judge.void", StatusCode::CONFLICT),
            Err(_) => return Err(PageError::NotFound),
        };
        let wrong = Some(visitor.f.w.say(wrong).to_owned());
        let mut response = page(&app, &visitor, visit, &note, wrong).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}
