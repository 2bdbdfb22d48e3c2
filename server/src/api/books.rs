//! The books of a customer: payments, orders and contracts that the office confirmed.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DocId, RecordId};
use client_core::money::{Currency, Money};
use client_core::protocol::ProblemCode;
use client_core::records::{ContractRecord, OrderRecord, PaymentRecord, Record, RecordKind};
use client_core::time::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::query::{PageQuery, Query};
use super::{Amount, Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{BookError, Registrar};
use crate::storage::Records;
use crate::web::lists::Unreadable;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, enter))
        .routes(routes!(withdraw))
        .routes(routes!(resolve))
}

/// A payment, order or contract.
#[derive(Debug, Serialize, ToSchema)]
struct BookEntry {
    id: Id,
    /// `payment`, `order` or `contract`.
    kind: &'static str,
    /// When it was received, ordered or signed.
    on: Day,
    /// Below nothing for a refund.
    amount: Amount,
    deal: Option<Id>,
    /// What the office calls it.
    number: Option<String>,
    /// The payment that a refund gives back of.
    reverses: Option<Id>,
    cancelled_on: Option<Day>,
    /// It was entered by mistake and counts nowhere.
    withdrawn_at: Option<Instant>,
}

impl BookEntry {
    fn of(record: Record) -> Option<(Date, Self)> {
        Some(match record {
            Record::Payment(payment) => (payment.received_on, payment.into()),
            Record::Order(order) => (order.ordered_on, order.into()),
            Record::Contract(contract) => (contract.signed_on, contract.into()),
            _ => return None,
        })
    }
}

impl From<PaymentRecord> for BookEntry {
    fn from(payment: PaymentRecord) -> Self {
        Self {
            id: payment.id.into(),
            kind: "payment",
            on: payment.received_on.into(),
            amount: payment.amount.into(),
            deal: payment.deal.map(Into::into),
            number: payment.reference,
            reverses: payment.reverses.map(Into::into),
            cancelled_on: None,
            withdrawn_at: payment.withdrawn_at.map(Into::into),
        }
    }
}

impl From<OrderRecord> for BookEntry {
    fn from(order: OrderRecord) -> Self {
        Self {
            id: order.id.into(),
            kind: "order",
            on: order.ordered_on.into(),
            amount: order.amount.into(),
            deal: order.deal.map(Into::into),
            number: order.reference,
            reverses: None,
            cancelled_on: order.cancelled_on.map(Into::into),
            withdrawn_at: order.withdrawn_at.map(Into::into),
        }
    }
}

impl From<ContractRecord> for BookEntry {
    fn from(contract: ContractRecord) -> Self {
        Self {
            id: contract.id.into(),
            kind: "contract",
            on: contract.signed_on.into(),
            amount: contract.amount.into(),
            deal: contract.deal.map(Into::into),
            number: contract.reference,
            reverses: None,
            cancelled_on: contract.cancelled_on.map(Into::into),
            withdrawn_at: contract.withdrawn_at.map(Into::into),
        }
    }
}

/// The customer, for somebody who keeps its books; somebody else's is as good as none.
async fn kept(
    app: &App,
    caller: &Caller,
    customer: &str,
) -> Result<(Registrar, DocId), ProblemResponse> {
    let registrar = caller.looking_after(app).await?;
    let doc: DocId = id(customer)?;
    registrar.keeps_books(doc).await.map_err(|error| match error {
        BookError::Refused(_) => not_found(),
        error => error.into(),
    })?;
    Ok((registrar, doc))
}

/// What the books say of a customer and of those merged into it, the latest first.
#[utoipa::path(get, path = "/v1/customers/{customer}/books", tag = "books",
    params(("customer" = String, Path, description = "Its id."), PageQuery),
    responses((status = 200, body = Page<BookEntry>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Listed<BookEntry>, ProblemResponse> {
    let (_, doc) = kept(&app, &caller, &customer).await?;
    let (storage, org) = (app.storage(), caller.signed.org);
    let mut found = Vec::new();
    for customer in caller.base.aliases.merged_into(doc).chain([doc]) {
        for kind in [RecordKind::Payment, RecordKind::Contract, RecordKind::Order] {
            let records = storage.records_about(org, customer, kind).await?;
            found.extend(records.into_iter().filter_map(BookEntry::of));
        }
    }
    found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.id.cmp(&other.id)));
    let found = found.into_iter().map(|(_, entry)| entry).collect();
    Ok(Listed(caller.page_of(found, query.number()?)))
}

/// What is entered into the books.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnterBooks {
    /// `payment`, `order` or `contract`.
    kind: String,
    #[schema(value_type = Day)]
    on: Date,
    /// In minor units of the org's currency; below nothing for a refund.
    minor: i64,
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    deal: Option<DocId>,
    #[serde(default)]
    number: Option<String>,
    /// The payment that a refund gives back of.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    reverses: Option<RecordId>,
}

impl EnterBooks {
    fn record(self, id: RecordId, customer: DocId, currency: Currency) -> Option<Record> {
        let Self { kind, on, minor, deal, number: reference, reverses } = self;
        let amount = Money::new(minor, currency);
        Some(match kind.as_str() {
            "payment" => Record::Payment(PaymentRecord {
                id,
                customer,
                deal,
                contract: None,
                instalment: None,
                reference,
                received_on: on,
                amount,
                reverses,
                withdrawn_at: None,
            }),
            "order" => Record::Order(OrderRecord {
                id,
                customer,
                deal,
                reference,
                ordered_on: on,
                amount,
                paid_on: None,
                cancelled_on: None,
                lines: Vec::new(),
                withdrawn_at: None,
            }),
            "contract" => Record::Contract(ContractRecord {
                id,
                customer,
                deal,
                reference,
                asked_on: None,
                approved_on: None,
                signed_on: on,
                amount,
                instalments: Vec::new(),
                cancelled_on: None,
                withdrawn_at: None,
            }),
            _ => return None,
        })
    }
}

/// Enters a payment, order or contract.
#[utoipa::path(post, path = "/v1/customers/{customer}/books", tag = "books",
    params(("customer" = String, Path, description = "Its id."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    request_body = EnterBooks, responses((status = 200, body = BookEntry)))]
async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    request: Body,
) -> Answer<BookEntry> {
    let (registrar, doc) = kept(&app, &caller, &customer).await?;
    let wanted: EnterBooks = body::json(request).await?;
    let new = caller.new_record(&app);
    let record = wanted.record(new, doc, caller.base.org.currency).ok_or(Unreadable)?;
    let entered = match registrar.entered(record.kind(), new, doc).await? {
        Some(standing) => standing,
        None => registrar.enter(record).await?,
    };
    BookEntry::of(entered).map(|(_, entry)| Json(entry)).ok_or_else(not_found)
}

/// Takes back what was entered: it stays, and counts nowhere.
#[utoipa::path(post, path = "/v1/customers/{customer}/books/{kind}/{entry}/withdraw",
    tag = "books", params(("customer" = String, Path, description = "Its id."),
        ("kind" = String, Path, description = "`payment`, `order` or `contract`."),
        ("entry" = String, Path, description = "What was entered.")),
    responses((status = 200, body = BookEntry)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path((customer, kind, entry)): Path<(String, String, String)>,
) -> Answer<BookEntry> {
    let (registrar, doc) = kept(&app, &caller, &customer).await?;
    let kind = match kind.as_str() {
        "payment" => RecordKind::Payment,
        "order" => RecordKind::Order,
        "contract" => RecordKind::Contract,
        _ => return Err(not_found()),
    };
    let record = registrar.withdraw(kind, id(&entry)?, doc).await?;
    BookEntry::of(record).map(|(_, entry)| Json(entry)).ok_or_else(not_found)
}

/// A case that was settled.
#[derive(Debug, Serialize, ToSchema)]
struct ResolvedCase {
    case: Id,
}

/// Says that a case of the customer's was settled, now.
#[utoipa::path(post, path = "/v1/customers/{customer}/cases/{case}/resolve", tag = "books",
    params(("customer" = String, Path, description = "Its id."),
        ("case" = String, Path, description = "The complaint or enquiry.")),
    responses((status = 200, body = ResolvedCase)))]
async fn resolve(
    State(app): State<App>,
    caller: Caller,
    Path((customer, case)): Path<(String, String)>,
) -> Answer<ResolvedCase> {
    let (registrar, doc) = kept(&app, &caller, &customer).await?;
    let case: DocId = id(&case)?;
    registrar.resolve_case(doc, case).await?;
    Ok(Json(ResolvedCase { case: case.into() }))
}

impl From<BookError> for ProblemResponse {
    fn from(error: BookError) -> Self {
        let code = match error {
            BookError::Storage(error) => return error.into(),
            BookError::UnknownCustomer { .. }
            | BookError::UnknownCase { .. }
            | BookError::Unknown { .. } => ProblemCode::NotFound,
            BookError::Refused(_) => ProblemCode::NotAllowed,
            _ => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
}
