//! What customers owe late, from their own contracts, payments and deals.
//!
//! A rep's card says that a customer is overdue and not by how much. So what bears on the
//! customers of a page is read, by index and at once, and put before the rule core's ledger,
//! which settles day by day: on a thread that nobody waits on.

use std::collections::BTreeMap;

use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::Record;
use client_core::rules::facts::{InstalmentFact, PaymentFact};
use client_core::rules::policy::CountPolicy;
use client_core::rules::{Confirmed, FactRef, Facts, Receivable, receivable};
use client_core::time::Date;

use super::base::Base;
use crate::storage::model::{Dealings, Row};
use crate::storage::{AnyStorage, Boards, StorageError};

/// A customer, what there is to settle of it, and by which policy.
struct Account {
    customer: DocId,
    facts: Facts,
    count: CountPolicy,
}

/// What each of these customers, held by these reps, owes late on the evening of `day`;
/// nothing without a policy.
pub async fn of_customers(
    storage: &AnyStorage,
    base: &Base,
    whose: &[(DocId, UserId)],
    day: Date,
) -> Result<BTreeMap<DocId, Receivable>, StorageError> {
    let Some((_version, policy)) = base.policy_for(day).filter(|_policy| !whose.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let mut known: BTreeMap<DocId, Vec<DocId>> = BTreeMap::new();
    for (customer, _rep) in whose {
        let merged = base.aliases.merged_into(*customer);
        known.insert(*customer, merged.chain([*customer]).collect());
    }
    let wanted: Vec<DocId> = known.values().flatten().copied().collect();
    let found = storage.dealings_of(base.org.id, wanted).await?;
    let mut dealings: BTreeMap<DocId, Dealings> =
        found.into_iter().map(|one| (one.customer, one)).collect();
    let count = policy.scorecard.count;
    let accounts: Vec<Account> = whose
        .iter()
        .map(|(customer, rep)| {
            let each = known.remove(customer).unwrap_or_default();
            let each = each.iter().filter_map(|one| dealings.remove(one)).collect();
            let facts = facts(base, (*customer, *rep), day, each);
            Account { customer: *customer, facts, count }
        })
        .collect();
    let settle = move || {
        let owed = accounts.iter().filter_map(|one| {
            Some((one.customer, receivable(&one.facts, one.count, one.customer, day)?))
        });
        owed.collect()
    };
    let settled = tokio::task::spawn_blocking(settle).await;
    settled.map_err(|error| StorageError::Unavailable { reason: error.to_string() })
}

/// What was agreed with a customer, under all its names, and paid.
fn facts(
    base: &Base,
    (customer, rep): (DocId, UserId),
    day: Date,
    dealings: Vec<Dealings>,
) -> Facts {
    let month = Period::month_of(day);
    let mut facts = Facts::empty(rep, month, base.org.currency, base.calendar.clone());
    let mut records: Vec<Record> = Vec::new();
    for one in dealings {
        one.deals.iter().for_each(|row| claims(row, customer, &mut facts));
        records.extend(one.books);
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
    facts
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
