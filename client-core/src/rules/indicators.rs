//! The catalogue of indicators and the card made of them.
//!
//! A figure nobody can compute yet must not look like a zero. So an indicator
//! without a rule or without facts is `not_applicable` with its reason, and its
//! weight goes where the policy says.

use crate::period::Period;
use crate::records::Metric;
use crate::rules::attainment::{Fraction, attain};
use crate::rules::effective_visit::Judged;
use crate::rules::facts::Facts;
use crate::rules::measures::{Measure, Span, measure};
use crate::rules::outcome::{IndicatorLine, LineState, NotApplicable, RuleId, Scorecard};
use crate::rules::policy::{CountPolicy, IndicatorRule, Policy};
use crate::rules::scorecard::{Contribution, points};
use crate::rules::targets::target;
use crate::rules::units::CentiPoints;
use crate::time::Timestamp;

/// The card of `period` as seen from `as_of`.
pub(super) fn scorecard(
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    judged: &[Judged<'_>],
) -> Scorecard {
    let (mut lines, mut contributions) = (Vec::new(), Vec::new());
    for rule in &policy.scorecard.indicators {
        let (line, contribution) = line(rule, facts, policy, period, as_of, judged);
        lines.push(line);
        contributions.push(contribution);
    }
    let sum = points(&contributions, &policy.scorecard);
    for (line, points) in lines.iter_mut().zip(sum.lines) {
        line.points = points;
    }
    Scorecard { total: sum.total, groups: sum.groups, lines }
}

fn line(
    rule: &IndicatorRule,
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    judged: &[Judged<'_>],
) -> (IndicatorLine, Contribution) {
    let zone = &facts.calendar.zone;
    let (from, until) = period.bounds(zone);
    let span = Span { from, until: until.min(as_of.plus_millis(1)) };
    let measured = measured(rule, facts, policy, judged, span);
    let target = target(facts, &rule.metric, period, zone.date(as_of)).or(rule.default_target);
    let value = measured.as_ref().ok().map(|measure| measure.value);
    let attained = measured.as_ref().map_err(|reason| *reason).and_then(|measure| {
        let target = target.ok_or(NotApplicable::NoTarget)?;
        attain(Fraction::whole(measure.value), Fraction::whole(target), rule, &policy.scorecard)
    });
    let measure = measured.unwrap_or_default();
    let line = IndicatorLine {
        indicator: rule.metric.clone(),
        group: rule.group,
        rule: rule_id(&rule.metric),
        weight: rule.weight,
        state: attained.map_or_else(LineState::NotApplicable, |_attained| LineState::Applicable),
        value,
        numerator: value,
        denominator: value.map(|_value| 1),
        target,
        attainment: attained.ok().map(|attained| attained.raw),
        normalised: attained.ok().map(|attained| attained.normalised),
        limit: attained.ok().and_then(|attained| attained.limit),
        points: CentiPoints(0),
        facts: measure.facts,
        exclusions: measure.exclusions,
    };
    let contribution = Contribution {
        group: rule.group,
        weight: rule.weight,
        normalised: line.normalised,
        gate_missed: attained.is_ok_and(|attained| attained.gate_missed),
    };
    (line, contribution)
}

fn measured(
    rule: &IndicatorRule,
    facts: &Facts,
    policy: &Policy,
    judged: &[Judged<'_>],
    span: Span,
) -> Result<Measure, NotApplicable> {
    if rule.metric == Metric::SalesAmount && policy.scorecard.count == CountPolicy::Confirmed {
        return Err(NotApplicable::NoConfirmation);
    }
    measure(&rule.metric, facts, judged, policy, span).ok_or(NotApplicable::NoRuleYet)
}

const fn rule_id(metric: &Metric) -> RuleId {
    match metric {
        Metric::EffectiveVisits => RuleId::F1,
        Metric::CollectionRate => RuleId::F7,
        Metric::QuoteConversion => RuleId::F8,
        Metric::NewCustomerGrowth => RuleId::F9,
        Metric::CustomerSatisfaction => RuleId::F13,
        _ => RuleId::F12,
    }
}
