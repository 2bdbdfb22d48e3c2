//! Deals to look through, and what they amount to.

use askama::Template;
use client_core::docs::deal::{LeadSource, Priority};
use client_core::money::{Currency, Money};
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp};

use super::customer::stage_name;
use super::{funnel, wording};
use crate::storage::lists::{DealRow, DealSort, DealTotal, Found};
use crate::web::address::Address;
use crate::web::filters::{Chip, Choices, Control, Filters, Heading, Listing};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::deals::{DealsAsk, NO_STAGE, OUTCOMES, SORTS};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct DealsData {
    /// What is asked for.
    pub ask: DealsAsk,
    /// What was found.
    pub found: Found,
    /// Those of this page.
    pub deals: Vec<DealInList>,
    /// What all that match amount to, by currency.
    pub totals: Vec<DealTotal>,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The products there are: what deals say, and their names.
    pub products: Vec<(String, String)>,
    /// The product lines there are.
    pub lines: Vec<String>,
    /// The org's currency.
    pub currency: Currency,
    /// The policy, for the names of stages.
    pub policy: Option<Policy>,
    /// The name of the customer asked for.
    pub customer_name: Option<String>,
    /// The day it is.
    pub today: Date,
    /// The instant it is.
    pub now: Timestamp,
}

/// A deal in the list.
#[derive(Debug, Clone)]
pub struct DealInList {
    /// Its row.
    pub row: DealRow,
    /// The owner's name.
    pub owner: String,
    /// The unit's name.
    pub unit: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "deals.html")]
pub struct Deals {
    frame: Frame,
    filters: Filters,
    listing: Listing,
    totals: Vec<Total>,
    headings: Vec<Heading>,
    by_stalled: bool,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Total {
    amount: String,
    deals: String,
}

#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    customer: String,
    priority: String,
    owner: String,
    unit: String,
    stage: String,
    amount: String,
    created: String,
    state: State,
    decided: String,
    still: String,
}

impl Deals {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &DealsData) -> Self {
        let address = data.ask.address();
        let counts = (data.found.matching, data.found.all);
        let by_stalled = data.ask.stalled.is_some() || data.ask.sort == DealSort::Stalled;
        Self {
            filters: filters(f, data),
            listing: Listing::new(f.w, &address, "lists.n_deals", data.ask.page, counts),
            totals: data.totals.iter().map(|total| total_of(f, total)).collect(),
            headings: headings(f.w, &address, data.ask.sort, by_stalled),
            by_stalled,
            rows: data.deals.iter().map(|deal| row(f, data, deal)).collect(),
            frame,
        }
    }
}

fn total_of(f: &Format, total: &DealTotal) -> Total {
    let n = i64::try_from(total.deals).unwrap_or(i64::MAX);
    Total {
        amount: match total.currency {
            Some(currency) => f.money(Money::new(total.minor, currency)),
            None => f.w.say("deals.no_amount").to_owned(),
        },
        deals: f.w.count("lists.n_deals", n, &[("n", &format::count(n))]),
    }
}

fn filters(f: &Format, data: &DealsData) -> Filters {
    let (w, ask) = (f.w, &data.ask);
    let text = |id: Option<String>| id.unwrap_or_default();
    let all = w.say("lists.all");
    let mut main = vec![Control::search("q", w.say("deals.search"), &ask.text)];
    main.extend(data.choices.controls(
        w,
        text(ask.whose.rep.map(|rep| rep.to_string())),
        text(ask.whose.unit.map(|unit| unit.to_string())),
    ));
    let policy = data.policy.iter().flat_map(|policy| &policy.pipeline.stages);
    let stages = policy
        .map(|stage| stage.code.clone())
        .map(|code| (code.clone(), stage_name(w, data.policy.as_ref(), &code)))
        .chain([(NO_STAGE.to_owned(), w.say("deals.no_stage").to_owned())]);
    let stage = text(ask.stage.clone());
    main.push(Control::select("stage", w.say("deals.stage"), all, stages, &stage));
    let outcomes =
        OUTCOMES.map(|(_, code)| (code.to_owned(), w.code("deal_outcome", code).into_owned()));
    let outcome = ask.outcome_code();
    main.push(Control::select("outcome", w.say("word.outcome"), all, outcomes, outcome));
    let money = |key: &str| w.with(key, &[("currency", &data.currency)]);
    let priorities = Priority::KNOWN
        .iter()
        .map(|each| (each.as_str().to_owned(), each.as_str().to_ascii_uppercase()));
    let sorts = SORTS
        .iter()
        .skip(1)
        .map(|(sort, code)| ((*code).to_owned(), w.say(sort_key(*sort)).to_owned()));
    let days = |key: &str| w.say(key).to_owned();
    let more = vec![
        Control::number("min", &money("deals.min"), &ask.amount.0),
        Control::number("max", &money("deals.max"), &ask.amount.1),
        Control::date("created_from", &days("deals.created_from"), ask.created.0),
        Control::date("created_to", &days("deals.created_to"), ask.created.1),
        Control::date("decided_from", &days("deals.decided_from"), ask.decided.0),
        Control::date("decided_to", &days("deals.decided_to"), ask.decided.1),
        Control::select(
            "product",
            w.say("deals.product"),
            all,
            data.products.clone(),
            &text(ask.product.clone()),
        ),
        line_control(w, &data.lines, ask.line.as_deref()),
        source_control(w, ask.source.as_deref()),
        Control::select(
            "priority",
            w.say("deals.priority"),
            all,
            priorities,
            &text(ask.priority.clone()),
        ),
        Control::number(
            "stalled",
            w.say("deals.stalled_days"),
            &text(ask.stalled.map(|days| days.to_string())),
        ),
        Control::select(
            "sort",
            w.say("lists.sort"),
            w.say(sort_key(DealSort::Created)),
            sorts,
            ask.sort_code(),
        ),
    ];
    let mut filters = Filters::new(w, &ask.address(), main, more);
    if let Some(customer) = ask.customer {
        let without = DealsAsk { customer: None, ..ask.clone() };
        filters.chips.push(Chip {
            label: wording::customer_name(w, data.customer_name.as_deref()),
            without: without.address().to_string(),
            kept: vec![("customer", customer.to_string())],
        });
    }
    if let Some(cohort) = &ask.cohort {
        let without = DealsAsk { cohort: None, ..ask.clone() };
        filters.chips.push(Chip {
            label: funnel::cohort(f, data.policy.as_ref(), cohort),
            without: without.address().to_string(),
            kept: vec![("period", cohort.period.to_string()), ("cohort", cohort.code())],
        });
    }
    filters
}

/// One of the product lines.
pub fn line_control(w: Words, lines: &[String], line: Option<&str>) -> Control {
    let choices = lines.iter().map(|name| (name.clone(), name.clone()));
    let label = w.say("deals.line");
    Control::select("line", label, w.say("lists.all"), choices, line.unwrap_or_default())
}

/// One of the lead sources.
pub fn source_control(w: Words, source: Option<&str>) -> Control {
    let choices = LeadSource::KNOWN.iter().map(|each| {
        let code = each.as_str();
        (code.to_owned(), w.code("lead_source", code).into_owned())
    });
    let label = w.say("deal.source");
    Control::select("source", label, w.say("lists.all"), choices, source.unwrap_or_default())
}

const fn sort_key(sort: DealSort) -> &'static str {
    match sort {
        DealSort::Created => "deals.by_created",
        DealSort::Decided => "deals.by_decided",
        DealSort::Amount => "deals.by_amount",
        DealSort::Stalled => "deals.by_stalled",
    }
}

fn headings(w: Words, address: &Address, sort: DealSort, by_stalled: bool) -> Vec<Heading> {
    let sorted = |by: DealSort, label: &str| {
        let code = SORTS.iter().find(|(each, _)| *each == by).map_or("", |(_, code)| code);
        Heading {
            href: address.clone().with("sort", code).to_string(),
            label: w.say(label).to_owned(),
            sorted: (sort == by).then_some("descending"),
            number: by == DealSort::Amount,
        }
    };
    let last = if by_stalled {
        sorted(DealSort::Stalled, "deals.still")
    } else {
        sorted(DealSort::Decided, "word.outcome")
    };
    vec![
        Heading::plain(w.say("word.deal")),
        Heading::plain(w.say("word.owner")),
        Heading::plain(w.say("deals.stage")),
        sorted(DealSort::Amount, "deals.amount"),
        sorted(DealSort::Created, "deals.created"),
        last,
    ]
}

fn row(f: &Format, data: &DealsData, deal: &DealInList) -> Row {
    let row = &deal.row;
    let date =
        |at: Option<Timestamp>| at.map_or_else(|| "–".to_owned(), |at| f.date_seen(at, data.today));
    let days = data.today.days_since(f.zone.date(row.moved_at)).max(0);
    let stage = row.stage.as_deref();
    let amount = row.amount_minor.zip(row.currency);
    Row {
        href: format!("/deals/{}", row.doc),
        name: name(f.w, row.name.as_deref(), row.doc.to_string()),
        customer: row.customer_name.clone().unwrap_or_default(),
        priority: row.priority.as_deref().unwrap_or_default().to_ascii_uppercase(),
        owner: deal.owner.clone(),
        unit: deal.unit.clone(),
        stage: stage
            .map_or_else(|| "–".to_owned(), |code| stage_name(f.w, data.policy.as_ref(), code)),
        amount: amount.map_or_else(
            || "–".to_owned(),
            |(minor, currency)| f.money(Money::new(minor, currency)),
        ),
        created: date(row.created_at),
        state: wording::deal_outcome(f.w, row.outcome.as_deref()),
        decided: row.decided_at.map(|at| f.date_seen(at, data.today)).unwrap_or_default(),
        still: f.w.count("deals.days", days, &[("n", &format::count(days))]),
    }
}

/// A deal's name; the end of its id where it has none, so that two can be told apart.
pub fn name(w: Words, name: Option<&str>, id: String) -> String {
    let named = name.map(str::trim).filter(|name| !name.is_empty());
    named.map_or_else(
        || {
            let short: String = id.chars().rev().take(6).collect();
            let short: String = short.chars().rev().collect();
            format!("{} {short}", w.say("customer.deal_unnamed"))
        },
        str::to_owned,
    )
}
