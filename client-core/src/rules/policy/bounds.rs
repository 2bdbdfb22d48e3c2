//! How large a number of a policy may be.
//!
//! A rule looks at every day that a number names, and a policy reaches every phone: one
//! typing error in a number of days would fill the memory of all of them. So each count
//! has a limit far above what anybody means.

use super::validate::ensure;
use super::{Policy, PolicyError, Threshold};
use crate::rules::units::{BasisPoints, Percent};

/// Ten years.
const DAYS: u32 = 3_660;
/// A year: each of these days is judged for each customer.
const JUDGED_DAYS: u32 = 366;
const MONTHS: u32 = 120;
const COUNT: u32 = 100_000;
/// Ten times the whole.
const SHARE: BasisPoints = BasisPoints(100_000);

/// Refuses numbers beyond their limits.
pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    let (risk, alarms, goals) = (&policy.risk, &policy.alarms, &policy.goals);
    let (visits, reminders, integrity) = (&policy.visits, &policy.reminders, &policy.integrity);
    let days = [
        ("visits.new_customer_days", visits.new_customer_days),
        ("due.lookback_days", policy.due.lookback_days),
        ("leads.a_days", policy.leads.a_days),
        ("leads.b_days", policy.leads.b_days),
        ("reminders.callback_days", reminders.callback_days),
        ("reminders.stall_days", reminders.stall_days),
        ("risk.overdue_days", risk.overdue_days),
        ("risk.complaint_days", risk.complaint_days),
        ("risk.order_days", risk.order_days),
        ("risk.complaint_open_days", risk.complaint_open_days),
        ("risk.long_overdue_days", risk.long_overdue_days),
        ("risk.competitor_days", risk.competitor_days),
        ("integrity.close_last_days", integrity.close_last_days),
        ("integrity.close_undone_days", integrity.close_undone_days),
    ];
    for (key, value) in days {
        at_most(key, value, DAYS, "days")?;
    }
    at_most("risk.hold_days", risk.hold_days, JUDGED_DAYS, "days")?;
    at_most("risk.history_days", risk.history_days, JUDGED_DAYS, "days")?;
    at_most("goals.repurchase_window_months", goals.repurchase_window_months, MONTHS, "months")?;
    at_most("goals.new_product_months", goals.new_product_months, MONTHS, "months")?;
    share("goals.key_accounts", goals.key_accounts, BasisPoints(10_000))?;
    at_most("alarms.fall.months", alarms.fall.months, MONTHS, "months")?;
    let counts = [
        ("visits.submit_within_hours", visits.submit_within_hours),
        ("reminders.response_hours", reminders.response_hours),
        ("risk.complaints", risk.complaints),
        ("risk.visit_intervals", risk.visit_intervals),
        ("integrity.burst_visits", integrity.burst_visits),
        ("integrity.burst_minutes", integrity.burst_minutes),
        ("integrity.travel_kmh", integrity.travel_kmh),
    ];
    for (key, value) in counts {
        ensure(value > 0, key, value, "expected at least 1")?;
        at_most(key, value, COUNT, "of them")?;
    }
    for (index, stage) in (0_u32..).zip(&policy.pipeline.stages) {
        let key = format!("pipeline.stages.{index}.stall_days");
        at_most(&key, stage.stall_days.unwrap_or(0), DAYS, "days")?;
    }
    for (index, mode) in (0_u32..).zip(&visits.modes) {
        at_most(&format!("visits.modes.{index}.min_minutes"), mode.min_minutes, 1_440, "minutes")?;
    }
    let shares = [
        ("risk.order_gap", risk.order_gap),
        ("alarms.churn_rise", alarms.churn_rise),
        ("targets.over_assignment", policy.targets.over_assignment),
    ];
    for (key, value) in shares {
        share(key, value, SHARE)?;
    }
    share("alarms.stage_below_benchmark", alarms.stage_below_benchmark, BasisPoints(10_000))?;
    for (index, milestone) in (0_u32..).zip(&policy.milestones) {
        let given = [("share", milestone.share), ("growth", milestone.growth)];
        for (name, value) in given {
            let Some(value) = value else { continue };
            share(&format!("milestones.{index}.{name}"), value, SHARE)?;
        }
        let given = [("threshold", milestone.threshold), ("at_most", milestone.at_most)];
        for (name, value) in given {
            let key = format!("milestones.{index}.{name}");
            match value {
                Some(Threshold::Count(count)) => at_most(&key, count, COUNT, "of them")?,
                Some(Threshold::Share(value)) => share(&key, value, BasisPoints(10_000))?,
                None => {}
            }
        }
    }
    for (index, rule) in (0_u32..).zip(&policy.scorecard.indicators) {
        let key = format!("scorecard.indicators.{index}.default_target");
        let target = rule.default_target.unwrap_or(1);
        ensure(target > 0, key, target, "expected more than 0")?;
    }
    Ok(())
}

fn at_most(key: &str, value: u32, limit: u32, what: &str) -> Result<(), PolicyError> {
    ensure(value <= limit, key, value, format!("expected at most {limit} {what}"))
}

fn share(key: &str, value: Percent, limit: BasisPoints) -> Result<(), PolicyError> {
    let allowed = format!("expected 0% or more and at most {limit}");
    ensure(BasisPoints(0) <= value.0 && value.0 <= limit, key, value, allowed)
}
