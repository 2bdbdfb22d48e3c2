use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::rules::fixture::*;
use crate::rules::outcome::{ExclusionReason, MoneyReason};
use crate::time::Date;

fn of(number: u8, customer: u8, deal: Option<u8>, on: &str, minor: i64) -> TeamOrder {
    TeamOrder {
        order: OrderFact { deal: deal.map(doc), ..order(number, customer, on, minor) },
        credit: Credit { rep: REP, unit: None },
        lines: Vec::new(),
    }
}

/// October as seen in December, each figure by its id.
fn look(deals: &[TeamDeal], orders: &[TeamOrder], count: CountPolicy) -> Vec<NamedFigure> {
    seen(deals, orders, count, "2026-10")
}

fn seen(
    deals: &[TeamDeal],
    orders: &[TeamOrder],
    count: CountPolicy,
    month: &str,
) -> Vec<NamedFigure> {
    let mut policy = policy();
    policy.scorecard.count = count;
    let reps = [ActiveRep { rep: REP, from: None, until: None }];
    let facts = TeamFacts {
        deals,
        orders,
        products: &[],
        visits: &[],
        reps: &reps,
        currency: Currency::CNY,
        market_size: Some(100_000),
    };
    let days = Days::from(period(month));
    team_figures(&facts, &policy, &calendar().zone, days, at("2026-12-01 12:00"))
}

fn figure<'a>(all: &'a [NamedFigure], id: &str) -> &'a Figure {
    &all.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no {id} in {all:?}")).figure
}

fn value(all: &[NamedFigure], id: &str) -> Option<i64> {
    figure(all, id).value
}

fn won(number: u8, customer: u8, minor: i64) -> TeamDeal {
    team_deal(number, customer, "2026-09-01").won("2026-10-10", minor)
}

#[test]
fn money_is_what_the_policy_counts() {
    // 9,999 was claimed and 1,000 ordered; 500 of another deal is a claim alone.
    let deals = [won(1, 100, 9_999), won(2, 101, 500)];
    let orders = [of(90, 100, Some(1), "2026-10-12", 1_000), of(91, 102, None, "2026-10-13", 70)];
    let claimed = look(&deals, &orders, CountPolicy::Claimed);
    assert_eq!(value(&claimed, "won_amount"), Some(1_500));
    assert_eq!(value(&claimed, "average_order_value"), Some(750));
    assert_eq!(value(&claimed, "concentration.top_1"), Some(6_667));
    assert_eq!(value(&claimed, "market_share"), Some(150));
    assert_eq!(value(&claimed, "amount_per_head"), Some(1_500));
    let told: Vec<_> = figure(&claimed, "won_amount")
        .exclusions
        .iter()
        .map(|out| (out.fact.doc, out.reasons.clone()))
        .collect();
    let reason = |reason| vec![ExclusionReason::Money(reason)];
    assert_eq!(
        told,
        [(doc(1), reason(MoneyReason::NotConfirmed)), (doc(91), reason(MoneyReason::NoDeal))]
    );
    // Where orders alone count, one without a deal is a sale as well.
    let confirmed = look(&deals, &orders, CountPolicy::Confirmed);
    assert_eq!(value(&confirmed, "won_amount"), Some(1_070));
    assert_eq!(value(&confirmed, "sales_per_customer"), Some(535));
    assert_eq!(value(&confirmed, "win_rate"), Some(10_000), "how deals end is their own");
    assert_eq!(figure(&confirmed, "win_rate").denominator, 2);
}

#[test]
fn an_order_called_off_later_is_taken_back_as_on_the_cards() {
    let off = |on: &str| {
        let mut one = of(90, 100, None, "2026-09-29", 500);
        one.order.cancelled_on = on.parse::<Date>().ok();
        one
    };
    let orders = [off("2026-10-05"), of(91, 101, None, "2026-10-03", 800)];
    let month = |month: &str| seen(&[], &orders, CountPolicy::Confirmed, month);
    assert_eq!(value(&month("2026-09"), "won_amount"), Some(500));
    let october = month("2026-10");
    assert_eq!(value(&october, "won_amount"), Some(300));
    assert_eq!(figure(&october, "average_order_value").denominator, 1, "it is no other order");
    assert_eq!(figure(&october, "sales_per_customer").denominator, 1);
    // Called off within the days: no sale at all.
    let within = [off("2026-09-30")];
    let september = seen(&[], &within, CountPolicy::Confirmed, "2026-09");
    assert_eq!(value(&september, "won_amount"), Some(0));
    assert_eq!(value(&september, "average_order_value"), None, "there is no order");
}

#[test]
fn who_only_calls_off_buys_nothing() {
    let mut off = of(90, 100, None, "2026-09-29", 600);
    off.order.cancelled_on = Some(day("2026-10-05"));
    // An order of nothing is one all the same, and so is a deal that was won for less.
    let free = of(91, 101, None, "2026-10-03", 0);
    let orders = [off, free, of(92, 102, None, "2026-10-04", 1_000)];
    let october = seen(&[], &orders, CountPolicy::Confirmed, "2026-10");
    let (output, average) =
        (figure(&october, "amount_per_customer"), figure(&october, "average_order_value"));
    assert_eq!((output.numerator, output.denominator), (400, 2), "101 and 102");
    assert_eq!((average.numerator, average.denominator), (400, 2));
    let shares = ["concentration.top_1", "concentration.top_5"].map(|id| value(&october, id));
    assert_eq!(shares, [Some(10_000); 2], "of what others bought, and never more than all");
    let less = [won(1, 100, -50), won(2, 101, 250)];
    let claimed = look(&less, &[], CountPolicy::Claimed);
    assert_eq!(figure(&claimed, "average_order_value").denominator, 2, "nobody called it off");
    assert_eq!(value(&claimed, "amount_per_customer"), Some(100));
}

proptest! {
    /// Whatever is ordered and called off: months sum to what stands, customers and orders are
    /// those that bought, and no share leaves the range from nothing to all.
    #[test]
    fn sales_settle_by_net_and_shares_stay_shares(
        bought in prop::collection::vec((0_u8..5, 0_i64..60, 0_i64..5_000, -1_i64..60), 1..20),
    ) {
        let orders: Vec<TeamOrder> = (1_u8..)
            .zip(&bought)
            .map(|(number, (customer, after, minor, off))| {
                let on = day("2026-09-01").plus_days(*after);
                let mut one = of(number, 100 + customer, None, &on.to_string(), *minor);
                one.order.cancelled_on = (*off >= 0).then(|| on.plus_days(*off));
                one.lines = vec![DealLine { product: Some("H".into()), amount: one.order.amount }];
                one
            })
            .collect();
        let months = ["2026-09", "2026-10", "2026-11"];
        let seen = months.map(|month| seen(&[], &orders, CountPolicy::Confirmed, month));
        let last = day("2026-11-30");
        let stands = orders.iter().map(|one| &one.order).filter(|one| {
            one.ordered_on.is_some_and(|on| on <= last)
                && one.cancelled_on.is_none_or(|off| off > last)
        });
        let net: i64 = stands.filter_map(|one| one.amount).map(|amount| amount.minor).sum();
        let amount = |all: &Vec<NamedFigure>| {
            all.iter().find(|one| one.id == "won_amount").and_then(|one| one.figure.value)
        };
        let sum: i64 = seen.iter().filter_map(amount).sum();
        prop_assert_eq!(sum, net);
        for (month, all) in months.iter().zip(&seen) {
            let days = Days::from(period(month));
            let buyers: BTreeSet<_> = orders
                .iter()
                .map(|one| &one.order)
                .filter(|one| one.ordered_on.is_some_and(|on| days.contains(on)))
                .filter(|one| one.cancelled_on.is_none_or(|off| off >= days.until))
                .filter_map(|one| one.customer)
                .collect();
            for one in all {
                let below = i64::try_from(buyers.len()).unwrap();
                if ["amount_per_customer", "sales_per_customer"].contains(&one.id.as_str()) {
                    prop_assert_eq!(one.figure.denominator, below, "{}", &one.id);
                }
                if one.id.starts_with("concentration.") {
                    prop_assert!(one.figure.value.is_none_or(|bp| (0..=10_000).contains(&bp)));
                }
            }
        }
    }
}

#[test]
fn a_tender_is_worked_on_from_its_beginning_to_its_decision() {
    let tender = |number: u8, created: &str| TeamDeal {
        kind: Some(DealKind::Tender),
        ..team_deal(number, 100, created)
    };
    let deals = [
        tender(1, "2026-09-01"),
        tender(2, "2026-10-31"),
        tender(3, "2026-11-01"),
        tender(4, "2026-09-01").decided(DealOutcome::Lost, "2026-09-30"),
        tender(5, "2026-09-01").decided(DealOutcome::Lost, "2026-10-01"),
        tender(6, "2026-09-01").decided(DealOutcome::Won, "2026-11-05"),
        team_deal(7, 100, "2026-10-01"),
    ];
    let found = look(&deals, &[], CountPolicy::Claimed);
    let tenders = figure(&found, "tenders");
    let docs: Vec<_> = tenders.facts.iter().map(|fact| fact.doc).collect();
    assert_eq!((tenders.value, docs), (Some(4), [1, 2, 5, 6].map(doc).to_vec()));
    assert_eq!(value(&found, "win_rate.tender"), Some(0));
}

#[test]
fn a_deal_has_the_amount_of_its_orders() {
    let amounts = |count| {
        let mut deals = [won(1, 100, 9_999), won(2, 101, 500)];
        let mut off = of(92, 100, Some(1), "2026-10-13", 70);
        off.order.cancelled_on = Some(day("2026-10-14"));
        let orders = [
            of(90, 100, Some(1), "2026-10-12", 1_000),
            of(91, 100, Some(1), "2026-10-13", 200),
            off,
        ];
        counted(&mut deals, &orders, count);
        deals.map(|deal| deal.fact.amount.map(|amount| amount.minor))
    };
    assert_eq!(amounts(CountPolicy::Claimed), [Some(1_200), Some(500)]);
    assert_eq!(amounts(CountPolicy::Confirmed), [Some(1_200), None]);
}
