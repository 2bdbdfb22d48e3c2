//! A catalogue of products.

use std::collections::BTreeMap;

use client_core::money::Currency;
use client_core::records::{MarginClass, ProductClass, ProductRecord, Record};

use super::ImportError;
use super::entry::{Entry, Refusal, Wrong};
use super::format;
use super::map::Mapping;
use super::session::{Made, Session, Work};
use crate::office::{Catalogue, SetProduct};
use crate::storage::Imports;
use crate::storage::model::{ExternalKey, ExternalKind};

/// The catalogue so far.
pub(super) struct Products {
    catalogue: Catalogue,
    products: BTreeMap<String, ProductRecord>,
    keys: BTreeMap<String, ExternalKey>,
}

impl Products {
    pub(super) async fn read(session: &Session) -> Result<Self, ImportError> {
        let storage = session.app.storage();
        let keys = storage.external_keys_of(session.org, &session.source, ExternalKind::Product);
        let products = session.office.products().await?;
        Ok(Self {
            catalogue: Catalogue::of(&products),
            products: products.into_iter().map(|one| (one.code.clone(), one)).collect(),
            keys: keys.await?.into_iter().map(|key| (key.key.clone(), key)).collect(),
        })
    }

    /// What a row writes, nothing if it says nothing new; or all that is wrong with it.
    pub(super) fn row(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
    ) -> Result<Vec<Work>, Vec<Refusal>> {
        let known = self.keys.get(&entry.key);
        let before = known.map(|known| known.fields.clone()).unwrap_or_default();
        let changed = entry.changes(&before, mapping);
        if known.is_some() && changed.is_empty() {
            return Ok(Vec::new());
        }
        let name = entry.text("name").unwrap_or_default();
        // The code names the product for ever: a file with another one later means
        // another product.
        let code = before.get("code").cloned();
        let code = code.unwrap_or_else(|| entry.text("code").unwrap_or(name).to_owned());
        let standing = self.products.get(&code).cloned();
        let made = if standing.is_some() { Made::Changed } else { Made::Created };
        let mut wrong = Wrong::default();
        let mut wanted = match &standing {
            Some(product) => as_it_is(product),
            None => SetProduct::named(&code),
        };
        // A product that somebody made by hand keeps what it says already.
        let adopted = known.is_none() && standing.is_some();
        let takes = |field: &str, empty: bool| changed.contains(field) && (!adopted || empty);
        if takes("name", wanted.name == wanted.code) {
            wanted.name = name.to_owned();
        }
        if takes("line", wanted.line.is_none()) {
            wanted.line = entry.text("line").map(str::to_owned);
        }
        if takes("price", wanted.list_price.is_none()) || changed.contains("currency") {
            // A price cannot be read where its currency is not known.
            if let Some(currency) = wrong.taken(currency(session, entry)) {
                let price = entry.text("price");
                let price = price.map(|text| format::money(text, currency, mapping.map.decimal));
                let price = price.transpose().map_err(|why| entry.refuse("price", why));
                wanted.list_price = wrong.taken(price).flatten();
            }
        }
        if takes("class", wanted.class.is_none()) {
            wanted.class = entry.text("class").map(ProductClass::from);
        }
        if takes("margin", wanted.margin.is_none()) {
            wanted.margin = entry.text("margin").map(MarginClass::from);
        }
        if takes("launched_on", wanted.launched_on.is_none()) {
            let day = entry.text("launched_on").map(|day| mapping.map.date.read(day));
            let day = day.transpose().map_err(|why| entry.refuse("launched_on", why));
            wanted.launched_on = wrong.taken(day).flatten();
        }
        if takes("active", false) {
            let active = entry.text("active").map(format::yes).transpose();
            let active = active.map_err(|why| entry.refuse("active", why));
            wanted.active = wrong.taken(active).flatten().unwrap_or(true);
        }
        // The catalogue keeps what it takes: a row with something wrong must not reach it.
        wrong.all(Some(()))?;
        let product = self.catalogue.take(session.org, wanted);
        let product = product.map_err(|error| vec![entry.refuse("name", error.to_string())])?;
        let mut work = Work::new(entry.line, made);
        if standing.as_ref() != Some(&product) {
            work.records.push(Record::Product(product.clone()));
        }
        let mut fields = entry.merged(&before, &changed);
        fields.insert("code".to_owned(), code.clone());
        let key = session.key(ExternalKind::Product, &entry.key, *product.id.as_bytes(), fields);
        self.keys.insert(entry.key.clone(), key.clone());
        self.products.insert(code, product);
        work.keys.push(key);
        Ok(vec![work])
    }
}

fn as_it_is(product: &ProductRecord) -> SetProduct {
    let ProductRecord { id: _, code, name, line, list_price, class, margin, launched_on, active } =
        product.clone();
    SetProduct { code, name, line, list_price, class, margin, launched_on, active }
}

/// The currency of a row; the org's if it names none.
pub(super) fn currency(session: &Session, entry: &Entry) -> Result<Currency, Refusal> {
    let named = entry.text("currency").map(|code| code.to_uppercase().parse());
    let named = named.transpose().map_err(|error: client_core::money::ParseCurrencyError| {
        entry.refuse("currency", error.to_string())
    })?;
    Ok(named.unwrap_or(session.currency))
}
