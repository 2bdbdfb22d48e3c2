//! What customers owe late, from their own contracts, payments and deals.
//!
//! A rep's card says that a customer is overdue and not by how much. So what bears on one
//! customer is read, by index, and put before the rule core's ledger.

use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Record, RecordKind};
use client_core::rules::facts::{InstalmentFact, PaymentFact};
use client_core::rules::{Confirmed, FactRef, Facts, Receivable, receivable};
use client_core::time::Date;

use super::base::Base;
use crate::storage::lists::{DealFilter, Window};
use crate::storage::model::Row;
use crate::storage::{AnyStorage, Boards, Lists, Records, StorageError};

/// What `customer` of `rep` owes late on the evening of `day`; nothing without a policy.
pub async fn of_customer(
    storage: &AnyStorage,
    base: &Base,
    (customer, rep): (DocId, UserId),
    day: Date,
) -> Result<Option<Receivable>, StorageError> {
    let Some((_version, policy)) = base.policy_for(day) else { return Ok(None) };
    let (org, month) = (base.org.id, Period::month_of(day));
    let mut facts = Facts::empty(rep, month, base.org.currency, base.calendar.clone());
    let mut records: Vec<Record> = Vec::new();
    for each in base.aliases.merged_into(customer).chain([customer]) {
        for kind in [RecordKind::Contract, RecordKind::Payment] {
            records.extend(storage.records_about(org, each, kind).await?);
        }
        let deals = DealFilter { customer: Some(each), ..DealFilter::default() };
        let docs = storage.find_deals(org, deals, Window::ALL).await?.docs;
        let rows = storage.rows(org, docs).await?;
        rows.iter().for_each(|row| claims(row, customer, &mut facts));
    }
    let confirmed = Confirmed::of(base.org.confirms, &records);
    facts.confirms = confirmed.source;
    facts.instalments.extend(confirmed.instalments);
    facts.payments.extend(confirmed.payments);
    // What was agreed with a merged customer is owed by the one that stands for it.
    let owing = facts.instalments.iter_mut().map(|fact| &mut fact.customer);
    for named in owing.chain(facts.payments.iter_mut().map(|fact| &mut fact.customer)) {
        *named = named.map(|one| base.aliases.resolve(one));
    }
    Ok(receivable(&facts, policy.scorecard.count, customer, day))
}

/// What a deal claims.
fn claims(row: &Row, customer: DocId, facts: &mut Facts) {
    let DocState::Deal(state) = &row.state else { return };
    let deal = FactRef { doc: row.header.doc, heads: row.heads.clone() };
    let state = &state.value;
    let owed = state.instalments.iter();
    let owed = owed.map(|(item, one)| InstalmentFact::of(deal.clone(), Some(customer), *item, one));
    facts.instalments.extend(owed);
    let paid = state.payments.iter();
    let paid = paid.map(|(item, one)| PaymentFact::of(deal.clone(), Some(customer), *item, one));
    facts.payments.extend(paid);
}
