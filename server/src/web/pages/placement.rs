//! Giving many customers to somebody: choosing, looking at the load, done.

use askama::Template;
use client_core::id::{DocId, UnitId, UserId};
use client_core::records::Tier;

use super::customers::CustomersData;
use super::{scorecard, wording};
use crate::office::HandedMany;
use crate::web::filters::{Filters, Listing};
use crate::web::form::{Field, Input};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::queries::placement::{ByTier, Load, Preview};
use crate::web::view::{State, Tone};

/// Names that the preview shows; the rest is counted.
const NAMED: usize = 100;

/// Choosing.
#[derive(Debug, Template)]
#[template(path = "placement.html")]
pub struct Choose {
    frame: Frame,
    message: Option<State>,
    filters: Filters,
    listing: Listing,
    /// Where the choice is sent: the filter goes along, for all of it.
    action: String,
    rows: Vec<Row>,
    all: Option<String>,
    to: Field,
}

#[derive(Debug)]
struct Row {
    id: String,
    href: String,
    name: String,
    about: String,
    tier: String,
    owner: String,
    unit: String,
    last: String,
    due: Option<State>,
    pick: String,
}

impl Choose {
    /// The page of `data`; `takers` may be given something.
    pub fn new(
        frame: Frame,
        f: &Format,
        data: &CustomersData,
        filters: Filters,
        takers: Vec<(String, String)>,
        message: Option<State>,
    ) -> Self {
        let address = data.ask.address().at("/placement");
        let w = f.w;
        let rows = data.customers.iter().map(|customer| {
            let row = &customer.row;
            let name = wording::customer_name(w, row.name.as_deref());
            let about = [row.industry.clone(), row.region.clone()];
            Row {
                id: row.doc.to_string(),
                href: format!("/customers/{}", row.doc),
                pick: w.with("placement.pick", &[("name", &name)]),
                name,
                about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
                tier: row.tier.map(|it| scorecard::tier_letter(Some(it))).unwrap_or_default(),
                owner: customer.owner.clone().unwrap_or_else(|| "–".to_owned()),
                unit: customer.unit.clone(),
                last: row
                    .last_visit
                    .map_or_else(|| "–".to_owned(), |at| f.date_seen(at, data.today)),
                due: customer.due().and_then(|status| wording::due(w, status)),
            }
        });
        let counts = (data.found.matching, data.found.all);
        let matching = i64::try_from(data.found.matching).unwrap_or(i64::MAX);
        let many = data.found.matching > data.customers.len() as u64;
        Self {
            message,
            rows: rows.collect(),
            listing: Listing::new(w, &address, "customers.count", data.ask.page, counts),
            action: address.at("/placement/preview").to_string(),
            all: many.then(|| w.with("placement.all", &[("n", &format::count(matching))])),
            to: Field::choice("to", w.say("placement.to"), "", takers),
            filters,
            frame,
        }
    }
}

/// The load before and after.
#[derive(Debug, Template)]
#[template(path = "placement_preview.html")]
pub struct Look {
    frame: Frame,
    message: Option<State>,
    title: String,
    back: String,
    month: String,
    has_policy: bool,
    rows: Vec<LoadRow>,
    named: Vec<(String, String, String)>,
    more: Option<String>,
    docs: Vec<String>,
    to: String,
    /// What becomes of the open deals.
    deals: String,
    has_deals: bool,
    confirm: String,
}

#[derive(Debug)]
struct LoadRow {
    name: String,
    gets: bool,
    customers: String,
    tiers: String,
    visits: String,
    a_day: String,
    state: State,
}

impl Look {
    /// The page of `data`; `back` leads to the choice.
    pub fn new(
        frame: Frame,
        f: &Format,
        data: &Preview,
        back: String,
        message: Option<State>,
    ) -> Self {
        let n = i64::try_from(data.customers.len()).unwrap_or(i64::MAX);
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &format::count(n)), ("name", &data.to.name)];
        let left = data.customers.len().saturating_sub(NAMED);
        Self {
            message,
            title: f.w.count("placement.title_n", n, &values),
            back,
            month: f.period(data.month),
            has_policy: data.has_policy,
            rows: data.loads.iter().map(|load| load_row(f, load, data.to.id)).collect(),
            named: data
                .customers
                .iter()
                .take(NAMED)
                .map(|(row, owner)| {
                    (
                        format!("/customers/{}", row.doc),
                        wording::customer_name(f.w, row.name.as_deref()),
                        owner.clone().unwrap_or_else(|| "–".to_owned()),
                    )
                })
                .collect(),
            more: (left > 0).then(|| f.w.with("policy.more", &[("n", &left)])),
            docs: data.customers.iter().map(|(row, _owner)| row.doc.to_string()).collect(),
            to: data.to.id.to_string(),
            deals: deals(f, data),
            has_deals: data.deals.0 > 0,
            confirm: f.w.count("placement.confirm", n, &values),
            frame,
        }
    }
}

/// How many open deals go along, and what they are worth.
fn deals(f: &Format, data: &Preview) -> String {
    let (n, worth) = &data.deals;
    let n = i64::try_from(*n).unwrap_or(i64::MAX);
    if n == 0 {
        return f.w.say("placement.no_deals").to_owned();
    }
    let worth: Vec<String> = worth.iter().map(|sum| f.money(*sum)).collect();
    let worth = if worth.is_empty() { "–".to_owned() } else { worth.join(" + ") };
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("n", &format::count(n)), ("worth", &worth), ("name", &data.to.name)];
    f.w.count("placement.deals_go", n, &values)
}

fn load_row(f: &Format, load: &Load, to: UserId) -> LoadRow {
    let sum = |counts: &ByTier| i64::try_from(counts.iter().sum::<u64>()).unwrap_or(i64::MAX);
    let both = |before: String, after: String| {
        if before == after { after } else { format!("{before} → {after}") }
    };
    let (before, after) = &load.customers;
    let letters = Tier::ALL.into_iter().map(|tier| scorecard::tier_letter(Some(tier)));
    let letters = letters.chain([f.w.say("word.no_tier").to_owned()]);
    let tiers = letters.zip(before.iter().zip(after)).filter(|(_, (was, is))| **was + **is > 0);
    let tiers =
        tiers.map(|(tier, (was, is))| format!("{tier} {}", both(was.to_string(), is.to_string())));
    let visits = |hundredths: i64| format::decimal(i128::from((hundredths + 5) / 10), 1);
    let a_day = |hundredths: i64| match load.days {
        0 => "–".to_owned(),
        days => format::decimal(i128::from(hundredths) / (i128::from(days) * 10), 1),
    };
    let more = load.visits.1 - load.visits.0;
    let (tone, key) = match more {
        0 => (Tone::Neutral, "placement.load_same"),
        more if more > 0 => (Tone::Watch, "placement.load_more"),
        _ => (Tone::Good, "placement.load_less"),
    };
    LoadRow {
        name: load.name.clone(),
        gets: load.user == to,
        customers: both(format::count(sum(before)), format::count(sum(after))),
        tiers: tiers.collect::<Vec<_>>().join(" · "),
        visits: both(visits(load.visits.0), visits(load.visits.1)),
        a_day: both(a_day(load.visits.0), a_day(load.visits.1)),
        state: State::new(tone, f.w.with(key, &[("n", &visits(more.abs()))])),
    }
}

/// Deals that went along and were to go back.
#[derive(Debug, Clone, Copy)]
pub struct DealsBack {
    /// Those that did.
    pub back: usize,
    /// Those that stay: decided or given on meanwhile, or another team's.
    pub left: usize,
}

/// What was done, and the way to take it back.
#[derive(Debug, Template)]
#[template(path = "placement_done.html")]
pub struct Done {
    frame: Frame,
    message: State,
    deals: Vec<String>,
    left: Option<String>,
    undo: Vec<(String, String)>,
    to: String,
}

impl Done {
    /// The page after `handed` went to `to`, or back from there where it was undone.
    pub fn new(
        frame: Frame,
        f: &Format,
        handed: &HandedMany,
        (to, name): (UserId, &str),
        undone: Option<DealsBack>,
    ) -> Self {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let n = count(handed.done.len());
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &format::count(n)), ("name", &name)];
        let key = if undone.is_some() { "placement.undone" } else { "placement.done" };
        let left = count(handed.left.len() + handed.same.len());
        let back = |name: &str, doc: DocId, (owner, unit): (UserId, UnitId)| {
            (format!("{name}.{doc}"), format!("{owner}/{unit}"))
        };
        // Deals go back one by one: to whom each belonged before.
        let deals = handed.done.iter().flat_map(|one| &one.deals);
        let went = count(deals.clone().count());
        let deals = deals.map(|one| back("deal", one.deal, one.was));
        let customers = handed.done.iter();
        let customers = customers.filter_map(|one| Some(back("was", one.doc, one.was?)));
        let undo = customers.chain(deals);
        let told = |key: &str, n: i64| (n > 0).then(|| f.w.count(key, n, &[("n", &n)]));
        let deals = match undone {
            None => vec![told("placement.deals_went", went)],
            Some(deals) => vec![
                told("placement.deals_back", count(deals.back)),
                told("placement.deals_left", count(deals.left)),
            ],
        };
        Self {
            message: State::new(
                if n > 0 { Tone::Good } else { Tone::Watch },
                f.w.count(key, n, &values),
            ),
            deals: deals.into_iter().flatten().collect(),
            left: (left > 0).then(|| f.w.count("placement.left", left, &[("n", &left)])),
            undo: if undone.is_some() { Vec::new() } else { undo.collect() },
            to: to.to_string(),
            frame,
        }
    }
}
