//! Customers to look through.

use askama::Template;
use client_core::id::DocId;
use client_core::records::Tier;
use client_core::rules::DueStatus;
use client_core::time::Timestamp;

use super::{scorecard, wording};
use crate::web::format::Format;
use crate::web::frame::{Frame, Section};
use crate::web::view::{Pages, State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct CustomersData {
    /// What was searched for.
    pub query: String,
    /// Which page, from 1.
    pub page: usize,
    /// How many customers match.
    pub all: usize,
    /// Those of this page.
    pub customers: Vec<CustomerInList>,
}

/// A customer in the list.
#[derive(Debug, Clone)]
pub struct CustomerInList {
    /// Which.
    pub doc: DocId,
    /// Its name.
    pub name: Option<String>,
    /// Its industry.
    pub industry: Option<String>,
    /// The tier now.
    pub tier: Option<Tier>,
    /// The owner's name.
    pub owner: Option<String>,
    /// The start of the last visit.
    pub last_visit: Option<Timestamp>,
    /// Due status, if it could be told.
    pub due: Option<DueStatus>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "customers.html")]
pub struct Customers {
    frame: Frame,
    query: String,
    count_line: String,
    rows: Vec<Row>,
    pages: Option<Pages>,
}

#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    industry: String,
    tier: String,
    owner: String,
    last_visit: String,
    due: Option<State>,
}

impl Customers {
    /// The page of `data`; `path` is the search without its page.
    pub fn new(frame: Frame, f: &Format, path: &str, data: &CustomersData) -> Self {
        let all = i64::try_from(data.all).unwrap_or(i64::MAX);
        let rows = data.customers.iter().map(|customer| Row {
            href: format!("/customers/{}", customer.doc),
            name: wording::customer_name(f.w, customer.name.as_deref()),
            industry: customer.industry.clone().unwrap_or_default(),
            tier: customer.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
            owner: customer.owner.clone().unwrap_or_else(|| "–".to_owned()),
            last_visit: customer.last_visit.map_or_else(|| "–".to_owned(), |at| f.moment(at)),
            due: customer.due.and_then(|status| wording::due(f.w, status)),
        });
        Self {
            query: data.query.clone(),
            count_line: f.w.count("customers.count", all, &[("n", &all)]),
            rows: rows.collect(),
            pages: Pages::of(f.w, path, data.page, data.all),
            frame,
        }
    }
}
