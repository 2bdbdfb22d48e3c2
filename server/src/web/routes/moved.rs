//! `/visits/{visit}/move`.

use axum::extract::{Path, State};
use axum::response::Response;
use client_core::id::DocId;
use client_core::records::MovedRecord;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use super::{behalf, one_visit};
use crate::app::App;
use crate::office::MoveError;
use crate::storage::Lists;
use crate::storage::lists::{CustomerFilter, Window};
use crate::web::frame::Section;
use crate::web::pages::merge::Link;
use crate::web::pages::moved::Moved;
use crate::web::pages::wording;
use crate::web::queries::visits;

/// Customers that are offered.
const OFFERED: u32 = 12;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MoveQuery {
    q: String,
}

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(visit): Path<String>,
    Query(query): Query<MoveQuery>,
) -> Response {
    let page = async { page(&app, &visitor, parse(&visit)?, query.q).await };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: DocId,
    query: String,
) -> Result<Response, PageError> {
    let data = one_visit::to_decide(app, visitor, id).await?;
    let (w, f) = (visitor.f.w, &visitor.f);
    let (customer, visit) = one_visit::headline(visitor, &data);
    let standing = behalf::office(app, visitor).moved(id).await?;
    let standing = standing.filter(MovedRecord::in_force).map(|moved| {
        let by = moved.by.map(|by| visitor.base.user_name(by));
        let by = by.unwrap_or_else(|| w.say("void.office").to_owned());
        let day = f.day(f.zone.date(moved.at));
        w.with("move.standing", &[("name", &by), ("day", &day)])
    });
    answer::html(&Moved {
        frame: visitor.frame(Section::Visits),
        id,
        customer,
        visit,
        standing,
        candidates: candidates(app, visitor, data.customer, &query).await?,
        query,
    })
}

/// Customers of the reader's that match what was typed.
async fn candidates(
    app: &App,
    visitor: &Visitor,
    here: Option<DocId>,
    typed: &str,
) -> Result<Vec<Link>, PageError> {
    let (storage, org) = (app.storage(), visitor.base.org.id);
    let within = visitor.reach.scopes();
    let filter = CustomerFilter { within, text: typed.to_owned(), ..CustomerFilter::default() };
    let window = Window { limit: OFFERED, offset: 0 };
    let found = storage.find_customers(org, filter, window).await?;
    let docs: Vec<DocId> = found.docs.into_iter().filter(|doc| Some(*doc) != here).collect();
    let rows = storage.customer_rows(org, docs).await?;
    let offered = rows.iter().map(|row| {
        let name = wording::customer_name(visitor.f.w, row.name.as_deref());
        let owner = row.owner.map(|owner| visitor.base.user_name(owner));
        let line = owner.map_or_else(|| name.clone(), |owner| format!("{name} · {owner}"));
        Link { id: row.doc, href: format!("/customers/{}", row.doc), line }
    });
    Ok(offered.collect())
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
        let done = if fields.get("undo").is_empty() {
            let to: DocId = parse(fields.get("to"))?;
            if !visits::sees(app.storage(), &visitor.base, &visitor.reach, to).await? {
                return Err(PageError::NotFound);
            }
            office.move_visit(id, to, by).await
        } else {
            office.move_visit_back(id, by).await
        };
        match done {
            // Somebody else was faster, and it is as it was wanted.
            Ok(_) | Err(MoveError::AlreadyThere { .. } | MoveError::NotMoved { .. }) => {
                Ok(one_visit::back(id))
            }
            Err(MoveError::Storage(error)) => Err(error.into()),
            Err(MoveError::UnknownVisit { .. } | MoveError::UnknownCustomer { .. }) => {
                Err(PageError::NotFound)
            }
        }
    };
    visitor.answer(page.await)
}
