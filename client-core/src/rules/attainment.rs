//! F12 and F14: how much of a target was reached, and what of it counts.
//!
//! An attainment is a fraction of fractions (a collection rate of 92 % against
//! 90 %), so it stays one until it is fixed at 10⁻⁹, half-even, and cut at cap
//! and floor. Everything after that is exact.

use crate::rules::outcome::{Limit, NotApplicable};
use crate::rules::policy::{Better, IndicatorRule, ScorecardPolicy};
use crate::rules::rounding::{basis_points, div_half_even, saturate};
use crate::rules::units::{BasisPoints, Normalised, Percent};

/// An exact fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line.
    pub numerator: i128,
    /// Below the line.
    pub denominator: i128,
}

impl Fraction {
    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self { numerator: value as i128, denominator: 1 }
    }
}

/// An attainment before and after the policy's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attainment {
    /// As reached.
    pub raw: BasisPoints,
    /// As it counts.
    pub normalised: Normalised,
    /// What made the difference.
    pub limit: Option<Limit>,
    /// Below the indicator's gate.
    pub gate_missed: bool,
}

const ONE: i128 = 1_000_000_000;

/// The attainment of `target` by `actual`, under the indicator's rule.
///
/// Lower-is-better turns the fraction round; an actual of 0 is then the best
/// there is and counts as the cap.
pub fn attain(
    actual: Fraction,
    target: Fraction,
    rule: &IndicatorRule,
    policy: &ScorecardPolicy,
) -> Result<Attainment, NotApplicable> {
    if actual.denominator == 0 {
        return Err(NotApplicable::ZeroDenominator);
    }
    // Falling short of less than nothing is no achievement.
    if target.numerator <= 0 || target.denominator <= 0 {
        return Err(NotApplicable::ZeroTarget);
    }
    let (above, below) = match rule.better {
        Better::Higher => (actual, target),
        Better::Lower => (target, actual),
    };
    let cap = scaled(policy.cap);
    let floor = scaled(policy.floor);
    let numerator = above.numerator.saturating_mul(below.denominator);
    let denominator = above.denominator.saturating_mul(below.numerator);
    let Some(fixed) = div_half_even(numerator.saturating_mul(ONE), denominator) else {
        // Lower is better and nothing happened.
        return Ok(Attainment {
            raw: policy.cap.0,
            normalised: Normalised(saturate(cap)),
            limit: Some(Limit::Cap),
            gate_missed: false,
        });
    };
    let raw = basis_points(numerator, denominator).unwrap_or_default();
    // Exact comparisons: a limit is missed by being below it, not by rounding.
    let is_below = |limit: Percent| {
        let sign = if denominator < 0 { -1 } else { 1 };
        numerator.saturating_mul(10_000 * sign)
            < i128::from(limit.0.0).saturating_mul(denominator.saturating_mul(sign))
    };
    let gate_missed = rule.gate.is_some_and(is_below);
    let (normalised, limit) = if rule.threshold.is_some_and(is_below) {
        (0, Some(Limit::Threshold))
    } else if fixed > cap {
        (cap, Some(Limit::Cap))
    } else if fixed < floor {
        (floor, Some(Limit::Floor))
    } else {
        (fixed, None)
    };
    Ok(Attainment { raw, normalised: Normalised(saturate(normalised)), limit, gate_missed })
}

fn scaled(share: Percent) -> i128 {
    i128::from(share.0.0) * (ONE / 10_000)
}
