//! `/conflicts`.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::docs::{ChangeHash, ConflictLabel, DocKind, EditError};
use client_core::id::{ActorId, DocId, UserId};
use client_core::projection::DocState;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{DocumentError, HandError, Office, Registrar};
use crate::storage::lists::Window;
use crate::storage::model::ConflictAsk;
use crate::storage::{Documents, Erasures};
use crate::web::form::Field;
use crate::web::frame::Section;
use crate::web::pages::conflicts::{ConflictView, Conflicts};
use crate::web::pages::wording;
use crate::web::view::{State as Shown, Tone};

/// Conflicts of one page.
const PAGE: u32 = 25;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConflictsQuery {
    label: String,
    kind: String,
    page: String,
    done: String,
}

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ConflictsQuery>,
) -> Response {
    let page = async {
        let message = match query.done.as_str() {
            "decided" => Some(Shown::new(Tone::Good, visitor.f.w.say("conflicts.decided"))),
            _ => None,
        };
        page(&app, &visitor, &query, message).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    query: &ConflictsQuery,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    if !Registrar::opens_to(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    let number: u32 = if query.page.is_empty() { 1 } else { parse(&query.page)? };
    let label = ConflictLabel::parse(&query.label).unwrap_or(ConflictLabel::Conflict);
    let offset = u64::from(number.saturating_sub(1)) * u64::from(PAGE);
    let ask = ConflictAsk {
        label,
        within: visitor.reach.scopes(),
        doc: None,
        kind: DocKind::parse(&query.kind),
        window: Window { limit: PAGE + 1, offset },
    };
    let mut found = app.storage().conflicts(visitor.base.org.id, ask).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let authors: BTreeMap<ActorId, UserId> =
        visitor.base.devices.iter().map(|device| (device.actor, device.user)).collect();
    let who = |actor: ActorId| authors.get(&actor).map(|author| visitor.base.user_name(*author));
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let title = title(app, visitor, row.doc).await?;
        let about = (row.doc, row.kind, title);
        rows.push(ConflictView::new(&visitor.f, about, &row.conflict, who));
    }
    let w = visitor.f.w;
    let how = match label {
        ConflictLabel::Conflict => w.say("conflicts.how"),
        ConflictLabel::ParallelUpdate => w.say("conflicts.how_parallel"),
    };
    let labels = [ConflictLabel::Conflict, ConflictLabel::ParallelUpdate]
        .map(|each| (each.as_str().to_owned(), w.code("conflicts", each.as_str()).into_owned()));
    let kinds = DocKind::ALL
        .map(|kind| (kind.as_str().to_owned(), w.code("conflicts", kind.as_str()).into_owned()));
    let every = (String::new(), w.say("conflicts.every_kind").to_owned());
    let address =
        |page: u32| format!("/conflicts?label={}&kind={}&page={page}", label.as_str(), query.kind);
    answer::html(&Conflicts {
        frame: visitor.frame(Section::Conflicts),
        message,
        how: how.to_owned(),
        filters: vec![
            Field::choice("label", w.say("conflicts.label"), label.as_str(), labels),
            Field::choice(
                "kind",
                w.say("conflicts.kind"),
                &query.kind,
                std::iter::once(every).chain(kinds),
            ),
        ],
        rows,
        earlier: (number > 1).then(|| address(number - 1)),
        later: more.then(|| address(number + 1)),
    })
}

async fn title(app: &App, visitor: &Visitor, doc: DocId) -> Result<String, PageError> {
    let row = app.storage().row(visitor.base.org.id, doc).await?;
    let w = visitor.f.w;
    Ok(match row.map(|row| row.state) {
        Some(DocState::Customer(state)) => wording::customer_name(w, state.value.name.as_deref()),
        Some(DocState::Visit(state)) => {
            let name = wording::customer_name(w, state.value.customer_name.as_deref());
            format!("{} · {name}", w.say("word.visit"))
        }
        Some(DocState::Deal(state)) => {
            let name = state.value.name;
            name.unwrap_or_else(|| w.say("customer.deal_unnamed").to_owned())
        }
        Some(DocState::Plan(state)) => {
            let date = state.value.date.map(|date| visitor.f.day(date)).unwrap_or_default();
            format!("{} {date}", w.say("conflicts.plan"))
        }
        Some(DocState::Case(state)) => {
            let subject = state.value.subject.unwrap_or_default();
            format!("{} {subject}", w.say("word.case"))
        }
        None => doc.to_string(),
    })
}

/// `POST /conflicts/{doc}`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(doc): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        if !Registrar::opens_to(visitor.signed.role) {
            return Err(PageError::NotAllowed);
        }
        let doc: DocId = parse(&doc)?;
        let org = visitor.base.org.id;
        let held = app.storage().document(org, doc).await?.ok_or(PageError::NotFound)?;
        if !visitor.reach.sees_any(&held.scopes) {
            return Err(PageError::NotFound);
        }
        let choice: ChangeHash = parse(fields.get("choice"))?;
        let office = Office::of(app.clone(), org);
        let hand = office.hand(visitor.signed.user).await.map_err(|error| match error {
            HandError::Storage(error) => PageError::Storage(error),
            HandError::UnknownUser { .. } => PageError::NotAllowed,
        })?;
        let (kind, field) = (held.header.kind, fields.get("field"));
        let wrong = match office.settle_conflict(&hand, doc, kind, field, choice).await {
            Ok(_) => return Ok(Redirect::to("/conflicts?done=decided").into_response()),
            Err(DocumentError::Storage(error)) => return Err(error.into()),
            Err(DocumentError::Edit(EditError::AlreadySubmitted)) => "conflicts.submitted",
            Err(_) => "conflicts.gone",
        };
        let message = Some(Shown::new(Tone::Watch, visitor.f.w.say(wrong)));
        let query = ConflictsQuery::default();
        let page = page(&app, &visitor, &query, message).await?;
        Ok((StatusCode::CONFLICT, page).into_response())
    };
    visitor.answer(page.await)
}
