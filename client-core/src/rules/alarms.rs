//! R4, R5, R6, R15: what a leader should look at. Sums of targets (R14) are compared in
//! `cascade`.
//!
//! These look at a unit or at a year and not at one visit, so they take figures and
//! not facts: whoever has the figures, a page or a phone, asks the same function.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::period::{Days, Period};
use crate::records::CalendarRecord;
use crate::rules::figure::Figure;
use crate::rules::figures::{FigureUnit, unit_of};
use crate::rules::policy::{
    ChurnPolicy, Comparing, MilestoneMetric, MilestoneRule, Operator, Threshold,
};
use crate::rules::rates::growth;
use crate::rules::rounding::basis_points;
use crate::rules::rounding::saturate;
use crate::rules::units::BasisPoints;
use crate::time::Date;

/// Customers lost in a period, of those active at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Churn {
    /// Lost in the period.
    pub lost: u32,
    /// Active at its start.
    pub active: u32,
}

/// A rise of churn (S1 流失率环比上升).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChurnRise {
    /// This period's rate.
    pub rate: BasisPoints,
    /// The previous period's.
    pub previous: BasisPoints,
    /// By how much it rose: a share of the previous rate, or percentage points, as the
    /// policy says; absent when it rose from 0.
    pub rise: Option<BasisPoints>,
}

/// Churn from what customers bought and when. Active at the start of `period` is who
/// bought in the `order_days` before it; lost in it is who did not buy any more in the
/// `order_days` before its end, which is when R2 misses an order too (ours: S1 names the
/// rate and not who is lost).
pub fn churn(bought: &BTreeMap<DocId, Vec<Date>>, period: Days, order_days: u32) -> Churn {
    let before = |end: Date| {
        let first = end.plus_days(-i64::from(order_days));
        move |days: &Vec<Date>| days.iter().any(|day| first <= *day && *day < end)
    };
    let (active, kept) = (before(period.from), before(period.until));
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let there: Vec<&Vec<Date>> = bought.values().filter(|days| active(days)).collect();
    let lost = there.iter().filter(|days| !kept(days)).count();
    Churn { lost: count(lost), active: count(there.len()) }
}

/// R4: churn that rose by the policy's share or more, on a base that is large enough.
/// From 0 to anything above 0 is a rise.
pub fn churn_rise(now: Churn, previous: Churn, policy: &ChurnPolicy) -> Option<ChurnRise> {
    if now.active < policy.churn_min_base || previous.active == 0 {
        return None;
    }
    let (lost, active) = (i128::from(now.lost), i128::from(now.active));
    let (lost_before, active_before) = (i128::from(previous.lost), i128::from(previous.active));
    // now − previous over the common denominator.
    let difference = lost * active_before - lost_before * active;
    let limit = i128::from(policy.churn_rise.0.0);
    let (rises, rise) = match policy.compare {
        _ if lost_before == 0 => (lost > 0, None),
        Comparing::Relative => (
            difference * 10_000 >= limit * lost_before * active,
            basis_points(difference, lost_before * active),
        ),
        Comparing::Points => (
            difference * 10_000 >= limit * active * active_before,
            basis_points(difference, active * active_before),
        ),
    };
    (rises && difference > 0).then_some(ChurnRise {
        rate: basis_points(lost, active).unwrap_or_default(),
        previous: basis_points(lost_before, active_before).unwrap_or_default(),
        rise,
    })
}

/// A figure of a month that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedMonth {
    /// The month.
    pub month: Period,
    /// The figure.
    pub value: i64,
}

/// R5: whether the last months fell one after the other, each below the one before.
/// Only closed months in a row count; equal is no fall. Months in any order.
pub fn falling(months: &[ClosedMonth], policy: &ChurnPolicy, calendar: &CalendarRecord) -> bool {
    let mut sorted = months.to_vec();
    sorted.sort_by_key(|one| std::cmp::Reverse(one.month.first_day()));
    sorted.dedup_by_key(|one| one.month);
    let days = |one: &ClosedMonth| {
        let month = one.month;
        calendar.working_days(month.first_day(), month.next_first_day()).max(1)
    };
    let below = |later: &ClosedMonth, earlier: &ClosedMonth| {
        let (mut a, mut b) = (i128::from(later.value), i128::from(earlier.value));
        if policy.fall.per_working_day {
            (a, b) = (a * i128::from(days(earlier)), b * i128::from(days(later)));
        }
        later.month.previous() == earlier.month && a < b
    };
    let wanted = usize::try_from(policy.fall.months).unwrap_or(usize::MAX);
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    wanted > 0 && pairs.take_while(|(later, earlier)| below(later, earlier)).count() >= wanted
}

/// R6: whether a conversion lies below its benchmark by more than the policy's share,
/// on enough deals.
pub fn below_benchmark(
    (passed, entered): (i64, i64),
    benchmark: BasisPoints,
    policy: &ChurnPolicy,
) -> bool {
    if entered < i64::from(policy.stage_min_deals) {
        return false;
    }
    let (passed, entered) = (i128::from(passed), i128::from(entered));
    let (limit, short) = (i128::from(benchmark.0), i128::from(policy.stage_below_benchmark.0.0));
    match policy.compare {
        // passed ÷ entered < benchmark × (1 − short)
        Comparing::Relative => passed * 100_000_000 < entered * limit * (10_000 - short),
        Comparing::Points => passed * 10_000 < entered * (limit - short),
    }
}

/// How far a milestone of the year is (R15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Of what.
    pub metric: MilestoneMetric,
    /// By the end of this quarter.
    pub quarter: Period,
    /// The year's target, where the milestone is a share of it.
    pub target: Option<i64>,
    /// Whether exactly what is wanted is enough.
    pub operator: Operator,
    /// What its values count.
    pub unit: FigureUnit,
    /// What is to be reached by then, rounded up: a part of a customer is none. Of a growth,
    /// the growth.
    pub wanted: i64,
    /// And no more than so much, where the milestone is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
    /// What was reached; absent where there is nothing to say it of.
    pub actual: Option<i64>,
    /// Whether that is enough, and not too much.
    pub reached: bool,
    /// Whether it is more than the range allows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
}

/// How a milestone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneState {
    /// It is reached.
    Reached,
    /// Its quarter goes on.
    Open,
    /// Its quarter is over, and it was not reached.
    Missed,
    /// It is a range, and there is more than that.
    Beyond,
    /// Its quarter is over, and there was nothing that it could be said of: nobody missed it.
    NoData,
}

impl MilestoneState {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Open => "open",
            Self::Missed => "missed",
            Self::Beyond => "beyond",
            Self::NoData => "no_data",
        }
    }
}

impl Milestone {
    /// How it stands, where its quarter is over or goes on.
    pub const fn state(&self, over: bool) -> MilestoneState {
        match (self.reached, self.beyond, self.actual) {
            (true, _, _) => MilestoneState::Reached,
            (false, true, _) => MilestoneState::Beyond,
            (false, false, _) if !over => MilestoneState::Open,
            (false, false, None) => MilestoneState::NoData,
            (false, false, Some(_)) => MilestoneState::Missed,
        }
    }
}

/// R15: the milestone of a rule in the year of `year`, where `actual` was reached from
/// the year's first day to the quarter's last.
pub fn milestone(rule: &MilestoneRule, year: Period, target: i64, actual: i64) -> Milestone {
    let share = rule.share.map_or(0, |share| i128::from(share.0.0));
    let exact = i128::from(target) * share;
    let wanted = exact.div_euclid(10_000) + i128::from(exact.rem_euclid(10_000) > 0);
    Milestone {
        metric: rule.metric.clone(),
        quarter: rule.ends(year),
        target: Some(target),
        operator: rule.operator,
        unit: match &rule.metric {
            MilestoneMetric::Metric(metric) => unit_of(metric),
            MilestoneMetric::Figure(_) => FigureUnit::Count,
        },
        wanted: saturate(wanted),
        at_most: None,
        actual: Some(actual),
        reached: rule.operator.holds(i128::from(actual) * 10_000, exact),
        beyond: false,
    }
}

/// R15 of a figure: what it was in the rule's days and, where it is to grow, in the same days
/// of the year before. Judged by the exact fractions.
pub fn figure_milestone(
    rule: &MilestoneRule,
    year: Period,
    now: &Figure,
    before: Option<&Figure>,
) -> Milestone {
    let (above, below) = (i128::from(now.numerator), i128::from(now.denominator));
    let there = now.value.is_some() && below > 0;
    let (unit, wanted, actual, enough) = match (rule.growth, rule.threshold) {
        (Some(rise), _) => {
            let grown = before.and_then(|before| growth(now, before));
            let before = before.map_or((0, 1), |before| (before.numerator, before.denominator));
            let base = i128::from(before.0) * below;
            let enough = rule.operator.holds(
                above.saturating_mul(i128::from(before.1)).saturating_mul(10_000),
                base.saturating_mul(10_000 + i128::from(rise.0.0)),
            );
            let actual = grown.map(|grown| grown.0);
            (FigureUnit::BasisPoints, rise.0.0, actual, actual.is_some() && enough)
        }
        (None, Some(Threshold::Share(share))) => {
            let enough = rule.operator.holds(above * 10_000, below * i128::from(share.0.0));
            (FigureUnit::BasisPoints, share.0.0, now.value, there && enough)
        }
        (None, Some(Threshold::Count(count))) => {
            let enough = rule.operator.holds(above, below * i128::from(count));
            (FigureUnit::Count, i64::from(count), now.value, there && enough)
        }
        (None, None) => (FigureUnit::Count, 0, now.value, there),
    };
    let beyond = there
        && match rule.at_most {
            Some(Threshold::Share(most)) => above * 10_000 > below * i128::from(most.0.0),
            Some(Threshold::Count(most)) => above > below * i128::from(most),
            None => false,
        };
    Milestone {
        metric: rule.metric.clone(),
        quarter: rule.ends(year),
        target: None,
        operator: rule.operator,
        unit,
        wanted,
        at_most: rule.at_most.map(Threshold::units),
        actual,
        reached: enough && !beyond,
        beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::figure::Evidence;
    use crate::rules::fixture::*;
    use crate::rules::outcome::RuleId;

    #[test]
    fn churn_flags_by_share_and_not_by_points() {
        let mut policy = policy().alarms;
        let churn = |lost, active| Churn { lost, active };
        // 4.00 % to 4.55 %: +13.6 % of itself, +0.55 points.
        let rise = churn_rise(churn(5, 110), churn(4, 100), &policy).unwrap();
        assert_eq!(rise.rise, Some(BasisPoints(1_364)));
        assert!(churn_rise(churn(44, 1_000), churn(4, 100), &policy).is_some(), "exactly 10 %");
        assert!(churn_rise(churn(43, 1_000), churn(4, 100), &policy).is_none());
        assert!(churn_rise(churn(1, 100), churn(0, 100), &policy).is_some(), "from nothing");
        assert!(churn_rise(churn(0, 100), churn(0, 100), &policy).is_none());
        assert!(churn_rise(churn(5, 19), churn(0, 100), &policy).is_none(), "too few");
        assert!(churn_rise(churn(5, 20), churn(0, 100), &policy).is_some());
        policy.compare = Comparing::Points;
        assert!(churn_rise(churn(5, 110), churn(4, 100), &policy).is_none());
        assert!(churn_rise(churn(14, 100), churn(4, 100), &policy).is_some());
    }

    #[test]
    fn who_does_not_buy_for_long_is_lost_in_the_month_in_which_that_became_so() {
        let bought = |customers: &[&[&str]]| -> BTreeMap<DocId, Vec<Date>> {
            let each = (1_u8..).zip(customers);
            each.map(|(n, days)| (doc(n), days.iter().map(|on| day(on)).collect())).collect()
        };
        let october = Days::from(period("2026-10"));
        let check = |customers: &[&[&str]]| {
            let found = churn(&bought(customers), october, 180);
            (found.lost, found.active)
        };
        // 1 November less 180 days is 5 May, 1 October less 180 days is 4 April.
        assert_eq!(check(&[&["2026-05-04"]]), (1, 1), "lost on 31 October");
        assert_eq!(check(&[&["2026-05-05"]]), (0, 1), "not yet");
        assert_eq!(check(&[&["2026-04-03"]]), (0, 0), "lost before");
        assert_eq!(check(&[&["2026-04-04", "2026-10-31"]]), (0, 1), "came back");
        assert_eq!(check(&[&["2026-10-01"], &["2026-11-01"]]), (0, 0), "new in it, and after it");
    }

    #[test]
    fn two_falling_months_flag_and_an_equal_one_breaks_the_run() {
        let mut policy = policy().alarms;
        let months = |values: &[i64]| -> Vec<ClosedMonth> {
            let first = period("2026-07");
            let mut month = first;
            values
                .iter()
                .map(|value| {
                    let one = ClosedMonth { month, value: *value };
                    month = Period::month_of(month.next_first_day());
                    one
                })
                .collect()
        };
        let check =
            |values: &[i64], policy: &ChurnPolicy| falling(&months(values), policy, &calendar());
        assert!(check(&[100, 90, 80], &policy));
        assert!(!check(&[100, 90, 90], &policy));
        assert!(!check(&[80, 90, 80], &policy));
        assert!(!check(&[90, 80], &policy));
        let mut gap = months(&[100, 95, 90, 80]);
        gap.remove(1);
        assert!(!falling(&gap, &policy, &calendar()), "a month is missing");
        // July to September have 23, 21 and 22 working days: 100, 92 and 96.1 fall only
        // as they are.
        policy.fall.per_working_day = true;
        assert!(!check(&[100, 92, 91], &policy) || check(&[100, 90, 80], &policy));
        assert!(check(&[100, 80, 70], &policy));
    }

    #[test]
    fn a_stage_is_below_its_benchmark_by_more_than_a_fifth() {
        let policy = policy().alarms;
        let benchmark = BasisPoints(5_000);
        assert!(!below_benchmark((41, 100), benchmark, &policy));
        assert!(!below_benchmark((40, 100), benchmark, &policy), "exactly a fifth");
        assert!(below_benchmark((39, 100), benchmark, &policy));
        assert!(!below_benchmark((0, 9), benchmark, &policy), "too few deals");
    }

    #[test]
    fn ninety_of_three_hundred_are_the_first_quarters_milestone() {
        let policy = policy();
        let rule = &policy.milestones[0];
        let check = |actual| milestone(rule, period("2026"), 300, actual);
        assert!(check(90).reached);
        assert!(!check(89).reached);
        assert_eq!((check(0).wanted, check(0).quarter), (90, period("2026-Q1")));
        assert_eq!(milestone(rule, period("2026"), 301, 90).wanted, 91);
        assert_eq!(milestone(rule, period("FY2026-02"), 9, 9).quarter, period("FQ2026-02"));
    }

    #[test]
    fn a_milestone_of_a_figure_is_judged_exactly_and_by_its_own_operator() {
        let year = period("2026");
        let of = |metric: &str| {
            let policy = policy();
            policy.milestones.into_iter().find(|rule| rule.metric.as_str() == metric).unwrap()
        };
        let share =
            |above, below| Figure::ratio(RuleId::F13, (above, below), 10_000, Evidence::default());
        let reached = |metric: &str, above, below| {
            figure_milestone(&of(metric), year, &share(above, below), None).reached
        };
        // S3 超90%: exactly 90 % is not above it.
        assert!(!reached("collection_rate", 900, 1_000));
        assert!(reached("collection_rate", 900_001, 1_000_000));
        // S3 不低于60%: exactly 60 % is enough.
        assert!(reached("tender_win_rate", 3, 5));
        assert!(!reached("tender_win_rate", 59_999, 100_000));
        assert!(!reached("tender_win_rate", 0, 0), "of nothing there is no rate");
        let tenders = |count| {
            let count = Figure::ratio(RuleId::F13, (count, 1), 1, Evidence::default());
            figure_milestone(&of("tenders"), year, &count, None)
        };
        // S3 Q3: 3-5个, and both ends hold.
        let held: Vec<bool> = (2..=6).map(|count| tenders(count).reached).collect();
        assert_eq!(held, [false, true, true, true, false]);
        let four = tenders(4);
        assert_eq!((four.wanted, four.at_most, four.actual), (3, Some(5), Some(4)));
        let state = |found: &Milestone| [found.state(false), found.state(true)];
        assert_eq!(state(&tenders(2)), [MilestoneState::Open, MilestoneState::Missed]);
        assert_eq!(state(&four), [MilestoneState::Reached; 2]);
        assert_eq!(state(&tenders(6)), [MilestoneState::Beyond; 2]);
        let nothing = figure_milestone(&of("tender_win_rate"), year, &share(0, 0), None);
        assert_eq!(state(&nothing), [MilestoneState::Open, MilestoneState::NoData]);
        // S3 Q2: 2.5 products a customer after 2.0 are +25 %.
        let rule = of("products_per_customer");
        let grown = |now, before: Option<(i128, i128)>| {
            let before = before.map(|(above, below)| share(above, below));
            figure_milestone(&rule, year, &share(now, 10), before.as_ref())
        };
        let exact = grown(25, Some((20, 10)));
        assert_eq!((exact.wanted, exact.actual, exact.reached), (2_500, Some(2_500), true));
        assert!(!grown(24, Some((20, 10))).reached);
        assert_eq!(grown(25, None).actual, None, "nothing to compare with");
        assert!(!grown(25, None).reached && !grown(25, Some((0, 10))).reached);
        let days = rule.days(year);
        assert_eq!((days.from, days.until), (day("2026-01-01"), day("2026-07-01")));
        let days = of("tenders").days(year);
        assert_eq!((days.from, days.until), (day("2026-07-01"), day("2026-10-01")));
    }
}
