//! Customers to look through.

use askama::Template;
use client_core::docs::customer::Lifecycle;
use client_core::records::Tier;
use client_core::rules::DueStatus;
use client_core::time::Date;

use super::board::Heard;
use super::{coverage, scorecard, wording};
use crate::storage::lists::{CustomerRow, CustomerSort, Found};
use crate::web::filters::{Chip, Choices, Control, Filters, Heading, Listing};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::lists::customers::{CustomersAsk, sort_code, tier_code};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct CustomersData {
    /// What is asked for.
    pub ask: CustomersAsk,
    /// What was found.
    pub found: Found,
    /// Those of this page.
    pub customers: Vec<CustomerInList>,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The industries there are.
    pub industries: Vec<String>,
    /// The day it is.
    pub today: Date,
}

/// A customer in the list.
#[derive(Debug, Clone)]
pub struct CustomerInList {
    /// Its row.
    pub row: CustomerRow,
    /// The owner's name.
    pub owner: Option<String>,
    /// The unit's name.
    pub unit: String,
    /// When the owner's phone was heard last, if that is too long ago to know
    /// what the customer lacks.
    pub unheard: Option<Heard>,
}

impl CustomerInList {
    /// The due status as far as it is known.
    pub fn due(&self) -> Option<DueStatus> {
        let known = |due: DueStatus| if self.unheard.is_some() { due.unheard() } else { due };
        self.row.due.map(known)
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "customers.html")]
pub struct Customers {
    frame: Frame,
    filters: Filters,
    listing: Listing,
    headings: Vec<Heading>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    industry: String,
    tier: String,
    owner: String,
    unit: String,
    last_visit: String,
    counted: String,
    due: Option<State>,
    heard: String,
}

impl Customers {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &CustomersData) -> Self {
        let address = data.ask.address();
        let counts = (data.found.matching, data.found.all);
        Self {
            filters: filters(f, data),
            listing: Listing::new(f.w, &address, "customers.count", data.ask.page, counts),
            headings: headings(f.w, data),
            rows: data.customers.iter().map(|customer| row(f, data.today, customer)).collect(),
            frame,
        }
    }
}

/// The filters of a list of customers.
pub fn filters(f: &Format, data: &CustomersData) -> Filters {
    let (w, ask) = (f.w, &data.ask);
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut main = vec![Control::search("q", w.say("customers.search"), &ask.text)];
    main.extend(data.choices.controls(
        w,
        text(ask.whose.rep.map(|rep| rep.to_string())),
        text(ask.whose.unit.map(|unit| unit.to_string())),
    ));
    let tiers = Tier::ALL.into_iter().map(Some).chain([None]).map(|tier| {
        let label = match tier {
            Some(_) => scorecard::tier_letter(tier),
            None => w.say("word.no_tier").to_owned(),
        };
        (tier_code(tier).to_owned(), label)
    });
    let all = w.say("lists.all");
    let tier = ask.tier.map(tier_code).unwrap_or_default();
    main.push(Control::select("tier", w.say("word.tier"), all, tiers, tier));
    let dues = DueStatus::ALL.into_iter().filter(|status| *status != DueStatus::NoRule);
    let dues =
        dues.filter_map(|status| Some((status.as_str().to_owned(), wording::due(w, status)?.word)));
    let due = ask.due.map(DueStatus::as_str).unwrap_or_default();
    main.push(Control::select("due", w.say("word.due"), all, dues, due));
    let industries = data.industries.iter().map(|each| (each.clone(), each.clone()));
    let lives = Lifecycle::KNOWN
        .iter()
        .map(|each| (each.as_str().to_owned(), w.code("lifecycle", each.as_str()).into_owned()));
    let sorts =
        [(CustomerSort::Due, "customers.by_due"), (CustomerSort::Contact, "customers.by_contact")];
    let sorts = sorts.map(|(sort, key)| (sort_code(sort).to_owned(), w.say(key).to_owned()));
    let industry = text(ask.industry.clone());
    let life = text(ask.lifecycle.clone());
    let more = vec![
        Control::select("industry", w.say("customer.industry"), all, industries, &industry),
        Control::select("lifecycle", w.say("customer.lifecycle"), all, lives, &life),
        Control::select(
            "sort",
            w.say("lists.sort"),
            w.say("customers.by_name"),
            sorts,
            sort_code(ask.sort),
        ),
    ];
    let mut filters = Filters::new(w, &ask.address(), main, more);
    if let Some((period, part)) = ask.cell {
        let without = CustomersAsk { cell: None, ..ask.clone() };
        filters.chips.push(Chip {
            label: format!("{} · {}", f.period(period), coverage::part(w, part)),
            without: without.address().to_string(),
            kept: vec![("period", period.to_string()), ("coverage", part.as_str().to_owned())],
        });
    }
    filters
}

fn headings(w: Words, data: &CustomersData) -> Vec<Heading> {
    let sorted = |sort: CustomerSort, label: &str| Heading {
        href: data.ask.address().with("sort", sort_code(sort)).to_string(),
        label: w.say(label).to_owned(),
        sorted: (data.ask.sort == sort).then_some("ascending"),
        number: false,
    };
    vec![
        sorted(CustomerSort::Name, "word.customer"),
        Heading::plain(w.say("word.tier")),
        Heading::plain(w.say("word.owner")),
        sorted(CustomerSort::Contact, "customers.last_visit"),
        sorted(CustomerSort::Due, "word.due"),
    ]
}

fn row(f: &Format, today: Date, customer: &CustomerInList) -> Row {
    let row = &customer.row;
    let last = row.last_visit.map(|at| f.date_seen(at, today));
    let contact = row.last_visit.map(|at| f.zone.date(at));
    // A call that counts for nothing is not "never visited" taken back, so it is
    // said which of the two this is.
    let counted = match (contact, row.last_counted, row.due) {
        (Some(contact), Some(counted), _) if counted < contact => {
            f.w.with("customers.last_counted", &[("day", &f.date_near(counted, today))])
        }
        (Some(_), None, Some(DueStatus::Never | DueStatus::OnTrack)) => {
            f.w.say("customers.none_counts").to_owned()
        }
        _ => String::new(),
    };
    let due = customer.due();
    let heard = match customer.unheard.filter(|_| due == Some(DueStatus::Unknown)) {
        Some(Heard::NoPhone) => f.w.say("heard.no_phone").to_owned(),
        Some(Heard::At(at)) => {
            f.w.with("customers.heard_before", &[("when", &f.moment_seen(at, today))])
        }
        None => String::new(),
    };
    Row {
        href: format!("/customers/{}", row.doc),
        name: wording::customer_name(f.w, row.name.as_deref()),
        industry: row.industry.clone().unwrap_or_default(),
        tier: row.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
        owner: customer.owner.clone().unwrap_or_else(|| "–".to_owned()),
        unit: customer.unit.clone(),
        last_visit: last.unwrap_or_else(|| "–".to_owned()),
        counted,
        due: due.and_then(|status| wording::due(f.w, status)),
        heard,
    }
}
