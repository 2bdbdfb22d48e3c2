//! `/placement`: giving many customers to somebody.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use client_core::id::{DocId, UnitId, UserId};
use client_core::records::UserRecord;

use super::answer::{self, PageError};
use super::behalf::{leader, refused};
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{Handing, PlaceError, Refusal};
use crate::storage::Lists;
use crate::storage::lists::Window;
use crate::web::frame::Section;
use crate::web::lists::customers::{CustomersAsk, CustomersQuery};
use crate::web::pages::customers::filters;
use crate::web::pages::people::wording;
use crate::web::pages::placement::{Choose, DealsBack, Done, Look};
use crate::web::queries::{customers, placement};
use crate::web::view::State as Shown;

/// Customers that are given away at once.
const MOST: usize = 500;
/// Customers and deals that go back at once.
const MOST_BACK: usize = 5_000;

/// `GET /placement`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CustomersQuery>,
) -> Response {
    let page = async {
        leader(&app, &visitor).await?;
        page(&app, &visitor, query.ask()?, None).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    ask: CustomersAsk,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let (base, reach) = (&visitor.base, &visitor.reach);
    let data = customers::list(app.storage(), base, reach, ask, visitor.now).await?;
    let mut filters = filters(&visitor.f, &data);
    filters.action = "/placement".to_owned();
    filters.clear = filters.clear.map(|_list| "/placement".to_owned());
    let takers = placement::takers(base, reach);
    let frame = visitor.frame(Section::Placement);
    answer::html(&Choose::new(frame, &visitor.f, &data, filters, takers, message))
}

/// `POST /placement/preview`: the load before and after. Nothing changes.
pub(super) async fn preview(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CustomersQuery>,
    fields: Fields,
) -> Response {
    let page = async {
        leader(&app, &visitor).await?;
        let (base, reach, ask) = (&visitor.base, &visitor.reach, query.ask()?);
        let docs = if fields.get("all").is_empty() {
            chosen(&fields)?
        } else {
            let filter = customers::filter(app.storage(), base, reach, &ask, visitor.now).await?;
            let limit = u32::try_from(MOST + 1).unwrap_or(u32::MAX);
            let window = Window { limit, offset: 0 };
            app.storage().find_customers(base.org.id, filter, window).await?.docs
        };
        let to = taker(&visitor, &fields);
        let wrong = match &to {
            _ if docs.len() > MOST => Some(visitor.f.w.with("placement.too_many", &[("n", &MOST)])),
            Some(_) if !docs.is_empty() => None,
            _ => Some(visitor.f.w.say("placement.nobody").to_owned()),
        };
        let back = ask.address().at("/placement").to_string();
        match (wrong, to) {
            (None, Some(to)) => look(&app, &visitor, to, docs, back, None).await,
            (wrong, _) => {
                let page = page(&app, &visitor, ask, wrong.and_then(refused)).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
        }
    };
    visitor.answer(page.await)
}

/// Those of the customers that the reader may see, and what giving them means.
async fn look(
    app: &App,
    visitor: &Visitor,
    to: &UserRecord,
    docs: Vec<DocId>,
    back: String,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let (storage, base) = (app.storage(), &visitor.base);
    let deals_of = leader(app, visitor).await?.deals_of();
    let filter = crate::storage::lists::CustomerFilter {
        within: visitor.reach.scopes(),
        only: Some(docs),
        ..Default::default()
    };
    let docs = storage.find_customers(base.org.id, filter, Window::ALL).await?.docs;
    let data =
        placement::preview(storage, base, to, docs, (visitor.today(), deals_of.as_ref())).await?;
    let frame = visitor.frame(Section::Placement);
    answer::html(&Look::new(frame, &visitor.f, &data, back, message))
}

fn chosen(fields: &Fields) -> Result<Vec<DocId>, PageError> {
    let docs: Result<Vec<DocId>, PageError> = fields.all("doc").map(parse).collect();
    docs
}

/// Whoever is to have them, if the reader may give them something.
fn taker<'a>(visitor: &'a Visitor, fields: &Fields) -> Option<&'a UserRecord> {
    let to: UserId = fields.get("to").parse().ok()?;
    visitor.base.users.iter().find(|user| user.id == to && visitor.reach.sees(user.id))
}

/// `POST /placement`.
pub(super) async fn give(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let docs = chosen(&fields)?;
        let to = taker(&visitor, &fields).ok_or(PageError::Unreadable)?;
        if docs.len() > MOST {
            return Err(PageError::TooLong);
        }
        let keep_deals = !fields.get("keep_deals").is_empty();
        let hand = |doc: &DocId| {
            let (doc, to) = (*doc, to.id);
            Handing { doc, to, unit: None, held_by: None, keep_deals }
        };
        let wanted: Vec<Handing> = docs.iter().map(hand).collect();
        match registrar.place_many(&wanted).await {
            Ok(handed) => {
                let frame = visitor.frame(Section::Placement);
                let who = (to.id, to.name.as_str());
                answer::html(&Done::new(frame, &visitor.f, &handed, who, None))
            }
            Err(error) => {
                let message = refused(why(&visitor, error)?);
                let back = "/placement".to_owned();
                let page = look(&app, &visitor, to, docs, back, message).await?;
                Ok((StatusCode::FORBIDDEN, page).into_response())
            }
        }
    };
    visitor.answer(page.await)
}

fn why(visitor: &Visitor, error: PlaceError) -> Result<String, PageError> {
    match error {
        PlaceError::Storage(error) => Err(error.into()),
        PlaceError::Refused(Refusal::Places) => Err(PageError::NotAllowed),
        PlaceError::Refused(refusal) => Ok(wording::refusal(visitor.f.w, &refusal)),
        _ => Ok(visitor.f.w.say("placement.nobody").to_owned()),
    }
}

/// `POST /placement/undo`: each customer goes back to whose it was, by a placement of its
/// own, unless it went on meanwhile.
pub(super) async fn undo(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let to = taker(&visitor, &fields).ok_or(PageError::Unreadable)?;
        let mut wanted = Vec::new();
        let deals: BTreeSet<&str> = fields.starting("deal.").map(|(deal, _was)| deal).collect();
        for (doc, was) in fields.shown().chain(fields.starting("deal.")).take(MOST_BACK) {
            let (owner, unit) = was.split_once('/').ok_or(PageError::Unreadable)?;
            let unit: UnitId = parse(unit)?;
            wanted.push(Handing {
                doc: parse(doc)?,
                to: parse(owner)?,
                unit: Some(unit),
                held_by: Some(to.id),
                keep_deals: true,
            });
        }
        let mut handed = match registrar.place_many(&wanted).await {
            Ok(handed) => handed,
            Err(PlaceError::Storage(error)) => return Err(error.into()),
            Err(_) => return Err(PageError::NotAllowed),
        };
        // Customers and deals are told apart: either may have gone on meanwhile.
        let is_deal = |doc: &DocId| deals.contains(doc.to_string().as_str());
        let back = handed.done.extract_if(.., |one| is_deal(&one.doc)).count();
        let left = handed.left.extract_if(.., |doc| is_deal(doc)).count();
        let same = handed.same.extract_if(.., |doc| is_deal(doc)).count();
        let deals = DealsBack { back, left: left + same };
        let frame = visitor.frame(Section::Placement);
        let who = (to.id, to.name.as_str());
        answer::html(&Done::new(frame, &visitor.f, &handed, who, Some(deals)))
    };
    visitor.answer(page.await)
}
