//! `/customers/{customer}/merge`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::docs::DocKind;
use client_core::docs::customer::CustomerState;
use client_core::id::DocId;
use client_core::names::{FoldedName, Likeness, likeness};
use client_core::projection::DocState;
use client_core::records::Role;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{MergeError, Office};
use crate::storage::lists::{CustomerFilter, CustomerRow, Window};
use crate::storage::{Documents, Lists, Lookalikes, StorageError};
use crate::web::frame::Section;
use crate::web::pages::merge::{Link, Merge, Pair, PairLine};
use crate::web::pages::wording;
use crate::web::view::{State as Shown, Tone};
use crate::web::words::Words;

/// Customers that are offered.
const OFFERED: usize = 8;
/// Customers of which a typed text is a part that are looked at.
const FOUND: u32 = 9;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergeQuery {
    q: String,
    with: String,
    done: String,
}

/// Managers decide what is one: a record, like a placement.
pub(crate) const fn decides(role: Role) -> bool {
    matches!(role, Role::Manager | Role::Admin)
}

/// What may be decided about the customer or visit at `here`, for a reader who may.
pub(super) fn decisions(role: Role, here: &str, w: Words) -> Vec<(String, String)> {
    let path = here.split('?').next().unwrap_or_default();
    let of = |section: &str, way: &str, key: &str| {
        let id = path.strip_prefix(section)?;
        let known = decides(role) && id.parse::<DocId>().is_ok();
        known.then(|| (format!("{path}/{way}"), w.say(key).to_owned()))
    };
    let customer = [
        of("/customers/", "books", "books.title"),
        of("/customers/", "merge", "merge.title"),
        of("/visits/", "void", "void.title"),
        of("/visits/", "move", "move.title"),
    ];
    customer.into_iter().flatten().collect()
}

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(customer): Path<String>,
    Query(query): Query<MergeQuery>,
) -> Response {
    let page = async {
        let w = visitor.f.w;
        let message = match query.done.as_str() {
            "merged" => Some(Shown::new(Tone::Good, w.say("merge.merged"))),
            "parted" => Some(Shown::new(Tone::Good, w.say("merge.parted"))),
            _ => None,
        };
        page(&app, &visitor, parse(&customer)?, &query, message).await
    };
    visitor.answer(page.await)
}

async fn state(app: &App, office: &Office, doc: DocId) -> Result<CustomerState, PageError> {
    let row = app.storage().row(office.org(), doc).await?.ok_or(PageError::NotFound)?;
    match row.state {
        DocState::Customer(state) => Ok(state.value),
        _ => Err(PageError::NotFound),
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: DocId,
    query: &MergeQuery,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    if !decides(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    let office = Office::of(app.clone(), visitor.base.org.id);
    let f = &visitor.f;
    let name = |state: &CustomerState| wording::customer_name(f.w, state.name.as_deref());
    let own = state(app, &office, id).await?;
    let mut standing = None;
    let mut merged = Vec::new();
    for alias in office.alias_records().await?.into_iter().filter(|alias| alias.in_force()) {
        let day = f.day(f.zone.date(alias.at));
        if alias.from == id {
            let other = name(&state(app, &office, alias.into).await?);
            let line = f.w.with("merge.is", &[("name", &other), ("day", &day)]);
            let href = format!("/customers/{}", alias.into);
            standing = Some(Link { id, href, line });
        } else if alias.into == id {
            let line = format!("{} · {day}", name(&state(app, &office, alias.from).await?));
            let href = format!("/customers/{}", alias.from);
            merged.push(Link { id: alias.from, href, line });
        }
    }
    let pair = if query.with.is_empty() {
        None
    } else {
        Some(pair(app, visitor, &office, id, parse(&query.with)?).await?)
    };
    let candidates = candidates(app, visitor, id, &own, &query.q).await?;
    let mut frame = visitor.frame(Section::Customers);
    frame.edit_href = None;
    answer::html(&Merge {
        frame,
        message,
        id,
        name: name(&own),
        standing,
        merged,
        pair,
        query: query.q.clone(),
        candidates,
    })
}

/// Customers that match what was typed, or else have a name like this one's.
async fn candidates(
    app: &App,
    visitor: &Visitor,
    id: DocId,
    own: &CustomerState,
    typed: &str,
) -> Result<Vec<Link>, PageError> {
    let (storage, org) = (app.storage(), visitor.base.org.id);
    let docs = if typed.trim().is_empty() {
        let wanted = own.name.clone().unwrap_or_default();
        let names = storage.customer_names(org).await?;
        let likest = tokio::task::spawn_blocking(move || likest(&wanted, names, id)).await;
        likest.map_err(|error| StorageError::Unavailable { reason: error.to_string() })?
    } else {
        let filter = CustomerFilter { text: typed.to_owned(), ..CustomerFilter::default() };
        let window = Window { limit: FOUND, offset: 0 };
        let found = storage.find_customers(org, filter, window).await?;
        found.docs.into_iter().filter(|doc| *doc != id).collect()
    };
    let rows = storage.customer_rows(org, docs).await?;
    let line = |row: &CustomerRow| {
        let name = wording::customer_name(visitor.f.w, row.name.as_deref());
        let owner = row.owner.map(|owner| visitor.base.user_name(owner));
        owner.map_or_else(|| name.clone(), |owner| format!("{name} · {owner}"))
    };
    let offered = rows.iter().take(OFFERED).map(|row| Link {
        id: row.doc,
        href: format!("/customers/{id}/merge?with={}", row.doc),
        line: line(row),
    });
    Ok(offered.collect())
}

/// Customers with names like this one, the likest first.
fn likest(wanted: &str, names: Vec<(DocId, String)>, own: DocId) -> Vec<DocId> {
    let wanted = FoldedName::of(wanted);
    let alike = names.into_iter().filter(|(doc, _name)| *doc != own);
    let mut alike: Vec<(Likeness, DocId)> =
        alike.map(|(doc, name)| (likeness(&wanted, &FoldedName::of(&name)).0, doc)).collect();
    alike.retain(|(alike, _doc)| *alike >= Likeness::WORTH_A_LOOK);
    alike.sort_by_key(|(alike, doc)| (std::cmp::Reverse(*alike), *doc));
    alike.into_iter().take(OFFERED).map(|(_alike, doc)| doc).collect()
}

/// What one of the two has, in the order of the labels.
const LABELS: [&str; 7] = [
    "merge.owner",
    "merge.address",
    "merge.phones",
    "merge.contacts",
    "merge.visits",
    "merge.deals",
    "merge.last",
];

async fn pair(
    app: &App,
    visitor: &Visitor,
    office: &Office,
    left: DocId,
    right: DocId,
) -> Result<Pair, PageError> {
    if left == right {
        return Err(PageError::NotFound);
    }
    let (left_name, left) = has(app, visitor, office, left).await?;
    let with = right;
    let (right_name, right) = has(app, visitor, office, right).await?;
    let lines = LABELS.iter().zip(left).zip(right).map(|((label, left), right)| PairLine {
        label: visitor.f.w.say(label).to_owned(),
        left,
        right,
    });
    let keep = |name: &String| visitor.f.w.with("merge.keep", &[("name", name)]);
    Ok(Pair {
        with,
        keep_left: keep(&left_name),
        keep_right: keep(&right_name),
        left: left_name,
        right: right_name,
        lines: lines.collect(),
    })
}

async fn has(
    app: &App,
    visitor: &Visitor,
    office: &Office,
    doc: DocId,
) -> Result<(String, [String; 7]), PageError> {
    let (storage, org, f) = (app.storage(), office.org(), &visitor.f);
    let state = state(app, office, doc).await?;
    let row = storage.customer_rows(org, vec![doc]).await?.pop();
    let following = storage.rows_of_customer(org, doc).await?;
    let count =
        |kind: DocKind| following.iter().filter(|row| row.header.kind == kind).count().to_string();
    let list = |items: Vec<String>| if items.is_empty() { "–".into() } else { items.join(", ") };
    let phones = state.phones.values().filter_map(|phone| phone.raw.clone());
    let contacts = state.contacts.values().filter_map(|contact| contact.name.clone());
    let owner = row.as_ref().and_then(|row| row.owner);
    let last = row.as_ref().and_then(|row| row.last_visit);
    let lines = [
        owner.map_or_else(|| "–".to_owned(), |owner| visitor.base.user_name(owner)),
        state.address.clone().unwrap_or_else(|| "–".to_owned()),
        list(phones.collect()),
        list(contacts.collect()),
        count(DocKind::Visit),
        count(DocKind::Deal),
        last.map_or_else(|| "–".to_owned(), |at| f.moment(at)),
    ];
    Ok((wording::customer_name(f.w, state.name.as_deref()), lines))
}

/// `POST`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(customer): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        if !decides(visitor.signed.role) {
            return Err(PageError::NotAllowed);
        }
        let id: DocId = parse(&customer)?;
        let office = Office::of(app.clone(), visitor.base.org.id);
        let by = Some(visitor.signed.user);
        let undo = fields.get("undo");
        let (kept, done) = if undo.is_empty() {
            let other: DocId = parse(fields.get("with"))?;
            let (from, into) =
                if fields.get("keep") == "other" { (id, other) } else { (other, id) };
            (into, office.merge_customers(from, into, by).await.map(|_alias| "merged"))
        } else {
            (id, office.part_customers(parse(undo)?, by).await.map(|_alias| "parted"))
        };
        let w = visitor.f.w;
        let wrong = match done {
            Ok(done) => {
                let to = format!("/customers/{kept}/merge?done={done}");
                return Ok(Redirect::to(&to).into_response());
            }
            Err(MergeError::Storage(error)) => return Err(error.into()),
            Err(MergeError::UnknownCustomer { .. }) => return Err(PageError::NotFound),
            Err(MergeError::Circle { .. } | MergeError::Itself) => w.say("merge.circle"),
            Err(
                MergeError::AlreadyMerged { .. }
                | MergeError::NotMerged { .. }
                | MergeError::NotApart { .. },
            ) => w.say("merge.already"),
        };
        let query = MergeQuery { with: fields.get("with").to_owned(), ..MergeQuery::default() };
        let message = Some(Shown::new(Tone::Late, wrong));
        let page = page(&app, &visitor, id, &query, message).await?;
        Ok((StatusCode::CONFLICT, page).into_response())
    };
    visitor.answer(page.await)
}
