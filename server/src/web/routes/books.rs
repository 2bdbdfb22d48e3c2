//! `/customers/{customer}/books`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::docs::case::CaseKind;
use client_core::id::{DocId, ItemId, RecordId};
use client_core::money::Money;
use client_core::projection::DocState;
use client_core::records::{
    ContractRecord, InstalmentTerm, OrderLine, OrderRecord, PaymentRecord, Record, RecordKind,
};
use client_core::time::Date;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::keeper;
use super::fields::Fields;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::import::instalment_id;
use crate::office::{
    BookError, DocumentError, HandError, NewContent, NewDocument, Office, Registrar, parse_money,
};
use crate::storage::{Documents, Records};
use crate::web::form::Field;
use crate::web::frame::Section;
use crate::web::pages::books::{self, Books, BooksData, EntryForm};
use crate::web::pages::wording;
use crate::web::view::{State as Shown, Tone};

/// What the address says happened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BooksQuery {
    done: String,
}

/// A field that is wrong, and why.
struct Wrong {
    field: &'static str,
    why: String,
}

impl Wrong {
    fn new(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into() }
    }
}

/// Why nothing was entered.
enum Refused {
    Field(Wrong),
    Page(PageError),
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::Field(wrong)
    }
}

impl From<PageError> for Refused {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

async fn registrar(app: &App, visitor: &Visitor, customer: DocId) -> Result<Registrar, PageError> {
    let registrar = keeper(app, visitor).await?;
    registrar.keeps_books(customer).await.map_err(page_error)?;
    Ok(registrar)
}

fn page_error(error: BookError) -> PageError {
    match error {
        BookError::Storage(error) => error.into(),
        BookError::UnknownCustomer { .. }
        | BookError::Unknown { .. }
        | BookError::UnknownCase { .. }
        | BookError::Document(_) => PageError::NotFound,
        // Somebody else's customer is as good as none.
        BookError::Refused(_) => PageError::NotFound,
        _ => PageError::Unreadable,
    }
}

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(customer): Path<String>,
    Query(query): Query<BooksQuery>,
) -> Response {
    let page = async {
        let id = parse(&customer)?;
        registrar(&app, &visitor, id).await?;
        let w = visitor.f.w;
        let message = match query.done.as_str() {
            "entered" => Some(Shown::new(Tone::Good, w.say("books.saved"))),
            "done" => Some(Shown::new(Tone::Good, w.say("books.done"))),
            _ => None,
        };
        page(&app, &visitor, id, message, &Fields::default(), None).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: DocId,
    message: Option<Shown>,
    entered: &Fields,
    wrong: Option<&Wrong>,
) -> Result<Response, PageError> {
    let (data, name) = data(app, visitor, id).await?;
    let f = &visitor.f;
    answer::html(&Books {
        frame: visitor.frame(Section::Customers),
        message,
        id,
        customer: wording::customer_name(f.w, name.as_deref()),
        books: books::books(f, id, &data),
        entries: forms(visitor, &data, entered, wrong),
    })
}

async fn data(
    app: &App,
    visitor: &Visitor,
    id: DocId,
) -> Result<(BooksData, Option<String>), PageError> {
    let (storage, org) = (app.storage(), visitor.base.org.id);
    let row = storage.row(org, id).await?.ok_or(PageError::NotFound)?;
    let DocState::Customer(customer) = row.state else { return Err(PageError::NotFound) };
    let aliases = Office::of(app.clone(), org).aliases().await?;
    let mut data = BooksData::default();
    for customer in aliases.merged_into(id).chain([id]) {
        for kind in [RecordKind::Payment, RecordKind::Contract, RecordKind::Order] {
            for record in storage.records_about(org, customer, kind).await? {
                match record {
                    Record::Payment(payment) => data.payments.push(payment),
                    Record::Contract(contract) => data.contracts.push(contract),
                    Record::Order(order) => data.orders.push(order),
                    _ => {}
                }
            }
        }
    }
    data.payments.sort_by_key(|one| (std::cmp::Reverse(one.received_on), one.id));
    data.contracts.sort_by_key(|one| (std::cmp::Reverse(one.signed_on), one.id));
    data.orders.sort_by_key(|one| (std::cmp::Reverse(one.ordered_on), one.id));
    for row in storage.rows_of_customer(org, id).await? {
        match row.state {
            DocState::Case(case) => data.cases.push((row.header.doc, case.value)),
            DocState::Deal(deal) => {
                let unnamed = || visitor.f.w.say("customer.deal_unnamed").to_owned();
                data.deals.push((row.header.doc, deal.value.name.unwrap_or_else(unnamed)));
            }
            _ => {}
        }
    }
    data.cases.sort_by_key(|(doc, case)| (std::cmp::Reverse(case.opened_at), *doc));
    Ok((data, customer.value.name))
}

/// The forms, with what was entered and what is wrong with it.
fn forms(
    visitor: &Visitor,
    data: &BooksData,
    entered: &Fields,
    wrong: Option<&Wrong>,
) -> Vec<EntryForm> {
    let w = visitor.f.w;
    let current = entered.get("book");
    let form = |kind: &'static str, title: &str, fields: Vec<Field>| {
        let open = wrong.is_some() && current == kind;
        let fields = fields.into_iter().map(|field| {
            let error = wrong.filter(|wrong| open && wrong.field == field.name);
            field.wrong(error.map(|wrong| wrong.why.clone()))
        });
        EntryForm { kind, title: w.say(title).to_owned(), fields: fields.collect(), open }
    };
    let said = |kind: &str, name: &str| {
        if current == kind { entered.get(name).to_owned() } else { String::new() }
    };
    let today = visitor.today().to_string();
    let day = |kind: &str, name: &str, label: &str| {
        let said = said(kind, name);
        let value = if said.is_empty() { today.clone() } else { said };
        Field::date(name, w.say(label), value).required()
    };
    let amount = |kind: &str| {
        Field::line("amount", w.say("books.amount"), said(kind, "amount"))
            .hint(w.say("edit.money_hint"))
            .required()
    };
    let number = |kind: &str| Field::line("number", w.say("books.number"), said(kind, "number"));
    let deal = |kind: &str| {
        let none = (String::new(), w.say("books.no_deal").to_owned());
        let deals = data.deals.iter().map(|(id, name)| (id.to_string(), name.clone()));
        let choices = std::iter::once(none).chain(deals);
        Field::choice("deal", w.say("books.deal"), &said(kind, "deal"), choices)
    };
    let paid = data.payments.iter().filter(|one| one.counts() && !one.is_refund()).map(|one| {
        let called = one.reference.clone().unwrap_or_default();
        let shown =
            format!("{} {} {called}", visitor.f.date(one.received_on), visitor.f.money(one.amount));
        (one.id.to_string(), shown.trim().to_owned())
    });
    let none = (String::new(), w.say("books.no_deal").to_owned());
    let reverses = Field::choice(
        "reverses",
        w.say("books.reverses"),
        &said("payment", "reverses"),
        std::iter::once(none).chain(paid),
    );
    let kinds = CaseKind::KNOWN
        .iter()
        .filter(|kind| **kind != CaseKind::Survey)
        .map(|kind| (kind.as_str().to_owned(), w.code("case_kind", kind.as_str()).into_owned()));
    vec![
        form(
            "payment",
            "books.add_payment",
            vec![
                day("payment", "received", "books.received"),
                amount("payment").hint(w.say("books.refund_hint")),
                deal("payment"),
                reverses,
                number("payment"),
            ],
        ),
        form(
            "contract",
            "books.add_contract",
            vec![
                day("contract", "signed", "books.signed"),
                amount("contract"),
                deal("contract"),
                number("contract"),
                Field::lines(
                    "instalments",
                    w.say("books.instalments"),
                    said("contract", "instalments"),
                )
                .hint(w.say("books.instalments_hint")),
            ],
        ),
        form(
            "order",
            "books.add_order",
            vec![
                day("order", "ordered", "books.ordered"),
                amount("order"),
                deal("order"),
                number("order"),
                Field::line("product", w.say("books.product"), said("order", "product")),
                Field::date("paid", w.say("books.paid_on"), said("order", "paid")),
            ],
        ),
        form(
            "case",
            "books.add_case",
            vec![
                Field::choice("kind", w.say("books.kind"), &said("case", "kind"), kinds),
                Field::line("subject", w.say("books.subject"), said("case", "subject")).required(),
                Field::lines(
                    "description",
                    w.say("books.description"),
                    said("case", "description"),
                ),
                day("case", "opened", "books.opened"),
            ],
        ),
    ]
}

/// `POST`.
pub(super) async fn enter(
    State(app): State<App>,
    visitor: Visitor,
    Path(customer): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let id: DocId = parse(&customer)?;
        let registrar = registrar(&app, &visitor, id).await?;
        let entered = match fields.get("book") {
            "case" => case(&app, &visitor, id, &fields).await,
            book => business(&visitor, id, book, &fields, || registrar.new_record()),
        };
        let done = match entered {
            Ok(Some(record)) => match registrar.enter(record).await {
                Ok(_) => Ok(()),
                Err(error) => Err(refusal(&visitor, error)),
            },
            Ok(None) => Ok(()),
            Err(refused) => Err(refused),
        };
        match done {
            Ok(()) => {
                Ok(Redirect::to(&format!("/customers/{id}/books?done=entered")).into_response())
            }
            Err(Refused::Page(error)) => Err(error),
            Err(Refused::Field(wrong)) => {
                let message = Some(Shown::new(Tone::Late, visitor.f.w.say("books.not_taken")));
                let page = page(&app, &visitor, id, message, &fields, Some(&wrong)).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
        }
    };
    visitor.answer(page.await)
}

/// What the office refuses, beside the field it is about.
fn refusal(visitor: &Visitor, error: BookError) -> Refused {
    let w = visitor.f.w;
    match error {
        BookError::Amount { .. } => Wrong::new("amount", w.say("books.amount_wrong")).into(),
        BookError::OtherDeal { .. } => Wrong::new("deal", w.say("books.deal_wrong")).into(),
        BookError::Reference(error) => Wrong::new("number", error.to_string()).into(),
        BookError::Future { .. } => Wrong::new("received", w.say("books.future")).into(),
        error => Refused::Page(page_error(error)),
    }
}

/// The record that a form means.
fn business(
    visitor: &Visitor,
    customer: DocId,
    book: &str,
    fields: &Fields,
    fresh: impl Fn() -> RecordId,
) -> Result<Option<Record>, Refused> {
    let w = visitor.f.w;
    let day = |name: &'static str| -> Result<Date, Wrong> {
        let day: Date =
            fields.get(name).parse().map_err(|_error| Wrong::new(name, w.say("form.date")))?;
        if day > visitor.today() {
            return Err(Wrong::new(name, w.say("books.future")));
        }
        Ok(day)
    };
    let money = |text: &str| parse_money(text, visitor.base.org.currency);
    let amount = || -> Result<Money, Wrong> {
        money(fields.get("amount")).map_err(|_error| Wrong::new("amount", w.say("edit.money")))
    };
    let deal = || -> Result<Option<DocId>, Wrong> {
        match fields.get("deal") {
            "" => Ok(None),
            id => {
                id.parse().map(Some).map_err(|_error| Wrong::new("deal", w.say("books.deal_wrong")))
            }
        }
    };
    let reference = Some(fields.get("number").to_owned());
    let id = fresh();
    Ok(Some(match book {
        "payment" => Record::Payment(PaymentRecord {
            id,
            customer,
            deal: deal()?,
            contract: None,
            instalment: None,
            reference,
            received_on: day("received")?,
            amount: amount()?,
            reverses: match fields.get("reverses") {
                "" => None,
                id => Some(
                    id.parse()
                        .map_err(|_error| Wrong::new("reverses", w.say("books.amount_wrong")))?,
                ),
            },
            withdrawn_at: None,
        }),
        "contract" => Record::Contract(ContractRecord {
            id,
            customer,
            deal: deal()?,
            reference,
            asked_on: None,
            approved_on: None,
            signed_on: day("signed")?,
            amount: amount()?,
            instalments: instalments(visitor, id, fields.get("instalments"))?,
            cancelled_on: None,
            withdrawn_at: None,
        }),
        "order" => {
            let amount = amount()?;
            let product = fields.get("product");
            let line = (!product.is_empty()).then(|| OrderLine {
                product: product.to_owned(),
                quantity: None,
                amount,
                margin: None,
            });
            Record::Order(OrderRecord {
                id,
                customer,
                deal: deal()?,
                reference,
                ordered_on: day("ordered")?,
                amount,
                paid_on: if fields.get("paid").is_empty() { None } else { Some(day("paid")?) },
                cancelled_on: None,
                lines: line.into_iter().collect(),
                withdrawn_at: None,
            })
        }
        _ => return Err(PageError::Unreadable.into()),
    }))
}

/// A day and an amount a line.
fn instalments(
    visitor: &Visitor,
    contract: RecordId,
    text: &str,
) -> Result<Vec<InstalmentTerm>, Wrong> {
    let w = visitor.f.w;
    let mut terms = std::collections::BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let read = || {
            let (day, amount) = line.split_once(char::is_whitespace)?;
            let due_on: Date = day.parse().ok()?;
            let amount = parse_money(amount, visitor.base.org.currency).ok()?;
            let id: ItemId = instalment_id(contract, due_on);
            Some(InstalmentTerm { id, due_on, amount })
        };
        let bad = || Wrong::new("instalments", w.with("books.bad_instalment", &[("line", &line)]));
        let term = read().ok_or_else(bad)?;
        if terms.insert(term.due_on, term).is_some() {
            return Err(bad());
        }
    }
    Ok(terms.into_values().collect())
}

/// A case that the office heard of.
async fn case(
    app: &App,
    visitor: &Visitor,
    customer: DocId,
    fields: &Fields,
) -> Result<Option<Record>, Refused> {
    let w = visitor.f.w;
    let kind = CaseKind::from(fields.get("kind"));
    if !matches!(kind, CaseKind::Complaint | CaseKind::Enquiry) {
        return Err(Wrong::new("kind", w.say("form.choose")).into());
    }
    let subject = fields.get("subject").to_owned();
    if subject.is_empty() {
        return Err(Wrong::new("subject", w.say("form.empty")).into());
    }
    let opened: Result<Date, _> = fields.get("opened").parse();
    let opened = opened.map_err(|_error| Wrong::new("opened", w.say("form.date")))?;
    if opened > visitor.today() {
        return Err(Wrong::new("opened", w.say("books.future")).into());
    }
    let description = Some(fields.get("description").to_owned()).filter(|text| !text.is_empty());
    // Today it is now; of another day nobody knows the hour.
    let at = match opened == visitor.today() {
        true => visitor.now,
        false => visitor.base.zone().start_of(opened),
    };
    let office = Office::of(app.clone(), visitor.base.org.id);
    let hand = hand(&office, visitor).await?;
    let content = NewContent::Case {
        customer,
        content: Box::new(move |edit| {
            edit.set_kind(Some(kind))?;
            edit.set_subject(Some(&subject))?;
            edit.set_description(description.as_deref())?;
            edit.set_opened_at(Some(at))
        }),
    };
    let doc = office.fresh_document();
    let new = NewDocument { doc, author: visitor.signed.user, content, placement: None };
    let made = office.create_documents(&hand, vec![new]).await.map_err(PageError::from)?;
    match made.into_iter().next() {
        Some(Ok(_)) => Ok(None),
        Some(Err(DocumentError::Storage(error))) => Err(PageError::from(error).into()),
        Some(Err(error)) => Err(Wrong::new("subject", error.to_string()).into()),
        None => Err(PageError::NotFound.into()),
    }
}

async fn hand(office: &Office, visitor: &Visitor) -> Result<crate::office::Hand, PageError> {
    office.hand(visitor.signed.user).await.map_err(|error| match error {
        HandError::Storage(error) => PageError::Storage(error),
        HandError::UnknownUser { .. } => PageError::NotAllowed,
    })
}

/// `POST …/{kind}/{id}/withdraw`.
pub(super) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Path((customer, kind, id)): Path<(String, String, String)>,
) -> Response {
    let page = async {
        let customer: DocId = parse(&customer)?;
        let registrar = registrar(&app, &visitor, customer).await?;
        let kind = RecordKind::parse(&kind).ok_or(PageError::NotFound)?;
        // What was merged into this customer is withdrawn where it stands.
        let id = parse(&id)?;
        registrar.withdraw(kind, id, customer).await.map_err(page_error)?;
        Ok(Redirect::to(&format!("/customers/{customer}/books?done=done")).into_response())
    };
    visitor.answer(page.await)
}

/// `POST …/case/{case}/resolve`.
pub(super) async fn resolve(
    State(app): State<App>,
    visitor: Visitor,
    Path((customer, case)): Path<(String, String)>,
) -> Response {
    let page = async {
        let (customer, case): (DocId, DocId) = (parse(&customer)?, parse(&case)?);
        let registrar = registrar(&app, &visitor, customer).await?;
        registrar.resolve_case(customer, case).await.map_err(page_error)?;
        Ok(Redirect::to(&format!("/customers/{customer}/books?done=done")).into_response())
    };
    visitor.answer(page.await)
}
