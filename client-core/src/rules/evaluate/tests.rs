use proptest::prelude::*;

use crate::docs::deal::DealOutcome;
use crate::money::{Currency, Money};
use crate::records::Tier;
use crate::rules::due::DueStatus;
use crate::rules::facts::{DealFact, OrderFact, QuoteFact, Signal};
use crate::rules::fixture::*;
use crate::rules::outcome::{
    ExclusionReason, IndicatorLine, LineState, NotApplicable, ReviewReason, RuleId,
};
use crate::rules::pace::PaceSide;
use crate::rules::policy::NotApplicablePolicy;
use crate::rules::units::{BasisPoints, CentiPoints, Percent};

use super::*;

fn won(number: u8, when: &str, amount: Option<Money>) -> DealFact {
    DealFact {
        customer: Some(doc(100)),
        stage: Some("closed".into()),
        outcome: Some(DealOutcome::Won),
        decided_at: Some(at(when)),
        amount,
        created_at: Some(at("2026-09-01 09:00")),
        ..DealFact::new(doc(number), heads(number))
    }
}

/// October: two visits that count, one without fix, one draft; 900 of 1,000 sold.
fn october() -> Facts {
    let mut facts = facts("2026-10");
    facts.customers = vec![customer(100, Some(Tier::A)), customer(101, Some(Tier::C))];
    let mut unplaced = onsite(3, 100, "2026-10-20 09:00", 20);
    if let Some(check) = &mut unplaced.check_in {
        check.fix = None;
    }
    let mut draft = onsite(4, 101, "2026-10-20 11:00", 20);
    draft.submitted_at = None;
    facts.visits = vec![
        onsite(1, 100, "2026-10-08 09:00", 20),
        onsite(2, 101, "2026-10-09 09:00", 20),
        unplaced,
        draft,
        // The week before, for the weekly rule alone.
        onsite(5, 100, "2026-09-29 09:00", 20),
    ];
    let yuan = |minor| Some(Money::new(minor, Currency::CNY));
    facts.deals = vec![
        won(20, "2026-10-10 12:00", yuan(60_000)),
        won(21, "2026-10-12 12:00", yuan(30_000)),
        won(22, "2026-10-13 12:00", Some(Money::new(9, "EUR".parse().unwrap()))),
        won(23, "2026-10-14 12:00", None),
        won(24, "2026-09-30 23:00", yuan(1)),
    ];
    facts.targets = vec![
        target_fact(30, Metric::SalesAmount, "2026-10", 100_000),
        target_fact(31, Metric::EffectiveVisits, "2026-10", 4),
    ];
    facts
}

fn outcome(facts: &Facts) -> Outcome {
    evaluate(facts, &policy(), facts.period, at("2026-10-21 18:00"))
}

fn line(outcome: &Outcome, metric: Metric) -> &IndicatorLine {
    outcome.scorecard.lines.iter().find(|line| line.indicator == metric).unwrap()
}

#[test]
fn an_outcome_is_this() {
    insta::assert_json_snapshot!(outcome(&october()));
}

#[test]
fn every_figure_names_its_facts_and_what_it_left_out() {
    let outcome = outcome(&october());
    let sales = line(&outcome, Metric::SalesAmount);
    assert_eq!((sales.value, sales.target, sales.rule), (Some(90_000), Some(100_000), RuleId::F12));
    assert_eq!(sales.facts.iter().map(|fact| fact.doc).collect::<Vec<_>>(), [20, 21].map(doc));
    let left_out: Vec<_> = sales.exclusions.iter().map(|out| out.reasons[0]).collect();
    assert_eq!(left_out, [ExclusionReason::OtherCurrency, ExclusionReason::NoAmount]);
    let visits = line(&outcome, Metric::EffectiveVisits);
    assert_eq!(visits.value, Some(3), "a visit under review counts");
    assert_eq!(visits.facts.len(), 3);
    assert_eq!(visits.exclusions[0].fact.doc, doc(4));
    assert_eq!(outcome.provisional, Provisional { period_open: true, under_review: 1, drafts: 1 });
    assert_eq!(outcome.visits[2].verdict, Verdict::NeedsReview(vec![ReviewReason::Unverifiable]));
}

#[test]
fn an_indicator_without_facts_is_not_applicable_and_never_zero() {
    let outcome = outcome(&october());
    for metric in [
        Metric::CollectionRate,
        Metric::NewCustomerGrowth,
        Metric::QuoteConversion,
        Metric::CustomerSatisfaction,
    ] {
        let line = line(&outcome, metric);
        assert_eq!(line.state, LineState::NotApplicable(NotApplicable::ZeroDenominator));
        assert_eq!((line.value, line.points), (None, CentiPoints(0)));
        assert_eq!(line.denominator, Some(0), "what it would be divided by is told");
    }
    // 60 × 0.9 + 40 × 0.75.
    assert_eq!(outcome.scorecard.total, Some(CentiPoints(8_400)));
}

#[test]
fn a_metric_that_this_version_does_not_know_says_so() {
    let mut odd = policy();
    odd.scorecard.indicators[0].metric = Metric::Unknown("turnover".into());
    let facts = october();
    let outcome = evaluate(&facts, &odd, facts.period, at("2026-10-21 18:00"));
    let state = outcome.scorecard.lines[0].state;
    assert_eq!(state, LineState::NotApplicable(NotApplicable::NoRuleYet));
}

#[test]
fn without_a_target_an_indicator_does_not_apply() {
    let mut facts = october();
    facts.targets.clear();
    let outcome = outcome(&facts);
    let sales = line(&outcome, Metric::SalesAmount);
    assert_eq!(sales.state, LineState::NotApplicable(NotApplicable::NoTarget));
    assert_eq!(sales.value, Some(90_000), "the value is still shown");
    assert_eq!(outcome.scorecard.total, None);
}

#[test]
fn an_unpublished_target_is_not_in_force() {
    let mut facts = october();
    facts.targets[0].published_on = Some(day("2026-10-22"));
    assert_eq!(line(&outcome(&facts), Metric::SalesAmount).target, None);
    facts.targets[0].published_on = Some(day("2026-10-21"));
    assert_eq!(line(&outcome(&facts), Metric::SalesAmount).target, Some(100_000));
}

#[test]
fn a_quarter_takes_its_months_targets_when_all_are_there() {
    let mut facts = october();
    facts.period = period("2026-Q4");
    let quarter = |facts: &Facts| {
        let outcome = evaluate(facts, &policy(), facts.period, at("2026-10-21 18:00"));
        line(&outcome, Metric::SalesAmount).target
    };
    assert_eq!(quarter(&facts), None);
    facts.targets.push(target_fact(32, Metric::SalesAmount, "2026-11", 50_000));
    facts.targets.push(target_fact(33, Metric::SalesAmount, "2026-12", 50_000));
    assert_eq!(quarter(&facts), Some(200_000));
}

#[test]
fn where_only_confirmed_sales_count_a_claim_is_no_sale() {
    let mut strict = policy();
    strict.scorecard.count = CountPolicy::Confirmed;
    let mut facts = october();
    let seen = |facts: &Facts| evaluate(facts, &strict, facts.period, at("2026-10-21 18:00"));
    let nothing = seen(&facts);
    let sales = line(&nothing, Metric::SalesAmount);
    assert_eq!(sales.state, LineState::NotApplicable(NotApplicable::NoConfirmation));
    assert!(nothing.pace.iter().all(|pace| pace.metric != Metric::SalesAmount));

    // Where others' orders arrive, who has none sold nothing.
    facts.confirms.orders = true;
    let none = seen(&facts);
    let sales = line(&none, Metric::SalesAmount);
    assert_eq!((sales.state, sales.value), (LineState::Applicable, Some(0)));
    assert_eq!(sales.points, CentiPoints(0));

    facts.orders = vec![order(90, 100, "2026-10-11", 50_000)];
    let confirmed = seen(&facts);
    let sales = line(&confirmed, Metric::SalesAmount);
    assert_eq!((sales.value, sales.facts[0].doc), (Some(50_000), doc(90)));
    assert_eq!(sales.exclusions.len(), 4, "every claim is named");
}

#[test]
fn an_order_takes_the_place_of_its_deals_claim() {
    let mut facts = october();
    let confirmed =
        |minor| OrderFact { deal: Some(doc(20)), ..order(90, 100, "2026-10-11", minor) };
    facts.orders = vec![confirmed(50_000)];
    // 60,000 was claimed and 50,000 ordered; 30,000 of another deal is still a claim.
    assert_eq!(line(&outcome(&facts), Metric::SalesAmount).value, Some(80_000));
    facts.orders[0].cancelled_on = Some(day("2026-10-15"));
    assert_eq!(line(&outcome(&facts), Metric::SalesAmount).value, Some(30_000));
    // An order that nobody tied to a deal might be any of them: it confirms nothing, and
    // is named.
    facts.orders = vec![order(91, 100, "2026-10-11", 50_000)];
    let seen = outcome(&facts);
    let sales = line(&seen, Metric::SalesAmount);
    assert_eq!(sales.value, Some(90_000));
    let nameless = vec![ExclusionReason::Money(crate::rules::MoneyReason::NoDeal)];
    assert!(sales.exclusions.iter().any(|one| one.fact.doc == doc(91) && one.reasons == nameless));
}

#[test]
fn an_order_called_off_after_its_month_is_taken_back_when_it_is_called_off() {
    let mut strict = policy();
    strict.scorecard.count = CountPolicy::Confirmed;
    let sales = |month: &str, as_of: &str| {
        let mut facts = facts(month);
        facts.confirms.orders = true;
        facts.targets = vec![target_fact(30, Metric::SalesAmount, month, 100)];
        let off = OrderFact {
            cancelled_on: Some(day("2026-11-05")),
            ..order(90, 100, "2026-10-29", 500)
        };
        facts.orders = vec![off, order(91, 100, "2026-11-03", 800)];
        let outcome = evaluate(&facts, &strict, facts.period, at(as_of));
        let line = line(&outcome, Metric::SalesAmount);
        let used: Vec<_> = line.facts.iter().map(|fact| fact.doc).collect();
        (line.value, used)
    };
    assert_eq!(sales("2026-10", "2026-12-01 09:00"), (Some(500), vec![doc(90)]));
    let november = sales("2026-11", "2026-12-01 09:00");
    assert_eq!(november, (Some(300), vec![doc(90), doc(91)]));
    assert_eq!(sales("2026-11", "2026-11-04 09:00"), (Some(800), vec![doc(91)]));
    let quarter = sales("2026-Q4", "2027-01-05 09:00");
    assert_eq!(quarter, (Some(800), vec![doc(91)]), "within one period it was no sale");
}

/// Anna's October, with every indicator of the card.
fn anna() -> Facts {
    let mut facts = facts("2026-10");
    // Those that bought in September are still hers.
    facts.customers = (70..75)
        .map(|n| customer(n, None))
        .chain((100..103).map(|n| customer(n, Some(Tier::A))))
        .collect();
    facts.visits = (1..10)
        .map(|n| onsite(n, 100 + n % 3, &format!("2026-10-{:02} 09:00", 7 + n), 20))
        .collect();
    let yuan = |minor| Some(Money::new(minor, Currency::CNY));
    facts.deals =
        vec![won(20, "2026-10-10 12:00", yuan(70_000)), won(21, "2026-10-12 12:00", yuan(40_000))];
    facts.instalments = vec![
        instalment(1, 40, "2026-09-15", 20_000),
        instalment(2, 40, "2026-10-10", 70_000),
        instalment(3, 40, "2026-10-20", 30_000),
    ];
    facts.payments = vec![
        payment(12, 40, "2026-10-08", 70_000, Some(2)),
        payment(13, 40, "2026-10-25", 20_000, Some(3)),
        payment(14, 40, "2026-10-26", 15_000, Some(1)),
    ];
    facts.purchases = (60..66)
        .map(|n| purchase(n, n, "2026-10-08"))
        .chain((70..75).map(|n| purchase(n, n, "2026-09-08")))
        .collect();
    facts.quotes = (0..20)
        .map(|n| QuoteFact {
            accepted: (n < 6).then_some(true),
            decided_on: (n < 6).then(|| day("2026-10-20")),
            ..quote(41, n, "2026-10-05")
        })
        .collect();
    facts.surveys = [10, 9, 8, 6]
        .into_iter()
        .zip(80_u8..)
        .map(|(score, n)| survey(n, 100, "2026-10-09", score))
        .collect();
    facts.targets = vec![
        target_fact(30, Metric::SalesAmount, "2026-10", 100_000),
        target_fact(31, Metric::EffectiveVisits, "2026-10", 8),
        target_fact(32, Metric::NewCustomerGrowth, "2026-10", 2_500),
        target_fact(33, Metric::QuoteConversion, "2026-10", 2_500),
    ];
    facts
}

/// The arithmetic of Anna's card, line by line:
///
/// | line | value | target | a = value ÷ target | n (at most 1.20) | weight | points |
/// |---|---|---|---|---|---|---|
/// | sales | 700 + 400 = 1,100.00 yuan | 1,000.00 | 1.10 | 1.10 | 30 | 33.00 |
/// | collection | (700 + 200 + 150) ÷ (200 + 1,000) = 87.50 % | 90 % | 0.972222222 | same | 20 | 19.44 |
/// | growth | (6 − 5) ÷ 5 = 20 % | 25 % | 0.80 | 0.80 | 10 | 8.00 |
/// | visits | 9 | 8 | 1.125 | 1.125 | 15 | 16.875 |
/// | quotes | 6 ÷ 20 = 30 % | 25 % | 1.20 | 1.20 | 15 | 18.00 |
/// | satisfaction | 33 ÷ 4 = 8.25 | 8.00 | 1.03125 | 1.03125 | 10 | 10.3125 |
///
/// Exactly 33 + 19.4444… + 8 + 16.875 + 18 + 10.3125 = 105.6319…, shown as 105.63. The
/// floors of the lines sum to 105.62; the hundredth that is missing goes to the largest
/// remainder, which is the visits' half.
#[test]
fn the_card_of_a_rep_is_what_a_hand_computes() {
    let facts = anna();
    let outcome = evaluate(&facts, &policy(), facts.period, at("2026-11-02 09:00"));
    let lines: Vec<_> = outcome
        .scorecard
        .lines
        .iter()
        .map(|line| (line.indicator.clone(), line.value, line.points.0))
        .collect();
    assert_eq!(
        lines,
        [
            (Metric::SalesAmount, Some(110_000), 3_300),
            (Metric::CollectionRate, Some(8_750), 1_944),
            (Metric::NewCustomerGrowth, Some(2_000), 800),
            (Metric::EffectiveVisits, Some(9), 1_688),
            (Metric::QuoteConversion, Some(3_000), 1_800),
            (Metric::CustomerSatisfaction, Some(825), 1_031),
        ]
    );
    assert_eq!(outcome.scorecard.total, Some(CentiPoints(10_563)));
    insta::assert_json_snapshot!("the_card_of_a_rep", outcome.scorecard);
    insta::assert_json_snapshot!("the_figures_of_a_rep", outcome.figures);
}

proptest! {
    // A card is hundreds of facts, and a debug build is slow.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_facts_points_sum_limits_hold_and_order_is_nothing(
        drop in prop::collection::btree_set(0_usize..60, 0..30),
        cap in 50_i64..150,
        seed in 0_usize..1_000,
        zero in any::<bool>(),
    ) {
        let mut facts = anna();
        let mut place = 0;
        let mut keep = || {
            place += 1;
            !drop.contains(&place)
        };
        facts.visits.retain(|_one| keep());
        facts.deals.retain(|_one| keep());
        facts.instalments.retain(|_one| keep());
        facts.payments.retain(|_one| keep());
        facts.purchases.retain(|_one| keep());
        facts.quotes.retain(|_one| keep());
        facts.surveys.retain(|_one| keep());
        facts.targets.retain(|_one| keep());
        let mut policy = policy();
        policy.scorecard.cap = Percent(BasisPoints(cap * 100));
        if zero {
            policy.scorecard.not_applicable = NotApplicablePolicy::Zero;
        }
        let one = evaluate(&facts, &policy, facts.period, at("2026-11-02 09:00"));
        let card = &one.scorecard;
        let sum: i64 = card.lines.iter().map(|line| line.points.0).sum();
        prop_assert_eq!(sum, card.total.unwrap_or_default().0, "every point is a line's");
        let mut weight = 0;
        for group in &card.groups {
            let own = card.lines.iter().filter(|line| line.group == group.group);
            prop_assert_eq!(own.map(|line| line.points.0).sum::<i64>(), group.points.0);
            weight += group.weight_in_force;
        }
        if card.total.is_some() {
            prop_assert_eq!(weight, 100, "the weight of what does not apply goes to the rest");
        }
        for line in &card.lines {
            let applies = line.state == LineState::Applicable;
            prop_assert_eq!(line.normalised.is_some(), applies);
            if let Some(normalised) = line.normalised {
                prop_assert!((0..=cap * 10_000_000).contains(&normalised.0), "cap and floor hold");
            } else {
                prop_assert_eq!(line.points.0, 0);
            }
        }
        // The same facts in another order, some of them twice.
        let mut shuffled = facts.clone();
        let turn = |length: usize| if length == 0 { 0 } else { seed % length };
        let by = turn(shuffled.visits.len());
        shuffled.visits.rotate_left(by);
        shuffled.deals.reverse();
        shuffled.payments.reverse();
        shuffled.quotes.reverse();
        shuffled.surveys.reverse();
        shuffled.purchases.reverse();
        shuffled.visits.extend(facts.visits.first().cloned());
        shuffled.sort();
        prop_assert_eq!(
            evaluate(&shuffled, &policy, facts.period, at("2026-11-02 09:00")).to_bytes(),
            one.to_bytes()
        );
    }
}

#[test]
fn pace_compares_with_a_week_ago() {
    let outcome = outcome(&october());
    let sales = &outcome.pace[0];
    // 15 of 22 working days; 90,000 of 100,000 is ahead of the bound by a little.
    assert_eq!((sales.elapsed_days, sales.working_days), (15, 22));
    assert_eq!(sales.pace, Some(BasisPoints(13_200)));
    assert_eq!(sales.outside, Some(PaceSide::Above));
    assert!(sales.serious, "90,000 was sold by the 14th already");
}

#[test]
fn after_its_end_a_period_no_longer_moves() {
    let facts = october();
    let early = evaluate(&facts, &policy(), facts.period, at("2026-11-05 09:00"));
    let late = evaluate(&facts, &policy(), facts.period, at("2027-03-05 09:00"));
    assert!(!early.provisional.period_open);
    assert_eq!(Outcome { as_of: late.as_of, ..early }, late);
}

#[test]
fn the_due_list_is_the_agenda_of_the_reps_own_customers() {
    let mut facts = october();
    facts.customers[1].owned[0].until = Some(at("2026-10-15 00:00"));
    let due = outcome(&facts).due;
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].customer, due[0].status), (doc(100), DueStatus::OnTrack));
}

#[test]
fn an_outcome_survives_its_own_bytes() {
    let outcome = outcome(&october());
    let read: Outcome = ciborium::from_reader(&outcome.to_bytes()[..]).unwrap();
    assert_eq!(read, outcome);
    assert_eq!(read.digest(), outcome.digest());
}

#[test]
fn a_question_moves_no_digest_where_it_moves_no_figure() {
    let (facts, mut policy) = (october(), policy());
    let mut asked = facts.clone();
    asked.signals = vec![Signal { visit: doc(1), code: "s_photo".into(), open: true }];
    let told = |facts: &Facts, policy: &Policy| {
        let outcome = evaluate(facts, policy, facts.period, at("2026-10-31 18:00"));
        (outcome.inputs_digest, outcome.digest(), outcome.provisional.under_review)
    };
    let (inputs, outcome, doubts) = told(&facts, &policy);
    assert_eq!(told(&asked, &policy), (inputs, outcome, doubts + 1), "asked, and counted");
    policy.visits.review_counts = false;
    let (inputs, outcome, _) = told(&facts, &policy);
    let (other_inputs, other_outcome, _) = told(&asked, &policy);
    assert!(inputs != other_inputs && outcome != other_outcome, "it counts no more");
    asked.signals[0].open = false;
    assert_eq!(told(&asked, &policy).0, inputs, "a question that was answered");
}
