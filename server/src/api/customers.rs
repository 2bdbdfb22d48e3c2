//! Customers, and what happened at one.

use axum::Json;
use axum::extract::{Path, State};
use client_core::docs::customer::{Contact as ContactState, CustomerState};
use client_core::id::DocId;
use client_core::records::Tier;
use client_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::query::{PageQuery, Query};
use super::values::{Named, code, codes};
use super::{Amount, Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::web::lists::customers::{AsOfQuery, CustomersQuery};
use crate::web::pages::customer::{CustomerData, DealEntry, Span, VisitEntry, start_of};
use crate::web::pages::customers::CustomerInList;
use crate::web::queries::customers;
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(timeline))
}

/// A customer in a list.
#[derive(Debug, Serialize, ToSchema)]
struct CustomerLine {
    id: Id,
    name: Option<String>,
    industry: Option<String>,
    region: Option<String>,
    /// Code of the point of its life.
    lifecycle: Option<String>,
    owner: Option<Named>,
    unit: Option<Named>,
    /// `a`, `b` or `c`.
    tier: Option<String>,
    /// When its last visit began, whether it counts or not.
    last_visit_at: Option<Instant>,
    /// The last visit that counts towards the standard.
    last_counted_on: Option<Day>,
    /// Code of the due status; `unknown` where the owner's phone was not heard.
    due: Option<String>,
}

impl From<CustomerInList> for CustomerLine {
    fn from(listed: CustomerInList) -> Self {
        let due = listed.due().map(|due| due.as_str().to_owned());
        let CustomerInList { row, owner, unit, .. } = listed;
        Self {
            id: row.doc.into(),
            name: row.name,
            industry: row.industry,
            region: row.region,
            lifecycle: row.lifecycle,
            owner: owner.map(|owner| Named::opened(row.owner, owner)),
            unit: row.unit.map(|id| Named::of(id, unit)),
            tier: row.tier.as_ref().map(code),
            last_visit_at: row.last_visit.map(Into::into),
            last_counted_on: row.last_counted.map(Into::into),
            due,
        }
    }
}

/// Customers, by name unless `sort` says otherwise.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(CustomersQuery),
    responses((status = 200, body = Page<CustomerLine>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<CustomersQuery>,
) -> Result<Listed<CustomerLine>, ProblemResponse> {
    let ask = query.ask()?;
    let page = ask.page;
    let data = customers::list(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    let lines = data.customers.into_iter().map(CustomerLine::from).collect();
    Ok(Listed(caller.page(lines, page, &data.found)))
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
struct Customer {
    id: Id,
    /// Of an earlier day: nothing says of some of it what stood then, and it is as it stands
    /// now.
    unsure: bool,
    name: Option<String>,
    /// Other names that it is known by.
    aliases: Vec<String>,
    industry: Option<String>,
    size_band: Option<String>,
    region: Option<String>,
    channel: Option<String>,
    address: Option<String>,
    position: Option<Place>,
    phones: Vec<String>,
    /// The buying centre.
    contacts: Vec<Contact>,
    tags: Vec<String>,
    needs: Vec<String>,
    pains: Vec<String>,
    lifecycle: Option<String>,
    tier: Option<String>,
    /// A tier that the rep proposes.
    tier_proposal: Option<String>,
    credit: Credit,
    nurture: Option<bool>,
    reference: Option<bool>,
    at_risk: Option<bool>,
    notes: Option<String>,
    created_at: Option<Instant>,
    /// Who holds it now.
    owner: Option<String>,
    collaborators: Vec<String>,
    /// Code of the due status.
    due: Option<String>,
    /// Who held it when, and in which tier.
    placements: Vec<Held>,
    /// Fields that two people wrote at the same time; see `/v1/conflicts?doc=`.
    conflicts: usize,
}

/// A point in 10⁻⁷ degree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerPosition)]
struct Place {
    lat_e7: i64,
    lon_e7: i64,
    /// Who says so: a code.
    source: String,
}

/// Somebody at the customer's.
#[derive(Debug, Serialize, ToSchema)]
struct Contact {
    id: Id,
    name: Option<String>,
    title: Option<String>,
    /// Code of the part in buying.
    buying_role: Option<String>,
    /// 1 to 5.
    influence: Option<u8>,
    stance: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

/// What is known of its credit.
#[derive(Debug, Serialize, ToSchema)]
struct Credit {
    limit: Option<Amount>,
    grade: Option<String>,
    reviewed_on: Option<Day>,
    notes: Option<String>,
}

/// A while in which somebody held it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Held {
    from: Instant,
    /// Absent while it lasts.
    until: Option<Instant>,
    owner: Named,
    tier: Option<String>,
}

impl From<Span> for Held {
    fn from(span: Span) -> Self {
        Self {
            from: span.from.into(),
            until: span.until.map(Into::into),
            owner: Named::opened(span.seen.then_some(span.owner), span.name),
            tier: tier(span.tier),
        }
    }
}

fn tier(tier: Option<Tier>) -> Option<String> {
    tier.as_ref().map(code)
}

fn contact((id, contact): (&client_core::id::ItemId, &ContactState)) -> Contact {
    Contact {
        id: (*id).into(),
        name: contact.name.clone(),
        title: contact.title.clone(),
        buying_role: codes(contact.buying_role.as_ref()),
        influence: contact.influence,
        stance: codes(contact.stance.as_ref()),
        phone: contact.phone.raw.clone(),
        email: contact.email.clone(),
    }
}

fn body(doc: DocId, data: CustomerData) -> Customer {
    let state: CustomerState = data.state;
    let all = |texts: &std::collections::BTreeMap<_, String>| texts.values().cloned().collect();
    Customer {
        id: doc.into(),
        unsure: data.unsure,
        aliases: all(&state.aliases),
        tags: all(&state.tags),
        needs: all(&state.needs),
        pains: all(&state.pains),
        channel: codes(state.channel.as_ref()),
        position: state.position.as_ref().map(|place| Place {
            lat_e7: place.point.lat_e7,
            lon_e7: place.point.lon_e7,
            source: place.source.to_string(),
        }),
        phones: state.phones.values().filter_map(|phone| phone.raw.clone()).collect(),
        contacts: state.contacts.iter().map(contact).collect(),
        lifecycle: codes(state.lifecycle.as_ref()),
        tier: tier(data.tier),
        tier_proposal: state.tier_proposal.as_ref().and_then(|proposal| tier(proposal.tier)),
        credit: Credit {
            limit: state.credit.limit.map(Into::into),
            grade: state.credit.grade,
            reviewed_on: state.credit.reviewed_on.map(Into::into),
            notes: state.credit.notes,
        },
        created_at: state.created_at.map(Into::into),
        owner: data.owner,
        collaborators: data.collaborators,
        due: data.due.map(|due| due.as_str().to_owned()),
        placements: data.spans.into_iter().map(Held::from).collect(),
        conflicts: data.conflicts.len(),
        name: state.name,
        industry: state.industry,
        size_band: state.size_band,
        region: state.region,
        address: state.address,
        nurture: state.nurture,
        reference: state.reference,
        at_risk: state.at_risk,
        notes: state.notes,
    }
}

async fn read(
    app: &App,
    caller: &Caller,
    doc: DocId,
    query: &AsOfQuery,
) -> Result<CustomerData, ProblemResponse> {
    // The words are for the page's conflicts, which have a list of their own here.
    let (base, reach, w) = (&caller.base, &caller.reach, Words::new(Lang::En));
    let when = query.when(caller.now)?;
    let data = customers::customer(app.storage(), base, reach, doc, when, w).await?;
    data.ok_or_else(not_found)
}

/// A customer: profile, buying centre, and who held it.
#[utoipa::path(get, path = "/v1/customers/{customer}", tag = "customers",
    params(("customer" = String, Path, description = "Its id."), AsOfQuery),
    responses((status = 200, body = Customer)))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(query): Query<AsOfQuery>,
) -> Answer<Customer> {
    let doc: DocId = id(&customer)?;
    Ok(Json(body(doc, read(&app, &caller, doc, &query).await?)))
}

/// Something that happened at a customer.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// `visit` or `deal`.
    kind: &'static str,
    id: Id,
    at: Option<Instant>,
    who: String,
    /// Of a deal.
    name: Option<String>,
    /// Of a visit: code of the way of contact.
    mode: Option<String>,
    outcome: Option<String>,
    /// Of a visit, in words.
    result: Option<String>,
    /// Of a deal: code of the stage.
    stage: Option<String>,
    /// Of a deal.
    amount: Option<Amount>,
}

fn visited(visit: VisitEntry) -> (Option<Timestamp>, Event) {
    let at = start_of(&visit.state);
    let event = Event {
        kind: "visit",
        id: visit.doc.into(),
        at: at.map(Into::into),
        who: visit.rep,
        name: None,
        mode: codes(visit.state.mode.as_ref()),
        outcome: codes(visit.state.outcome.as_ref()),
        result: visit.state.result,
        stage: None,
        amount: None,
    };
    (at, event)
}

fn dealt(deal: DealEntry) -> (Option<Timestamp>, Event) {
    let at = deal.state.decided_at.or(deal.state.created_at);
    let event = Event {
        kind: "deal",
        id: deal.doc.into(),
        at: at.map(Into::into),
        who: deal.owner,
        name: deal.state.name,
        mode: None,
        outcome: codes(deal.state.outcome.as_ref()),
        result: None,
        stage: deal.state.stage,
        amount: deal.state.amount.map(Into::into),
    };
    (at, event)
}

/// Visits and deals of a customer, the latest first.
#[utoipa::path(get, path = "/v1/customers/{customer}/timeline", tag = "customers",
    params(("customer" = String, Path, description = "Its id."), AsOfQuery, PageQuery),
    responses((status = 200, body = Page<Event>)))]
async fn timeline(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(as_of): Query<AsOfQuery>,
    Query(query): Query<PageQuery>,
) -> Result<Listed<Event>, ProblemResponse> {
    let data = read(&app, &caller, id(&customer)?, &as_of).await?;
    let visits = data.visits.into_iter().map(visited);
    let mut events: Vec<_> = visits.chain(data.deals.into_iter().map(dealt)).collect();
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let events = events.into_iter().map(|(_, event)| event).collect();
    Ok(Listed(caller.page_of(events, query.number()?)))
}
