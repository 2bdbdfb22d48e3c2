//! What the books have: payments, orders and contracts.
//!
//! They are the confirmed side of what reps claim on deals, so they are records. A row's
//! id follows from source and key: the same file again writes the same record, and a
//! correction in the file changes it. Another customer in a later file moves it. A field
//! that the office corrected since stays unless the file says something new.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{ItemId, OrgId, RecordId};
use client_core::money::{Currency, Money};
use client_core::records::{
    ContractRecord, InstalmentTerm, OrderLine, OrderRecord, PaymentRecord, Record, RecordKind,
};
use client_core::time::Date;
use sha2::{Digest, Sha256};

use super::ImportError;
use super::entry::{Entry, Refusal, Wrong};
use super::format;
use super::map::{ImportKind, Mapping};
use super::parties::{Parties, Party};
use super::products::currency;
use super::session::{Made, Session, Work};
use crate::storage::model::{ExternalKey, ExternalKind};
use crate::storage::{Imports, Records, StorageError};

/// Most instalments of a contract: a monthly rate over thirty years.
const INSTALMENTS: usize = 360;

/// Which book is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Book {
    Payments,
    Orders,
    Contracts,
}

impl Book {
    const fn external(self) -> ExternalKind {
        match self {
            Self::Payments => ExternalKind::Payment,
            Self::Orders => ExternalKind::Order,
            Self::Contracts => ExternalKind::Contract,
        }
    }

    const fn record(self) -> RecordKind {
        match self {
            Self::Payments => RecordKind::Payment,
            Self::Orders => RecordKind::Order,
            Self::Contracts => RecordKind::Contract,
        }
    }
}

/// What is needed to import a book.
pub(super) struct Books {
    book: Book,
    parties: Parties,
    /// Keys of this file so far, and contracts that its payments name, with what is known
    /// of them.
    taken: BTreeSet<String>,
}

/// The id of what a source calls `key`: always the same.
fn id_of(org: OrgId, source: &str, book: ExternalKind, key: &str) -> RecordId {
    let mut hash = Sha256::new();
    hash.update(b"fieldsync import record 1");
    hash.update(org.as_bytes());
    for part in [source, book.as_str(), key] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    RecordId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
}

/// What a row says, field by field.
struct Said<'a> {
    entry: &'a Entry,
    mapping: &'a Mapping,
    changed: &'a BTreeSet<String>,
    party: Party,
    currency: Currency,
}

impl Said<'_> {
    fn says(&self, field: &str) -> bool {
        self.changed.contains(field)
    }

    fn day(&self, field: &str) -> Result<Option<Date>, Refusal> {
        let read = self.entry.text(field).map(|day| self.mapping.map.date.read(day));
        read.transpose().map_err(|why| self.entry.refuse(field, why))
    }

    fn money(&self, field: &str) -> Result<Option<Money>, Refusal> {
        let decimal = self.mapping.map.decimal;
        let read = self.entry.text(field).map(|text| format::money(text, self.currency, decimal));
        read.transpose().map_err(|why| self.entry.refuse(field, why))
    }

    /// The day of a field that a row must have.
    fn needed_day(&self, field: &'static str) -> Result<Date, Refusal> {
        self.day(field)?.ok_or_else(|| self.entry.refuse(field, format!("the {field} is missing")))
    }

    fn needed_money(&self, field: &'static str) -> Result<Money, Refusal> {
        let missing = || self.entry.refuse(field, format!("the {field} is missing"));
        self.money(field)?.ok_or_else(missing)
    }

    /// An amount that cannot be below zero.
    fn amount(&self, field: &'static str) -> Result<Money, Refusal> {
        let amount = self.needed_money(field)?;
        if amount.minor < 0 {
            return Err(self.entry.refuse(field, "the amount is below 0"));
        }
        Ok(amount)
    }

    fn reference(&self) -> Option<String> {
        let said = self.entry.text("number").unwrap_or(&self.entry.key);
        Some(said.to_owned())
    }
}

impl Books {
    pub(super) fn of(kind: ImportKind) -> Self {
        let book = match kind {
            ImportKind::Payments => Book::Payments,
            ImportKind::Contracts => Book::Contracts,
            _ => Book::Orders,
        };
        Self { book, parties: Parties::default(), taken: BTreeSet::new() }
    }

    /// What a batch of rows writes.
    pub(super) async fn rows(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        entries: &[Entry],
        refused: &mut Vec<Refusal>,
    ) -> Result<Vec<Work>, ImportError> {
        self.parties.look_up(session, entries).await?;
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let known = keyed(session, self.book.external(), keys).await?;
        let named = |field: &str| -> Vec<String> {
            let keys = entries.iter().filter_map(|entry| entry.text(field));
            keys.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let reversed = keyed(session, ExternalKind::Payment, named("reverses")).await?;
        let contracts = keyed(session, ExternalKind::Contract, named("contract")).await?;
        let mut works = Vec::new();
        for entry in entries {
            let before = known.get(&entry.key);
            let fields = before.map(|known| known.fields.clone()).unwrap_or_default();
            let changed = entry.changes(&fields, mapping);
            self.taken.insert(entry.key.clone());
            if before.is_some() && changed.is_empty() {
                continue;
            }
            let id = before.map_or_else(
                || id_of(session.org, &session.source, self.book.external(), &entry.key),
                |known| RecordId::from_bytes(known.id),
            );
            let standing = match before {
                Some(_) => standing(session, self.book.record(), id).await?,
                None => None,
            };
            let contract = match entry.text("contract").and_then(|key| contracts.get(key)) {
                Some(key) => {
                    let id = RecordId::from_bytes(key.id);
                    standing_contract(session, id).await?
                }
                None => None,
            };
            let mut wrong = Wrong::default();
            let said = self.said(session, mapping, entry, &changed, &mut wrong);
            let record = said.and_then(|said| {
                let contract = contract.as_ref();
                let made = self.record(session, &said, id, standing.clone(), &reversed, contract);
                wrong.taken(made)
            });
            let record = match wrong.all(record) {
                Ok(record) => record,
                Err(mut refusals) => {
                    self.taken.remove(&entry.key);
                    unreadable(session, mapping, entry, &mut refusals);
                    refused.extend(refusals);
                    continue;
                }
            };
            let made = if before.is_some() { Made::Changed } else { Made::Created };
            let mut work = Work::new(entry.line, made);
            if standing.as_ref() != Some(&record) {
                work.records.push(record);
            }
            let fields = entry.merged(&fields, &changed);
            work.keys.push(session.key(self.book.external(), &entry.key, *id.as_bytes(), fields));
            works.push(work);
        }
        Ok(works)
    }

    fn said<'a>(
        &self,
        session: &Session,
        mapping: &'a Mapping,
        entry: &'a Entry,
        changed: &'a BTreeSet<String>,
        wrong: &mut Wrong,
    ) -> Option<Said<'a>> {
        let party = wrong.taken(self.parties.party(entry));
        let currency = wrong.taken(currency(session, entry));
        Some(Said { entry, mapping, changed, party: party?, currency: currency? })
    }

    fn record(
        &self,
        session: &Session,
        said: &Said<'_>,
        id: RecordId,
        standing: Option<Record>,
        reversed: &BTreeMap<String, ExternalKey>,
        contract: Option<&ContractRecord>,
    ) -> Result<Record, Refusal> {
        Ok(match self.book {
            Book::Payments => {
                let standing = match standing {
                    Some(Record::Payment(payment)) => Some(payment),
                    _ => None,
                };
                let reverses = self.reverses(session, said.entry, reversed)?;
                Record::Payment(payment(said, id, standing, reverses, contract)?)
            }
            Book::Orders => {
                let standing = match standing {
                    Some(Record::Order(order)) => Some(order),
                    _ => None,
                };
                Record::Order(order(said, id, standing)?)
            }
            Book::Contracts => {
                let standing = match standing {
                    Some(Record::Contract(contract)) => Some(contract),
                    _ => None,
                };
                Record::Contract(signed(said, id, standing)?)
            }
        })
    }

    /// The payment that a refund gives back: one that is in, or further up in this file.
    fn reverses(
        &self,
        session: &Session,
        entry: &Entry,
        reversed: &BTreeMap<String, ExternalKey>,
    ) -> Result<Option<RecordId>, Refusal> {
        let Some(key) = entry.text("reverses") else { return Ok(None) };
        if key == entry.key {
            return Err(entry.refuse("reverses", "a payment does not give itself back"));
        }
        if let Some(known) = reversed.get(key) {
            return Ok(Some(RecordId::from_bytes(known.id)));
        }
        if self.taken.contains(key) {
            let kind = ExternalKind::Payment;
            return Ok(Some(id_of(session.org, &session.source, kind, key)));
        }
        let why = "no payment has this key: the one that is given back comes before the refund";
        Err(entry.refuse("reverses", why))
    }
}

/// The other cells of a refused row that cannot be read: they are told with what it was
/// refused for.
fn unreadable(session: &Session, mapping: &Mapping, entry: &Entry, refusals: &mut Vec<Refusal>) {
    let currency = currency(session, entry).unwrap_or(session.currency);
    let mut cell = |field: &str, read: Result<(), String>| {
        let Err(why) = read else { return };
        let refusal = entry.refuse(field, why);
        if !refusals.iter().any(|known| known.column == refusal.column) {
            refusals.push(refusal);
        }
    };
    for field in ["amount", "margin"] {
        let Some(text) = entry.text(field) else { continue };
        let read = format::money(text, currency, mapping.map.decimal);
        cell(field, read.map(drop));
    }
    for field in ["asked", "approved", "signed", "due", "received", "ordered", "paid", "cancelled"]
    {
        let Some(text) = entry.text(field) else { continue };
        cell(field, mapping.map.date.read(text).map(drop));
    }
}

async fn keyed(
    session: &Session,
    kind: ExternalKind,
    keys: Vec<String>,
) -> Result<BTreeMap<String, ExternalKey>, StorageError> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let known = session.app.storage().external_keys(session.org, &session.source, kind, keys);
    Ok(known.await?.into_iter().map(|key| (key.key.clone(), key)).collect())
}

async fn standing(
    session: &Session,
    kind: RecordKind,
    id: RecordId,
) -> Result<Option<Record>, StorageError> {
    let row = session.app.storage().record(session.org, kind, id).await?;
    Ok(row.and_then(|row| row.decode().ok()))
}

async fn standing_contract(
    session: &Session,
    id: RecordId,
) -> Result<Option<ContractRecord>, StorageError> {
    Ok(match standing(session, RecordKind::Contract, id).await? {
        Some(Record::Contract(contract)) => Some(contract),
        _ => None,
    })
}

fn payment(
    said: &Said<'_>,
    id: RecordId,
    standing: Option<PaymentRecord>,
    reverses: Option<RecordId>,
    contract: Option<&ContractRecord>,
) -> Result<PaymentRecord, Refusal> {
    let amount = said.needed_money("amount")?;
    if amount.minor == 0 {
        return Err(said.entry.refuse("amount", "a payment of nothing is none"));
    }
    if reverses.is_some() && amount.minor > 0 {
        let why = "what gives a payment back is an amount below 0";
        return Err(said.entry.refuse("amount", why));
    }
    if said.entry.text("contract").is_some() && contract.is_none() {
        let why = "no contract has this key: import the contracts first, or leave it out";
        return Err(said.entry.refuse("contract", why));
    }
    let instalment = instalment(said, contract)?;
    let received_on = said.needed_day("received")?;
    let fresh = PaymentRecord {
        id,
        customer: said.party.customer,
        deal: said.party.deal.or_else(|| contract.and_then(|contract| contract.deal)),
        contract: contract.map(|contract| contract.id),
        instalment,
        reference: said.reference(),
        received_on,
        amount,
        reverses,
        withdrawn_at: None,
    };
    let Some(mut kept) = standing else { return Ok(fresh) };
    if said.says("customer") || said.says("deal") {
        (kept.customer, kept.deal) = (fresh.customer, fresh.deal);
    }
    if said.says("contract") || said.says("due") {
        (kept.contract, kept.instalment) = (fresh.contract, fresh.instalment);
    }
    if said.says("number") {
        kept.reference = fresh.reference;
    }
    if said.says("received") {
        kept.received_on = fresh.received_on;
    }
    if said.says("amount") || said.says("currency") {
        kept.amount = fresh.amount;
    }
    if said.says("reverses") {
        kept.reverses = fresh.reverses;
    }
    Ok(kept)
}

/// The instalment of a contract that is due on the day that the row names.
fn instalment(
    said: &Said<'_>,
    contract: Option<&ContractRecord>,
) -> Result<Option<ItemId>, Refusal> {
    let Some(due) = said.day("due")? else { return Ok(None) };
    let terms = contract.map(|contract| contract.instalments.as_slice()).unwrap_or_default();
    match terms.iter().find(|term| term.due_on == due) {
        Some(term) => Ok(Some(term.id)),
        None => Err(said.entry.refuse("due", "no instalment of that contract is due on this day")),
    }
}

fn order(
    said: &Said<'_>,
    id: RecordId,
    standing: Option<OrderRecord>,
) -> Result<OrderRecord, Refusal> {
    let amount = said.amount("amount")?;
    let quantity = said.entry.text("quantity");
    let quantity = quantity.map(|text| format::count(text, said.mapping.map.decimal)).transpose();
    let quantity = quantity.map_err(|why| said.entry.refuse("quantity", why))?;
    let margin = said.money("margin")?;
    let line = said.entry.text("product").map(|product| OrderLine {
        product: product.to_owned(),
        quantity,
        amount,
        margin,
    });
    let fresh = OrderRecord {
        id,
        customer: said.party.customer,
        deal: said.party.deal,
        reference: said.reference(),
        ordered_on: said.needed_day("ordered")?,
        amount,
        paid_on: said.day("paid")?,
        cancelled_on: said.day("cancelled")?,
        lines: line.into_iter().collect(),
        withdrawn_at: None,
    };
    let Some(mut kept) = standing else { return Ok(fresh) };
    if said.says("customer") || said.says("deal") {
        (kept.customer, kept.deal) = (fresh.customer, fresh.deal);
    }
    if said.says("number") {
        kept.reference = fresh.reference;
    }
    if said.says("ordered") {
        kept.ordered_on = fresh.ordered_on;
    }
    if said.says("paid") {
        kept.paid_on = fresh.paid_on;
    }
    if said.says("cancelled") {
        kept.cancelled_on = fresh.cancelled_on;
    }
    let line = ["product", "quantity", "margin", "amount", "currency"];
    if line.into_iter().any(|field| said.says(field)) {
        (kept.amount, kept.lines) = (fresh.amount, fresh.lines);
    }
    Ok(kept)
}

fn signed(
    said: &Said<'_>,
    id: RecordId,
    standing: Option<ContractRecord>,
) -> Result<ContractRecord, Refusal> {
    let fresh = ContractRecord {
        id,
        customer: said.party.customer,
        deal: said.party.deal,
        reference: said.reference(),
        asked_on: said.day("asked")?,
        approved_on: said.day("approved")?,
        signed_on: said.needed_day("signed")?,
        amount: said.amount("amount")?,
        instalments: instalments(said, id)?,
        cancelled_on: said.day("cancelled")?,
        withdrawn_at: None,
    };
    let Some(mut kept) = standing else { return Ok(fresh) };
    if said.says("customer") || said.says("deal") {
        (kept.customer, kept.deal) = (fresh.customer, fresh.deal);
    }
    if said.says("number") {
        kept.reference = fresh.reference;
    }
    if said.says("asked") {
        kept.asked_on = fresh.asked_on;
    }
    if said.says("approved") {
        kept.approved_on = fresh.approved_on;
    }
    if said.says("signed") {
        kept.signed_on = fresh.signed_on;
    }
    if said.says("amount") || said.says("currency") {
        kept.amount = fresh.amount;
    }
    if said.says("instalments") || said.says("currency") {
        kept.instalments = fresh.instalments;
    }
    if said.says("cancelled") {
        kept.cancelled_on = fresh.cancelled_on;
    }
    Ok(kept)
}

/// `2026-11-08 6000; 2026-12-08 6000`: days and amounts, in any order. One instalment for
/// a day: that is what payments name it by, and what its id follows from.
fn instalments(said: &Said<'_>, contract: RecordId) -> Result<Vec<InstalmentTerm>, Refusal> {
    let refuse = |why: String| said.entry.refuse("instalments", why);
    let text = said.entry.text("instalments").unwrap_or_default();
    let mut terms = BTreeMap::new();
    for part in text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        let (day, amount) = part.split_once(char::is_whitespace).ok_or_else(|| {
            refuse(format!("{part:?} is not a day and an amount, such as 2026-11-08 6000"))
        })?;
        let due_on = said.mapping.map.date.read(day).map_err(refuse)?;
        let amount = format::money(amount, said.currency, said.mapping.map.decimal);
        let amount = amount.map_err(refuse)?;
        if amount.minor <= 0 {
            return Err(refuse(format!("{part:?} is no instalment: its amount is not above 0")));
        }
        let term = InstalmentTerm { id: instalment_id(contract, due_on), due_on, amount };
        if terms.insert(due_on, term).is_some() {
            return Err(refuse(format!("two instalments are due on {due_on}: add them up")));
        }
        if terms.len() > INSTALMENTS {
            return Err(refuse(format!("more than {INSTALMENTS} instalments")));
        }
    }
    Ok(terms.into_values().collect())
}

/// The id of the instalment of a contract that is due on a day.
pub(crate) fn instalment_id(contract: RecordId, due_on: Date) -> ItemId {
    let mut hash = Sha256::new();
    hash.update(b"fieldsync instalment 1");
    hash.update(contract.as_bytes());
    hash.update(due_on.to_string().as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    ItemId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
}
