//! `/quarantine`: late work and deciding on it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{RecordId, UserId};
use client_core::records::Verdict;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{leader, refused};
use super::edit;
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{DecideError, Extent, Refusal, Registrar};
use crate::storage::Boards;
use crate::web::frame::Section;
use crate::web::pages::late::{CaseData, LateCase, LateList, Listed};
use crate::web::view::{State as Shown, Tone};

/// Cases of one page: what waits comes first.
const MOST: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LateQuery {
    done: String,
}

/// `GET /quarantine`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<LateQuery>,
) -> Response {
    let page = async {
        let mut cases = leader(&app, &visitor).await?.cases().await?;
        cases.truncate(MOST);
        let docs = cases.iter().map(|case| case.subject).collect();
        let rows = app.storage().rows(visitor.base.org.id, docs).await?;
        let listed: Vec<Listed> = cases
            .into_iter()
            .map(|decision| {
                let row = rows.iter().find(|row| row.header.doc == decision.subject);
                Listed {
                    now: row.map(|row| row.state.clone()),
                    author: visitor.base.user_name(decision.author),
                    by: decision.by.map(|by| visitor.base.user_name(by)),
                    decision,
                }
            })
            .collect();
        let told = Verdict::parse(&query.done).map(|verdict| {
            let key = format!("done_{}", verdict.as_str());
            Shown::new(Tone::Good, visitor.f.w.code("late", &key).into_owned())
        });
        let frame = visitor.frame(Section::Late);
        answer::html(&LateList::new(frame, &visitor.f, &listed, told))
    };
    visitor.answer(page.await)
}

/// `GET /quarantine/{case}`.
pub(super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        page(&visitor, &registrar, parse(&case)?, String::new(), None).await
    };
    visitor.answer(page.await)
}

async fn page(
    visitor: &Visitor,
    registrar: &Registrar,
    case: RecordId,
    note: String,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let case = match registrar.case(case).await {
        Ok(case) => case,
        Err(DecideError::Storage(error)) => return Err(error.into()),
        // Whoever may not decide is told the same as if there were nothing.
        Err(_) => return Err(PageError::NotFound),
    };
    let name = |user: UserId| visitor.base.user_name(user);
    let data = CaseData {
        author: name(case.decision.author),
        by: case.decision.by.map(name),
        holder: case.holder.map(name),
        policy: visitor.base.policy_for(visitor.today()).map(|(_version, policy)| policy),
        people: edit::people(visitor),
        note,
        case,
    };
    answer::html(&LateCase::new(visitor.frame(Section::Late), &visitor.f, &data, message))
}

/// `POST /quarantine/{case}`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(case): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let case: RecordId = parse(&case)?;
        let verdict = Verdict::parse(fields.get("verdict")).ok_or(PageError::Unreadable)?;
        let note = fields.get("note").replace("\r\n", "\n");
        // The page showed what does not fit.
        let extent = match fields.get("extent") {
            "what_fits" => Extent::WhatFits,
            _ => Extent::Whole,
        };
        let decided = registrar.decide_on(case, verdict, extent, Some(note.clone())).await;
        let w = visitor.f.w;
        let (why, status) = match decided {
            Ok(_) => {
                let done = format!("/quarantine?done={}", verdict.as_str());
                return Ok(Redirect::to(&done).into_response());
            }
            Err(DecideError::Storage(error)) => return Err(error.into()),
            Err(DecideError::Refused(Refusal::Oneself)) => ("late.own", StatusCode::FORBIDDEN),
            Err(DecideError::Unknown { .. } | DecideError::Refused(_)) => {
                return Err(PageError::NotFound);
            }
            Err(DecideError::Already { .. }) => ("late.already", StatusCode::CONFLICT),
            Err(DecideError::Note(_)) => ("late.note_wrong", StatusCode::UNPROCESSABLE_ENTITY),
            Err(DecideError::InPart { .. }) => ("late.in_part", StatusCode::CONFLICT),
            Err(DecideError::CannotApply { .. }) => ("late.cannot", StatusCode::CONFLICT),
            Err(DecideError::NobodyElse) => ("late.already", StatusCode::CONFLICT),
            Err(DecideError::Busy { .. }) => ("late.busy", StatusCode::SERVICE_UNAVAILABLE),
        };
        let message = refused(w.say(why));
        let mut response = page(&visitor, &registrar, case, note, message).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}
