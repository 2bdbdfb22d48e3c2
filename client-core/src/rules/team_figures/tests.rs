use super::*;
use crate::rules::fixture::*;
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
    assert!(september.iter().all(|one| one.id != "won_amount"), "{september:?}");
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
