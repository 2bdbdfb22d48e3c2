//! F9 and F10: do new customers come, and do old ones come again?
//!
//! A customer is new with its first order, whoever sold it, so what is looked at is
//! everything that this rep's customers ever bought: won deals, and orders that the
//! business confirmed. An order that came of a deal is the same purchase.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::DocId;
use crate::period::{Days, Period};
use crate::rules::facts::{FactRef, Facts};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::outcome::RuleId;
use crate::rules::policy::CountPolicy;
use crate::time::Date;

/// Something a customer bought.
#[derive(Debug, Clone)]
pub(super) struct Purchase {
    pub customer: DocId,
    pub on: Date,
    pub own: bool,
    pub paid: bool,
    pub fact: FactRef,
}

/// Everything bought by `last`, by customer and day.
pub(super) fn purchases(facts: &Facts, count: CountPolicy, last: Date) -> Vec<Purchase> {
    let in_force = |cancelled: Option<Date>| cancelled.is_none_or(|on| last < on);
    let orders = facts.orders.iter().filter(|order| in_force(order.cancelled_on));
    let ordered: BTreeSet<DocId> = facts.orders.iter().filter_map(|order| order.deal).collect();
    let settled: BTreeSet<DocId> = facts
        .purchases
        .iter()
        .filter(|one| one.paid_confirmed || one.paid && count == CountPolicy::Claimed)
        .map(|one| one.fact.doc)
        .collect();
    let confirmed = orders.filter_map(|order| {
        Some(Purchase {
            customer: order.customer?,
            on: order.ordered_on?,
            own: order.own,
            paid: order.paid_on.is_some_and(|on| on <= last)
                || order.deal.is_some_and(|deal| settled.contains(&deal)),
            fact: order.origin.fact.clone(),
        })
    });
    let claims = facts
        .purchases
        .iter()
        .filter(|purchase| count == CountPolicy::Claimed && !ordered.contains(&purchase.fact.doc));
    let claimed = claims.map(|purchase| Purchase {
        customer: purchase.customer,
        on: purchase.on,
        own: purchase.own,
        paid: purchase.paid,
        fact: purchase.fact.clone(),
    });
    let mut all: Vec<Purchase> =
        confirmed.chain(claimed).filter(|purchase| purchase.on <= last).collect();
    all.sort_by(|a, b| (a.customer, a.on, &a.fact).cmp(&(b.customer, b.on, &b.fact)));
    all
}

/// The first purchase of each customer.
fn firsts(purchases: &[Purchase]) -> BTreeMap<DocId, &Purchase> {
    let mut firsts: BTreeMap<DocId, &Purchase> = BTreeMap::new();
    for purchase in purchases {
        let kept = firsts.entry(purchase.customer).or_insert(purchase);
        // Of one day the rep's own counts.
        if (purchase.on, !purchase.own) < (kept.on, !kept.own) {
            *kept = purchase;
        }
    }
    firsts
}

/// New customers of `period` and how many more they are than in the period before.
pub(super) struct NewCustomers {
    /// (n − n of the previous period) ÷ n of the previous period, in basis points.
    pub growth: Figure,
    /// n.
    pub count: Figure,
}

/// F9: customers whose first won order is in the period and credited to the rep,
/// against the period before.
pub(super) fn new_customers(purchases: &[Purchase], period: Period) -> NewCustomers {
    let (now, before) = (Days::from(period), Days::from(period.previous()));
    let (mut growth, mut count) = (Evidence::default(), Evidence::default());
    let (mut new, mut previous) = (0_i128, 0_i128);
    for first in firsts(purchases).into_values().filter(|first| first.own) {
        if now.contains(first.on) {
            new += 1;
            count.facts.push(first.fact.clone());
        } else if before.contains(first.on) {
            previous += 1;
        } else {
            continue;
        }
        growth.facts.push(first.fact.clone());
    }
    let difference = (new - previous, previous);
    NewCustomers {
        growth: Figure::ratio(RuleId::F9, difference, 10_000, growth.tidied()),
        count: Figure::ratio(RuleId::F9, (new, 1), 1, count.tidied()),
    }
}

/// The customers that the rep sold to.
pub(super) fn sold_to(purchases: &[Purchase]) -> impl Iterator<Item = DocId> + '_ {
    purchases.iter().filter(|purchase| purchase.own).map(|purchase| purchase.customer)
}

/// F10: customers with a paid order in `days` ÷ customers with one in the `window`
/// months before them, in basis points. Of the customers that are `held`, whoever sold
/// to them: a customer that was passed on comes again to whom it was passed on.
pub(super) fn repurchase(
    purchases: &[Purchase],
    held: impl Fn(DocId) -> bool,
    days: Days,
    window: u32,
) -> Figure {
    let months = i32::try_from(window).unwrap_or(i32::MAX);
    let earliest = days.from.plus_months(months.saturating_neg());
    let paid = || purchases.iter().filter(|purchase| purchase.paid && held(purchase.customer));
    let base: BTreeSet<DocId> = paid()
        .filter(|purchase| earliest <= purchase.on && purchase.on < days.from)
        .map(|purchase| purchase.customer)
        .collect();
    let again: BTreeSet<DocId> = paid()
        .filter(|purchase| days.contains(purchase.on) && base.contains(&purchase.customer))
        .map(|purchase| purchase.customer)
        .collect();
    let mut evidence = Evidence::default();
    let used = paid().filter(|purchase| base.contains(&purchase.customer));
    evidence.facts.extend(used.map(|purchase| purchase.fact.clone()));
    let count = |set: &BTreeSet<DocId>| i128::try_from(set.len()).unwrap_or(i128::MAX);
    Figure::ratio(RuleId::F10, (count(&again), count(&base)), 10_000, evidence.tidied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::facts::{OrderFact, PurchaseFact};
    use crate::rules::fixture::*;

    /// `now` customers that bought first in October, `before` in September.
    fn grown(now: u8, before: u8) -> Facts {
        let mut facts = facts("2026-10");
        let bought = |number: u8, on: &str| purchase(number, number, on);
        facts.purchases = (0..now)
            .map(|n| bought(n, "2026-10-08"))
            .chain((0..before).map(|n| bought(100 + n, "2026-09-08")))
            .collect();
        facts
    }

    fn growth(facts: &Facts) -> Option<i64> {
        let all = purchases(facts, CountPolicy::Claimed, day("2026-10-31"));
        new_customers(&all, period("2026-10")).growth.value
    }

    #[test]
    fn growth_is_against_the_period_before_and_has_no_value_from_nothing() {
        assert_eq!(growth(&grown(12, 10)), Some(2_000));
        assert_eq!(growth(&grown(3, 0)), None);
        assert_eq!(growth(&grown(8, 10)), Some(-2_000));
    }

    #[test]
    fn a_customer_that_bought_before_is_not_new_whoever_sold_it() {
        let mut facts = grown(12, 10);
        facts.purchases.push(PurchaseFact { own: false, ..purchase(90, 0, "2024-02-01") });
        assert_eq!(growth(&facts), Some(1_000));
    }

    #[test]
    fn an_order_is_the_deals_purchase_and_a_cancelled_one_is_none() {
        let mut facts = grown(12, 10);
        let order = OrderFact { deal: Some(doc(0)), ..order(91, 0, "2026-10-09", 500) };
        facts.orders = vec![order.clone()];
        assert_eq!(growth(&facts), Some(2_000));
        facts.orders = vec![OrderFact { cancelled_on: Some(day("2026-10-30")), ..order }];
        assert_eq!(growth(&facts), Some(1_000));
    }

    #[test]
    fn seventy_of_a_hundred_come_again() {
        let mut facts = facts("2026-10");
        facts.purchases = (0..100)
            .map(|n| purchase(n, n, "2026-03-08"))
            .chain((0..70).map(|n| purchase(100 + n, n, "2026-10-08")))
            // Too long ago, not paid, and new: none of them is in the base.
            .chain([purchase(200, 200, "2025-09-30"), purchase(202, 202, "2026-10-08")])
            .chain([PurchaseFact { paid: false, ..purchase(201, 201, "2026-03-08") }])
            .collect();
        let all = purchases(&facts, CountPolicy::Claimed, day("2026-10-31"));
        let rate = repurchase(&all, |_customer| true, Days::from(period("2026-10")), 12);
        assert_eq!((rate.value, rate.denominator), (Some(7_000), 100));
        let fifty =
            repurchase(&all, |customer| customer < doc(50), Days::from(period("2026-10")), 12);
        assert_eq!((fifty.value, fifty.denominator), (Some(10_000), 50));
    }
}
