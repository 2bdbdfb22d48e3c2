use super::*;
use crate::docs::customer::Lifecycle;
use crate::docs::deal::DealOutcome;
use crate::records::Tier;
use crate::rules::buyers::purchases;
use crate::rules::effective_visit::judge_all;
use crate::rules::facts::{OwnedSpan, StageFact};
use crate::rules::fixture::*;
use crate::rules::policy::CountPolicy;

/// A customer of tier B, known since September, that bought in September and was
/// visited on 8 October.
fn quiet() -> Facts {
    let mut facts = facts("2026-10");
    facts.customers = vec![customer(100, Some(Tier::B))];
    facts.customers[0].known_since = Some(at("2026-09-01 09:00"));
    facts.customers[0].owned[0].from = at("2026-09-01 09:00");
    facts.visits = vec![onsite(1, 100, "2026-10-08 09:00", 20)];
    facts.purchases = vec![purchase(30, 100, "2026-09-01")];
    facts
}

fn risks(facts: &Facts, policy: &Policy, when: &str) -> Vec<Risk> {
    let horizon = at(when);
    let judged = judge_all(facts, policy, horizon);
    let today = facts.calendar.zone.date(horizon);
    let bought = purchases(facts, CountPolicy::Claimed, today);
    let ledger = Ledger::of(facts, CountPolicy::Claimed);
    Watch::new(facts, policy, &ledger, &judged, &bought, horizon).risks()
}

fn level(facts: &Facts, when: &str) -> Option<RiskLevel> {
    risks(facts, &policy(), when).first().map(|risk| risk.level)
}

fn reasons(facts: &Facts, when: &str) -> Vec<RiskReason> {
    risks(facts, &policy(), when).first().map(|risk| risk.reasons.clone()).unwrap_or_default()
}

#[test]
fn a_quiet_customer_is_in_no_danger() {
    assert_eq!(level(&quiet(), "2026-10-20 18:00"), None);
}

#[test]
fn an_instalment_is_late_the_day_after_it_was_due() {
    let mut facts = quiet();
    facts.instalments = vec![instalment(1, 40, "2026-10-10", 100)];
    assert_eq!(level(&facts, "2026-10-10 23:59"), None);
    assert_eq!(level(&facts, "2026-10-11 00:00"), Some(RiskLevel::Yellow));
    assert_eq!(reasons(&facts, "2026-10-11 09:00"), [RiskReason::Overdue]);
}

#[test]
fn two_complaints_are_none_and_three_in_thirty_days_are_yellow() {
    let mut facts = quiet();
    let complaint = |n: u8, on: &str| CaseFact {
        resolved_at: Some(at(&format!("{on} 18:00"))),
        ..case(n, 100, &format!("{on} 09:00"), None)
    };
    facts.cases = vec![complaint(1, "2026-10-01"), complaint(2, "2026-10-05")];
    assert_eq!(level(&facts, "2026-10-20 18:00"), None);
    facts.cases.push(complaint(3, "2026-10-06"));
    assert_eq!(level(&facts, "2026-10-20 18:00"), Some(RiskLevel::Yellow));
    // The first of them is 31 days back from 31 October on; then the level is kept a week.
    assert_eq!(level(&facts, "2026-10-30 18:00"), Some(RiskLevel::Yellow));
    let kept = risks(&facts, &policy(), "2026-11-01 18:00");
    assert!(kept[0].kept);
}

#[test]
fn one_signal_is_yellow_and_two_are_red() {
    let mut facts = quiet();
    facts.surveys = vec![survey(1, 100, "2026-10-12", 6)];
    assert_eq!(level(&facts, "2026-10-20 18:00"), Some(RiskLevel::Yellow));
    facts.cases = vec![case(2, 100, "2026-10-12 09:00", None)];
    assert_eq!(level(&facts, "2026-10-19 18:00"), Some(RiskLevel::Yellow), "open for 7 days");
    assert_eq!(level(&facts, "2026-10-20 18:00"), Some(RiskLevel::Red));
    assert_eq!(
        reasons(&facts, "2026-10-20 18:00"),
        [RiskReason::LowScore, RiskReason::ComplaintOpen]
    );
    facts.surveys.push(survey(3, 100, "2026-10-13", 9));
    assert_eq!(reasons(&facts, "2026-10-20 18:00"), [RiskReason::ComplaintOpen], "the last answer");
}

#[test]
fn a_level_is_kept_for_six_days_and_drops_on_the_seventh() {
    let mut facts = quiet();
    facts.instalments = vec![instalment(1, 40, "2026-10-10", 100)];
    facts.payments = vec![payment(2, 40, "2026-10-14", 100, None)];
    // It was open on the evening of the 13th for the last time.
    let sixth = risks(&facts, &policy(), "2026-10-19 18:00");
    assert_eq!((sixth[0].level, sixth[0].kept), (RiskLevel::Yellow, true));
    assert_eq!(level(&facts, "2026-10-20 18:00"), None, "day 7");
    assert_eq!(sixth[0].since, day("2026-10-11"));
}

#[test]
fn history_tells_how_a_level_came_about() {
    let mut facts = quiet();
    facts.surveys = vec![survey(1, 100, "2026-10-05", 3), survey(3, 100, "2026-10-16", 9)];
    facts.cases = vec![case(2, 100, "2026-10-12 09:00", None)];
    let found = risks(&facts, &policy(), "2026-10-20 18:00");
    let told: Vec<_> = found[0].history.iter().map(|one| (one.on, one.level)).collect();
    // From the 20th the open complaint joins what the low answer still keeps: each day
    // alone has one signal, so it stays yellow.
    assert_eq!(told, [(day("2026-10-05"), Some(RiskLevel::Yellow))]);
}

#[test]
fn silence_is_twice_the_interval_of_the_tier() {
    let facts = quiet();
    // B is once a month: 30 days, twice is 60; the last visit was on 8 October.
    let mut november = facts.clone();
    november.period = period("2026-12");
    assert_eq!(level(&november, "2026-12-07 18:00"), None);
    assert_eq!(reasons(&november, "2026-12-08 18:00"), [RiskReason::NoVisit]);
}

#[test]
fn orders_stop_by_the_customers_own_measure_or_after_half_a_year() {
    let mut facts = quiet();
    // Every 10 days: after more than 15 it is silent.
    facts.purchases = vec![
        purchase(30, 100, "2026-09-10"),
        purchase(31, 100, "2026-09-20"),
        purchase(32, 100, "2026-09-30"),
    ];
    assert_eq!(level(&facts, "2026-10-15 18:00"), None);
    assert_eq!(reasons(&facts, "2026-10-16 18:00"), [RiskReason::NoOrder]);
    facts.purchases.truncate(2);
    assert_eq!(level(&facts, "2026-10-31 18:00"), None, "two orders have no usual gap");
    facts.purchases = vec![purchase(30, 100, "2026-04-20")];
    assert_eq!(level(&facts, "2026-10-17 18:00"), None, "180 days");
    assert_eq!(reasons(&facts, "2026-10-18 18:00"), [RiskReason::NoOrder]);
    facts.purchases.clear();
    assert_eq!(level(&facts, "2026-10-31 18:00"), None, "who never ordered cannot stop");
}

#[test]
fn a_competitor_alone_is_no_danger_and_with_a_lost_stage_it_is() {
    let mut facts = quiet();
    facts.visits[0].competitor_seen = true;
    let entered = |when: &str, stage: &str| StageFact { at: at(when), stage: stage.into() };
    let mut deal = deal_fact(20, Some(100), Some(at("2026-10-01 09:00")));
    deal.stages = vec![
        entered("2026-10-01 09:00", "needs_confirmed"),
        entered("2026-10-05 09:00", "proposal"),
    ];
    facts.deals = vec![deal];
    assert_eq!(level(&facts, "2026-10-12 18:00"), None);
    facts.deals[0].stages.push(entered("2026-10-10 09:00", "needs_confirmed"));
    assert_eq!(reasons(&facts, "2026-10-12 18:00"), [RiskReason::Competitor]);
    facts.visits[0].competitor_seen = false;
    assert_eq!(level(&facts, "2026-10-12 18:00"), None);
}

#[test]
fn long_overdue_and_the_owners_mark_are_signals() {
    let mut facts = quiet();
    facts.instalments = vec![instalment(1, 40, "2026-09-10", 100)];
    assert_eq!(reasons(&facts, "2026-10-10 18:00"), [RiskReason::Overdue]);
    assert_eq!(level(&facts, "2026-10-11 18:00"), Some(RiskLevel::Yellow));
    facts.customers[0].at_risk = true;
    facts.customers[0].lifecycle = Some(Lifecycle::Active);
    assert_eq!(level(&facts, "2026-10-11 18:00"), Some(RiskLevel::Red));
}

#[test]
fn the_order_of_facts_never_matters() {
    let mut facts = quiet();
    facts.customers.push(customer(101, Some(Tier::A)));
    facts.surveys = (0..6).map(|n| survey(n, 100, &format!("2026-10-{:02}", 5 + n), n)).collect();
    facts.instalments = (0..4).map(|n| instalment(n, 40, "2026-09-10", 100)).collect();
    let one = risks(&facts, &policy(), "2026-10-20 18:00");
    facts.customers.reverse();
    facts.surveys.reverse();
    facts.instalments.reverse();
    assert_eq!(risks(&facts, &policy(), "2026-10-20 18:00"), one);
}

#[test]
fn a_customer_with_whom_nothing_happened_tells_the_same_history_in_short() {
    let mut facts = facts("2026-10");
    facts.customers = vec![customer(100, Some(Tier::A)), customer(101, Some(Tier::A))];
    for customer in &mut facts.customers {
        customer.known_since = Some(at("2026-09-01 09:00"));
        customer.owned[0].from = at("2026-09-01 09:00");
    }
    // An answer without danger makes the second one be judged day by day.
    facts.surveys = vec![survey(1, 101, "2026-09-01", 10)];
    let found = risks(&facts, &policy(), "2026-10-20 18:00");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].history, found[1].history);
    // Twice a week is 3.5 days, twice that 7: from the eighth day on.
    assert_eq!(found[0].since, day("2026-09-09"));
}

#[test]
fn what_has_nothing_to_do_with_it_moves_no_beginning() {
    let mut facts = quiet();
    facts.visits.clear();
    facts.purchases.clear();
    let span = OwnedSpan { from: at("2026-10-10 09:00"), until: None, tier: Some(Tier::B) };
    facts.customers[0].known_since = Some(at("2025-01-01 09:00"));
    facts.customers[0].owned = vec![span];
    let since = |facts: &Facts| {
        let found = risks(facts, &policy(), "2026-10-20 18:00");
        let [risk] = found.as_slice() else { panic!("one customer: {found:?}") };
        (risk.since, risk.history.clone())
    };
    let alone = since(&facts);
    assert_eq!(alone.0, day("2026-10-10"), "silent for long, and this rep's since the tenth");
    let mut lost = deal_fact(20, Some(100), Some(at("2025-02-01 09:00")));
    lost.outcome = Some(DealOutcome::Lost);
    lost.decided_at = Some(at("2025-02-02 09:00"));
    facts.deals = vec![lost];
    assert_eq!(since(&facts), alone);
}
