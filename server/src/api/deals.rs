//! Deals and leads.

use axum::Json;
use axum::extract::{Path, State};
use client_core::docs::deal::DealState;
use client_core::id::DocId;
use client_core::money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::customers::Held;
use super::query::Query;
use super::values::{Named, codes};
use super::visits::Written;
use super::{Amount, Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::storage::Lists;
use crate::storage::lists::DealTotal;
use crate::web::lists::deals::DealsQuery;
use crate::web::pages::deal::DealData;
use crate::web::pages::deals::DealInList;
use crate::web::queries::deals;
use crate::web::queries::reach::Reach;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(totals)).routes(routes!(one))
}

/// A deal in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DealLine {
    id: Id,
    name: Option<String>,
    customer: Option<Id>,
    customer_name: Option<String>,
    owner: Named,
    unit: Option<Named>,
    /// Code of the stage.
    stage: Option<String>,
    /// `won` or `lost`; absent while it is open.
    outcome: Option<String>,
    amount: Option<Amount>,
    priority: Option<String>,
    /// Codes or names.
    products: Vec<String>,
    created_at: Option<Instant>,
    decided_at: Option<Instant>,
    /// The last movement between stages or contact with the customer.
    moved_at: Instant,
}

impl DealLine {
    pub(super) fn new(reach: &Reach, DealInList { row, owner, unit }: DealInList) -> Self {
        let amount = row.amount_minor.zip(row.currency);
        Self {
            id: row.doc.into(),
            name: row.name,
            customer: row.customer.map(Into::into),
            customer_name: row.customer_name,
            owner: Named::opened(reach.sees(row.owner).then_some(row.owner), owner),
            unit: row.unit.map(|id| Named::of(id, unit)),
            stage: row.stage,
            outcome: row.outcome,
            amount: amount.map(|(minor, currency)| Money::new(minor, currency).into()),
            priority: row.priority,
            products: row.products,
            created_at: row.created_at.map(Into::into),
            decided_at: row.decided_at.map(Into::into),
            moved_at: row.moved_at.into(),
        }
    }
}

/// Deals, the newest first unless `sort` says otherwise.
#[utoipa::path(get, path = "/v1/deals", tag = "deals", params(DealsQuery),
    responses((status = 200, body = Page<DealLine>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DealsQuery>,
) -> Result<Listed<DealLine>, ProblemResponse> {
    let ask = query.ask()?;
    let page = ask.page;
    let data = deals::list(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    let lines = data.deals.into_iter().map(|deal| DealLine::new(&caller.reach, deal)).collect();
    Ok(Listed(caller.page(lines, page, &data.found)))
}

/// What deals amount to in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Total {
    /// Absent for deals without an amount.
    currency: Option<String>,
    deals: u64,
    /// Minor units.
    minor: i64,
}

impl From<DealTotal> for Total {
    fn from(total: DealTotal) -> Self {
        let currency = total.currency.map(|currency| currency.to_string());
        Self { currency, deals: total.deals, minor: total.minor }
    }
}

/// What the deals of a list amount to, one line a currency.
#[utoipa::path(get, path = "/v1/deals/totals", tag = "deals", params(DealsQuery),
    responses((status = 200, body = Vec<Total>)))]
async fn totals(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DealsQuery>,
) -> Answer<Vec<Total>> {
    let (base, reach, ask) = (&caller.base, &caller.reach, query.ask()?);
    let filter = deals::filter(app.storage(), base, reach, &ask, caller.now).await?;
    let totals = app.storage().deal_totals(caller.signed.org, filter).await?;
    Ok(Json(totals.into_iter().map(Total::from).collect()))
}

/// A deal or lead.
#[derive(Debug, Serialize, ToSchema)]
struct Deal {
    id: Id,
    name: Option<String>,
    customer: Named,
    owner: Named,
    unit: String,
    /// Whose it is that was decided.
    credit: Option<String>,
    source: Option<String>,
    /// Grade of a lead.
    grade: Option<String>,
    stage: Option<String>,
    stages: Vec<Stage>,
    outcome: Option<String>,
    decided_at: Option<Instant>,
    amount: Option<Amount>,
    budget: Option<Amount>,
    priority: Option<String>,
    kind: Option<String>,
    intent: Option<String>,
    expected_close: Option<Day>,
    products: Vec<Product>,
    competitors: Vec<String>,
    milestones: Vec<Milestone>,
    quotes: Vec<Quote>,
    contract: Option<Contract>,
    instalments: Vec<Dated>,
    payments: Vec<Dated>,
    next_step: Option<String>,
    next_step_due: Option<Day>,
    lost_reason: Option<String>,
    loss_review: Option<LossReview>,
    notes: Option<String>,
    created_at: Option<Instant>,
    moved_at: Instant,
    received_at: Instant,
    /// Parts of the document that could not be read.
    faults: Vec<String>,
    placements: Vec<Held>,
    history: Vec<Written>,
}

/// A stage that it entered.
#[derive(Debug, Serialize, ToSchema)]
struct Stage {
    /// Code.
    stage: String,
    at: Instant,
    by: Option<String>,
}

/// A product in it.
#[derive(Debug, Serialize, ToSchema)]
struct Product {
    /// Code, or the name that was typed.
    product: Option<String>,
    /// The name in the catalogue.
    name: Option<String>,
    quantity: Option<u32>,
    amount: Option<Amount>,
}

/// A milestone of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DealMilestone)]
struct Milestone {
    what: Option<String>,
    due: Option<Day>,
    done_on: Option<Day>,
    feedback: Option<String>,
}

/// A quote.
#[derive(Debug, Serialize, ToSchema)]
struct Quote {
    version: Option<u32>,
    amount: Option<Amount>,
    terms: Option<String>,
    issued_on: Option<Day>,
    accepted: Option<bool>,
    decided_on: Option<Day>,
}

/// A contract as the rep says.
#[derive(Debug, Serialize, ToSchema)]
struct Contract {
    signed_on: Option<Day>,
    amount: Option<Amount>,
    number: Option<String>,
}

/// An amount of a day, as the rep says.
#[derive(Debug, Serialize, ToSchema)]
struct Dated {
    on: Option<Day>,
    amount: Option<Amount>,
}

/// Why it was lost: 1 to 5 each.
#[derive(Debug, Serialize, ToSchema)]
struct LossReview {
    product_fit: Option<u8>,
    service_response: Option<u8>,
    terms: Option<u8>,
    competitor: Option<String>,
    reason: Option<String>,
}

fn body(doc: DocId, data: DealData) -> Deal {
    let state: DealState = data.state;
    let money = |amount: Option<Money>| amount.map(Amount::from);
    let mut stages: Vec<_> = state.stage_history.into_values().collect();
    stages.sort_by_key(|entry| entry.at);
    Deal {
        id: doc.into(),
        customer: Named::opened(data.customer, data.customer_name.unwrap_or_default()),
        owner: Named::opened(data.owner_id, data.owner),
        unit: data.unit,
        credit: data.credit,
        source: codes(state.source.as_ref()),
        grade: codes(state.grade.as_ref()),
        stages: stages
            .into_iter()
            .map(|entry| Stage {
                stage: entry.stage,
                at: entry.at.into(),
                by: entry.by.and_then(|by| data.people.get(&by).cloned()),
            })
            .collect(),
        outcome: codes(state.outcome.as_ref()),
        decided_at: state.decided_at.map(Into::into),
        amount: money(state.amount),
        budget: money(state.budget),
        priority: codes(state.priority.as_ref()),
        kind: codes(state.kind.as_ref()),
        expected_close: state.expected_close.map(Into::into),
        products: state
            .products
            .into_values()
            .map(|line| Product {
                name: line.product.as_ref().and_then(|code| data.products.get(code).cloned()),
                product: line.product,
                quantity: line.quantity,
                amount: money(line.amount),
            })
            .collect(),
        competitors: state.competitors.into_values().collect(),
        milestones: state
            .milestones
            .into_values()
            .map(|one| Milestone {
                what: one.what,
                due: one.due.map(Into::into),
                done_on: one.done_on.map(Into::into),
                feedback: one.feedback,
            })
            .collect(),
        quotes: state
            .quotes
            .into_values()
            .map(|quote| Quote {
                version: quote.version,
                amount: money(quote.amount),
                terms: quote.terms,
                issued_on: quote.issued_on.map(Into::into),
                accepted: quote.accepted,
                decided_on: quote.decided_on.map(Into::into),
            })
            .collect(),
        contract: state.contract.map(|contract| Contract {
            signed_on: contract.signed_on.map(Into::into),
            amount: money(contract.amount),
            number: contract.number,
        }),
        instalments: state
            .instalments
            .into_values()
            .map(|one| Dated { on: one.due_on.map(Into::into), amount: money(one.amount) })
            .collect(),
        payments: state
            .payments
            .into_values()
            .map(|one| Dated { on: one.received_on.map(Into::into), amount: money(one.amount) })
            .collect(),
        next_step_due: state.next_step_due.map(Into::into),
        loss_review: state.loss_review.map(|review| LossReview {
            product_fit: review.product_fit,
            service_response: review.service_response,
            terms: review.terms,
            competitor: review.competitor,
            reason: review.reason,
        }),
        created_at: state.created_at.map(Into::into),
        moved_at: data.moved_at.into(),
        received_at: data.received_at.into(),
        faults: data.faults,
        placements: data.spans.into_iter().map(Held::from).collect(),
        history: data.history.into_iter().map(Written::from).collect(),
        name: state.name,
        stage: state.stage,
        intent: state.intent,
        next_step: state.next_step,
        lost_reason: state.lost_reason,
        notes: state.notes,
    }
}

/// A deal or lead, with its stages, money and history.
#[utoipa::path(get, path = "/v1/deals/{deal}", tag = "deals",
    params(("deal" = String, Path, description = "Its id.")),
    responses((status = 200, body = Deal)))]
async fn one(State(app): State<App>, caller: Caller, Path(deal): Path<String>) -> Answer<Deal> {
    let doc: DocId = id(&deal)?;
    let data = deals::deal(app.storage(), &caller.base, &caller.reach, doc, caller.now).await?;
    Ok(Json(body(doc, data.ok_or_else(not_found)?)))
}
