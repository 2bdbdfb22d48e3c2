//! Customers in danger (R1 to R3) with what is at stake and who goes there next.

use std::collections::BTreeMap;

use client_core::docs::customer::Recovery;
use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::{Risk, RiskLevel, RiskReason};
use client_core::time::Date;

use super::base::Base;
use super::cards;
use super::reach::Reach;
use super::receivables;
use crate::storage::lists::{DealFilter, OutcomeFilter};
use crate::storage::{AnyStorage, Boards, Lists, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::risks::{RiskLine, RisksData};
use crate::web::view::PAGE;

/// Days in whose plans a visit to the customer is looked for.
const PLANNED_DAYS: i64 = 7;

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: TeamAsk,
) -> Result<RisksData, StorageError> {
    let month = Period::month_of(ask.today);
    let people = ask.whose.people(base);
    let takes = |rep: UserId| people.as_ref().is_none_or(|people| people.contains(&rep));
    let calls = cards::calls(storage, base.org.id, reach, month).await?;
    let mut found: Vec<(UserId, &Risk)> = calls
        .iter()
        .filter(|(rep, _calls)| takes(*rep))
        .flat_map(|(rep, calls)| calls.risks.iter().map(|risk| (*rep, risk)))
        .collect();
    // Red before yellow; in each, whoever has been in danger longest.
    found.sort_by_key(|(_rep, risk)| (std::cmp::Reverse(risk.level), risk.since, risk.customer));
    let red = found.iter().filter(|(_rep, risk)| risk.level == RiskLevel::Red).count();
    let all = found.len();
    let first = (ask.page - 1).saturating_mul(PAGE);
    let shown = found.into_iter().skip(first).take(PAGE);
    let shown: Vec<(UserId, Risk)> = shown.map(|(rep, risk)| (rep, risk.clone())).collect();
    let docs: Vec<DocId> = shown.iter().map(|(_rep, risk)| risk.customer).collect();
    let mut customers = customers(storage, base, docs).await?;
    let planned = planned(storage, base, ask.today).await?;
    let late = shown.iter().filter(|(_rep, risk)| risk.reasons.iter().any(owes));
    let late: Vec<(DocId, UserId)> = late.map(|(rep, risk)| (risk.customer, *rep)).collect();
    let overdue = receivables::of_customers(storage, base, &late, ask.today).await?;
    let mut lines = Vec::new();
    for (rep, risk) in shown {
        let (name, recovery) = customers.remove(&risk.customer).unwrap_or_default();
        lines.push(RiskLine {
            name,
            helper: recovery.owner.map(|user| base.user_name(user)),
            recovery,
            overdue: overdue.get(&risk.customer).copied(),
            owner: base.user_name(rep),
            rep,
            planned: planned.get(&risk.customer).copied(),
            stake: stake(storage, base, reach, risk.customer).await?,
            risk,
        });
    }
    Ok(RisksData { lines, all, red, choices: base.choices(reach), ask })
}

/// Whether the customer is in danger for money that it owes.
const fn owes(reason: &RiskReason) -> bool {
    matches!(reason, RiskReason::Overdue | RiskReason::LongOverdue)
}

/// What each customer is called, and how it is to be kept.
async fn customers(
    storage: &AnyStorage,
    base: &Base,
    docs: Vec<DocId>,
) -> Result<BTreeMap<DocId, (Option<String>, Recovery)>, StorageError> {
    let rows = storage.rows(base.org.id, docs).await?;
    let known = rows.into_iter().filter_map(|row| match row.state {
        DocState::Customer(state) => {
            Some((row.header.doc, (state.value.name, state.value.recovery)))
        }
        _ => None,
    });
    Ok(known.collect())
}

/// The first day of the coming ones on which each customer stands in a plan.
async fn planned(
    storage: &AnyStorage,
    base: &Base,
    today: Date,
) -> Result<BTreeMap<DocId, Date>, StorageError> {
    let mut first = BTreeMap::new();
    for ahead in 0..=PLANNED_DAYS {
        let day = today.plus_days(ahead);
        for row in storage.plans_on(base.org.id, day).await? {
            let DocState::Plan(plan) = row.state else { continue };
            let stops = plan.value.stops.into_values();
            for customer in stops.filter(|stop| stop.visit.is_none()).filter_map(|s| s.customer) {
                first.entry(base.aliases.resolve(customer)).or_insert(day);
            }
        }
    }
    Ok(first)
}

/// What the customer's open deals are worth.
async fn stake(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    customer: DocId,
) -> Result<Vec<Money>, StorageError> {
    let open = DealFilter {
        within: reach.scopes(),
        outcome: Some(OutcomeFilter::Open),
        customer: Some(customer),
        ..DealFilter::default()
    };
    let totals = storage.deal_totals(base.org.id, open).await?;
    let sums = totals.into_iter().filter_map(|sum| Some(Money::new(sum.minor, sum.currency?)));
    Ok(sums.filter(|sum| sum.minor != 0).collect())
}
