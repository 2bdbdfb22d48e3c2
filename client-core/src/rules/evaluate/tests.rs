use crate::docs::deal::DealOutcome;
use crate::money::{Currency, Money};
use crate::records::Tier;
use crate::rules::due::DueStatus;
use crate::rules::facts::DealFact;
use crate::rules::fixture::*;
use crate::rules::outcome::{
    ExclusionReason, IndicatorLine, LineState, NotApplicable, ReviewReason, RuleId,
};
use crate::rules::pace::PaceSide;
use crate::rules::units::CentiPoints;

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
fn an_indicator_without_a_rule_is_not_applicable_and_never_zero() {
    let outcome = outcome(&october());
    for metric in [
        Metric::CollectionRate,
        Metric::NewCustomerGrowth,
        Metric::QuoteConversion,
        Metric::CustomerSatisfaction,
    ] {
        let line = line(&outcome, metric);
        assert_eq!(line.state, LineState::NotApplicable(NotApplicable::NoRuleYet));
        assert_eq!((line.value, line.points), (None, CentiPoints(0)));
    }
    // 60 × 0.9 + 40 × 0.75.
    assert_eq!(outcome.scorecard.total, Some(CentiPoints(8_400)));
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
    let facts = october();
    let outcome = evaluate(&facts, &strict, facts.period, at("2026-10-21 18:00"));
    let sales = line(&outcome, Metric::SalesAmount);
    assert_eq!(sales.state, LineState::NotApplicable(NotApplicable::NoConfirmation));
    assert!(outcome.pace.iter().all(|pace| pace.metric != Metric::SalesAmount));
}

#[test]
fn pace_compares_with_a_week_ago() {
    let outcome = outcome(&october());
    let sales = &outcome.pace[0];
    // 15 of 22 working days; 90,000 of 100,000 is ahead of the bound by a little.
    assert_eq!((sales.elapsed_days, sales.working_days), (15, 22));
    assert_eq!(sales.pace, Some(crate::rules::BasisPoints(13_200)));
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
