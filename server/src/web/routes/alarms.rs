//! `/alarms`: what to look at, and deciding on questions about work.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::RecordId;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{done, leader, office, refused};
use super::fields::Fields;
use super::merge::decides;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{AskError, Refusal};
use crate::web::frame::Section;
use crate::web::lists;
use crate::web::pages::alarms::Alarms;
use crate::web::queries::alarms::{self, AlarmsAsk};
use crate::web::view::{State as Shown, Tone};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlarmsQuery {
    done: String,
    page: String,
}

/// Customers in danger that the page shows; the risk list has the others.
const DANGERS: usize = 8;

/// `GET /alarms`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<AlarmsQuery>,
) -> Response {
    let page = async {
        leader(&app, &visitor).await?;
        let told = match query.done.as_str() {
            "upheld" => Some("alarms.done_upheld"),
            "dismissed" => Some("alarms.done_dismissed"),
            _ => None,
        };
        let told = told.map(|key| Shown::new(Tone::Good, visitor.f.w.say(key)));
        page(&app, &visitor, told, lists::page(&query.page)?).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    message: Option<Shown>,
    number: usize,
) -> Result<Response, PageError> {
    let office = office(app, visitor);
    let sums = decides(visitor.signed.role);
    let (base, reach) = (&visitor.base, &visitor.reach);
    let asked = AlarmsAsk { sums, page: number, dangers: DANGERS };
    let data = alarms::page(app.storage(), &office, base, reach, visitor.now, asked).await?;
    answer::html(&Alarms::new(visitor.frame(Section::Alarms), &visitor.f, &data, message))
}

/// `POST /alarms/signals/{signal}`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(signal): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let signal: RecordId = parse(&signal)?;
        let upheld = match fields.get("verdict") {
            "upheld" => true,
            "dismissed" => false,
            _ => return Err(PageError::Unreadable),
        };
        let note = fields.get("note").replace("\r\n", "\n");
        let (why, status) = match registrar.answer_signal(signal, upheld, &note).await {
            Ok(_) => {
                let what = if upheld { "upheld" } else { "dismissed" };
                return Ok(done("/alarms", what));
            }
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(AskError::Refused(Refusal::Oneself)) => ("alarms.own", StatusCode::FORBIDDEN),
            Err(AskError::Already { .. } | AskError::Busy) => {
                ("alarms.already", StatusCode::CONFLICT)
            }
            Err(AskError::Text(_)) => ("alarms.no_note", StatusCode::UNPROCESSABLE_ENTITY),
            // Whoever may not decide is told the same as if there were nothing.
            Err(_) => return Err(PageError::NotFound),
        };
        let message = refused(visitor.f.w.say(why));
        let mut response = page(&app, &visitor, message, 1).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}
