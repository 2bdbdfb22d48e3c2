use proptest::prelude::*;

use super::*;
use crate::rules::facts::StageFact;
use crate::rules::fixture::{at, calendar, doc, heads, period, policy};
use crate::rules::policy::{Policy, Stage};

const CNY: Currency = Currency::CNY;

/// A deal that entered stages, each at its time.
fn deal(number: u8, entries: &[(&str, &str)]) -> DealFact {
    DealFact {
        customer: Some(doc(200)),
        stage: entries.last().map(|(stage, _)| (*stage).to_owned()),
        stages: entries
            .iter()
            .map(|(stage, when)| StageFact { at: at(when), stage: (*stage).to_owned() })
            .collect(),
        amount: Some(Money::new(1000, CNY)),
        created_at: entries.first().map(|(_, when)| at(when)),
        ..DealFact::new(doc(number), heads(number))
    }
}

fn won(number: u8, entries: &[(&str, &str)], when: &str) -> DealFact {
    decided(deal(number, entries), DealOutcome::Won, when)
}

fn lost(number: u8, entries: &[(&str, &str)], when: &str) -> DealFact {
    decided(deal(number, entries), DealOutcome::Lost, when)
}

fn decided(deal: DealFact, outcome: DealOutcome, when: &str) -> DealFact {
    DealFact { outcome: Some(outcome), decided_at: Some(at(when)), ..deal }
}

/// The pipeline of S3 behind a stage for leads.
fn with_leads() -> Policy {
    let mut policy = policy();
    let lead =
        Stage { code: "lead".into(), phase: Phase::Lead, name: BTreeMap::new(), stall_days: None };
    policy.pipeline.stages.insert(0, lead);
    policy
}

fn seen(deals: &[DealFact], text: &str, as_of: &str) -> Funnel {
    let (policy, calendar) = (with_leads(), calendar());
    let view = FunnelView {
        pipeline: &policy.pipeline,
        zone: &calendar.zone,
        period: period(text),
        compared_with: period(text).previous(),
        as_of: at(as_of),
    };
    funnel(deals, &view)
}

fn stage<'f>(funnel: &'f Funnel, code: &str) -> &'f StageFigures {
    funnel.stages.iter().find(|stage| stage.stage == code).unwrap()
}

/// Entered, passed, lost, undecided.
fn counts(cohort: &Cohort) -> [u32; 4] {
    [cohort.entered, cohort.passed, cohort.lost, cohort.undecided]
}

const CONTACT: &str = "initial_contact";
const NEEDS: &str = "needs_confirmed";
const PROPOSAL: &str = "proposal";
const CLOSED: &str = "closed";

#[test]
fn ten_entered_and_four_passed_is_ten_points_less_than_six_of_twelve() {
    let mut deals = Vec::new();
    for number in 0..10 {
        let entries = [(CONTACT, "2026-10-06 09:00"), (NEEDS, "2026-10-07 09:00")];
        deals.push(deal(number, if number < 4 { &entries } else { &entries[..1] }));
    }
    for number in 10..22 {
        let entries = [(CONTACT, "2026-09-29 09:00"), (NEEDS, "2026-09-30 09:00")];
        deals.push(deal(number, if number < 16 { &entries } else { &entries[..1] }));
    }
    let funnel = seen(&deals, "2026-W41", "2026-10-11 18:00");
    let step = &stage(&funnel, CONTACT).conversion;
    assert_eq!(counts(&step.now), [10, 4, 0, 6]);
    assert_eq!(
        (step.now.value, step.before.value),
        (Some(BasisPoints(4000)), Some(BasisPoints(5000)))
    );
    assert_eq!(step.change, Some(BasisPoints(-1000)));
}

#[test]
fn the_cohort_before_is_looked_at_just_as_early() {
    // It passed on its tenth day; this period's cohort is five days old.
    let early = deal(1, &[(CONTACT, "2026-09-01 09:00"), (NEEDS, "2026-09-10 09:00")]);
    let now = deal(2, &[(CONTACT, "2026-10-01 09:00")]);
    let deals = [early, now];
    let funnel = seen(&deals, "2026-10", "2026-10-05 12:00");
    assert_eq!(funnel.compared_as_of, at("2026-09-05 12:00"));
    let step = &stage(&funnel, CONTACT).conversion;
    assert_eq!(counts(&step.before), [1, 0, 0, 1], "not known on 5 September");
    assert_eq!(step.change, Some(BasisPoints(0)));
    let funnel = seen(&deals, "2026-10", "2026-10-10 12:00");
    let step = &stage(&funnel, CONTACT).conversion;
    assert_eq!(counts(&step.before), [1, 1, 0, 0]);
    assert_eq!(step.change, Some(BasisPoints(-10_000)));
    // Entries of the earlier period that had not happened at that age are not in it.
    let late = deal(3, &[(CONTACT, "2026-09-20 09:00")]);
    let funnel = seen(&[late], "2026-10", "2026-10-10 12:00");
    assert_eq!(counts(&stage(&funnel, CONTACT).conversion.before), [0, 0, 0, 0]);
}

#[test]
fn the_shift_keeps_the_time_of_day_over_a_change_of_the_clocks() {
    let (policy, zone) = (
        policy(),
        Zone {
            name: "Europe/Berlin".into(),
            initial_offset_s: 3600,
            transitions: vec![
                (Timestamp::from_millis(1_774_746_000_000), 7200), // 2026-03-29T01:00Z
                (Timestamp::from_millis(1_792_890_000_000), 3600), // 2026-10-25T01:00Z
            ],
        },
    );
    let looked = |text: &str, as_of: Timestamp| {
        let view = FunnelView {
            pipeline: &policy.pipeline,
            zone: &zone,
            period: period(text),
            compared_with: period(text).previous(),
            as_of,
        };
        funnel(&[], &view).compared_as_of
    };
    let noon = |day: &str| zone.start_of(day.parse().unwrap()).plus_millis(12 * 3_600_000);
    assert_eq!(looked("2026-W44", noon("2026-10-28")), noon("2026-10-21"));
    // 5 April 23:30 minus seven days: 29 March has 23 hours.
    let late = zone.start_of("2026-04-05".parse().unwrap()).plus_millis(23 * 3_600_000 + 1_800_000);
    assert_eq!(looked("2026-W14", late), zone.end_of("2026-03-29".parse().unwrap()));
}

#[test]
fn skipping_passes_losing_does_not_and_winning_does() {
    let deals = [
        deal(1, &[(CONTACT, "2026-10-01 09:00"), (PROPOSAL, "2026-10-02 09:00")]),
        lost(2, &[(CONTACT, "2026-10-01 09:00"), (CLOSED, "2026-10-03 09:00")], "2026-10-03 09:00"),
        won(3, &[(CONTACT, "2026-10-01 09:00")], "2026-10-04 09:00"),
        lost(4, &[(CONTACT, "2026-10-01 09:00"), (NEEDS, "2026-10-02 09:00")], "2026-10-05 09:00"),
        deal(5, &[(CONTACT, "2026-10-01 09:00")]),
    ];
    let funnel = seen(&deals, "2026-10", "2026-10-31 12:00");
    assert_eq!(counts(&stage(&funnel, CONTACT).conversion.now), [5, 3, 1, 1]);
    let needs = &stage(&funnel, NEEDS).conversion.now;
    assert_eq!(counts(needs), [1, 0, 1, 0], "lost after it entered");
    let [skipped] = needs.exclusions.as_slice() else { panic!("{:?}", needs.exclusions) };
    assert_eq!(skipped.fact.doc, doc(1));
    assert_eq!(skipped.reasons, [ExclusionReason::Deal(DealReason::SkippedStage)]);
    assert_eq!(counts(&stage(&funnel, CLOSED).conversion.now), [1, 0, 1, 0]);
    assert_eq!(counts(&funnel.deal_to_signing.now), [5, 1, 2, 2]);
    // What was decided later is undecided from here.
    let early = seen(&deals, "2026-10", "2026-10-02 12:00");
    assert_eq!(counts(&stage(&early, CONTACT).conversion.now), [5, 2, 0, 3]);
}

#[test]
fn only_the_first_entry_counts_and_only_what_follows_it_passes() {
    let again = deal(
        1,
        &[
            (CONTACT, "2026-09-20 09:00"),
            (NEEDS, "2026-09-25 09:00"),
            (CONTACT, "2026-10-02 09:00"),
        ],
    );
    let back = deal(2, &[(PROPOSAL, "2026-10-01 09:00"), (CONTACT, "2026-10-03 09:00")]);
    let tie = deal(3, &[(NEEDS, "2026-10-01 09:00"), (CONTACT, "2026-10-01 09:00")]);
    let tie = DealFact { stage: Some(NEEDS.into()), ..tie };
    let funnel = seen(&[again, back, tie], "2026-10", "2026-10-31 12:00");
    let contact = &stage(&funnel, CONTACT).conversion;
    assert_eq!(counts(&contact.now), [2, 1, 0, 1], "a tie is in the pipeline's order");
    assert_eq!(contact.now.passed_facts, [FactRef { doc: doc(3), heads: heads(3) }]);
    assert_eq!(counts(&contact.before), [1, 1, 0, 0], "entered in September");
    assert_eq!(stage(&funnel, CONTACT).open.count, 2, "where it went back to");
    assert_eq!(stage(&funnel, NEEDS).open.count, 1);
}

#[test]
fn leads_become_deals_and_deals_are_signed() {
    let lead = "lead";
    let deals = [
        deal(1, &[(lead, "2026-10-01 09:00"), (CONTACT, "2026-10-04 09:00")]),
        lost(2, &[(lead, "2026-10-01 09:00")], "2026-10-02 09:00"),
        deal(3, &[(lead, "2026-10-01 09:00")]),
        won(4, &[(lead, "2026-10-01 09:00"), (NEEDS, "2026-10-02 09:00")], "2026-10-09 09:00"),
        won(5, &[(CONTACT, "2026-10-01 09:00")], "2026-10-09 09:00"),
    ];
    let funnel = seen(&deals, "2026-10", "2026-10-31 12:00");
    assert_eq!(counts(&funnel.lead_to_deal.now), [4, 2, 1, 1]);
    assert_eq!(funnel.lead_to_deal.now.value, Some(BasisPoints(5000)));
    assert_eq!(counts(&funnel.deal_to_signing.now), [3, 2, 0, 1]);
    assert_eq!(funnel.deal_to_signing.now.value, Some(BasisPoints(6667)));
    assert_eq!(funnel.deal_to_signing.change, None, "nothing to compare with");
}

#[test]
fn an_empty_funnel_has_no_shares() {
    let funnel = seen(&[], "2026-10", "2026-10-31 12:00");
    for stage in &funnel.stages {
        assert_eq!((stage.conversion.now.value, stage.conversion.change), (None, None));
        assert_eq!(stage.open, OpenDeals::default());
    }
    assert_eq!(funnel.lead_to_deal.now.value, None);
}

#[test]
fn what_cannot_be_placed_is_named() {
    let strange = deal(1, &[(CONTACT, "2026-10-01 09:00"), ("limbo", "2026-10-02 09:00")]);
    let bare = DealFact { created_at: Some(at("2026-10-01 09:00")), ..deal(2, &[]) };
    let bare = decided(bare, DealOutcome::Won, "2026-10-05 09:00");
    let undated =
        DealFact { outcome: Some(DealOutcome::Won), ..deal(3, &[(CONTACT, "2026-10-01 09:00")]) };
    let newer =
        DealFact { outcome: Some(DealOutcome::Unknown("merged".into())), ..undated.clone() };
    let funnel = seen(&[strange, bare, undated], "2026-10", "2026-10-31 12:00");
    let reasons: Vec<_> =
        funnel.exclusions.iter().map(|out| (out.fact.doc, out.reasons.clone())).collect();
    let out = |number, reason| (doc(number), vec![ExclusionReason::Deal(reason)]);
    assert_eq!(reasons, [out(1, DealReason::UnknownStage), out(2, DealReason::NoStages)]);
    let contact = &stage(&funnel, CONTACT).conversion.now;
    assert_eq!(counts(contact), [1, 0, 0, 1], "in limbo is not further on");
    assert_eq!(contact.exclusions.len(), 1);
    assert_eq!(contact.exclusions[0].reasons, [ExclusionReason::Deal(DealReason::UndatedDecision)]);
    assert_eq!((funnel.elsewhere.count, stage(&funnel, CONTACT).open.count), (1, 0));
    let newer = seen(&[newer], "2026-10", "2026-10-31 12:00");
    let left_out = &stage(&newer, CONTACT).conversion.now.exclusions;
    assert_eq!(left_out[0].reasons, [ExclusionReason::Deal(DealReason::UnknownOutcome)]);
}

#[test]
fn open_amounts_are_summed_for_each_currency_and_never_across() {
    let eur: Currency = "EUR".parse().unwrap();
    let entries = [(CONTACT, "2026-10-01 09:00")];
    let with = |number, amount| DealFact { amount, ..deal(number, &entries) };
    let deals = [
        with(1, Some(Money::new(500, CNY))),
        with(2, Some(Money::new(7, eur))),
        with(3, Some(Money::new(20, CNY))),
        with(4, None),
        won(5, &entries, "2026-10-02 09:00"),
        deal(6, &[(CONTACT, "2026-10-30 09:00")]),
    ];
    let funnel = seen(&deals, "2026-10", "2026-10-15 12:00");
    let open = &stage(&funnel, CONTACT).open;
    assert_eq!((open.count, open.without_amount), (4, 1), "decided, or not begun yet");
    assert_eq!(open.amounts, [Money::new(520, CNY), Money::new(7, eur)]);
}

#[test]
fn an_open_deal_lies_where_its_history_says_it_lay_and_an_undated_one_where_it_says_itself() {
    let moved = deal(1, &[(CONTACT, "2026-10-01 09:00"), (PROPOSAL, "2026-10-20 09:00")]);
    let undated = DealFact { stage: Some(NEEDS.into()), ..deal(2, &[]) };
    let nowhere = DealFact { stage: None, ..deal(3, &[]) };
    let deals = [moved, undated, nowhere];
    let lies = |as_of: &str| {
        let funnel = seen(&deals, "2026-10", as_of);
        let open = [CONTACT, NEEDS, PROPOSAL].map(|code| stage(&funnel, code).open.count);
        (open, funnel.elsewhere.count)
    };
    assert_eq!(lies("2026-10-19 12:00"), ([1, 1, 0], 1));
    assert_eq!(lies("2026-10-21 12:00"), ([0, 1, 1], 1));
    assert_eq!(lies("2026-09-01 12:00"), ([0, 1, 0], 1), "it had not begun");
}

#[test]
fn a_day_belongs_to_the_period_of_the_orgs_zone() {
    // 16:30 UTC on 30 September is half past midnight on 1 October in Shanghai.
    let first = deal(1, &[(CONTACT, "2026-10-01 00:30")]);
    let last = deal(2, &[(CONTACT, "2026-10-31 23:59")]);
    let next = deal(3, &[(CONTACT, "2026-11-01 00:00")]);
    let funnel = seen(&[first, last, next], "2026-10", "2026-11-20 12:00");
    assert_eq!(counts(&stage(&funnel, CONTACT).conversion.now), [2, 0, 0, 2]);
}

fn any_deal() -> impl Strategy<Value = DealFact> {
    let codes = prop::sample::select(vec!["lead", CONTACT, NEEDS, PROPOSAL, CLOSED, "limbo"]);
    let start = at("2026-08-20 09:00");
    let entries = prop::collection::vec((codes, 0_i64..90), 0..5);
    (0_u8..40, entries, 0_u8..4, 0_i64..90).prop_map(move |(number, entries, fate, after)| {
        let on = |days: i64| start.plus_millis(days * 86_400_000);
        let mut stages: Vec<StageFact> = entries
            .into_iter()
            .map(|(stage, days)| StageFact { at: on(days), stage: stage.to_owned() })
            .collect();
        stages.sort_unstable();
        let outcome = match fate {
            1 => Some(DealOutcome::Won),
            2 => Some(DealOutcome::Lost),
            _ => None,
        };
        DealFact {
            created_at: stages.first().map(|entry| entry.at),
            stages,
            decided_at: outcome.as_ref().map(|_| on(after)),
            outcome,
            ..deal(number, &[])
        }
    })
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing_and_cohorts_add_up(
        deals in prop::collection::vec(any_deal(), 0..30),
    ) {
        let mut unique: BTreeMap<DocId, DealFact> = BTreeMap::new();
        for deal in deals {
            unique.insert(deal.doc, deal);
        }
        let deals: Vec<DealFact> = unique.into_values().collect();
        let one = seen(&deals, "2026-10", "2026-10-20 12:00");
        let mut shuffled: Vec<DealFact> = deals.iter().rev().chain(&deals).cloned().collect();
        shuffled.rotate_left(deals.len() / 2);
        prop_assert_eq!(&seen(&shuffled, "2026-10", "2026-10-20 12:00"), &one);
        let steps = one.stages.iter().map(|stage| &stage.conversion);
        for step in steps.chain([&one.lead_to_deal, &one.deal_to_signing]) {
            for cohort in [&step.now, &step.before] {
                prop_assert_eq!(cohort.entered, cohort.passed + cohort.lost + cohort.undecided);
                prop_assert!(cohort.passed_facts.is_sorted());
            }
        }
        let open: u32 = one.stages.iter().map(|stage| stage.open.count).sum();
        let expected = deals.iter().filter(|deal| {
            deal.decided_at.is_none_or(|decided| at("2026-10-20 12:00") < decided)
                && deal.created_at.is_none_or(|created| created <= at("2026-10-20 12:00"))
        });
        prop_assert_eq!(open + one.elsewhere.count, u32::try_from(expected.count()).unwrap());
    }
}
