//! `/cases`, `/help` and `/competitors`: what a team learns from its own work.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::RecordId;
use client_core::records::HelpState;

use super::answer::{self, PageError};
use super::behalf;
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::AskError;
use crate::storage::{Lists, StorageError};
use crate::web::frame::Section;
use crate::web::lists::library::{CasesQuery, WeekQuery};
use crate::web::pages::library::{CasesPage, CompetitorsPage, HelpNamed, HelpPage};
use crate::web::queries::library::{self, HelpWanted};
use crate::web::view::State as Shown;

/// `GET /cases`.
pub(super) async fn cases(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CasesQuery>,
) -> Response {
    let page = async {
        let ask = query.ask()?;
        let (base, reach) = (&visitor.base, &visitor.reach);
        let found = library::cases(app.storage(), base, reach, &ask, visitor.now).await?;
        let industries = app.storage().industries(base.org.id, reach.scopes()).await?;
        let named = found.cases.into_iter().map(|case| {
            let rep = base.user_name(case.rep);
            (case, rep)
        });
        let cases: Vec<_> = named.collect();
        let frame = visitor.frame(Section::Cases);
        answer::html(&CasesPage::new(frame, &visitor.f, &ask, industries, &cases, &found.reviews))
    };
    visitor.answer(page.await)
}

/// `GET /help`.
pub(super) async fn help(State(app): State<App>, visitor: Visitor) -> Response {
    let page = async { help_page(&app, &visitor, None).await };
    visitor.answer(page.await)
}

async fn help_page(
    app: &App,
    visitor: &Visitor,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let registrar = behalf::anybody(app, visitor).await?;
    let base = &visitor.base;
    let mut named = Vec::new();
    for wanted in wanted(app, visitor).await? {
        let may = match registrar.answers_help(wanted.rep, wanted.asked_of).await {
            Ok(()) => true,
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(_refused) => false,
        };
        let person = |user| base.user_name(user);
        named.push(HelpNamed {
            rep: person(wanted.rep),
            asked_of: wanted.asked_of.map(person),
            by: wanted.answer.as_ref().and_then(|answer| answer.by).map(person),
            may,
            wanted,
        });
    }
    let frame = visitor.frame(Section::Help);
    answer::html(&HelpPage::new(frame, &visitor.f, visitor.today(), named, message))
}

async fn wanted(app: &App, visitor: &Visitor) -> Result<Vec<HelpWanted>, StorageError> {
    let (base, reach, reader) = (&visitor.base, &visitor.reach, visitor.signed.user);
    library::help(app.storage(), base, reach, reader, visitor.today()).await
}

/// `POST /help/{request}`: says how a request stands.
pub(super) async fn answer_help(
    State(app): State<App>,
    visitor: Visitor,
    Path(request): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let request: RecordId = parse(&request)?;
        let found = wanted(&app, &visitor).await?.into_iter().find(|one| one.id == request);
        let found = found.ok_or(PageError::NotFound)?;
        let state = HelpState::from(fields.get("state"));
        if !HelpState::KNOWN.contains(&state) {
            return Err(PageError::Unreadable);
        }
        let note = fields.get("note").replace("\r\n", "\n");
        let registrar = behalf::anybody(&app, &visitor).await?;
        let (why, status) = match registrar.answer_help(found.answered(state, note)).await {
            Ok(_) => return Ok(Redirect::to("/help").into_response()),
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(AskError::Text(_)) => ("library.answer_long", StatusCode::UNPROCESSABLE_ENTITY),
            Err(AskError::Busy) => ("library.answer_busy", StatusCode::CONFLICT),
            Err(_refused) => return Err(PageError::NotAllowed),
        };
        let message = behalf::refused(visitor.f.w.say(why));
        let mut response = help_page(&app, &visitor, message).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}

/// `GET /competitors`.
pub(super) async fn competitors(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<WeekQuery>,
) -> Response {
    let page = async {
        let (base, today) = (&visitor.base, visitor.today());
        let week = query.ask(base, today)?;
        let briefs = library::competitors(app.storage(), base, &visitor.reach, week).await?;
        let frame = visitor.frame(Section::Competitors);
        let person = |user| base.user_name(user);
        answer::html(&CompetitorsPage::new(frame, &visitor.f, (week, today), &briefs, person))
    };
    visitor.answer(page.await)
}
