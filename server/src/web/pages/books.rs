//! What the office confirms of a customer, and the forms to enter it.

use askama::Template;
use client_core::docs::case::CaseState;
use client_core::id::{DocId, RecordId};
use client_core::money::Money;
use client_core::records::{ContractRecord, OrderRecord, PaymentRecord};

use crate::web::form::{Field, Input};
use crate::web::format::{Format, plain};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// What the page is given.
#[derive(Debug, Default)]
pub struct BooksData {
    /// Payments, those of customers merged into this one included.
    pub payments: Vec<PaymentRecord>,
    /// Contracts.
    pub contracts: Vec<ContractRecord>,
    /// Orders.
    pub orders: Vec<OrderRecord>,
    /// Cases.
    pub cases: Vec<(DocId, CaseState)>,
    /// Deals of the customer with their names.
    pub deals: Vec<(DocId, String)>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "books.html")]
pub struct Books {
    /// The frame.
    pub frame: Frame,
    /// What happened, or what went wrong.
    pub message: Option<State>,
    /// The customer.
    pub id: DocId,
    /// Their name.
    pub customer: String,
    /// What is known.
    pub books: Vec<Book>,
    /// What can be entered.
    pub entries: Vec<EntryForm>,
}

/// One list.
#[derive(Debug)]
pub struct Book {
    id: &'static str,
    title: String,
    what: String,
    empty: String,
    has_amounts: bool,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    what: String,
    subs: Vec<String>,
    day: String,
    amount: String,
    state: State,
    action: Option<Action>,
}

#[derive(Debug)]
struct Action {
    path: String,
    label: String,
}

/// A form.
#[derive(Debug)]
pub struct EntryForm {
    /// Which: `payment`, `contract`, `order` or `case`.
    pub kind: &'static str,
    /// Its heading.
    pub title: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// It is shown open: something in it is wrong.
    pub open: bool,
}

/// The lists of `data`.
pub fn books(f: &Format, id: DocId, data: &BooksData) -> Vec<Book> {
    let w = f.w;
    let book = |id, title: &str, empty: &str, lines: Vec<Line>| Book {
        id,
        title: w.say(title).to_owned(),
        what: w.say(if id == "cases" { "books.subject" } else { "books.number" }).to_owned(),
        empty: w.say(empty).to_owned(),
        has_amounts: id != "cases",
        lines,
    };
    let payments = data.payments.iter().map(|payment| payment_line(f, id, data, payment));
    let contracts = data.contracts.iter().map(|contract| contract_line(f, id, data, contract));
    let orders = data.orders.iter().map(|order| order_line(f, id, data, order));
    let cases = data.cases.iter().map(|(case, state)| case_line(f, id, *case, state));
    vec![
        book("payments", "books.payments", "books.no_payments", payments.collect()),
        book("contracts", "books.contracts", "books.no_contracts", contracts.collect()),
        book("orders", "books.orders", "books.no_orders", orders.collect()),
        book("cases", "books.cases", "books.no_cases", cases.collect()),
    ]
}

/// Books are kept to the cent: nothing is rounded here.
fn exact(amount: Money) -> String {
    format!("{} {}", plain(amount), amount.currency)
}

fn called(f: &Format, reference: Option<&String>) -> String {
    reference.cloned().unwrap_or_else(|| f.w.say("books.unnamed").to_owned())
}

fn deal_name(data: &BooksData, deal: Option<DocId>) -> Option<String> {
    let deal = deal?;
    data.deals.iter().find(|(id, _name)| *id == deal).map(|(_id, name)| name.clone())
}

fn withdraw(f: &Format, customer: DocId, kind: &str, id: RecordId) -> Action {
    let path = format!("/customers/{customer}/books/{kind}/{id}/withdraw");
    Action { path, label: f.w.say("books.withdraw").to_owned() }
}

fn payment_line(f: &Format, id: DocId, data: &BooksData, payment: &PaymentRecord) -> Line {
    let state = match (payment.counts(), payment.is_refund()) {
        (false, _) => State::new(Tone::Unknown, f.w.say("books.withdrawn")),
        (true, true) => State::new(Tone::Watch, f.w.say("books.refund")),
        (true, false) => State::new(Tone::Good, f.w.say("books.counts")),
    };
    Line {
        what: called(f, payment.reference.as_ref()),
        subs: deal_name(data, payment.deal).into_iter().collect(),
        day: f.date(payment.received_on),
        amount: exact(payment.amount),
        state,
        action: payment.counts().then(|| withdraw(f, id, "payment", payment.id)),
    }
}

fn contract_line(f: &Format, id: DocId, data: &BooksData, contract: &ContractRecord) -> Line {
    let terms = contract.instalments.iter().map(|term| {
        let (day, amount) = (f.date(term.due_on), exact(term.amount));
        f.w.with("books.due", &[("day", &day), ("amount", &amount)])
    });
    let state = match (contract.counts(), contract.cancelled_on) {
        (false, _) => State::new(Tone::Unknown, f.w.say("books.withdrawn")),
        (true, Some(_)) => State::new(Tone::Watch, f.w.say("books.cancelled")),
        (true, None) => State::new(Tone::Good, f.w.say("books.counts")),
    };
    Line {
        what: called(f, contract.reference.as_ref()),
        subs: deal_name(data, contract.deal).into_iter().chain(terms).collect(),
        day: f.date(contract.signed_on),
        amount: exact(contract.amount),
        state,
        action: contract.counts().then(|| withdraw(f, id, "contract", contract.id)),
    }
}

fn order_line(f: &Format, id: DocId, data: &BooksData, order: &OrderRecord) -> Line {
    let products = order.lines.iter().map(|line| line.product.clone());
    let state = match (order.counts(), order.cancelled_on, order.paid_on) {
        (false, _, _) => State::new(Tone::Unknown, f.w.say("books.withdrawn")),
        (true, Some(_), _) => State::new(Tone::Watch, f.w.say("books.cancelled")),
        (true, None, Some(_)) => State::new(Tone::Good, f.w.say("books.paid")),
        (true, None, None) => State::new(Tone::Neutral, f.w.say("books.counts")),
    };
    Line {
        what: called(f, order.reference.as_ref()),
        subs: deal_name(data, order.deal).into_iter().chain(products).collect(),
        day: f.date(order.ordered_on),
        amount: exact(order.amount),
        state,
        action: order.counts().then(|| withdraw(f, id, "order", order.id)),
    }
}

fn case_line(f: &Format, id: DocId, case: DocId, state: &CaseState) -> Line {
    let kind = state.kind.as_ref().map(client_core::docs::case::CaseKind::as_str);
    let open = state.resolved_at.is_none();
    let survey = kind == Some("survey");
    let shown = match open {
        true => State::new(Tone::Watch, f.w.say("books.open")),
        false => State::new(Tone::Good, f.w.say("books.resolved")),
    };
    let scores = state.surveys.values().filter_map(|answer| answer.score);
    let scores: Vec<String> = scores.map(|score| format!("{score}/10")).collect();
    let label = kind.map(|kind| f.w.code("case_kind", kind).into_owned());
    Line {
        what: state.subject.clone().or(label.clone()).unwrap_or_else(|| "–".to_owned()),
        subs: label.into_iter().chain(scores).collect(),
        day: state.opened_at.map_or_else(|| "–".to_owned(), |at| f.date(f.zone.date(at))),
        amount: String::new(),
        state: if survey { State::new(Tone::Neutral, f.w.say("case_kind.survey")) } else { shown },
        action: (open && !survey).then(|| Action {
            path: format!("/customers/{id}/books/case/{case}/resolve"),
            label: f.w.say("books.resolve").to_owned(),
        }),
    }
}
