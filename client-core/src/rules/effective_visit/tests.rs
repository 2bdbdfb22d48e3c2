use super::*;
use crate::docs::visit::VisitMode;
use crate::rules::facts::{Decision, Signal};
use crate::rules::fixture::*;

/// The verdict on `visits` under `policy`, in id order.
fn verdicts(facts: &Facts, policy: &Policy) -> Vec<(Verdict, bool)> {
    judge_all(facts, policy, at("2026-12-31 00:00"))
        .into_iter()
        .map(|one| (one.verdict, one.counts))
        .collect()
}

fn october(visits: Vec<VisitFact>) -> Facts {
    Facts { visits, customers: vec![customer(100, Some(Tier::A))], ..facts("2026-10") }
}

#[track_caller]
fn check(visit: VisitFact, expected: Verdict) {
    let (verdict, _counts) = verdicts(&october(vec![visit]), &policy()).remove(0);
    assert_eq!(verdict, expected);
}

fn twelve_minutes() -> VisitFact {
    onsite(1, 100, "2026-10-08 09:00", 12)
}

fn not(reasons: &[VisitReason]) -> Verdict {
    Verdict::NotEffective(reasons.to_vec())
}

#[test]
fn an_onsite_visit_in_the_fence_with_outcome_and_next_step_is_effective() {
    check(twelve_minutes(), Verdict::Effective);
}

#[test]
fn without_check_out_an_onsite_visit_is_not_effective() {
    check(VisitFact { check_out: None, ..twelve_minutes() }, not(&[VisitReason::NoCheckOut]));
}

#[test]
fn without_a_fix_a_visit_is_under_review_and_counts_unless_the_policy_says_no() {
    let mut visit = twelve_minutes();
    visit.check_in =
        visit.check_in.map(|check| crate::rules::facts::CheckFact { fix: None, ..check });
    let expected = Verdict::NeedsReview(vec![ReviewReason::Unverifiable]);
    let facts = october(vec![visit]);
    assert_eq!(verdicts(&facts, &policy()), [(expected.clone(), true)]);
    let mut strict = policy();
    strict.visits.review_counts = false;
    assert_eq!(verdicts(&facts, &strict), [(expected, false)]);
}

#[test]
fn ten_minutes_are_enough_and_a_moment_less_is_not() {
    check(onsite(1, 100, "2026-10-08 09:00", 10), Verdict::Effective);
    let mut short = onsite(1, 100, "2026-10-08 09:00", 10);
    if let Some(check) = &mut short.check_out {
        check.at = check.at.plus_millis(-1);
    }
    check(short, not(&[VisitReason::TooShort]));
    check(remote(1, 100, VisitMode::Phone, "2026-10-08 09:00", 5), Verdict::Effective);
    check(remote(1, 100, VisitMode::Video, "2026-10-08 09:00", 4), not(&[VisitReason::TooShort]));
}

#[test]
fn a_visit_may_be_submitted_up_to_24_hours_after_its_end() {
    let late = |millis: i64| {
        let visit = twelve_minutes();
        let submitted = visit.end().unwrap().plus_millis(24 * 3_600_000 + millis);
        VisitFact { submitted_at: Some(submitted), ..visit }
    };
    check(late(0), Verdict::Effective);
    check(late(1), not(&[VisitReason::SubmittedLate]));
}

#[test]
fn each_mode_asks_for_its_own_things() {
    let message = |has_text| VisitFact {
        ended_at: None,
        has_next_step: false,
        has_text,
        ..remote(1, 100, VisitMode::Wechat, "2026-10-08 09:00", 0)
    };
    check(message(true), Verdict::Effective);
    check(message(false), not(&[VisitReason::NoText]));
    let call = remote(1, 100, VisitMode::Phone, "2026-10-08 09:00", 6);
    check(
        VisitFact { ended_at: None, has_next_step: false, ..call },
        not(&[VisitReason::NoEnd, VisitReason::NoNextStep]),
    );
    let mode = |mode| VisitFact { mode, ..twelve_minutes() };
    check(mode(None), not(&[VisitReason::NoMode]));
    check(mode(Some(VisitMode::Unknown("fax".into()))), not(&[VisitReason::ModeNotCounted]));
}

#[test]
fn out_of_the_fence_counts_not_and_uncertain_counts() {
    let with = |metres, accuracy| {
        let mut visit = twelve_minutes();
        if let Some(check) = &mut visit.check_in {
            check.fix = Some(fix(metres, accuracy));
        }
        visit
    };
    check(with(250, 20), Verdict::Effective);
    check(with(310, 50), Verdict::Effective);
    check(with(400, 50), not(&[VisitReason::OutOfFence]));
}

#[test]
fn every_reason_is_given_at_once() {
    let visit = VisitFact {
        customer: None,
        check_in: None,
        check_out: None,
        outcome: None,
        has_next_step: false,
        submitted_at: None,
        ..twelve_minutes()
    };
    check(
        visit,
        not(&[
            VisitReason::NotSubmitted,
            VisitReason::NoCustomer,
            VisitReason::NoCheckIn,
            VisitReason::NoCheckOut,
            VisitReason::NoOutcome,
            VisitReason::NoNextStep,
        ]),
    );
}

#[test]
fn of_overlapping_visits_to_one_customer_the_earlier_id_wins() {
    let facts = october(vec![
        onsite(1, 100, "2026-10-08 09:00", 30),
        onsite(2, 100, "2026-10-08 09:20", 30),
        // Overlaps only the one that was dropped.
        onsite(3, 100, "2026-10-08 09:40", 30),
        // Another customer at the same time is a signal's matter, not this rule's.
        onsite(4, 101, "2026-10-08 09:00", 30),
    ]);
    let verdicts = verdicts(&facts, &policy());
    let counts: Vec<bool> = verdicts.iter().map(|(_verdict, counts)| *counts).collect();
    assert_eq!(counts, [true, false, true, true]);
    assert_eq!(verdicts[1].0, not(&[VisitReason::Duplicate]));
}

#[test]
fn touching_visits_are_no_duplicates_and_a_broken_one_takes_nothing_with_it() {
    let touching = october(vec![
        onsite(1, 100, "2026-10-08 09:00", 30),
        onsite(2, 100, "2026-10-08 09:30", 30),
    ]);
    assert!(verdicts(&touching, &policy()).iter().all(|(_verdict, counts)| *counts));
    let broken = VisitFact { check_out: None, ..onsite(1, 100, "2026-10-08 09:00", 30) };
    let repeated = october(vec![broken, onsite(2, 100, "2026-10-08 09:00", 30)]);
    assert_eq!(verdicts(&repeated, &policy())[1], (Verdict::Effective, true));
}

#[test]
fn a_signal_opens_a_review_and_a_ruling_settles_it() {
    let signal = Signal { visit: doc(1), code: "s_photo".into(), open: true };
    let mut facts = october(vec![twelve_minutes()]);
    facts.signals = vec![Signal { open: false, ..signal.clone() }];
    assert_eq!(verdicts(&facts, &policy())[0].0, Verdict::Effective);
    facts.signals = vec![signal];
    let review = Verdict::NeedsReview(vec![ReviewReason::OpenSignal]);
    assert_eq!(verdicts(&facts, &policy())[0], (review, true));
    let ruling = |ruling| Decision { visit: doc(1), ruling, at: at("2026-10-09 09:00") };
    facts.decisions = vec![ruling(Ruling::Accept)];
    assert_eq!(verdicts(&facts, &policy())[0], (Verdict::Effective, true));
    facts.decisions = vec![ruling(Ruling::Reject)];
    assert_eq!(verdicts(&facts, &policy())[0], (not(&[VisitReason::Rejected]), false));
}

#[test]
fn an_edit_after_submit_does_not_count_before_it_is_reviewed() {
    let mut facts = october(vec![VisitFact { edited_after_submit: true, ..twelve_minutes() }]);
    assert!(policy().visits.review_counts);
    let review = Verdict::NeedsReview(vec![ReviewReason::EditedAfterSubmit]);
    assert_eq!(verdicts(&facts, &policy())[0], (review, false));
    facts.decisions =
        vec![Decision { visit: doc(1), ruling: Ruling::Accept, at: at("2026-10-09 09:00") }];
    assert_eq!(verdicts(&facts, &policy())[0], (Verdict::Effective, true));
}
