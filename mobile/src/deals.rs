//! Leads and deals: the list, the stages, and what the rep claims of contract and money.

use std::collections::HashMap;

use client_core::docs::deal::ContractClaim;
use client_core::engine::{DealEntry, DealQuery, NewDeal as CoreDeal};
use client_core::rules::GateWarning;

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;
use crate::rows::{Amount, ItemState};

/// A row of the deal list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DealRow {
    /// The deal.
    pub id: String,
    /// With whom.
    pub customer: Option<String>,
    /// What it is about, in a line.
    pub name: Option<String>,
    /// The stage's code; see `stages`.
    pub stage: Option<String>,
    /// `won` or `lost`; open if absent.
    pub outcome: Option<String>,
    /// Expected amount; the final one once it is won.
    pub amount: Option<Amount>,
    /// `p1`, `p2` or `p3`.
    pub priority: Option<String>,
    /// `a`, `b` or `c`: when a lead is expected to close.
    pub lead_grade: Option<String>,
    /// Expected close, `YYYY-MM-DD`.
    pub expected_close: Option<String>,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// How far this phone's edits of it have come.
    pub state: ItemState,
}

/// A page of deals, newest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DealPage {
    /// The rows.
    pub rows: Vec<DealRow>,
    /// Pass it to get the next page; none at the end.
    pub next: Option<String>,
}

/// A lead or deal to be created.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewDeal {
    /// With whom.
    pub customer: String,
    /// What it is about.
    pub name: String,
    /// The stage it begins in; see `stages`.
    pub stage: String,
    /// Expected amount.
    #[uniffi(default = None)]
    pub amount: Option<Amount>,
    /// Expected close, `YYYY-MM-DD`.
    #[uniffi(default = None)]
    pub expected_close: Option<String>,
    /// Where it came from: `exhibition`, `website`, `partner`, `telemarketing`, `social`,
    /// `campaign`, `referral`, `own_prospecting`, or a code of the org's own.
    #[uniffi(default = None)]
    pub source: Option<String>,
    /// `a`, `b` or `c`.
    #[uniffi(default = None)]
    pub lead_grade: Option<String>,
    /// `p1`, `p2` or `p3`.
    #[uniffi(default = None)]
    pub priority: Option<String>,
}

/// A stage that deals go through.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StageRow {
    /// Its code, as deals store it.
    pub code: String,
    /// Its name by language: `zh-CN`, `en`.
    pub names: HashMap<String, String>,
}

#[uniffi::export]
impl FieldClient {
    /// A page of deals, newest first, of one customer or of all; with `open` those that
    /// are not decided.
    #[uniffi::method(default(customer = None, stage = None, open = false, limit = 50, after = None))]
    pub fn deals(
        &self,
        customer: Option<String>,
        stage: Option<String>,
        open: bool,
        limit: u32,
        after: Option<String>,
    ) -> Result<DealPage, FieldError> {
        let customer = customer.as_deref().map(convert::parse).transpose()?;
        let after = after.as_deref().map(convert::parse).transpose()?;
        let page = self.client.deals(&DealQuery { customer, stage, open, limit, after })?;
        Ok(DealPage {
            rows: page.items.into_iter().map(deal_row).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// One deal; none if it is not on this phone.
    pub fn deal(&self, id: String) -> Result<Option<DealRow>, FieldError> {
        Ok(self.client.deal(convert::parse(&id)?)?.map(deal_row))
    }

    /// The stages that a deal goes through, in order.
    pub fn stages(&self) -> Result<Vec<StageRow>, FieldError> {
        let stages = self.client.stages()?.into_iter();
        Ok(stages
            .map(|stage| StageRow { code: stage.code, names: stage.name.into_iter().collect() })
            .collect())
    }

    /// Creates a lead or deal; gives its id. It is durable when this returns.
    pub fn create_deal(&self, new: NewDeal) -> Result<String, FieldError> {
        let mut deal = CoreDeal::with(convert::parse(&new.customer)?, &new.name, &new.stage);
        deal.amount = new.amount.as_ref().map(convert::money).transpose()?;
        deal.expected_close = new.expected_close.as_deref().map(convert::parse).transpose()?;
        deal.source = new.source.as_deref().map(Into::into);
        deal.grade = new.lead_grade.as_deref().map(Into::into);
        deal.priority = new.priority.as_deref().map(Into::into);
        Ok(self.client.create_deal(deal)?.to_string())
    }

    /// What a stage asks for before it is left, and is not there, if the deal moved to
    /// this stage now: to be shown before it does.
    pub fn gates_ahead(&self, deal: String, stage: String) -> Result<Vec<GateRow>, FieldError> {
        let ahead = self.client.gates_ahead(convert::parse(&deal)?, &stage)?;
        Ok(ahead.into_iter().map(gate_row).collect())
    }

    /// My deals that left a stage before what it asks for was there, for the day's list.
    /// Empty until everything is on this phone.
    pub fn gate_warnings(&self) -> Result<Vec<GateRow>, FieldError> {
        Ok(self.client.gate_warnings()?.into_iter().map(gate_row).collect())
    }

    /// Moves a deal to a stage, now; `BadInput` where a gate of the policy's blocks, see
    /// `gates_ahead`.
    pub fn move_deal(&self, deal: String, stage: String) -> Result<(), FieldError> {
        Ok(self.client.move_deal(convert::parse(&deal)?, &stage)?)
    }

    /// The deal is won, now; `amount` is the final one, if it changed.
    #[uniffi::method(default(amount = None))]
    pub fn win_deal(&self, deal: String, amount: Option<Amount>) -> Result<(), FieldError> {
        let amount = amount.as_ref().map(convert::money).transpose()?;
        Ok(self.client.win_deal(convert::parse(&deal)?, amount)?)
    }

    /// The deal is lost, now; `reason` is a code such as `price`.
    pub fn lose_deal(&self, deal: String, reason: String) -> Result<(), FieldError> {
        Ok(self.client.lose_deal(convert::parse(&deal)?, &reason)?)
    }

    /// Notes a quote that was issued today; gives its id.
    #[uniffi::method(default(terms = None))]
    pub fn issue_quote(
        &self,
        deal: String,
        amount: Amount,
        terms: Option<String>,
    ) -> Result<String, FieldError> {
        let amount = Some(convert::money(&amount)?);
        let deal = convert::parse(&deal)?;
        Ok(self.client.issue_quote(deal, amount, terms.as_deref())?.to_string())
    }

    /// The customer decided about a quote, today.
    pub fn decide_quote(
        &self,
        deal: String,
        quote: String,
        accepted: bool,
    ) -> Result<(), FieldError> {
        let (deal, quote) = (convert::parse(&deal)?, convert::parse(&quote)?);
        Ok(self.client.decide_quote(deal, quote, accepted)?)
    }

    /// Claims a signed contract; `signed_on` is `YYYY-MM-DD`. The policy says whether claims
    /// count, or only what the office's books confirm.
    #[uniffi::method(default(number = None))]
    pub fn claim_contract(
        &self,
        deal: String,
        signed_on: String,
        amount: Amount,
        number: Option<String>,
    ) -> Result<(), FieldError> {
        let claim = ContractClaim {
            signed_on: Some(convert::parse(&signed_on)?),
            amount: Some(convert::money(&amount)?),
            number,
        };
        Ok(self.client.claim_contract(convert::parse(&deal)?, &claim)?)
    }

    /// Claims money that is due on a day, `YYYY-MM-DD`; gives the instalment's id.
    pub fn claim_instalment(
        &self,
        deal: String,
        due_on: String,
        amount: Amount,
    ) -> Result<String, FieldError> {
        let (deal, due_on) = (convert::parse(&deal)?, convert::parse(&due_on)?);
        Ok(self.client.claim_instalment(deal, due_on, convert::money(&amount)?)?.to_string())
    }

    /// Claims money that came in on a day, `YYYY-MM-DD`, for an instalment or for what is due
    /// first; gives the payment's id.
    #[uniffi::method(default(instalment = None))]
    pub fn claim_payment(
        &self,
        deal: String,
        received_on: String,
        amount: Amount,
        instalment: Option<String>,
    ) -> Result<String, FieldError> {
        let instalment = instalment.as_deref().map(convert::parse).transpose()?;
        let (deal, on) = (convert::parse(&deal)?, convert::parse(&received_on)?);
        let amount = convert::money(&amount)?;
        Ok(self.client.claim_payment(deal, on, amount, instalment)?.to_string())
    }

    /// Claims that a payment went back on a day, `YYYY-MM-DD`, all of it or an amount; gives
    /// the refund's id.
    #[uniffi::method(default(amount = None))]
    pub fn claim_refund(
        &self,
        deal: String,
        payment: String,
        on: String,
        amount: Option<Amount>,
    ) -> Result<String, FieldError> {
        let amount = amount.as_ref().map(convert::money).transpose()?;
        let (deal, payment) = (convert::parse(&deal)?, convert::parse(&payment)?);
        Ok(self.client.claim_refund(deal, payment, convert::parse(&on)?, amount)?.to_string())
    }
}

/// What a stage asks for and is not there.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct GateRow {
    /// The deal.
    pub deal: String,
    /// The stage that is left: a code.
    pub stage: String,
    /// Deep contacts there are.
    pub contacts: u32,
    /// Deep contacts asked for.
    pub contacts_wanted: u32,
    /// Documents that are missing, by name.
    pub documents_missing: Vec<String>,
    /// Moving is refused, and not only warned of.
    pub blocks: bool,
}

fn gate_row(gate: GateWarning) -> GateRow {
    GateRow {
        deal: gate.deal.to_string(),
        stage: gate.stage,
        contacts: gate.contacts,
        contacts_wanted: gate.contacts_wanted,
        documents_missing: gate.documents_missing,
        blocks: gate.blocks,
    }
}

pub(crate) fn deal_row(entry: DealEntry) -> DealRow {
    DealRow {
        id: entry.id.to_string(),
        customer: entry.customer.map(|customer| customer.to_string()),
        name: entry.state.name,
        stage: entry.state.stage,
        outcome: entry.state.outcome.map(|outcome| outcome.to_string()),
        amount: entry.state.amount.map(convert::amount),
        priority: entry.state.priority.map(|priority| priority.to_string()),
        lead_grade: entry.state.grade.map(|grade| grade.to_string()),
        expected_close: entry.state.expected_close.map(|day| day.to_string()),
        created_at_ms: entry.created_at.millis(),
        state: convert::item_state(entry.status),
    }
}
