//! Deals: the list and the page.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealState;
use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{PlacementRecord, Record};
use client_core::rules::GateWarning;
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::products::{lines, products, sold};
use super::reach::Reach;
use super::{cards, changes, funnel, visits};
use crate::storage::lists::DealFilter;
use crate::storage::{AnyStorage, Boards, Documents, Lists, StorageError};
use crate::web::lists::deals::DealsAsk;
use crate::web::pages::customer::Span;
use crate::web::pages::deal::DealData;
use crate::web::pages::deals::{DealInList, DealsData};
use crate::web::view;

/// A page of the deals that the reader may see. Counting, ordering and summing
/// read one index, and only the deals shown are looked up.
pub async fn list(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: DealsAsk,
    now: Timestamp,
) -> Result<DealsData, StorageError> {
    let org = base.org.id;
    let filter = filter(storage, base, reach, &ask, now).await?;
    let found = storage.find_deals(org, filter.clone(), view::window(ask.page)).await?;
    let rows = storage.deal_rows(org, found.docs.clone()).await?;
    let today = base.zone().date(now);
    let customer_name = match ask.customer {
        Some(customer) if visits::sees(storage, base, reach, customer).await? => {
            storage.customer_rows(org, vec![customer]).await?.pop().and_then(|row| row.name)
        }
        _ => None,
    };
    let catalogue = products(storage, base).await?;
    let lines = lines(&catalogue);
    let catalogue: BTreeMap<String, String> =
        catalogue.into_iter().map(|product| (product.code, product.name)).collect();
    let named = |text: String| (text.clone(), catalogue.get(&text).cloned().unwrap_or(text));
    let used = storage.deal_products(org, reach.scopes()).await?;
    Ok(DealsData {
        deals: rows
            .into_iter()
            .map(|row| DealInList {
                owner: base.user_name(row.owner),
                unit: row.unit.map(|unit| base.unit_name(unit)).unwrap_or_default(),
                row,
            })
            .collect(),
        totals: storage.deal_totals(org, filter).await?,
        found,
        choices: base.choices(reach),
        products: used.into_iter().map(named).collect(),
        lines,
        currency: base.org.currency,
        policy: base.policy_for(today).map(|(_, policy)| policy),
        today,
        now,
        customer_name,
        ask,
    })
}

/// What storage is asked for these deals.
pub async fn filter(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &DealsAsk,
    now: Timestamp,
) -> Result<DealFilter, StorageError> {
    let mut filter = ask.filter(base, reach, now);
    filter.sold = sold(storage, base, ask.line.as_deref(), ask.source.as_deref()).await?;
    filter.only = funnel::deals_behind(storage, base, reach, ask, now).await?;
    Ok(filter)
}

/// Names of products by their code.
async fn product_names(
    storage: &AnyStorage,
    base: &Base,
) -> Result<BTreeMap<String, String>, StorageError> {
    let named = products(storage, base).await?.into_iter();
    Ok(named.map(|product| (product.code, product.name)).collect())
}

/// The deal, if there is one that the reader may see.
pub async fn deal(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    doc: DocId,
    now: Timestamp,
) -> Result<Option<DealData>, StorageError> {
    let org = base.org.id;
    let Some(held) = storage.document(org, doc).await? else { return Ok(None) };
    if !reach.sees_any(&held.scopes) {
        return Ok(None);
    }
    let Some(row) = storage.row(org, doc).await? else { return Ok(None) };
    let DocState::Deal(deal) = &row.state else { return Ok(None) };
    let Some(listed) = storage.deal_rows(org, vec![doc]).await?.pop() else { return Ok(None) };
    let placements = storage.placements_of(org, vec![doc]).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let placement = placements.first();
    let opens = match row.header.customer {
        Some(customer) => visits::sees(storage, base, reach, customer).await?,
        None => false,
    };
    let log = storage.log(org, doc).await?;
    let today = base.zone().date(now);
    let credited = placement.and_then(|placed| placed.credit).unwrap_or(listed.owner);
    let gates = gates(storage, base, doc, credited, &deal.value).await?;
    Ok(Some(DealData {
        owner: base.user_name(listed.owner),
        owner_id: reach.sees(listed.owner).then_some(listed.owner),
        unit: listed.unit.map(|unit| base.unit_name(unit)).unwrap_or_default(),
        credit: placement.and_then(|p| p.credit).map(|user| base.user_name(user)),
        spans: spans(base, reach, placement),
        people: people(base, &deal.value),
        history: log.iter().map(|change| changes::entry(base, change)).collect(),
        faults: deal.faults.iter().map(|fault| fault.path.clone()).collect(),
        customer: row.header.customer.filter(|_| opens),
        customer_name: listed.customer_name,
        moved_at: listed.moved_at,
        received_at: row.received_at,
        gates,
        products: product_names(storage, base).await?,
        policy: base.policy_for(today).map(|(_, policy)| policy),
        state: deal.value.clone(),
        today,
        now,
    }))
}

/// What the gates that it passed found missing (R9), by the stored cards of the months in
/// which it moved.
async fn gates(
    storage: &AnyStorage,
    base: &Base,
    doc: DocId,
    rep: UserId,
    state: &DealState,
) -> Result<Vec<GateWarning>, StorageError> {
    let zone = base.zone();
    let entered = state.stage_history.values().map(|entry| Period::month_of(zone.date(entry.at)));
    let months: BTreeSet<Period> = entered.collect();
    let mut found = Vec::new();
    for month in months {
        let outcome = cards::outcome(storage, base.org.id, rep, month).await?;
        let gates = outcome.into_iter().flat_map(|outcome| outcome.gates);
        found.extend(gates.filter(|gate| gate.deal == doc));
    }
    Ok(found)
}

fn spans(base: &Base, reach: &Reach, placement: Option<&PlacementRecord>) -> Vec<Span> {
    let spans = placement.into_iter().flat_map(|placement| &placement.spans);
    spans
        .map(|span| Span {
            from: span.from,
            until: span.until,
            owner: span.owner,
            name: base.user_name(span.owner),
            tier: span.tier,
            seen: reach.sees(span.owner),
        })
        .collect()
}

fn people(base: &Base, state: &DealState) -> BTreeMap<UserId, String> {
    let named: BTreeSet<UserId> =
        state.stage_history.values().filter_map(|entry| entry.by).collect();
    named.into_iter().map(|user| (user, base.user_name(user))).collect()
}
