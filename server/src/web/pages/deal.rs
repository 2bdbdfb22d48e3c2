//! A deal: where it stands, how it came there, what it is worth, who wrote it.

use std::collections::BTreeMap;

use askama::Template;
use client_core::docs::deal::{DealState, LossReview, Quote};
use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::period::Period;
use client_core::rules::GateWarning;
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp};

use super::customer::{Span, stage_name};
use super::history::{ChangeEntry, ChangeRow};
use super::{deals, wording};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{Pair, State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct DealData {
    /// The document's state.
    pub state: DealState,
    /// Fields that could not be read.
    pub faults: Vec<String>,
    /// The customer, if the reader may open it.
    pub customer: Option<DocId>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// The owner's name now.
    pub owner: String,
    /// The owner, where the reader may open their card.
    pub owner_id: Option<UserId>,
    /// The unit's name.
    pub unit: String,
    /// The name of whom the credit went to.
    pub credit: Option<String>,
    /// Who held it, oldest first.
    pub spans: Vec<Span>,
    /// Names of the people in it.
    pub people: BTreeMap<UserId, String>,
    /// What the stages it left asked for and was not there.
    pub gates: Vec<GateWarning>,
    /// Names of products by code.
    pub products: BTreeMap<String, String>,
    /// The changes that wrote it, oldest first.
    pub history: Vec<ChangeEntry>,
    /// The last movement between stages or contact with the customer.
    pub moved_at: Timestamp,
    /// When the server received it first.
    pub received_at: Timestamp,
    /// The policy, for the names of stages.
    pub policy: Option<Policy>,
    /// The day it is.
    pub today: Date,
    /// The instant it is.
    pub now: Timestamp,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "deal.html")]
pub struct DealPage {
    frame: Frame,
    name: String,
    customer: String,
    customer_href: Option<String>,
    list_href: String,
    amount: String,
    outcome: State,
    stage: String,
    standing: String,
    stages: Vec<StageView>,
    gates: Vec<String>,
    quotes: Vec<QuoteView>,
    milestones: Vec<MilestoneView>,
    money: Vec<MoneyView>,
    products: Vec<ProductView>,
    competitors: Vec<String>,
    loss: Vec<Pair>,
    details: Vec<Pair>,
    placement: Vec<Pair>,
    spans: Vec<SpanView>,
    history: Vec<ChangeRow>,
}

#[derive(Debug)]
struct StageView {
    name: String,
    entered: String,
    by: String,
    stayed: String,
}

#[derive(Debug)]
struct QuoteView {
    amount: String,
    version: String,
    issued: String,
    state: State,
    terms: String,
}

#[derive(Debug)]
struct MilestoneView {
    what: String,
    due: String,
    done: String,
    feedback: String,
}

#[derive(Debug)]
struct MoneyView {
    what: String,
    when: String,
    amount: String,
    number: String,
}

#[derive(Debug)]
struct ProductView {
    name: String,
    quantity: String,
    amount: String,
}

#[derive(Debug)]
struct SpanView {
    name: String,
    dates: String,
}

impl DealPage {
    /// The page of `data`, named by `doc`.
    pub fn new(frame: Frame, f: &Format, doc: DocId, data: &DealData) -> Self {
        let (w, state) = (f.w, &data.state);
        let outcome = state.outcome.as_ref().map(|outcome| outcome.as_str());
        let named = |code: &str| stage_name(w, data.policy.as_ref(), code);
        Self {
            name: deals::name(w, state.name.as_deref(), doc.to_string()),
            customer: wording::customer_name(w, data.customer_name.as_deref()),
            customer_href: data.customer.map(|doc| format!("/customers/{doc}")),
            list_href: data
                .customer
                .map_or_else(|| "/deals".to_owned(), |doc| format!("/deals?customer={doc}")),
            amount: money(f, state.amount),
            outcome: wording::deal_outcome(w, outcome),
            stage: state.stage.as_deref().map_or_else(|| "–".to_owned(), named),
            standing: standing(f, data),
            stages: stages(f, data),
            gates: data
                .gates
                .iter()
                .map(|gate| gate_line(f.w, data.policy.as_ref(), gate))
                .collect(),
            quotes: quotes(f, data),
            milestones: milestones(f, data),
            money: claims(f, data),
            products: products(f, data),
            competitors: state.competitors.values().cloned().collect(),
            loss: loss(w, state),
            details: details(f, data),
            placement: placement(f, data),
            spans: spans(f, data),
            history: data.history.iter().map(|change| ChangeRow::new(f, change)).collect(),
            frame,
        }
    }
}

fn money(f: &Format, amount: Option<Money>) -> String {
    amount.map_or_else(|| "–".to_owned(), |amount| f.money(amount))
}

fn date(f: &Format, data: &DealData, date: Option<Date>) -> String {
    date.map_or_else(|| "–".to_owned(), |date| f.date_near(date, data.today))
}

fn days(f: &Format, from: Timestamp, to: Timestamp) -> String {
    let n = f.zone.date(to).days_since(f.zone.date(from)).max(0);
    f.w.count("deals.days", n, &[("n", &format::count(n))])
}

/// How long it took, or how long it has been open and still.
fn standing(f: &Format, data: &DealData) -> String {
    let state = &data.state;
    match (state.created_at, state.decided_at.filter(|_| state.outcome.is_some())) {
        (Some(from), Some(to)) => f.w.with("deal.took", &[("days", &days(f, from, to))]),
        (None, Some(to)) => f.w.with("deal.decided_on", &[("day", &f.date_seen(to, data.today))]),
        (from, None) => {
            let still = days(f, data.moved_at, data.now);
            match from.filter(|_| state.outcome.is_none()) {
                Some(from) => {
                    let open = days(f, from, data.now);
                    f.w.with("deal.open_for", &[("open", &open), ("still", &still)])
                }
                None => String::new(),
            }
        }
    }
}

/// Every entry into a stage, oldest first, with how long it stayed there.
fn stages(f: &Format, data: &DealData) -> Vec<StageView> {
    let state = &data.state;
    let mut entries: Vec<_> = state.stage_history.iter().collect();
    entries.sort_by_key(|(id, entry)| (entry.at, **id));
    let end = match state.outcome {
        Some(_) => state.decided_at,
        None => Some(data.now),
    };
    let nexts = entries.iter().skip(1).map(|(_, entry)| Some(entry.at)).chain([end]);
    entries
        .iter()
        .zip(nexts)
        .map(|((_, entry), next)| StageView {
            name: stage_name(f.w, data.policy.as_ref(), &entry.stage),
            entered: f.moment_seen(entry.at, data.today),
            by: entry
                .by
                .map(|user| data.people.get(&user).cloned().unwrap_or_else(|| user.to_string()))
                .unwrap_or_default(),
            stayed: next.map_or_else(|| "–".to_owned(), |next| days(f, entry.at, next)),
        })
        .collect()
}

/// What a stage asks for and is not there, in a sentence.
pub fn gate_line(w: Words, policy: Option<&Policy>, gate: &GateWarning) -> String {
    let stage = stage_name(w, policy, &gate.stage);
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("stage", &stage), ("wanted", &gate.contacts_wanted), ("there", &gate.contacts)];
    let contacts = (gate.contacts < gate.contacts_wanted).then(|| w.with("gate.contacts", &values));
    let missing = gate.documents_missing.join(w.say("gate.and"));
    let documents = (!missing.is_empty())
        .then(|| w.with("gate.documents", &[("stage", &stage), ("missing", &missing)]));
    contacts.into_iter().chain(documents).collect::<Vec<_>>().join(" ")
}

fn quotes(f: &Format, data: &DealData) -> Vec<QuoteView> {
    let mut quotes: Vec<&Quote> = data.state.quotes.values().collect();
    quotes.sort_by_key(|quote| (quote.issued_on, quote.version));
    let answered = |quote: &Quote| {
        let (tone, key) = match quote.accepted {
            Some(true) => (Tone::Good, "deal.accepted"),
            Some(false) => (Tone::Late, "deal.declined"),
            None => (Tone::Neutral, "deal.unanswered"),
        };
        State::new(tone, f.w.say(key))
    };
    quotes
        .into_iter()
        .map(|quote| QuoteView {
            amount: money(f, quote.amount),
            version: quote.version.map(|version| format!("v{version}")).unwrap_or_default(),
            issued: date(f, data, quote.issued_on),
            state: answered(quote),
            terms: quote.terms.clone().unwrap_or_default(),
        })
        .collect()
}

fn milestones(f: &Format, data: &DealData) -> Vec<MilestoneView> {
    let mut all: Vec<_> = data.state.milestones.values().collect();
    all.sort_by_key(|milestone| milestone.due);
    all.into_iter()
        .map(|milestone| MilestoneView {
            what: milestone.what.clone().unwrap_or_else(|| "–".to_owned()),
            due: date(f, data, milestone.due),
            done: date(f, data, milestone.done_on),
            feedback: milestone.feedback.clone().unwrap_or_default(),
        })
        .collect()
}

/// Contract, instalments and payments, as the rep claims them.
fn claims(f: &Format, data: &DealData) -> Vec<MoneyView> {
    let state = &data.state;
    let line = |key: &str, on: Option<Date>, amount: Option<Money>, number: Option<String>| {
        let view = MoneyView {
            what: f.w.say(key).to_owned(),
            when: date(f, data, on),
            amount: money(f, amount),
            number: number.unwrap_or_default(),
        };
        (on, view)
    };
    let contract = state
        .contract
        .iter()
        .map(|claim| line("deal.contract", claim.signed_on, claim.amount, claim.number.clone()));
    let due = state
        .instalments
        .values()
        .map(|claim| line("deal.instalment", claim.due_on, claim.amount, None));
    let paid = state
        .payments
        .values()
        .map(|claim| line("deal.payment", claim.received_on, claim.amount, None));
    let mut lines: Vec<_> = contract.chain(due).chain(paid).collect();
    lines.sort_by_key(|(on, _)| *on);
    lines.into_iter().map(|(_, view)| view).collect()
}

fn products(f: &Format, data: &DealData) -> Vec<ProductView> {
    let named = |text: &str| data.products.get(text).cloned().unwrap_or_else(|| text.to_owned());
    let products = data.state.products.values();
    products
        .map(|product| ProductView {
            name: product.product.as_deref().map_or_else(|| "–".to_owned(), named),
            quantity: product.quantity.map_or_else(|| "–".to_owned(), |n| format::count(n.into())),
            amount: money(f, product.amount),
        })
        .collect()
}

fn loss(w: Words, state: &DealState) -> Vec<Pair> {
    let review = state.loss_review.clone().unwrap_or_default();
    let LossReview { product_fit, service_response, terms, competitor, reason } = review;
    let mark = |mark: Option<u8>| mark.map(|mark| format!("{mark} / 5"));
    let lines = [
        ("deal.lost_reason", state.lost_reason.clone().map(|c| w.code("lost_reason", &c).into())),
        ("deal.product_fit", mark(product_fit)),
        ("deal.service_response", mark(service_response)),
        ("deal.terms", mark(terms)),
        ("deal.lost_to", competitor),
        ("deal.review", reason),
    ];
    pairs(w, lines)
}

fn pairs<const N: usize>(w: Words, lines: [(&str, Option<String>); N]) -> Vec<Pair> {
    let filled = lines.into_iter().filter_map(|(label, value)| {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(Pair::new(w.say(label), value))
    });
    filled.collect()
}

fn details(f: &Format, data: &DealData) -> Vec<Pair> {
    let (w, state) = (f.w, &data.state);
    let code = |group: &str, code: Option<&str>| code.map(|code| w.code(group, code).into_owned());
    let at = |at: Option<Timestamp>| at.map(|at| f.date_seen(at, data.today));
    let on = |date: Option<Date>| date.map(|date| f.date_near(date, data.today));
    let cycle = state.decision_cycle_days.map(i64::from);
    let next = match (&state.next_step, on(state.next_step_due)) {
        (Some(step), Some(due)) => Some(format!("{step} · {due}")),
        (Some(step), None) => Some(step.clone()),
        (None, due) => due,
    };
    let faults = (!data.faults.is_empty()).then(|| data.faults.join(", "));
    pairs(
        w,
        [
            ("deals.priority", state.priority.as_ref().map(|p| p.as_str().to_ascii_uppercase())),
            ("deal.grade", state.grade.as_ref().map(|grade| grade.as_str().to_ascii_uppercase())),
            ("deal.source", code("lead_source", state.source.as_ref().map(|s| s.as_str()))),
            ("deal.kind", code("deal_kind", state.kind.as_ref().map(|kind| kind.as_str()))),
            ("deals.created", at(state.created_at)),
            ("deal.first_touch", at(state.first_touch_at)),
            ("deal.expected_close", on(state.expected_close)),
            ("deal.decided", at(state.decided_at)),
            ("deal.budget", state.budget.map(|budget| f.money(budget))),
            ("deal.cycle", cycle.map(|n| w.count("deals.days", n, &[("n", &n)]))),
            ("deal.intent", state.intent.clone()),
            ("word.next_step", next),
            ("customer.notes", state.notes.clone()),
            ("visit.faults", faults),
        ],
    )
}

fn placement(f: &Format, data: &DealData) -> Vec<Pair> {
    let month = Period::month_of(data.today);
    let mut lines = vec![Pair {
        href: data.owner_id.map(|owner| format!("/scorecards/{owner}/{month}")),
        ..Pair::new(f.w.say("word.owner"), data.owner.clone())
    }];
    if !data.unit.is_empty() {
        lines.push(Pair::new(f.w.say("word.unit"), data.unit.clone()));
    }
    if let Some(credit) = &data.credit {
        lines.push(Pair::new(f.w.say("deal.credit"), credit.clone()));
    }
    lines.push(Pair::new(f.w.say("deal.received"), f.moment_seen(data.received_at, data.today)));
    lines
}

/// Earlier owners; none where there was only one.
fn spans(f: &Format, data: &DealData) -> Vec<SpanView> {
    if data.spans.len() < 2 {
        return Vec::new();
    }
    let day = |at: Timestamp| f.date(f.zone.date(at));
    let dates = |span: &Span| match span.until {
        None => f.w.with("customer.span_open", &[("from", &day(span.from))]),
        Some(until) => {
            f.w.with("customer.span", &[("from", &day(span.from)), ("until", &day(until))])
        }
    };
    let spans = data.spans.iter().rev();
    spans.map(|span| SpanView { name: span.name.clone(), dates: dates(span) }).collect()
}
