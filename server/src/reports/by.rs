use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{ProductRecord, UnitRecord};
use client_core::rules::{Catalogue, TeamDeal};
use client_core::time::{Timestamp, Zone};
use serde::Serialize;

/// What a report has a row for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Whom the deal is credited to.
    Rep,
    /// The unit of the deal's own placement; units include those below them.
    Unit,
    /// The customer.
    Customer,
    /// The product of its lines.
    Product,
    /// The month of its close, or of its beginning while it is open.
    Month,
}

/// What ids are called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// People.
    pub reps: BTreeMap<UserId, String>,
    /// The tree of units.
    pub units: BTreeMap<UnitId, UnitRecord>,
    /// Customers.
    pub customers: BTreeMap<DocId, String>,
    /// The catalogue.
    pub products: Vec<ProductRecord>,
}

/// Which row a deal belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Where it stands among the rows, if their order is their own and not by size:
    /// the names on the way down to a unit, or a month.
    pub path: Vec<String>,
    /// The stable id; empty for what has none.
    pub key: String,
    /// What people call it.
    pub name: String,
}

impl Key {
    fn of(key: impl ToString, name: impl Into<String>) -> Self {
        Self { path: Vec::new(), key: key.to_string(), name: name.into() }
    }

    fn none(name: &str) -> Self {
        Self::of("", name)
    }
}

/// A deal's part in a row: all of it, or what one product of it came to.
pub(super) struct Part {
    pub key: Key,
    pub amount: Option<Money>,
}

/// Finds the rows of deals.
pub(super) struct Keys<'a> {
    by: By,
    names: &'a Names,
    catalogue: Catalogue<'a>,
    zone: &'a Zone,
}

impl<'a> Keys<'a> {
    pub(super) fn new(by: By, names: &'a Names, zone: &'a Zone) -> Self {
        Self { by, names, catalogue: Catalogue::of(&names.products), zone }
    }

    /// The rows of a deal whose day in the report is `at`.
    pub(super) fn parts(&self, deal: &TeamDeal, at: Timestamp) -> Vec<Part> {
        let whole = |key| vec![Part { key, amount: deal.fact.amount }];
        match self.by {
            By::Rep => whole(self.rep(deal.credit.rep)),
            By::Customer => whole(self.customer(deal.fact.customer)),
            By::Month => whole(self.month(at)),
            By::Unit => {
                let keys = self.units(deal.credit.unit).into_iter();
                keys.map(|key| Part { key, amount: deal.fact.amount }).collect()
            }
            By::Product => self.products(deal),
        }
    }

    fn rep(&self, rep: UserId) -> Key {
        match self.names.reps.get(&rep) {
            Some(name) => Key::of(rep, name),
            None => Key::of(rep, "(unknown)"),
        }
    }

    fn customer(&self, customer: Option<DocId>) -> Key {
        let Some(customer) = customer else { return Key::none("(no customer)") };
        match self.names.customers.get(&customer) {
            Some(name) => Key::of(customer, name),
            None => Key::of(customer, "(unknown)"),
        }
    }

    fn month(&self, at: Timestamp) -> Key {
        let month = Period::month_of(self.zone.date(at));
        let name = month.first_day().naive().format("%B %Y");
        Key { path: vec![month.to_string()], ..Key::of(month, name.to_string()) }
    }

    /// The unit and every one above it; each once, even where the tree has a cycle.
    fn units(&self, unit: Option<UnitId>) -> Vec<Key> {
        let Some(unit) = unit else { return vec![Key::none("(no unit)")] };
        let mut chain: Vec<(UnitId, &str)> = Vec::new();
        let mut next = Some(unit);
        while let Some(unit) = next.filter(|unit| chain.iter().all(|(seen, _)| seen != unit)) {
            let record = self.names.units.get(&unit);
            chain.push((unit, record.map_or("(unknown)", |record| record.name.as_str())));
            next = record.and_then(|record| record.parent);
        }
        // Two units of one name may stand under two parents, but not side by side.
        let names: Vec<String> = chain.iter().rev().map(|(_, name)| (*name).to_owned()).collect();
        let above = |depth: usize| names.iter().take(depth + 1).cloned().collect();
        let each = chain.iter().rev().enumerate();
        each.map(|(depth, (unit, name))| Key { path: above(depth), ..Key::of(unit, *name) })
            .collect()
    }

    /// The currency of the list price of the first product that has one.
    pub(super) fn priced_in(&self, deal: &TeamDeal) -> Option<Currency> {
        let texts = deal.lines.iter().filter_map(|line| line.product.as_deref());
        let prices = texts.filter_map(|text| self.catalogue.find(text)?.list_price);
        prices.map(|price| price.currency).next()
    }

    /// One for each product, with what its lines came to. A product is one of the
    /// catalogue, or what the line says.
    fn products(&self, deal: &TeamDeal) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (text, amount) in deal.line_amounts() {
            let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { continue };
            let key = match self.catalogue.find(text) {
                Some(product) => Key::of(&product.code, &product.name),
                None => Key::of(text, text),
            };
            let currency = |amount: &Money| amount.currency;
            let same = parts.iter_mut().find(|part| {
                part.key == key
                    && (amount.is_none()
                        || part.amount.is_none()
                        || part.amount.as_ref().map(currency) == amount.as_ref().map(currency))
            });
            match (same, amount) {
                (None, _) => parts.push(Part { key, amount }),
                (Some(part), Some(more)) => match &mut part.amount {
                    Some(sum) => sum.minor = sum.minor.saturating_add(more.minor),
                    none => *none = Some(more),
                },
                (Some(_), None) => {}
            }
        }
        if parts.is_empty() {
            parts.push(Part { key: Key::none("(no product)"), amount: deal.fact.amount });
        }
        parts
    }
}

/// Customers that rows of `deals` will name.
pub(super) fn customers_in(deals: &[TeamDeal]) -> BTreeSet<DocId> {
    deals.iter().filter_map(|deal| deal.fact.customer).collect()
}
