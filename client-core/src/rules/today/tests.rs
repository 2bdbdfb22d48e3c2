use super::*;
use crate::docs::deal::DealOutcome;
use crate::money::Money;
use crate::rules::facts::{DealFact, StageFact};
use crate::rules::fixture::*;

fn deal(number: u8, created: &str, stage: Option<&str>, won: Option<&str>) -> DealFact {
    let created_at = at(created);
    DealFact {
        customer: Some(doc(100)),
        stage: stage.map(str::to_owned),
        stages: stage
            .map(|stage| StageFact { at: created_at, stage: stage.to_owned() })
            .into_iter()
            .collect(),
        outcome: won.map(|_at| DealOutcome::Won),
        decided_at: won.map(at),
        amount: Some(Money::new(50_000, crate::money::Currency::CNY)),
        created_at: Some(created_at),
        ..DealFact::new(doc(number), heads(number))
    }
}

#[test]
fn five_new_leads_against_a_daily_four_are_125_percent() {
    let mut facts = facts("2026-10");
    facts.targets = vec![target_fact(1, Metric::NewLeads, "2026-10", 88)];
    facts.deals = (1..=5).map(|number| deal(number, "2026-10-15 10:00", None, None)).collect();
    let line = today(&[facts], &policy(), day("2026-10-15"), at("2026-10-15 18:00")).remove(0);
    let expected = DayFigure {
        actual: 5,
        target_hundredths: Some(400),
        attainment: Some(BasisPoints(12_500)),
    };
    assert_eq!(line.new_leads, expected);
    assert_eq!(line.new_deals, DayFigure::default());
}

#[test]
fn the_board_counts_only_its_day_and_only_up_to_now() {
    let mut facts = facts("2026-10");
    facts.customers = vec![customer(100, None)];
    facts.targets = vec![
        target_fact(1, Metric::SalesAmount, "2026-10", 1_000_000),
        target_fact(2, Metric::EffectiveVisits, "2026-10", 10),
    ];
    facts.visits = vec![
        onsite(1, 100, "2026-10-14 10:00", 20),
        onsite(2, 100, "2026-10-15 10:00", 20),
        onsite(3, 100, "2026-10-15 11:00", 2),
        onsite(4, 100, "2026-10-15 19:00", 20),
    ];
    facts.deals = vec![
        deal(11, "2026-10-15 09:00", Some("initial_contact"), None),
        deal(12, "2026-10-02 09:00", Some("initial_contact"), Some("2026-10-15 12:00")),
        deal(13, "2026-10-02 09:00", Some("initial_contact"), Some("2026-10-14 12:00")),
    ];
    let line = today(&[facts], &policy(), day("2026-10-15"), at("2026-10-15 18:00")).remove(0);
    assert_eq!((line.visits_logged, line.effective_visits.actual), (2, 1));
    assert_eq!((line.new_leads.actual, line.new_deals.actual), (0, 1));
    assert_eq!(line.won_amount.actual, 50_000);
    // 1,000,000 ÷ 22 and 10 ÷ 22, half-even in hundredths.
    assert_eq!(line.won_amount.target_hundredths, Some(4_545_455));
    assert_eq!(line.effective_visits.target_hundredths, Some(45));
    assert_eq!(line.won_amount.attainment, Some(BasisPoints(11_000)));
}

#[test]
fn a_day_without_target_has_no_attainment() {
    let line =
        today(&[facts("2026-10")], &policy(), day("2026-10-15"), at("2026-10-15 18:00")).remove(0);
    assert_eq!(line.new_leads, DayFigure::default());
}
