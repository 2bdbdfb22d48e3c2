//! Money, orders, cases, answers and plans: what belongs to the rep of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inputs, Window, credited, latest, unique};
use crate::docs::deal::{DealOutcome, DealState};
use crate::id::DocId;
use crate::money::Money;
use crate::period::Period;
use crate::records::PlacementRecord;
use crate::rules::facts::{
    CaseFact, ContractFact, CustomerFact, FactRef, Facts, InstalmentFact, OrderFact, PaymentFact,
    PlanFact, PurchaseFact, QuoteFact, SurveyFact,
};
use crate::rules::gather::Row;
use crate::time::{Date, Timestamp};

/// Days before the period from which plans are facts: as far as reminders look back.
const PLANS_DAYS: i64 = 60;

impl Facts {
    /// The days whose plans are facts of `period`: from, inclusive, until, exclusive.
    pub fn plan_days(period: Period) -> (Date, Date) {
        (period.first_day().plus_days(-PLANS_DAYS), period.next_first_day())
    }
}

pub(super) fn gather(
    facts: &mut Facts,
    inputs: &Inputs<'_>,
    placements: &BTreeMap<DocId, &PlacementRecord>,
    window: &Window,
) {
    let zone = &inputs.calendar.zone;
    let last = zone.date(window.horizon);
    let mut own_deals = BTreeSet::new();
    for row in unique(inputs.deals) {
        let placement = placements.get(&row.header.doc).copied();
        let own = credited(&row, placement, window);
        if own {
            own_deals.insert(row.header.doc);
            claims(facts, &row, inputs, window);
        }
        facts.purchases.extend(purchase(&row, inputs, own, window.horizon));
    }
    confirmed(facts, inputs, &own_deals, last);

    let owned: BTreeMap<DocId, &CustomerFact> =
        facts.customers.iter().map(|customer| (customer.doc, customer)).collect();
    let held = |customer: Option<DocId>, at: Timestamp| {
        window.first <= at
            && at <= window.horizon
            && customer
                .and_then(|customer| owned.get(&customer))
                .is_some_and(|customer| customer.owned_at(at).is_some())
    };
    let cases: Vec<CaseFact> = latest(inputs.cases, |case| (case.fact.doc, &case.fact.heads))
        .map(|case| CaseFact {
            customer: case.customer.map(|customer| inputs.aliases.resolve(customer)),
            ..case.clone()
        })
        .filter(|case| case.opened_at.is_some_and(|at| held(case.customer, at)))
        .collect();
    let surveys: Vec<SurveyFact> = inputs
        .surveys
        .iter()
        .map(|survey| SurveyFact {
            customer: survey.customer.map(|customer| inputs.aliases.resolve(customer)),
            ..survey.clone()
        })
        .filter(|survey| {
            // An answer has a day and no hour; it is whose customer's the day ends with.
            let at = survey.answered_on.map(|on| zone.end_of(on).min(window.horizon));
            survey.answered_on.is_some_and(|on| on <= last)
                && at.is_some_and(|at| held(survey.customer, at))
        })
        .collect();
    let (first_plan, _until) = Facts::plan_days(facts.period);
    let plans = latest(inputs.plans, |plan| (plan.fact.doc, &plan.fact.heads))
        .filter(|plan| plan.rep == window.rep && first_plan <= plan.date && plan.date <= last);
    let plans: Vec<PlanFact> = plans
        .map(|plan| {
            let mut plan = plan.clone();
            for stop in &mut plan.stops {
                stop.customer = stop.customer.map(|customer| inputs.aliases.resolve(customer));
            }
            plan
        })
        .collect();
    (facts.cases, facts.surveys, facts.plans) = (cases, surveys, plans);
}

/// What the rep's deal claims of quotes, contract, instalments and payments.
fn claims(facts: &mut Facts, row: &Row<'_, DealState>, inputs: &Inputs<'_>, window: &Window) {
    let state = &row.state.value;
    let zone = &inputs.calendar.zone;
    let (first, last) = (facts.period.first_day(), zone.date(window.horizon));
    let risk = &inputs.policy.risk;
    let kept = i64::from(risk.hold_days).saturating_add(risk.history_days.into());
    let since = if window.running { first.plus_days(-kept) } else { first };
    if !matters(state, first, since, last, window.running) {
        return;
    }
    let deal = FactRef { doc: row.header.doc, heads: row.heads.clone() };
    let customer = row.header.customer.map(|customer| inputs.aliases.resolve(customer));
    let by_now = |on: Option<Date>| on.is_none_or(|on| on <= last);
    facts.quotes.extend(
        state
            .quotes
            .iter()
            .filter(|(_item, quote)| by_now(quote.issued_on))
            .map(|(item, quote)| QuoteFact::of(deal.clone(), customer, *item, quote)),
    );
    let contract = state.contract.as_ref().filter(|claim| by_now(claim.signed_on));
    facts
        .contracts
        .extend(contract.and_then(|claim| ContractFact::of(deal.clone(), customer, claim)));
    facts.instalments.extend(
        state
            .instalments
            .iter()
            .map(|(item, claim)| InstalmentFact::of(deal.clone(), customer, *item, claim)),
    );
    facts.payments.extend(
        state
            .payments
            .iter()
            .filter(|(_item, claim)| by_now(claim.received_on))
            .map(|(item, claim)| PaymentFact::of(deal.clone(), customer, *item, claim)),
    );
}

/// Whether what a deal says of money bears on the days from `first` to `last`, or, from
/// `since` on, on the level of risk that its customer had and may have kept (R3).
fn matters(state: &DealState, first: Date, since: Date, last: Date, running: bool) -> bool {
    let quoted = state.quotes.values().flat_map(|quote| [quote.issued_on, quote.decided_on]);
    let due = || state.instalments.values().filter_map(|one| Some((one.due_on?, one.amount?)));
    let paid = || state.payments.values().filter_map(|one| Some((one.received_on?, one.amount?)));
    let signed = state.contract.iter().filter_map(|contract| contract.signed_on);
    let callback = signed.clone().any(|on| running && first.plus_days(-PLANS_DAYS * 2) <= on);
    let money = due().chain(paid()).map(|(on, _amount)| on);
    let mut days = quoted.flatten().chain(signed).chain(money);
    let before = |sum: i128, (on, amount): (Date, Money)| {
        if on < first { sum.saturating_add(i128::from(amount.minor)) } else { sum }
    };
    callback
        || days.any(|on| since <= on && on <= last)
        || due().fold(0, before) != paid().fold(0, before)
}

/// What a won deal says of its customer, whoever won it.
fn purchase(
    row: &Row<'_, DealState>,
    inputs: &Inputs<'_>,
    own: bool,
    horizon: Timestamp,
) -> Option<PurchaseFact> {
    let (state, zone) = (&row.state.value, &inputs.calendar.zone);
    let won = state.outcome == Some(DealOutcome::Won);
    let at = state.decided_at.filter(|at| won && *at <= horizon)?;
    let (on, last) = (zone.date(at), zone.date(horizon));
    let fact = FactRef { doc: row.header.doc, heads: row.heads.clone() };
    let customer = inputs.aliases.resolve(row.header.customer?);
    let claimed: Vec<PaymentFact> = state
        .payments
        .iter()
        .map(|(item, claim)| PaymentFact::of(fact.clone(), Some(customer), *item, claim))
        .collect();
    let paid_confirmed = confirmed_paid(inputs, fact.doc, customer, on, last);
    Some(PurchaseFact {
        paid: paid_confirmed || PaymentFact::paid(&claimed, fact.doc, customer, on, last),
        paid_confirmed,
        fact,
        customer,
        on,
        own,
    })
}

/// Whether records confirm that a purchase was paid.
fn confirmed_paid(inputs: &Inputs<'_>, deal: DocId, customer: DocId, on: Date, last: Date) -> bool {
    let resolve = |one: DocId| inputs.aliases.resolve(one);
    let payments: Vec<PaymentFact> = inputs
        .confirmed
        .payments
        .iter()
        .filter(|payment| {
            payment.account == deal || payment.customer.map(resolve) == Some(customer)
        })
        .map(|payment| PaymentFact {
            account: resolve(payment.account),
            customer: payment.customer.map(resolve),
            ..payment.clone()
        })
        .collect();
    PaymentFact::paid(&payments, deal, customer, on, last)
}

/// What records confirm of the rep's customers and deals.
fn confirmed(facts: &mut Facts, inputs: &Inputs<'_>, own_deals: &BTreeSet<DocId>, last: Date) {
    let zone = &inputs.calendar.zone;
    let resolve = |customer: Option<DocId>| customer.map(|one| inputs.aliases.resolve(one));
    let holds = |customer: Option<DocId>| {
        customer.is_some_and(|customer| facts.customers.iter().any(|one| one.doc == customer))
    };
    let owns_on = |customer: Option<DocId>, on: Option<Date>| {
        let found = facts.customers.iter().find(|one| Some(one.doc) == customer);
        // A day is whose it was in the evening.
        found.zip(on).is_some_and(|(one, on)| one.owned_at(zone.end_of(on)).is_some())
    };
    let by_now = |on: Option<Date>| on.is_none_or(|on| on <= last);
    let mine = |deal: Option<DocId>, customer: Option<DocId>, on: Option<Date>| match deal {
        Some(deal) => own_deals.contains(&deal),
        None => owns_on(customer, on),
    };
    let orders: Vec<OrderFact> = inputs
        .confirmed
        .orders
        .iter()
        .filter(|order| by_now(order.ordered_on))
        .map(|order| OrderFact { customer: resolve(order.customer), ..order.clone() })
        .map(|order| OrderFact {
            own: mine(order.deal, order.customer, order.ordered_on),
            paid_on: order.paid_on.filter(|on| *on <= last),
            cancelled_on: order.cancelled_on.filter(|on| *on <= last),
            ..order
        })
        .filter(|order| order.own || holds(order.customer))
        .collect();
    let contracts: Vec<ContractFact> = inputs
        .confirmed
        .contracts
        .iter()
        .filter(|contract| by_now(contract.signed_on))
        .map(|contract| ContractFact { customer: resolve(contract.customer), ..contract.clone() })
        .filter(|contract| mine(contract.deal, contract.customer, contract.signed_on))
        .collect();
    // Money is the rep's whose deal, order or contract it is paid under.
    let mut accounts: BTreeSet<DocId> = own_deals.clone();
    accounts.extend(orders.iter().filter(|order| order.own).map(|order| order.origin.fact.doc));
    accounts.extend(contracts.iter().map(|contract| contract.origin.fact.doc));
    let instalments: Vec<InstalmentFact> = inputs
        .confirmed
        .instalments
        .iter()
        .map(|one| InstalmentFact { customer: resolve(one.customer), ..one.clone() })
        .filter(|one| accounts.contains(&one.account) || owns_on(one.customer, one.due_on))
        .collect();
    accounts.extend(instalments.iter().map(|one| one.account));
    let payments: Vec<PaymentFact> = inputs
        .confirmed
        .payments
        .iter()
        .filter(|one| by_now(one.received_on))
        .map(|one| PaymentFact { customer: resolve(one.customer), ..one.clone() })
        .filter(|one| accounts.contains(&one.account) || owns_on(one.customer, one.received_on))
        .collect();
    facts.orders.extend(orders);
    facts.contracts.extend(contracts);
    facts.instalments.extend(instalments);
    facts.payments.extend(payments);
}
