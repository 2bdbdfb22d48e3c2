use proptest::prelude::*;

use super::*;
use crate::docs::deal::DealOutcome;
use crate::money::Money;
use crate::rules::FactRef;
use crate::rules::LocationVerdict;
use crate::rules::fixture::{at, calendar, day, doc, heads, period, team_deal};
use crate::rules::outcome::{LineState, NotApplicable, VisitReason};
use crate::rules::team::TeamDeal;
use crate::time::{Timestamp, Zone};

const CNY: Currency = Currency::CNY;

fn with_view<T>(deals: &[TeamDeal], look: impl Fn(&TeamView<'_>) -> T) -> T {
    let zone = calendar().zone;
    look(&TeamView::new(deals, &zone, Days::from(period("2026-10")), at("2026-11-20 12:00")))
}

fn reasons(figure: &Figure) -> Vec<(DocId, ExclusionReason)> {
    let each = figure.exclusions.iter();
    each.flat_map(|out| out.reasons.iter().map(|reason| (out.fact.doc, *reason))).collect()
}

#[test]
fn ten_twenty_and_sixty_days_have_the_median_20_and_the_mean_30() {
    let deals = [
        team_deal(1, 100, "2026-10-10").won("2026-10-20", 1),
        team_deal(2, 100, "2026-10-01").won("2026-10-21", 1),
        team_deal(3, 100, "2026-08-10").won("2026-10-09", 1),
        team_deal(4, 100, "2026-09-01").won("2026-11-01", 1),
    ];
    let cycle = with_view(&deals, sales_cycle);
    assert_eq!((cycle.median.value, cycle.mean.value), (Some(40), Some(3000)), "half days");
    assert_eq!((cycle.median.numerator, cycle.median.denominator), (20, 1));
    assert_eq!((cycle.mean.numerator, cycle.mean.denominator), (90, 3));
    assert_eq!(cycle.mean.facts.len(), 3);
}

#[test]
fn an_even_count_has_its_middle_between_two_days() {
    let deals = [
        team_deal(1, 100, "2026-10-10").won("2026-10-20", 1),
        team_deal(2, 100, "2026-10-10").won("2026-10-21", 1),
    ];
    let cycle = with_view(&deals, sales_cycle);
    assert_eq!(cycle.median.value, Some(21), "ten and a half days");
    assert_eq!(cycle.mean.value, Some(1050));
    // 0, 0 and 1 day: a third of a day.
    let days = ["2026-10-20", "2026-10-20", "2026-10-21"];
    let each = (1..).zip(days).map(|(n, on)| team_deal(n, 100, "2026-10-20").won(on, 1));
    assert_eq!(with_view(&each.collect::<Vec<_>>(), sales_cycle).mean.value, Some(33));
}

#[test]
fn a_deal_that_does_not_say_when_it_began_is_named_and_left_out() {
    let mut bare = team_deal(1, 100, "2026-10-01").won("2026-10-05", 1);
    bare.fact.created_at = None;
    let odd = team_deal(2, 100, "2026-10-09").won("2026-10-05", 1);
    let lost = team_deal(3, 100, "2026-10-01").decided(DealOutcome::Lost, "2026-10-05");
    let cycle = with_view(&[bare, odd, lost], sales_cycle);
    assert_eq!(cycle.median.state, LineState::NotApplicable(NotApplicable::ZeroDenominator));
    assert_eq!((cycle.median.value, cycle.mean.value), (None, None));
    let out = |number, reason| (doc(number), ExclusionReason::Deal(reason));
    assert_eq!(
        reasons(&cycle.mean),
        [out(1, DealReason::NoBeginning), out(2, DealReason::DecidedBeforeItBegan)]
    );
}

#[test]
fn days_are_the_calendars_whatever_the_clocks_do() {
    let zone = Zone {
        name: "Europe/Berlin".into(),
        initial_offset_s: 3600,
        transitions: vec![(Timestamp::from_millis(1_774_746_000_000), 7200)], // 2026-03-29T01:00Z
    };
    let mut deal = team_deal(1, 100, "2026-10-01").won("2026-10-05", 1);
    // 28 March 23:30 to 29 March 23:30: 24 hours less one.
    deal.fact.created_at = Some(zone.end_of(day("2026-03-28")).plus_millis(-1_799_999));
    deal.fact.decided_at = Some(zone.end_of(day("2026-03-29")).plus_millis(-1_799_999));
    let deals = [deal];
    let march = Days::from(period("2026-03"));
    let view = TeamView::new(&deals, &zone, march, at("2026-11-20 12:00"));
    assert_eq!(sales_cycle(&view).mean.value, Some(100));
}

#[test]
fn thirty_thousand_a_customer_is_twenty_thousand_an_order() {
    let deals = [
        team_deal(1, 100, "2026-09-01").won("2026-10-01", 10_000),
        team_deal(2, 100, "2026-09-01").won("2026-10-31", 20_000),
        team_deal(3, 101, "2026-09-01").won("2026-10-15", 30_000),
        team_deal(4, 102, "2026-09-01").won("2026-09-30", 99_999),
    ];
    let sales = with_view(&deals, sales);
    let [cny] = sales.as_slice() else { panic!("{sales:?}") };
    assert_eq!(cny.amount.value, Some(60_000));
    assert_eq!((cny.per_customer.value, cny.average_order.value), (Some(30_000), Some(20_000)));
    assert_eq!((cny.per_customer.numerator, cny.per_customer.denominator), (60_000, 2));
}

#[test]
fn currencies_are_never_mixed_and_what_is_missing_is_named() {
    let eur: Currency = "EUR".parse().unwrap();
    let mut euros = team_deal(1, 100, "2026-09-01").won("2026-10-01", 500);
    euros.fact.amount = Some(Money::new(500, eur));
    let mut nobodys = team_deal(2, 100, "2026-09-01").won("2026-10-01", 700);
    nobodys.fact.customer = None;
    let priceless = team_deal(3, 100, "2026-09-01").decided(DealOutcome::Won, "2026-10-01");
    let deals = [euros, nobodys, priceless, team_deal(4, 100, "2026-09-01").won("2026-10-02", 301)];
    let sales = with_view(&deals, sales);
    let [cny, euro] = sales.as_slice() else { panic!("{sales:?}") };
    assert_eq!((cny.currency, euro.currency), (CNY, eur));
    assert_eq!((cny.amount.value, euro.amount.value), (Some(1001), Some(500)));
    assert_eq!(cny.average_order.value, Some(500), "500.5 to the even one");
    assert_eq!(cny.per_customer.value, Some(301), "of those with a customer");
    let no_amount = (doc(3), ExclusionReason::NoAmount);
    assert_eq!(reasons(&euro.amount), [no_amount]);
    let no_customer = (doc(2), ExclusionReason::Deal(DealReason::NoCustomer));
    assert_eq!(reasons(&cny.per_customer), [no_customer, no_amount]);
}

#[test]
fn half_a_month_is_half_a_head() {
    let rep = |number: u8, from: Option<&str>, until: Option<&str>| ActiveRep {
        rep: UserId::from_bytes([number; 16]),
        from: from.map(day),
        until: until.map(day),
    };
    let months = |reps: &[ActiveRep], text: &str| {
        let months = ActiveMonths::of(reps, Days::from(period(text)));
        (months.parts(), ActiveMonths::PARTS)
    };
    let full = ActiveMonths::PARTS;
    assert_eq!(months(&[rep(1, None, None)], "2026-10").0, full);
    assert_eq!(months(&[rep(1, None, None), rep(1, None, None)], "2026-10").0, full, "one person");
    assert_eq!(months(&[rep(1, Some("2026-02-15"), None)], "2026-02").0, full / 2);
    assert_eq!(months(&[rep(1, None, Some("2026-04-16"))], "2026-Q2").0, full / 2);
    assert_eq!(months(&[rep(1, Some("2026-11-01"), None)], "2026-10").0, 0);
    assert_eq!(months(&[rep(1, None, None), rep(2, None, None)], "2026").0, 24 * full);
    assert_eq!(months(&[], "2026").0, 0);
}

fn visit(number: u8, customer: u8, counts: bool) -> JudgedVisit {
    let verdict = if counts {
        Verdict::Effective
    } else {
        Verdict::NotEffective(vec![VisitReason::TooShort])
    };
    JudgedVisit {
        fact: FactRef { doc: doc(number), heads: heads(number) },
        customer: Some(doc(customer)),
        at: at("2026-10-08 09:30"),
        tier: None,
        location: LocationVerdict::Unverifiable,
        verdict,
        counts,
    }
}

#[test]
fn visits_and_amounts_are_divided_by_heads_and_by_active_customers() {
    let rep =
        |number: u8| ActiveRep { rep: UserId::from_bytes([number; 16]), from: None, until: None };
    let october = Days::from(period("2026-10"));
    let months = ActiveMonths::of(&[rep(1), rep(2)], october);
    let visits =
        [visit(1, 100, true), visit(2, 101, true), visit(3, 102, false), visit(4, 100, true)];
    let joint = visits.iter().chain(&visits[..1]);
    let per_head = visits_per_head(joint, months);
    assert_eq!(per_head.value, Some(150), "three visits of two heads");
    assert_eq!((per_head.numerator, per_head.denominator), (3, 2));
    assert_eq!(reasons(&per_head), [(doc(3), ExclusionReason::Visit(VisitReason::TooShort))]);
    assert_eq!(visits_per_head(&visits, ActiveMonths::default()).value, None, "nobody was there");

    let deals = [
        team_deal(10, 100, "2026-09-01").won("2026-10-01", 900),
        team_deal(11, 103, "2026-09-01").won("2026-10-02", 100),
    ];
    with_view(&deals, |view| {
        let sales = sales(view);
        assert_eq!(amount_per_head(&sales[0], months).value, Some(500));
        let active = active_customers(view, &visits);
        assert_eq!(active, BTreeSet::from([doc(100), doc(101), doc(103)]));
        assert_eq!(amount_per_customer(&sales[0], &active).value, Some(333));
        assert_eq!(amount_per_customer(&sales[0], &BTreeSet::new()).value, None);
    });
}

proptest! {
    #[test]
    fn order_changes_no_figure(days in prop::collection::vec((0_i64..400, 0_i64..9_999), 1..20)) {
        let each = (1_u8..).zip(&days).map(|(number, (age, minor))| {
            let created = day("2026-10-15").plus_days(-age).to_string();
            team_deal(number, 100 + number % 4, &created).won("2026-10-15", *minor)
        });
        let deals: Vec<TeamDeal> = each.collect();
        let mut turned: Vec<TeamDeal> = deals.iter().rev().chain(&deals).cloned().collect();
        turned.rotate_left(deals.len() / 2);
        prop_assert_eq!(with_view(&deals, sales_cycle), with_view(&turned, sales_cycle));
        prop_assert_eq!(with_view(&deals, sales), with_view(&turned, sales));
        let sum: i64 = days.iter().map(|(_age, minor)| minor).sum();
        prop_assert_eq!(with_view(&deals, sales)[0].amount.value, Some(sum));
    }
}
