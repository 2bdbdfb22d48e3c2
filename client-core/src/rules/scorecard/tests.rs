use super::*;
use crate::records::Metric;
use crate::rules::attainment::{Fraction, attain};
use crate::rules::fixture::policy;
use crate::rules::outcome::{Limit, NotApplicable};
use crate::rules::policy::{Better, Group, IndicatorRule, Policy};
use crate::rules::units::BasisPoints;

/// Actual and target of the six indicators of S1 (DOMAIN F14), in card order:
/// sales 1.10, collection 92/90, growth 10/20, visits 45/40, quotes 30/25,
/// satisfaction 8.4/8.0.
const VECTOR: [(i64, i64); 6] =
    [(110, 100), (9_200, 9_000), (1_000, 2_000), (45, 40), (3_000, 2_500), (840, 800)];

/// The card for `values`; an indicator without one is not applicable.
fn card(policy: &Policy, values: [Option<(i64, i64)>; 6]) -> Points {
    let contributions: Vec<Contribution> = policy
        .scorecard
        .indicators
        .iter()
        .zip(values)
        .map(|(rule, value)| {
            let attained = value.map(|(actual, target)| {
                let (actual, target) = (Fraction::whole(actual), Fraction::whole(target));
                attain(actual, target, rule, &policy.scorecard).unwrap()
            });
            Contribution {
                group: rule.group,
                weight: rule.weight,
                normalised: attained.map(|attained| attained.normalised),
                gate_missed: attained.is_some_and(|attained| attained.gate_missed),
            }
        })
        .collect();
    points(&contributions, &policy.scorecard)
}

#[track_caller]
fn check(policy: &Policy, values: [Option<(i64, i64)>; 6], expected: Option<&str>) -> Points {
    let points = card(policy, values);
    assert_eq!(points.total.map(|total| total.to_string()).as_deref(), expected);
    let lines: i64 = points.lines.iter().map(|line| line.0).sum();
    let groups: i64 = points.groups.iter().map(|group| group.points.0).sum();
    assert_eq!(points.total.map_or(0, |total| total.0), lines, "lines sum to the total");
    assert_eq!(lines, groups, "groups sum to the total");
    points
}

fn all() -> [Option<(i64, i64)>; 6] {
    VECTOR.map(Some)
}

fn without_growth() -> [Option<(i64, i64)>; 6] {
    let mut values = all();
    values[2] = None;
    values
}

fn zero_policy() -> Policy {
    let mut policy = policy();
    policy.scorecard.not_applicable = NotApplicablePolicy::Zero;
    policy
}

#[test]
fn the_guides_example_gives_103_82_points() {
    let points = check(&policy(), all(), Some("103.82"));
    let lines: Vec<String> = points.lines.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["33.00", "20.44", "5.00", "16.88", "18.00", "10.50"]);
}

#[test]
fn a_cap_of_one_gives_95_points() {
    let mut capped = policy();
    capped.scorecard.cap = "100%".parse().unwrap();
    check(&capped, all(), Some("95.00"));
}

#[test]
fn what_does_not_apply_gives_its_weight_to_its_group_or_scores_nothing() {
    check(&policy(), without_growth(), Some("109.51"));
    check(&zero_policy(), without_growth(), Some("98.82"));
}

#[test]
fn a_group_with_nothing_applicable_gives_its_weight_to_the_other() {
    let visits_only = [None, None, None, Some((30, 40)), None, None];
    let points = check(&policy(), visits_only, Some("75.00"));
    let in_force: Vec<u32> = points.groups.iter().map(|group| group.weight_in_force).collect();
    assert_eq!(in_force, [0, 100]);
    // 40 × 15 ÷ 40 × 0.75.
    check(&zero_policy(), visits_only, Some("11.25"));
}

#[test]
fn a_card_with_nothing_applicable_has_no_total() {
    check(&policy(), [None; 6], None);
    check(&zero_policy(), [None; 6], None);
}

#[test]
fn a_missed_gate_takes_its_group() {
    let mut gated = policy();
    gated.scorecard.indicators[2].gate = Some("60%".parse().unwrap());
    let points = check(&gated, all(), Some("45.38"));
    assert!(points.groups[0].gate_missed);
    gated.scorecard.indicators[2].gate = Some("50%".parse().unwrap());
    check(&gated, all(), Some("103.82"));
}

fn sales() -> IndicatorRule {
    IndicatorRule {
        metric: Metric::SalesAmount,
        group: Group::Result,
        weight: 30,
        better: Better::Higher,
        default_target: None,
        threshold: None,
        gate: None,
    }
}

#[test]
fn limits_cut_an_attainment_and_are_named() {
    let check = |rule: &IndicatorRule, actual, target, normalised: i64, limit| {
        let (actual, target) = (Fraction::whole(actual), Fraction::whole(target));
        let attained = attain(actual, target, rule, &policy().scorecard).unwrap();
        assert_eq!((attained.normalised, attained.limit), (Normalised(normalised), limit));
        attained.raw
    };
    let higher = sales();
    assert_eq!(check(&higher, 150, 100, 1_200_000_000, Some(Limit::Cap)), BasisPoints(15_000));
    check(&higher, 120, 100, 1_200_000_000, None);
    check(&higher, -5, 100, 0, Some(Limit::Floor));
    check(&higher, 2, 3, 666_666_667, None);
    let lower = IndicatorRule { better: Better::Lower, ..sales() };
    check(&lower, 50, 40, 800_000_000, None);
    check(&lower, 0, 40, 1_200_000_000, Some(Limit::Cap));
    let limited = IndicatorRule { threshold: Some("60%".parse().unwrap()), ..sales() };
    check(&limited, 60, 100, 600_000_000, None);
    check(&limited, 599, 1000, 0, Some(Limit::Threshold));
    check(&higher, i64::MAX, 1, 1_200_000_000, Some(Limit::Cap));
}

#[test]
fn a_denominator_of_zero_is_not_applicable() {
    let attain = |actual, target| attain(actual, target, &sales(), &policy().scorecard);
    let half = Fraction { numerator: 1, denominator: 0 };
    assert_eq!(attain(half, Fraction::whole(1)), Err(NotApplicable::ZeroDenominator));
    assert_eq!(attain(Fraction::whole(1), Fraction::whole(0)), Err(NotApplicable::ZeroTarget));
    assert_eq!(attain(Fraction::whole(-9), Fraction::whole(-5)), Err(NotApplicable::ZeroTarget));
}
