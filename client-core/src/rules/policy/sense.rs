//! Whether a number means anything.
//!
//! A policy that says "two months down" with a 0, or asks for nine of seven signals, can be
//! read and computes: its rule then speaks of everybody or of nobody, and no one is told that
//! it was switched off. So every number has a span outside which it would be no rule, and
//! numbers that belong together are held against each other. This is asked of a policy that
//! somebody enters. One that is in force was entered under the limits of its day, and its
//! cards stay readable: [`Policy::kept`].

use super::validate::ensure;
use super::{Phase, Policy, PolicyError, SatisfactionMeasure, Threshold};
use crate::records::Metric;
use crate::rules::units::{BasisPoints, Percent};

/// What a count may be.
struct Span {
    key: &'static str,
    of: fn(&Policy) -> u32,
    least: u32,
    most: u32,
    unit: &'static str,
    why: &'static str,
}

/// What a share may be.
struct Share {
    key: &'static str,
    of: fn(&Policy) -> Percent,
    least: BasisPoints,
    most: BasisPoints,
    why: &'static str,
}

const APPLIES: &str = "beyond that it would hold for all or for none";
const GOAL: &str = "beyond that it would always be met or never";
const SIGNALS: &str = "there are no more signals";
const ANSWER: &str = "answers go from 0 to 10, and 10 is not low";
const GAP: &str = "two orders make the first gap";
const ALONE: &str = "one alone is nothing unusual";
const POINTS: &str = "both groups make 100 points together";
const MODES: &str = "a day has 1440 minutes";
/// A hundredth of a percent: more than nothing.
const SOME: BasisPoints = BasisPoints(1);
const WHOLE: BasisPoints = BasisPoints(10_000);
const TENFOLD: BasisPoints = BasisPoints(100_000);

const fn days(key: &'static str, of: fn(&Policy) -> u32, most: u32) -> Span {
    Span { key, of, least: 1, most, unit: "days", why: APPLIES }
}

const fn count(key: &'static str, of: fn(&Policy) -> u32, least: u32, most: u32) -> Span {
    Span { key, of, least, most, unit: "of them", why: APPLIES }
}

const fn goal(key: &'static str, of: fn(&Policy) -> Percent, most: BasisPoints) -> Share {
    Share { key, of, least: SOME, most, why: GOAL }
}

const SPANS: [Span; 40] = [
    Span { unit: "metres", ..count("visits.fence_m", |policy| policy.visits.fence_m.0, 1, 10_000) },
    Span {
        unit: "hours",
        ..count("visits.submit_within_hours", |policy| policy.visits.submit_within_hours, 1, 720)
    },
    days("visits.new_customer_days", |policy| policy.visits.new_customer_days, 3_660),
    days("due.lookback_days", |policy| policy.due.lookback_days, 3_660),
    Span {
        unit: "points",
        why: POINTS,
        ..count("scorecard.result_weight", |policy| policy.scorecard.result_weight, 0, 100)
    },
    Span {
        unit: "points",
        why: POINTS,
        ..count("scorecard.process_weight", |policy| policy.scorecard.process_weight, 0, 100)
    },
    Span {
        unit: "hundredths",
        why: GOAL,
        ..count(
            "goals.satisfaction_min_hundredths",
            |policy| policy.goals.satisfaction_min_hundredths,
            1,
            10_000,
        )
    },
    Span {
        unit: "months",
        ..count(
            "goals.repurchase_window_months",
            |policy| policy.goals.repurchase_window_months,
            1,
            120,
        )
    },
    Span {
        unit: "months",
        ..count("goals.new_product_months", |policy| policy.goals.new_product_months, 1, 120)
    },
    days("leads.a_days", |policy| policy.leads.a_days, 3_660),
    days("leads.b_days", |policy| policy.leads.b_days, 3_660),
    count("alarms.churn_min_base", |policy| policy.alarms.churn_min_base, 1, 100_000),
    count("alarms.stage_min_deals", |policy| policy.alarms.stage_min_deals, 1, 100_000),
    Span {
        unit: "months",
        ..count("alarms.fall.months", |policy| policy.alarms.fall.months, 1, 24)
    },
    days("reminders.callback_days", |policy| policy.reminders.callback_days, 366),
    Span {
        unit: "hours",
        ..count("reminders.response_hours", |policy| policy.reminders.response_hours, 1, 720)
    },
    count("reminders.key_tasks", |policy| policy.reminders.key_tasks, 1, 20),
    days("reminders.stall_days", |policy| policy.reminders.stall_days, 366),
    days("reminders.hygiene.p1", |policy| policy.reminders.hygiene.p1, 366),
    days("reminders.hygiene.p2", |policy| policy.reminders.hygiene.p2, 366),
    days("reminders.hygiene.p3", |policy| policy.reminders.hygiene.p3, 366),
    days("risk.overdue_days", |policy| policy.risk.overdue_days, 366),
    count("risk.complaints", |policy| policy.risk.complaints, 1, 100),
    days("risk.complaint_days", |policy| policy.risk.complaint_days, 366),
    Span {
        why: SIGNALS,
        ..count("risk.red_signals", |policy| policy.risk.red_signals, 1, CHURN_SIGNALS)
    },
    count("risk.visit_intervals", |policy| policy.risk.visit_intervals, 1, 52),
    Span { why: GAP, ..count("risk.order_min", |policy| policy.risk.order_min, 2, 100) },
    days("risk.order_days", |policy| policy.risk.order_days, 3_660),
    Span { why: ANSWER, ..count("risk.score_at_most", |policy| policy.risk.score_at_most, 0, 9) },
    days("risk.complaint_open_days", |policy| policy.risk.complaint_open_days, 366),
    days("risk.long_overdue_days", |policy| policy.risk.long_overdue_days, 3_660),
    days("risk.competitor_days", |policy| policy.risk.competitor_days, 3_660),
    days("risk.hold_days", |policy| policy.risk.hold_days, 366),
    days("risk.history_days", |policy| policy.risk.history_days, 366),
    Span {
        unit: "km/h",
        ..count("integrity.travel_kmh", |policy| policy.integrity.travel_kmh, 10, 1_000)
    },
    Span {
        why: ALONE,
        ..count("integrity.point_customers", |policy| policy.integrity.point_customers, 2, 1_000)
    },
    Span {
        unit: "minutes",
        ..count("integrity.clock_minutes", |policy| policy.integrity.clock_minutes, 1, 1_440)
    },
    Span {
        why: ALONE,
        ..count("integrity.burst_visits", |policy| policy.integrity.burst_visits, 2, 1_000)
    },
    Span {
        unit: "minutes",
        ..count("integrity.burst_minutes", |policy| policy.integrity.burst_minutes, 1, 1_440)
    },
    days("integrity.close_last_days", |policy| policy.integrity.close_last_days, 31),
];

/// The reasons that count as a signal of churn (R2).
const CHURN_SIGNALS: u32 = 7;

const SHARES: [Share; 16] = [
    Share { why: APPLIES, ..goal("due.follow_up", |policy| policy.due.follow_up, WHOLE) },
    goal(
        "goals.collection_rate_above",
        |policy| policy.goals.collection_rate_above,
        BasisPoints(9_999),
    ),
    goal("goals.repurchase_min", |policy| policy.goals.repurchase_min, WHOLE),
    goal(
        "goals.new_customer_conversion_min",
        |policy| policy.goals.new_customer_conversion_min,
        WHOLE,
    ),
    goal("goals.tender_win_min", |policy| policy.goals.tender_win_min, WHOLE),
    goal("goals.high_margin_min", |policy| policy.goals.high_margin_min, WHOLE),
    goal(
        "goals.products_per_customer_growth_min",
        |policy| policy.goals.products_per_customer_growth_min,
        TENFOLD,
    ),
    Share { why: APPLIES, ..goal("goals.key_accounts", |policy| policy.goals.key_accounts, WHOLE) },
    Share { least: BasisPoints(0), ..goal("goals.mix.high_end", |p| p.goals.mix.high_end, WHOLE) },
    Share { least: BasisPoints(0), ..goal("goals.mix.middle", |p| p.goals.mix.middle, WHOLE) },
    Share { least: BasisPoints(0), ..goal("goals.mix.basic", |p| p.goals.mix.basic, WHOLE) },
    Share {
        least: BasisPoints(0),
        why: APPLIES,
        ..goal("targets.over_assignment", |policy| policy.targets.over_assignment, TENFOLD)
    },
    Share { why: APPLIES, ..goal("alarms.churn_rise", |p| p.alarms.churn_rise, TENFOLD) },
    Share {
        why: APPLIES,
        ..goal("alarms.stage_below_benchmark", |p| p.alarms.stage_below_benchmark, WHOLE)
    },
    Share {
        least: WHOLE,
        why: "within the usual gap nothing is amiss",
        ..goal("risk.order_gap", |policy| policy.risk.order_gap, TENFOLD)
    },
    Share { why: "who is on pace is within it", ..goal("pace.low", |p| p.pace.low, WHOLE) },
];

/// Refuses numbers outside their span, and numbers that contradict each other.
pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    for span in &SPANS {
        within(span.key, (span.of)(policy), (span.least, span.most), span.unit, span.why)?;
    }
    let undone = policy.integrity.close_undone_days;
    within("integrity.close_undone_days", undone, (1, 366), "days", APPLIES)?;
    for one in &SHARES {
        share(one.key, (one.of)(policy), (one.least, one.most), one.why)?;
    }
    share("pace.high", policy.pace.high, (WHOLE, TENFOLD), "who is on pace is within it")?;
    for (stage, value) in &policy.alarms.benchmarks {
        share(&format!("alarms.benchmarks.{stage}"), *value, (SOME, WHOLE), APPLIES)?;
    }
    ordered(policy)?;
    visits(policy)?;
    card(policy)?;
    gates(policy)?;
    milestones(policy)
}

/// What comes before what.
fn ordered(policy: &Policy) -> Result<(), PolicyError> {
    let (leads, risk, hygiene) = (&policy.leads, &policy.risk, &policy.reminders.hygiene);
    let pairs = [
        (("reminders.hygiene.p1", hygiene.p1), ("reminders.hygiene.p2", hygiene.p2)),
        (("reminders.hygiene.p2", hygiene.p2), ("reminders.hygiene.p3", hygiene.p3)),
        (
            ("risk.overdue_days", risk.overdue_days),
            ("risk.long_overdue_days", risk.long_overdue_days),
        ),
        (("risk.hold_days", risk.hold_days), ("risk.history_days", risk.history_days)),
    ];
    for ((key, value), (other, limit)) in pairs {
        ensure(value <= limit, key, value, format!("expected at most {other}, which is {limit}"))?;
    }
    let allowed = format!("expected less than leads.b_days, which is {}", leads.b_days);
    ensure(leads.a_days < leads.b_days, "leads.a_days", leads.a_days, allowed)
}

fn visits(policy: &Policy) -> Result<(), PolicyError> {
    let modes = &policy.visits.modes;
    ensure(!modes.is_empty(), "visits.modes", "empty", "expected at least one mode that counts")?;
    for (index, rule) in (0_u32..).zip(modes) {
        let key = format!("visits.modes.{index}.min_minutes");
        within(&key, rule.min_minutes, (0, 1_440), "minutes", MODES)?;
    }
    for (index, rule) in (0_u32..).zip(&policy.frequency) {
        let key = format!("frequency.{index}.deep");
        let allowed = "expected modes beside it: they say which contact is deep";
        ensure(!rule.deep || !rule.modes.is_empty(), key, "true", allowed)?;
        let (seen, interval) = (policy.due.lookback_days, rule.period.nominal_days());
        let allowed = format!("expected at least {interval} days, as long as a frequency's period");
        ensure(seen >= interval, "due.lookback_days", seen, allowed)?;
    }
    for (index, stage) in (0_u32..).zip(&policy.pipeline.stages) {
        let Some(value) = stage.stall_days else { continue };
        let key = format!("pipeline.stages.{index}.stall_days");
        within(&key, value, (1, 366), "days", APPLIES)?;
    }
    Ok(())
}

fn card(policy: &Policy) -> Result<(), PolicyError> {
    for (index, rule) in (0_u32..).zip(&policy.scorecard.indicators) {
        let key = |name: &str| format!("scorecard.indicators.{index}.{name}");
        within(&key("weight"), rule.weight, (0, 100), "points", POINTS)?;
        for (name, value) in [("threshold", rule.threshold), ("gate", rule.gate)] {
            let Some(value) = value else { continue };
            share(&key(name), value, (SOME, TENFOLD), APPLIES)?;
        }
        let Some(target) = rule.default_target else { continue };
        let (most, unit) = match rule.metric {
            Metric::CollectionRate | Metric::QuoteConversion => (10_000, "basis points"),
            Metric::CustomerSatisfaction => match policy.goals.satisfaction_measure {
                SatisfactionMeasure::Mean => (1_000, "hundredths"),
                SatisfactionMeasure::Nps => (10_000, "hundredths"),
            },
            _ => (1_000_000_000_000_000, "of them"),
        };
        let allowed = format!("expected 1 to {most} {unit}: {GOAL}");
        ensure((1..=most).contains(&target), key("default_target"), target, allowed)?;
    }
    let goals = &policy.goals;
    let mean = goals.satisfaction_measure == SatisfactionMeasure::Mean;
    let (key, least) = ("goals.satisfaction_min_hundredths", goals.satisfaction_min_hundredths);
    within(key, least, (1, if mean { 1_000 } else { 10_000 }), "hundredths", GOAL)?;
    for (family, weight) in &policy.appraisal.ratings {
        let key = format!("appraisal.ratings.{family}");
        within(&key, *weight, (1, 100), "points", POINTS)?;
    }
    Ok(())
}

fn gates(policy: &Policy) -> Result<(), PolicyError> {
    for (index, gate) in (0_u32..).zip(&policy.pipeline.gates) {
        let key = |name: &str| format!("pipeline.gates.{index}.{name}");
        let allowed = "expected a phase before closed: a deal that is closed leaves no phase";
        ensure(gate.phase != Phase::Closed, key("phase"), "closed", allowed)?;
        within(&key("deep_contacts"), gate.deep_contacts, (0, 100), "of them", APPLIES)?;
        let asks = gate.deep_contacts > 0 || !gate.documents.is_empty();
        let allowed = "expected at least 1, or documents: the gate asks for nothing";
        ensure(asks, key("deep_contacts"), gate.deep_contacts, allowed)?;
        let reached = gate.deep_contacts == 0 || !gate.deep_modes.is_empty();
        let allowed = "expected the modes that count as deep: without one it is never passed";
        ensure(reached, key("deep_modes"), "empty", allowed)?;
    }
    Ok(())
}

fn milestones(policy: &Policy) -> Result<(), PolicyError> {
    for (index, rule) in (0_u32..).zip(&policy.milestones) {
        let key = |name: &str| format!("milestones.{index}.{name}");
        for (name, value) in [("share", rule.share), ("growth", rule.growth)] {
            let Some(value) = value else { continue };
            share(&key(name), value, (SOME, TENFOLD), GOAL)?;
        }
        match rule.threshold {
            Some(Threshold::Count(count)) => {
                within(&key("threshold"), count, (1, 100_000), "of them", GOAL)?;
            }
            Some(Threshold::Share(value)) => {
                let most = if rule.operator.holds(1, 1) { WHOLE } else { BasisPoints(9_999) };
                share(&key("threshold"), value, (SOME, most), GOAL)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn within(
    key: &str,
    value: u32,
    (least, most): (u32, u32),
    unit: &str,
    why: &str,
) -> Result<(), PolicyError> {
    let allowed = format!("expected {least} to {most} {unit}: {why}");
    ensure((least..=most).contains(&value), key, value, allowed)
}

fn share(
    key: &str,
    value: Percent,
    (least, most): (BasisPoints, BasisPoints),
    why: &str,
) -> Result<(), PolicyError> {
    let allowed = format!("expected {} to {}: {why}", Percent(least), Percent(most));
    ensure(least <= value.0 && value.0 <= most, key, value, allowed)
}

#[cfg(test)]
mod tests;
