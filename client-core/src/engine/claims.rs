//! What a rep claims of quotes, contracts and money on a deal, and notes as spent on a
//! visit. The office confirms by records; until then, and where the policy says so for
//! ever, the claim is what counts.

use super::SaveError;
use super::client::{Client, load};
use crate::docs::EditError;
use crate::docs::deal::{ContractClaim, DealState, InstalmentClaim, PaymentClaim, Quote};
use crate::docs::visit::Expense;
use crate::id::{DocId, ItemId};
use crate::money::Money;
use crate::time::{Date, Zone};

impl Client {
    /// Today in the org's zone; in the phone's before the calendar arrived.
    pub(super) fn business_today(&self) -> Date {
        let clock = &*self.inner.config.clock;
        let here = super::clock::captured(clock, clock.now());
        let zone = self.calendar().map(|calendar| calendar.zone);
        zone.unwrap_or_else(|_not_yet| Zone::fixed(&here.zone, here.offset_s)).date(here.at)
    }

    /// Notes a quote that was issued today.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn issue_quote(
        &self,
        deal: DocId,
        amount: Option<Money>,
        terms: Option<&str>,
    ) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        let quote = Quote {
            version: Some(1),
            amount,
            terms: terms.map(str::to_owned),
            issued_on: Some(self.business_today()),
            ..Quote::default()
        };
        self.edit_deal(deal, |edit| edit.add_quote(id, &quote))?;
        Ok(id)
    }

    /// Revises a quote: it stays the same quote, issued when it was issued first.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn revise_quote(
        &self,
        deal: DocId,
        quote: ItemId,
        amount: Option<Money>,
        terms: Option<&str>,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, deal)?;
            let state = DealState::read(&document).value;
            let known = state.quotes.get(&quote).and_then(|quote| quote.version);
            let version = known.unwrap_or(1).saturating_add(1);
            let change = document.edit_deal(&unit.edit_context(), |edit| {
                edit.revise_quote(quote, version, amount, terms)
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(())
        })
    }

    /// The customer decided about a quote, today.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn decide_quote(
        &self,
        deal: DocId,
        quote: ItemId,
        accepted: bool,
    ) -> Result<(), SaveError> {
        let today = self.business_today();
        self.edit_deal(deal, |edit| edit.decide_quote(quote, accepted, today))
    }

    /// Claims a signed contract; only what is given is written.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn claim_contract(&self, deal: DocId, claim: &ContractClaim) -> Result<(), SaveError> {
        self.edit_deal(deal, |edit| edit.claim_contract(claim))
    }

    /// Claims money that is due.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn claim_instalment(
        &self,
        deal: DocId,
        due_on: Date,
        amount: Money,
    ) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        let claim = InstalmentClaim { due_on: Some(due_on), amount: Some(amount) };
        self.edit_deal(deal, |edit| edit.add_instalment(id, &claim))?;
        Ok(id)
    }

    /// Claims money that came in; for the instalment that is named, or the oldest due.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn claim_payment(
        &self,
        deal: DocId,
        received_on: Date,
        amount: Money,
        instalment: Option<ItemId>,
    ) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        let claim = PaymentClaim {
            received_on: Some(received_on),
            amount: Some(amount),
            instalment,
            reverses: None,
        };
        self.edit_deal(deal, |edit| edit.add_payment(id, &claim))?;
        Ok(id)
    }

    /// Claims that money went back: all of a payment, or `amount` of it.
    ///
    /// # Errors
    /// [`SaveError`]; more than was paid is refused.
    pub fn claim_refund(
        &self,
        deal: DocId,
        payment: ItemId,
        on: Date,
        amount: Option<Money>,
    ) -> Result<ItemId, SaveError> {
        self.inner.save(|unit, moment| {
            let mut document = load(unit, deal)?;
            let state = DealState::read(&document).value;
            let paid = state.payments.get(&payment).and_then(|payment| payment.amount);
            let missing = || EditError::NoSuchItem { item: format!("payments/{payment}") };
            let paid = paid.ok_or_else(missing)?;
            let back = amount.unwrap_or(paid);
            if back.currency != paid.currency || !(1..=paid.minor).contains(&back.minor) {
                let expected = format!("1 to {} in {}", paid.minor, paid.currency);
                let (field, value) = ("amount".to_owned(), back.to_string());
                return Err(EditError::OutOfRange { field, value, expected }.into());
            }
            let id = moment.item_id();
            let claim = PaymentClaim {
                received_on: Some(on),
                amount: Some(Money::new(-back.minor, back.currency)),
                instalment: None,
                reverses: Some(payment),
            };
            let change =
                document.edit_deal(&unit.edit_context(), |edit| edit.add_payment(id, &claim))?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(id)
        })
    }

    /// Notes what a visit cost, until it is submitted.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn note_expense(&self, visit: DocId, expense: &Expense) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        self.edit_visit(visit, |edit| edit.add_expense(id, expense))?;
        Ok(id)
    }
}
