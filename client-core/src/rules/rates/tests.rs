use proptest::prelude::*;

use super::*;
use crate::docs::deal::DealOutcome;
use crate::id::ProductId;
use crate::period::Days;
use crate::rules::fixture::{at, calendar, day, doc, period, policy, team_deal};

fn with_view<T>(deals: &[TeamDeal], look: impl Fn(&TeamView<'_>) -> T) -> T {
    let zone = calendar().zone;
    look(&TeamView::new(deals, &zone, Days::from(period("2026-10")), at("2026-11-20 12:00")))
}

fn product(code: &str, class: Option<ProductClass>, margin: Option<MarginClass>) -> ProductRecord {
    ProductRecord {
        id: ProductId::from_bytes([code.as_bytes()[0]; 16]),
        code: code.to_owned(),
        name: format!("Product {code}"),
        line: None,
        list_price: None,
        class,
        margin,
        launched_on: None,
        active: true,
    }
}

fn products() -> [ProductRecord; 4] {
    [
        product("H", Some(ProductClass::HighEnd), Some(MarginClass::High)),
        product("M", Some(ProductClass::Middle), Some(MarginClass::Normal)),
        product("B", Some(ProductClass::Basic), Some(MarginClass::Low)),
        product("N", None, None),
    ]
}

fn deal(number: u8, customer: u8) -> TeamDeal {
    team_deal(number, customer, "2026-09-01")
}

fn values(mix: &ProductMix) -> Vec<(Option<i64>, Option<i64>)> {
    let each = mix.classes.iter();
    each.map(|class| (class.share.value, class.deviation.map(|points| points.0))).collect()
}

#[test]
fn the_win_rate_is_won_of_decided_and_tenders_have_their_own() {
    let tender = |deal: TeamDeal| TeamDeal { kind: Some(DealKind::Tender), ..deal };
    let mut undated = deal(6, 100).won("2026-10-01", 1);
    undated.fact.decided_at = None;
    let deals = [
        tender(deal(1, 100).won("2026-10-01", 1)),
        tender(deal(2, 100).decided(DealOutcome::Lost, "2026-10-02")),
        tender(deal(3, 100).won("2026-10-31", 1)),
        deal(4, 100).decided(DealOutcome::Lost, "2026-10-31"),
        deal(5, 100).won("2026-11-01", 1),
        undated,
        deal(7, 100),
    ];
    with_view(&deals, |view| {
        let all = win_rate(view, None);
        assert_eq!((all.value, all.numerator, all.denominator), (Some(5000), 2, 4));
        assert_eq!(all.facts.len(), 4);
        let [out] = all.exclusions.as_slice() else { panic!("{:?}", all.exclusions) };
        assert_eq!(out.reasons, [ExclusionReason::Deal(DealReason::UndatedDecision)]);
        let tenders = win_rate(view, Some(&DealKind::Tender));
        assert_eq!((tenders.value, tenders.denominator), (Some(6667), 3));
        assert_eq!(win_rate(view, Some(&DealKind::Normal)).denominator, 1, "no kind is normal");
        let other = DealKind::Unknown("barter".into());
        assert_eq!(win_rate(view, Some(&other)).value, None, "nothing was decided");
    });
}

#[test]
fn the_mix_is_measured_against_30_50_20() {
    let products = products();
    let catalogue = Catalogue::of(&products);
    let goals = policy().goals;
    let deals = [
        deal(1, 100).won("2026-10-01", 4000).line("h", None),
        deal(2, 100).won("2026-10-02", 9999).line("product m", Some(5000)).line("B", Some(1000)),
        deal(3, 100).won("2026-10-03", 700).line("N", None),
        deal(4, 100).won("2026-10-03", 700).line("X", None),
        deal(5, 100).won("2026-10-03", 700),
        deal(6, 100).won("2026-10-03", 700).line("H", Some(0)).line("M", None),
    ];
    with_view(&deals, |view| {
        let mixes = product_mix(view, &catalogue, &goals);
        let [mix] = mixes.as_slice() else { panic!("{mixes:?}") };
        let expected = [(Some(4000), Some(1000)), (Some(5000), Some(0)), (Some(1000), Some(-1000))];
        assert_eq!(values(mix), expected);
        assert_eq!(mix.classes[0].share.denominator, 10_000);
        assert_eq!((mix.high_margin.value, mix.high_margin.numerator), (Some(4000), 4000));
        let share = &mix.classes[0].share;
        let out: Vec<_> =
            share.exclusions.iter().map(|out| (out.fact.doc, &*out.reasons)).collect();
        let reason = ExclusionReason::Deal;
        assert_eq!(
            out,
            [
                (doc(3), &[reason(DealReason::NoClass)][..]),
                (doc(4), &[reason(DealReason::UnknownProduct)][..]),
                (doc(5), &[reason(DealReason::NoProduct)][..]),
                (doc(6), &[ExclusionReason::NoAmount][..]),
            ]
        );
        let facts: Vec<_> = share.facts.iter().map(|fact| fact.doc).collect();
        assert_eq!(facts, [doc(1), doc(2), doc(6)]);
    });
}

#[test]
fn shares_that_stand_side_by_side_sum_to_the_whole() {
    let products = products();
    let catalogue = Catalogue::of(&products);
    let lines = deal(1, 100).won("2026-10-01", 3);
    let lines = lines.line("H", Some(1)).line("M", Some(1)).line("B", Some(1));
    let refund = deal(2, 100).won("2026-10-02", -3).line("H", None);
    let goals = policy().goals;
    let mix = with_view(std::slice::from_ref(&lines), |view| product_mix(view, &catalogue, &goals));
    let shares: Vec<_> = values(&mix[0]).into_iter().filter_map(|(share, _)| share).collect();
    assert_eq!(shares, [3334, 3333, 3333]);
    let nothing = with_view(&[lines, refund], |view| product_mix(view, &catalogue, &goals));
    assert_eq!(values(&nothing[0]), [(None, None); 3], "there is nothing to share");
    assert!(with_view(&[], |view| product_mix(view, &catalogue, &goals)).is_empty());
}

#[test]
fn a_product_is_new_for_a_year_after_its_launch() {
    let mut products = products();
    products[0].launched_on = Some(day("2025-10-02"));
    products[1].launched_on = Some(day("2025-10-01"));
    let catalogue = Catalogue::of(&products);
    let goals = policy().goals;
    let deals = [
        deal(1, 100).won("2026-10-01", 30).line("H", None),
        deal(2, 100).won("2026-10-01", 50).line("M", None),
        deal(3, 100).won("2026-10-02", 20).line("H", None),
        deal(4, 100).won("2026-10-02", 70).line("B", None),
    ];
    let mix = with_view(&deals, |view| product_mix(view, &catalogue, &goals));
    let share = &mix[0].new_products;
    assert_eq!((share.numerator, share.denominator, share.value), (30, 100, Some(3_000)));
    let out: Vec<_> = share.exclusions.iter().map(|out| (out.fact.doc, &*out.reasons)).collect();
    assert_eq!(out, [(doc(4), &[ExclusionReason::Deal(DealReason::NoLaunch)][..])]);
}

#[test]
fn a_fifth_of_the_customers_that_bought_are_key_accounts() {
    let sold = |customers: u8| -> Vec<TeamDeal> {
        let each = (1..=customers).map(|n| deal(n, 100 + n).won("2026-10-01", i64::from(n) * 10));
        each.chain([deal(90, 90).won("2026-10-01", 0)]).collect()
    };
    let keys = |customers: u8| {
        let found =
            with_view(&sold(customers), |view| concentration(view, policy().goals.key_accounts));
        let ids: Vec<_> = found[0].key_accounts.iter().map(|(customer, _sum)| *customer).collect();
        (ids, found[0].key.value)
    };
    assert_eq!(keys(5), (vec![doc(105)], Some(3_333)));
    assert_eq!(keys(6), (vec![doc(106), doc(105)], Some(5_238)), "a part of one is one");
    assert_eq!(keys(0), (Vec::new(), None));
}

#[test]
fn products_per_customer_grow_by_a_quarter() {
    let products = products();
    let catalogue = Catalogue::of(&products);
    let mut nobodys = deal(4, 100).won("2026-10-01", 1).line("H", None);
    nobodys.fact.customer = None;
    let deals = [
        deal(1, 100).won("2026-10-01", 1).line("H", None).line("Product H", None),
        deal(2, 100).won("2026-10-02", 1).line("M", None).line("sand", None),
        deal(3, 101).won("2026-10-03", 1).line("H", None).line(" SAND ", None),
        nobodys,
        deal(5, 102).won("2026-10-03", 1),
    ];
    let now = with_view(&deals, |view| products_per_customer(view, &catalogue));
    assert_eq!((now.value, now.numerator, now.denominator), (Some(250), 5, 2));
    let reasons: Vec<_> = now.exclusions.iter().map(|out| out.reasons[0]).collect();
    assert_eq!(
        reasons,
        [
            ExclusionReason::Deal(DealReason::NoCustomer),
            ExclusionReason::Deal(DealReason::NoProduct),
        ]
    );
    let before = Figure { value: Some(200), numerator: 4, denominator: 2, ..now.clone() };
    assert_eq!(growth(&now, &before), Some(BasisPoints(2500)));
    let none = Figure { value: None, numerator: 0, denominator: 0, ..now.clone() };
    assert_eq!((growth(&now, &none), growth(&none, &now)), (None, None));
    let zero = Figure { value: Some(0), numerator: 0, denominator: 2, ..now.clone() };
    assert_eq!(growth(&now, &zero), None, "from nothing there is no growth in percent");
}

#[test]
fn half_hangs_on_one_customer_and_95_percent_on_five() {
    let amounts = [(1_u8, 20), (2, 50), (3, 10), (4, 5), (5, 10), (6, 5)];
    let deals: Vec<_> = amounts
        .iter()
        .map(|(number, minor)| deal(*number, 100 + number).won("2026-10-01", *minor))
        .chain([deal(7, 100).decided(DealOutcome::Won, "2026-10-01")])
        .collect();
    let found = with_view(&deals, |view| concentration(view, policy().goals.key_accounts));
    let [cny] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((cny.top_1.value, cny.top_5.value), (Some(5000), Some(9500)));
    let largest: Vec<_> = cny.largest.iter().map(|(customer, _sum)| *customer).collect();
    let expected = [102, 101, 103, 105, 104].map(doc);
    assert_eq!(largest, expected, "of equals the earlier id");
    assert_eq!(cny.top_1.exclusions[0].reasons, [ExclusionReason::NoAmount]);
    assert!(with_view(&[], |view| concentration(view, policy().goals.key_accounts)).is_empty());
    let nothing = [deal(1, 100).won("2026-10-01", 0)];
    assert_eq!(
        with_view(&nothing, |view| concentration(view, policy().goals.key_accounts))[0].top_1.value,
        None
    );
}

proptest! {
    #[test]
    fn order_changes_no_rate_and_shares_sum_to_the_whole(
        sold in prop::collection::vec((0_usize..4, 1_i64..9_999, 0_u8..6, any::<bool>()), 1..25),
    ) {
        let products = products();
        let catalogue = Catalogue::of(&products);
        let goals = policy().goals;
        let deals: Vec<TeamDeal> = (1_u8..)
            .zip(sold)
            .map(|(number, (product, minor, customer, won))| {
                let deal = deal(number, 100 + customer).line(&products[product].code, None);
                if won {
                    deal.won("2026-10-15", minor)
                } else {
                    deal.decided(DealOutcome::Lost, "2026-10-15")
                }
            })
            .collect();
        let mut turned: Vec<TeamDeal> = deals.iter().rev().chain(&deals).cloned().collect();
        turned.rotate_left(deals.len() / 2);
        let all = |deals: &[TeamDeal]| with_view(deals, |view| (
            win_rate(view, None),
            product_mix(view, &catalogue, &goals),
            products_per_customer(view, &catalogue),
            concentration(view, policy().goals.key_accounts),
        ));
        let figures = all(&deals);
        prop_assert_eq!(&all(&turned), &figures);
        for mix in &figures.1 {
            let shares: Vec<i64> = values(mix).iter().filter_map(|(share, _)| *share).collect();
            prop_assert!(shares.is_empty() || shares.iter().sum::<i64>() == 10_000);
        }
    }
}
