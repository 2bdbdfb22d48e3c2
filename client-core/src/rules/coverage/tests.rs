use super::*;
use crate::rules::effective_visit::judge_all;
use crate::rules::facts::OwnedSpan;
use crate::rules::fixture::*;
use crate::rules::policy::RulePeriod;

/// "A needs `count` per `period`", any mode.
fn rule(tier: Tier, count: u32, period: RulePeriod) -> FrequencyRule {
    FrequencyRule { tier, count, period, modes: Vec::new(), deep: false, note: None }
}

fn policy_of(frequency: Vec<FrequencyRule>) -> Policy {
    Policy { frequency, ..policy() }
}

fn covered(facts: &Facts, policy: &Policy, as_of: &str) -> Coverage {
    let judged = judge_all(facts, policy, at(as_of));
    coverage(facts, policy, facts.period, at(as_of), &judged)
}

/// October with A customers 100, 101, … that got so many visits each.
fn october(visits: &[usize]) -> Facts {
    let mut facts = facts("2026-10");
    let mut number = 0_u8;
    for (index, count) in visits.iter().enumerate() {
        let id = 100 + u8::try_from(index).unwrap();
        facts.customers.push(customer(id, Some(Tier::A)));
        for visit in 0..*count {
            number += 1;
            let start = format!("2026-10-{:02} 10:00", 12 + visit);
            facts.visits.push(onsite(number, id, &start, 20));
        }
    }
    facts
}

fn shares(figures: &CoverageFigures) -> [(i64, i64); 3] {
    [figures.reach, figures.standard_met, figures.frequency]
        .map(|share| (share.numerator, share.denominator))
}

const MONTH_END: &str = "2026-10-31 23:00";

#[test]
fn one_customer_visited_too_often_does_not_hide_two_that_are_neglected() {
    let policy = policy_of(vec![rule(Tier::A, 2, RulePeriod::Month)]);
    let coverage = covered(&october(&[3, 1, 0]), &policy, MONTH_END);
    assert_eq!(shares(&coverage.total), [(2, 3), (1, 3), (3, 6)]);
    assert_eq!(coverage.total.reach.share, Some(BasisPoints(6_667)));
    assert_eq!(shares(&coverage.tiers[0].figures), [(2, 3), (1, 3), (3, 6)]);
    assert_eq!(shares(&coverage.existing), [(2, 3), (1, 3), (3, 6)]);
    assert_eq!(coverage.new.reach, Share::of(0, 0));
    assert_eq!(coverage.new.reach.share, None, "nothing to divide by is not zero");
}

#[test]
fn several_rules_are_a_row_each_and_the_standard_is_all_of_them() {
    let mut onsite_only = rule(Tier::A, 2, RulePeriod::Month);
    onsite_only.modes = vec![crate::docs::visit::VisitMode::Onsite];
    let policy = policy_of(vec![onsite_only, rule(Tier::A, 1, RulePeriod::Week)]);
    let coverage = covered(&october(&[3]), &policy, MONTH_END);
    let rows: Vec<_> =
        coverage.rows.iter().map(|row| (row.rule, row.required, row.actual, row.met)).collect();
    // Weeks that end in October: those of 28 September to 19 October.
    assert_eq!(rows, [(0, 2, 3, true), (1, 4, 3, false)]);
    assert_eq!(shares(&coverage.total), [(1, 1), (0, 1), (3, 6)]);
}

#[test]
fn a_week_belongs_to_the_month_in_which_it_ends() {
    let policy = policy_of(vec![rule(Tier::A, 1, RulePeriod::Week)]);
    let mut facts = october(&[0]);
    facts.visits.push(onsite(1, 100, "2026-09-28 10:00", 20));
    facts.visits.push(onsite(2, 100, "2026-10-26 10:00", 20));
    let row = &covered(&facts, &policy, MONTH_END).rows[0];
    assert_eq!((row.from, row.until), (day("2026-09-28"), day("2026-10-25")));
    assert_eq!((row.required, row.actual, row.credited), (4, 1, 1));
}

#[test]
fn a_rule_period_that_has_not_begun_asks_for_nothing() {
    let policy = policy_of(vec![rule(Tier::A, 1, RulePeriod::Week)]);
    let row = &covered(&october(&[0]), &policy, "2026-10-07 12:00").rows[0];
    assert_eq!(row.required, 2);
}

#[test]
fn a_customer_that_came_in_mid_period_is_asked_for_its_working_days() {
    // October 2026 has 22 working days; from the 19th there are 10 left.
    let required = |count, from: &str| {
        let policy = policy_of(vec![rule(Tier::A, count, RulePeriod::Month)]);
        let mut facts = october(&[0]);
        facts.customers[0].owned[0].from = at(from);
        covered(&facts, &policy, MONTH_END).rows[0].required
    };
    assert_eq!(required(2, "2026-10-19 09:00"), 1, "2 × 10 ÷ 22 = 0.91");
    assert_eq!(required(1, "2026-10-19 09:00"), 0, "1 × 10 ÷ 22 = 0.45");
    assert_eq!(required(11, "2026-10-31 09:00"), 0, "a Saturday");
    assert_eq!(required(11, "2026-10-30 09:00"), 1, "11 × 1 ÷ 22 = 0.5, half up");
}

#[test]
fn leave_takes_its_share_of_what_a_week_asks_for() {
    let policy = policy_of(vec![rule(Tier::A, 2, RulePeriod::Week)]);
    let required = |away: &[&str]| {
        let mut facts = facts("2026-W42");
        facts.customers.push(customer(100, Some(Tier::A)));
        facts.calendar.away = away.iter().copied().map(day).collect();
        covered(&facts, &policy, "2026-10-18 23:00").rows[0].required
    };
    let week = ["2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15", "2026-10-16"];
    assert_eq!(required(&[]), 2);
    assert_eq!(required(&["2026-10-17", "2026-10-18"]), 2, "a weekend is no leave");
    assert_eq!(required(&week[..2]), 1, "2 × 3 ÷ 5 = 1.2");
    assert_eq!(required(&week[..3]), 1, "2 × 2 ÷ 5 = 0.8");
    assert_eq!(required(&week[..4]), 0, "2 × 1 ÷ 5 = 0.4");
    assert_eq!(required(&week), 0);
}

#[test]
fn a_change_of_tier_splits_the_requirement_and_the_visits() {
    let policy =
        policy_of(vec![rule(Tier::A, 4, RulePeriod::Month), rule(Tier::B, 2, RulePeriod::Month)]);
    let mut facts = october(&[0]);
    let moved = at("2026-10-16 00:00");
    facts.customers[0].owned = vec![
        OwnedSpan { from: at("2025-01-06 09:00"), until: Some(moved), tier: Some(Tier::B) },
        OwnedSpan { from: moved, until: None, tier: Some(Tier::A) },
    ];
    facts.visits.push(onsite(1, 100, "2026-10-15 10:00", 20));
    facts.visits.push(onsite(2, 100, "2026-10-16 10:00", 20));
    let coverage = covered(&facts, &policy, MONTH_END);
    let rows: Vec<_> =
        coverage.rows.iter().map(|row| (row.tier, row.required, row.actual)).collect();
    assert_eq!(rows, [(Tier::A, 2, 1), (Tier::B, 1, 1)]);
    assert_eq!(coverage.tiers[0].figures.reach, Share::of(1, 1), "its last tier was A");
    assert_eq!(coverage.tiers[1].figures.reach, Share::of(0, 0));
}

#[test]
fn customers_without_a_rule_are_reached_but_not_measured() {
    let policy = policy_of(vec![rule(Tier::A, 2, RulePeriod::Month)]);
    let mut facts = october(&[2]);
    facts.customers.push(customer(110, Some(Tier::C)));
    facts.customers.push(customer(111, None));
    let coverage = covered(&facts, &policy, MONTH_END);
    assert_eq!(shares(&coverage.total), [(1, 3), (1, 1), (2, 2)]);
    assert_eq!(coverage.tiers.len(), 4);
}

#[test]
fn new_customers_are_shown_apart() {
    let policy = policy_of(vec![rule(Tier::A, 1, RulePeriod::Month)]);
    let mut facts = october(&[1, 0]);
    facts.customers[1].known_since = Some(at("2026-10-05 09:00"));
    let coverage = covered(&facts, &policy, MONTH_END);
    assert_eq!(shares(&coverage.new)[0], (0, 1));
    assert_eq!(shares(&coverage.existing)[0], (1, 1));
}
