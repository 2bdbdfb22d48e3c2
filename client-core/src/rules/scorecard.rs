//! F14: from attainments to points.
//!
//! Result 60, process 40 (S1). Weights are exact, so the total is one fraction
//! that is rounded once; the lines get its hundredths by largest remainder and
//! therefore sum to it on every screen.

use crate::rules::outcome::GroupLine;
use crate::rules::policy::{Group, NotApplicablePolicy, ScorecardPolicy};
use crate::rules::rounding::{div_half_even, largest_remainder, saturate};
use crate::rules::units::{CentiPoints, Normalised};

/// What an indicator contributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// Result or process.
    pub group: Group,
    /// Its weight.
    pub weight: u32,
    /// Its normalised attainment; absent when not applicable.
    pub normalised: Option<Normalised>,
    /// Its gate was missed.
    pub gate_missed: bool,
}

/// The points of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// The total; absent when nothing was applicable.
    pub total: Option<CentiPoints>,
    /// The groups.
    pub groups: Vec<GroupLine>,
    /// Points of each contribution, in order.
    pub lines: Vec<CentiPoints>,
}

const ONE: i128 = 1_000_000_000;

struct GroupSum {
    group: Group,
    weight: u32,
    in_force: u32,
    divisor: i128,
    applies: bool,
    gate_missed: bool,
}

/// Puts a card together.
pub fn points(contributions: &[Contribution], policy: &ScorecardPolicy) -> Points {
    let mut sums = Group::ALL.map(|group| sum_of(group, contributions, policy));
    let applies = sums.iter().any(|sum| sum.applies);
    if policy.not_applicable == NotApplicablePolicy::Redistribute && applies {
        let freed: u32 = sums.iter().filter(|sum| !sum.applies).map(|sum| sum.weight).sum();
        for sum in &mut sums {
            sum.in_force = if sum.applies { sum.weight + freed } else { 0 };
        }
    }

    // All lines over one denominator: the product of the groups' divisors.
    let common: i128 = sums.iter().map(|sum| sum.divisor).product::<i128>() * ONE;
    let exact: Vec<i128> = contributions
        .iter()
        .map(|line| {
            let sum = sums.iter().find(|sum| sum.group == line.group && !sum.gate_missed);
            let attained = sum.zip(line.normalised);
            attained.map_or(0, |(sum, normalised)| {
                let share = i128::from(line.weight) * i128::from(normalised.0);
                100 * i128::from(sum.in_force) * share * (common / ONE / sum.divisor)
            })
        })
        .collect();
    let total = div_half_even(exact.iter().sum(), common).filter(|_total| applies);
    let lines: Vec<CentiPoints> = largest_remainder(&exact, common, total.unwrap_or(0))
        .into_iter()
        .map(|units| CentiPoints(saturate(units)))
        .collect();
    let groups = sums.iter().map(|sum| group_line(sum, contributions, &lines)).collect();
    Points { total: total.map(|units| CentiPoints(saturate(units))), groups, lines }
}

fn sum_of(group: Group, contributions: &[Contribution], policy: &ScorecardPolicy) -> GroupSum {
    let own = || contributions.iter().filter(|line| line.group == group);
    let applicable = || own().filter(|line| line.normalised.is_some());
    let weights = |lines: &mut dyn Iterator<Item = &Contribution>| -> i128 {
        lines.map(|line| i128::from(line.weight)).sum()
    };
    let applicable_weight = weights(&mut applicable());
    let divisor = match policy.not_applicable {
        NotApplicablePolicy::Redistribute => applicable_weight,
        NotApplicablePolicy::Zero => weights(&mut own()),
    };
    GroupSum {
        group,
        weight: policy.weight(group),
        in_force: policy.weight(group),
        divisor: divisor.max(1),
        applies: applicable_weight > 0,
        gate_missed: applicable().any(|line| line.gate_missed),
    }
}

fn group_line(sum: &GroupSum, contributions: &[Contribution], lines: &[CentiPoints]) -> GroupLine {
    let points = contributions
        .iter()
        .zip(lines)
        .filter(|(line, _points)| line.group == sum.group)
        .map(|(_line, points)| points.0)
        .sum();
    GroupLine {
        group: sum.group,
        weight: sum.weight,
        weight_in_force: sum.in_force,
        points: CentiPoints(points),
        gate_missed: sum.gate_missed,
    }
}

#[cfg(test)]
mod tests;
