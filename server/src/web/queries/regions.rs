//! Which regions lose customers (R4, S1 流失率环比上升).

use std::collections::BTreeMap;

use client_core::docs::deal::DealOutcome;
use client_core::id::{DocId, UnitId};
use client_core::period::{Days, Period};
use client_core::records::{OrderRecord, Record, UnitKind};
use client_core::rules::policy::Policy;
use client_core::rules::{churn, churn_rise};
use client_core::time::Date;

use super::base::{self, Base};
use super::reach::Reach;
use crate::storage::{AnyStorage, Boards, Reports, StorageError};
use crate::web::pages::alarms::Losing;

/// When each customer bought.
type Bought = BTreeMap<DocId, Vec<Date>>;

/// The regions whose churn rose in a month that is over, as far as the reader sees their
/// customers.
pub async fn losing(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    month: Period,
    policy: &Policy,
) -> Result<Vec<Losing>, StorageError> {
    let days = policy.risk.order_days;
    let bought = bought(storage, base, month, days).await?;
    let placements = storage.placements_of(base.org.id, bought.keys().copied().collect()).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let mut regions: BTreeMap<UnitId, Bought> = BTreeMap::new();
    for placement in placements.iter().filter(|one| reach.sees_placed(Some(one))) {
        let Some(span) = placement.current() else { continue };
        if let Some(on) = bought.get(&placement.subject) {
            let region = regions.entry(region_of(base, span.unit)).or_default();
            region.insert(placement.subject, on.clone());
        }
    }
    let found = regions.into_iter().filter_map(|(region, bought)| {
        let now = churn(&bought, Days::from(month), days);
        let before = churn(&bought, Days::from(month.previous()), days);
        let rise = churn_rise(now, before, &policy.alarms)?;
        Some(Losing { region: base.unit_name(region), month, now, before, rise })
    });
    let mut found: Vec<Losing> = found.collect();
    found.sort_by(|a, b| a.region.cmp(&b.region));
    Ok(found)
}

/// What was bought from as far back as anybody is called active, until the month's end:
/// won deals, and orders of the books.
async fn bought(
    storage: &AnyStorage,
    base: &Base,
    month: Period,
    days: u32,
) -> Result<Bought, StorageError> {
    let (zone, org) = (base.zone(), base.org.id);
    let first = month.previous().first_day().plus_days(-i64::from(days));
    let (from, until) = (zone.start_of(first), month.bounds(zone).1);
    let mut bought = Bought::new();
    let mut add = |customer: DocId, on: Date| {
        bought.entry(base.aliases.resolve(customer)).or_default().push(on);
    };
    for deal in storage.deals_between(org, from, until).await? {
        let won = deal.fact.outcome == Some(DealOutcome::Won);
        if let Some((customer, at)) = deal.fact.customer.zip(deal.fact.decided_at)
            && won
        {
            add(customer, zone.date(at));
        }
    }
    let rows = storage.orders_bearing(org, first, month.next_first_day(), Vec::new()).await?;
    let orders = base::decode(rows, |record| match record {
        Record::Order(order) => Some(order),
        _ => None,
    })?;
    let stands =
        |order: &&OrderRecord| order.withdrawn_at.is_none() && order.cancelled_on.is_none();
    for order in orders.iter().filter(stands) {
        add(order.customer, order.ordered_on);
    }
    Ok(bought)
}

/// The nearest region above a unit, or the unit at the top.
pub(super) fn region_of(base: &Base, unit: UnitId) -> UnitId {
    let mut at = unit;
    // A loop in the tree ends after as many steps as there are units.
    for _ in &base.units {
        let Some(found) = base.units.iter().find(|each| each.id == at) else { break };
        match (found.kind, found.parent) {
            (UnitKind::Region, _) | (_, None) => break,
            (_, Some(parent)) => at = parent,
        }
    }
    at
}
