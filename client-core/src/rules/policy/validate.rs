//! What the shape of a policy alone cannot say.

use std::collections::BTreeSet;

use super::{
    FrequencyRule, Group, MilestoneFigure, MilestoneMetric, MilestoneRule, PipelinePolicy, Policy,
    PolicyError, ScorecardPolicy, Threshold, Within,
};
use crate::docs::visit::VisitMode;
use crate::records::Metric;
use crate::rules::units::{BasisPoints, Percent};

const FULL: BasisPoints = BasisPoints(10_000);

/// Refuses `key` unless `holds`.
pub(super) fn ensure(
    holds: bool,
    key: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Result<(), PolicyError> {
    if holds {
        return Ok(());
    }
    Err(PolicyError::Value {
        line: None,
        key: key.into(),
        value: value.to_string(),
        allowed: allowed.into(),
    })
}

pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    visits(policy)?;
    super::bounds::check(policy)?;
    let mut seen = BTreeSet::new();
    for (index, rule) in policy.frequency.iter().enumerate() {
        frequency(index, rule, policy)?;
        let about = (rule.tier, rule.period, rule.modes.iter().collect::<BTreeSet<_>>());
        let key = format!("frequency.{index}.period");
        let allowed = "expected one rule for a tier, a period and a set of modes";
        ensure(seen.insert(about), key, "another rule of the same", allowed)?;
    }
    let follow_up = policy.due.follow_up;
    ensure(
        BasisPoints(0) < follow_up.0 && follow_up.0 <= FULL,
        "due.follow_up",
        follow_up,
        "expected more than 0% and at most 100% of the interval",
    )?;
    scorecard(&policy.scorecard)?;
    ensure(
        policy.pace.low < policy.pace.high,
        "pace.low",
        policy.pace.low,
        format!("expected less than pace.high, which is {}", policy.pace.high),
    )?;
    pipeline(&policy.pipeline)?;
    reminders(policy)?;
    let mix = Percent(policy.goals.mix.sum());
    ensure(mix.0 == FULL, "goals.mix", mix, "expected three shares that sum to 100%")
}

fn reminders(policy: &Policy) -> Result<(), PolicyError> {
    let hours = policy.reminders.working_hours;
    ensure(
        hours.from < hours.until,
        "reminders.working_hours.until",
        hours.until,
        format!("expected later than reminders.working_hours.from, which is {}", hours.from),
    )?;
    let risk = &policy.risk;
    ensure(risk.red_signals > 0, "risk.red_signals", 0, "expected at least 1 signal")?;
    ensure(risk.hold_days > 0, "risk.hold_days", 0, "expected at least 1 day")?;
    let rated: u64 = policy.appraisal.ratings.values().map(|weight| u64::from(*weight)).sum();
    let allowed = "expected weights in percent that sum to at most 100";
    ensure(rated <= 100, "appraisal.ratings", rated, allowed)?;
    for stage in policy.alarms.benchmarks.keys() {
        ensure(
            policy.pipeline.position(stage).is_some(),
            format!("alarms.benchmarks.{stage}"),
            stage,
            "expected the code of a stage of the pipeline",
        )?;
    }
    for (index, gate) in policy.pipeline.gates.iter().enumerate() {
        for mode in &gate.deep_modes {
            known_mode(&format!("pipeline.gates.{index}.deep_modes"), mode)?;
        }
        ensure(
            policy.pipeline.stages.iter().any(|stage| stage.phase == gate.phase),
            format!("pipeline.gates.{index}.phase"),
            index,
            "expected the phase of one of pipeline.stages",
        )?;
    }
    for (index, milestone) in policy.milestones.iter().enumerate() {
        ensure(
            (1..=4).contains(&milestone.quarter),
            format!("milestones.{index}.quarter"),
            milestone.quarter,
            "expected 1, 2, 3 or 4",
        )?;
        self::milestone(index, milestone)?;
    }
    Ok(())
}

/// A metric is held against a share of its target, a figure against what it can be.
fn milestone(index: usize, rule: &MilestoneRule) -> Result<(), PolicyError> {
    let key = |name: &str| format!("milestones.{index}.{name}");
    let figures: Vec<&str> = MilestoneFigure::ALL.iter().map(|figure| figure.as_str()).collect();
    let known = !matches!(rule.metric, MilestoneMetric::Metric(Metric::Unknown(_)));
    let allowed = format!("expected a metric such as new_customers, or {}", figures.join(", "));
    ensure(known, key("metric"), &rule.metric, allowed)?;
    let (wanted, form) = match rule.metric {
        MilestoneMetric::Metric(_) => ("share", (true, false, None)),
        MilestoneMetric::Figure(MilestoneFigure::ProductsPerCustomer) => {
            ("growth", (false, true, None))
        }
        MilestoneMetric::Figure(MilestoneFigure::Tenders) => {
            ("threshold", (false, false, Some(true)))
        }
        MilestoneMetric::Figure(
            MilestoneFigure::TenderWinRate | MilestoneFigure::CollectionRate,
        ) => ("threshold", (false, false, Some(false))),
    };
    let counts = rule.threshold.map(|one| matches!(one, Threshold::Count(_)));
    let given = (rule.share.is_some(), rule.growth.is_some(), counts);
    let example = match form.2 {
        Some(true) => "threshold = 3",
        Some(false) => "threshold = \"60%\"",
        None if form.1 => "growth = \"25%\"",
        None => "share = \"30%\"",
    };
    let written = [
        ("share", rule.share.is_some()),
        ("growth", rule.growth.is_some()),
        ("threshold", rule.threshold.is_some()),
    ];
    let written: Vec<&str> =
        written.into_iter().filter_map(|(name, is)| is.then_some(name)).collect();
    let written = if written.is_empty() { "nothing".to_owned() } else { written.join(" and ") };
    let allowed = format!("expected {example}, and nothing else, beside {}", rule.metric);
    ensure(given == form, key(wanted), format!("given with {written}"), allowed)?;
    if let Some(most) = rule.at_most {
        let allowed = "expected nothing: it stands beside a threshold";
        let least = rule.threshold.filter(|_least| known);
        ensure(least.is_some(), key("at_most"), most.units(), allowed)?;
        let fits = least.is_none_or(|least| least.is_like(most) && least.units() <= most.units());
        let allowed = "expected not less than its threshold, and like it";
        ensure(fits, key("at_most"), most.units(), allowed)?;
    }
    // What is a share of a year's target is counted from the year's first day.
    let of_target = matches!(rule.metric, MilestoneMetric::Metric(_));
    let whole = !of_target || rule.within == Within::Year;
    ensure(whole, key("within"), "quarter", "expected year where it is a share of a target")
}

fn visits(policy: &Policy) -> Result<(), PolicyError> {
    let fence = policy.visits.fence_m.0;
    ensure(fence > 0, "visits.fence_m", fence, "expected at least 1 metre")?;
    let mut seen = BTreeSet::new();
    for (index, rule) in policy.visits.modes.iter().enumerate() {
        let key = format!("visits.modes.{index}.mode");
        known_mode(&key, &rule.mode)?;
        ensure(seen.insert(&rule.mode), key, &rule.mode, "expected each mode once")?;
    }
    Ok(())
}

fn known_mode(key: &str, mode: &VisitMode) -> Result<(), PolicyError> {
    let known = VisitMode::KNOWN.iter().map(VisitMode::as_str).collect::<Vec<_>>();
    ensure(
        !matches!(mode, VisitMode::Unknown(_)),
        key,
        mode,
        format!("expected one of {}", known.join(", ")),
    )
}

fn frequency(index: usize, rule: &FrequencyRule, policy: &Policy) -> Result<(), PolicyError> {
    let count = format!("frequency.{index}.count");
    let allowed = "expected 1 to 1000 visits, or 0 with the modes of an upkeep without a count";
    let upkeep = rule.count == 0 && !rule.modes.is_empty();
    ensure((1..=1000).contains(&rule.count) || upkeep, count, rule.count, allowed)?;
    for mode in &rule.modes {
        let key = format!("frequency.{index}.modes");
        known_mode(&key, mode)?;
        let counted = policy.visits.mode(mode).is_some();
        ensure(counted, key, mode, "expected modes that visits.modes counts")?;
    }
    Ok(())
}

fn scorecard(policy: &ScorecardPolicy) -> Result<(), PolicyError> {
    let sum = u64::from(policy.result_weight) + u64::from(policy.process_weight);
    ensure(
        sum == 100,
        "scorecard.process_weight",
        policy.process_weight,
        format!("expected 100 together with scorecard.result_weight, not {sum}"),
    )?;
    ensure(
        BasisPoints(0) < policy.cap.0 && policy.cap.0 <= BasisPoints(100_000),
        "scorecard.cap",
        policy.cap,
        "expected more than 0% and at most 1000%",
    )?;
    ensure(
        BasisPoints(0) <= policy.floor.0 && policy.floor < policy.cap,
        "scorecard.floor",
        policy.floor,
        format!("expected 0% or more and less than scorecard.cap, which is {}", policy.cap),
    )?;
    let mut seen = BTreeSet::new();
    for (index, rule) in policy.indicators.iter().enumerate() {
        let key = format!("scorecard.indicators.{index}.metric");
        let known = Metric::KNOWN.iter().map(Metric::as_str).collect::<Vec<_>>().join(", ");
        let allowed = format!("expected one of {known}");
        ensure(!matches!(rule.metric, Metric::Unknown(_)), &key, &rule.metric, allowed)?;
        ensure(seen.insert(&rule.metric), &key, &rule.metric, "expected each metric once")?;
    }
    for group in Group::ALL {
        let own = policy.indicators.iter().filter(|rule| rule.group == group);
        let inner: u64 = own.map(|rule| u64::from(rule.weight)).sum();
        let (name, weight) = match group {
            Group::Result => ("result", policy.result_weight),
            Group::Process => ("process", policy.process_weight),
        };
        ensure(
            inner == u64::from(weight),
            format!("scorecard.{name}_weight"),
            weight,
            format!("expected the sum of its indicators' weights, which is {inner}"),
        )?;
    }
    Ok(())
}

fn pipeline(policy: &PipelinePolicy) -> Result<(), PolicyError> {
    ensure(!policy.stages.is_empty(), "pipeline.stages", "empty", "expected at least one stage")?;
    let mut seen = BTreeSet::new();
    for (index, stage) in policy.stages.iter().enumerate() {
        let key = format!("pipeline.stages.{index}.code");
        ensure(!stage.code.is_empty(), &key, "empty", "expected a code")?;
        ensure(seen.insert(&stage.code), key, &stage.code, "expected each code once")?;
    }
    let pairs = policy.stages.iter().zip(policy.stages.iter().skip(1));
    for (index, (before, after)) in (1..).zip(pairs) {
        ensure(
            before.phase <= after.phase,
            format!("pipeline.stages.{index}.phase"),
            &after.code,
            "expected a phase not before the previous stage's",
        )?;
    }
    Ok(())
}
