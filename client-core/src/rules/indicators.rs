//! The catalogue of indicators and the card made of them.
//!
//! A figure nobody can compute yet must not look like a zero. So an indicator
//! without a rule or without facts is `not_applicable` with its reason, and its
//! weight goes where the policy says.

use crate::records::Metric;
use crate::rules::attainment::{Fraction, attain};
use crate::rules::figures::Basis;
use crate::rules::outcome::{IndicatorLine, LineState, NotApplicable, RuleId, Scorecard};
use crate::rules::policy::IndicatorRule;
use crate::rules::scorecard::{Contribution, points};
use crate::rules::targets::target;
use crate::rules::units::CentiPoints;

/// The card.
pub(super) fn scorecard(basis: &Basis<'_>) -> Scorecard {
    let (mut lines, mut contributions) = (Vec::new(), Vec::new());
    for rule in &basis.policy.scorecard.indicators {
        let (line, contribution) = line(rule, basis);
        lines.push(line);
        contributions.push(contribution);
    }
    let sum = points(&contributions, &basis.policy.scorecard);
    for (line, points) in lines.iter_mut().zip(sum.lines) {
        line.points = points;
    }
    Scorecard { total: sum.total, groups: sum.groups, lines }
}

fn line(rule: &IndicatorRule, basis: &Basis<'_>) -> (IndicatorLine, Contribution) {
    let target =
        target(basis.facts, &rule.metric, basis.period, basis.today()).or(rule.default_target);
    let (measured, missing) = match basis.indicator(&rule.metric) {
        Ok(measure) => (measure, None),
        Err((reason, measure)) => (measure, Some(reason)),
    };
    let attained = match missing {
        Some(reason) => Err(reason),
        None => target.ok_or(NotApplicable::NoTarget).and_then(|target| {
            let (numerator, denominator) = measured.fraction;
            // A rate is held against its target in the target's unit, exactly.
            let actual = Fraction {
                numerator: i128::from(numerator) * i128::from(measured.scale),
                denominator: i128::from(denominator),
            };
            attain(actual, Fraction::whole(target), rule, &basis.policy.scorecard)
        }),
    };
    let there = missing.is_none();
    // What a rate would have been made of is told even where it has no value.
    let told = there || measured.scale > 1;
    let line = IndicatorLine {
        indicator: rule.metric.clone(),
        group: rule.group,
        rule: rule_id(&rule.metric),
        weight: rule.weight,
        state: attained.map_or_else(LineState::NotApplicable, |_attained| LineState::Applicable),
        value: there.then_some(measured.value),
        numerator: told.then_some(measured.fraction.0),
        denominator: told.then_some(measured.fraction.1),
        target,
        attainment: attained.ok().map(|attained| attained.raw),
        normalised: attained.ok().map(|attained| attained.normalised),
        limit: attained.ok().and_then(|attained| attained.limit),
        points: CentiPoints(0),
        facts: measured.facts,
        exclusions: measured.exclusions,
    };
    let contribution = Contribution {
        group: rule.group,
        weight: rule.weight,
        normalised: line.normalised,
        gate_missed: attained.is_ok_and(|attained| attained.gate_missed),
    };
    (line, contribution)
}

const fn rule_id(metric: &Metric) -> RuleId {
    match metric {
        Metric::EffectiveVisits => RuleId::F1,
        Metric::CollectionRate => RuleId::F7,
        Metric::QuoteConversion => RuleId::F8,
        Metric::NewCustomerGrowth | Metric::NewCustomers => RuleId::F9,
        Metric::CustomerSatisfaction => RuleId::F13,
        _ => RuleId::F12,
    }
}
