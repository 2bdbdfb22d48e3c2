//! Whom rows are about: customers and deals by what the file calls them.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::DocId;

use super::ImportError;
use super::entry::{Entry, Refusal};
use super::session::Session;
use crate::storage::model::ExternalKind;
use crate::storage::{Documents, Imports};

/// What a file calls a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    One(DocId),
    Nobody,
    Several(usize),
}

/// A deal that a file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    deal: DocId,
    customer: Option<DocId>,
}

/// Customers and deals, by what the file calls them.
#[derive(Debug, Default)]
pub(super) struct Parties {
    customers: BTreeMap<String, Called>,
    deals: BTreeMap<String, Option<Named>>,
}

/// Whose business a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party {
    pub customer: DocId,
    pub deal: Option<DocId>,
}

impl Parties {
    /// Finds the customers and deals that rows name: customers by the source's key, else
    /// by the name, deals by the source's key.
    pub(super) async fn look_up(
        &mut self,
        session: &Session,
        entries: &[Entry],
    ) -> Result<(), ImportError> {
        let unknown = |field: &str, known: &dyn Fn(&str) -> bool| -> Vec<String> {
            let named = entries.iter().filter_map(|entry| entry.text(field));
            let named: BTreeSet<&str> = named.filter(|name| !known(name)).collect();
            named.into_iter().map(str::to_owned).collect()
        };
        let customers = unknown("customer", &|name| self.customers.contains_key(name));
        let deals = unknown("deal", &|name| self.deals.contains_key(name));
        self.find_customers(session, customers).await?;
        self.find_deals(session, deals).await
    }

    async fn find_customers(
        &mut self,
        session: &Session,
        names: Vec<String>,
    ) -> Result<(), ImportError> {
        if names.is_empty() {
            return Ok(());
        }
        let storage = session.app.storage();
        let (org, source) = (session.org, session.source.as_str());
        let keyed = storage.external_keys(org, source, ExternalKind::Customer, names.clone());
        let keyed: BTreeMap<String, DocId> =
            keyed.await?.into_iter().map(|key| (key.key, DocId::from_bytes(key.id))).collect();
        let mut by_name: BTreeMap<String, Vec<DocId>> = BTreeMap::new();
        let rest = names.iter().filter(|name| !keyed.contains_key(*name)).cloned().collect();
        for (name, doc) in storage.customers_named(org, rest).await? {
            by_name.entry(name).or_default().push(doc);
        }
        for name in names {
            let named = by_name.get(&name).map(Vec::as_slice).unwrap_or_default();
            let called = match (keyed.get(&name), named) {
                (Some(doc), _) | (None, [doc]) => Called::One(*doc),
                (None, []) => Called::Nobody,
                (None, several) => Called::Several(several.len()),
            };
            self.customers.insert(name, called);
        }
        Ok(())
    }

    async fn find_deals(
        &mut self,
        session: &Session,
        keys: Vec<String>,
    ) -> Result<(), ImportError> {
        if keys.is_empty() {
            return Ok(());
        }
        let storage = session.app.storage();
        let (org, source) = (session.org, session.source.as_str());
        let keyed = storage.external_keys(org, source, ExternalKind::Deal, keys.clone()).await?;
        let keyed: BTreeMap<String, DocId> =
            keyed.into_iter().map(|key| (key.key, DocId::from_bytes(key.id))).collect();
        let headers = storage.headers(org, keyed.values().copied().collect()).await?;
        for key in keys {
            let named = keyed.get(&key).map(|deal| Named {
                deal: *deal,
                customer: headers.get(deal).and_then(|header| header.customer),
            });
            self.deals.insert(key, named);
        }
        Ok(())
    }

    /// The customer of a row, as far as it is known.
    pub(super) fn customer(&self, entry: &Entry) -> Option<DocId> {
        match self.customers.get(entry.text("customer")?) {
            Some(Called::One(doc)) => Some(*doc),
            _ => None,
        }
    }

    /// The customer of a row that names one; why not, if it cannot be told.
    pub(super) fn named(&self, entry: &Entry) -> Result<Option<DocId>, Refusal> {
        let Some(name) = entry.text("customer") else { return Ok(None) };
        match self.customers.get(name) {
            Some(Called::One(doc)) => Ok(Some(*doc)),
            Some(Called::Several(many)) => Err(entry.refuse(
                "customer",
                format!("{many} customers are called so: name it by the key it was imported with"),
            )),
            Some(Called::Nobody) | None => Err(entry.refuse(
                "customer",
                "no customer is called so: import the customers first, or correct the name",
            )),
        }
    }

    /// Whose business a row is: the customer it names, or that of the deal it names.
    pub(super) fn party(&self, entry: &Entry) -> Result<Party, Refusal> {
        let named = match entry.text("deal") {
            None => None,
            Some(key) => match self.deals.get(key).copied().flatten() {
                Some(named) => Some(named),
                None => {
                    let why = "no deal has this key: import the deals first, or leave it out";
                    return Err(entry.refuse("deal", why));
                }
            },
        };
        let customer = self.named(entry)?;
        let of_deal = named.and_then(|named| named.customer);
        match customer.or(of_deal) {
            Some(customer) => Ok(Party { customer, deal: named.map(|named| named.deal) }),
            None => Err(entry.refuse("customer", "neither a customer nor a deal is named")),
        }
    }
}
