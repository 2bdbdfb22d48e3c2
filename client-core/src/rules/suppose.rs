//! What a card would be if some of its figures were others.
//!
//! "What if I close this one?" is asked with a card in hand, so the answer is made from the
//! card: whatever is not supposed stays as it was computed, and what is supposed is held
//! against the same target under the same rule (F12, F14). The card's own sum of lines,
//! with its rounding, is used again, so supposing nothing gives the card back.

use std::collections::BTreeMap;

use crate::records::Metric;
use crate::rules::attainment::{Fraction, attain};
use crate::rules::outcome::{IndicatorLine, LineState, NotApplicable, Scorecard};
use crate::rules::policy::ScorecardPolicy;
use crate::rules::scorecard::{Contribution, points};

/// The card with `figures` in place of its own, each in its metric's unit. A figure that
/// the card has no line for changes nothing.
pub fn suppose(
    card: &Scorecard,
    policy: &ScorecardPolicy,
    figures: &BTreeMap<Metric, i64>,
) -> Scorecard {
    let each = card.lines.iter().map(|line| match figures.get(&line.indicator) {
        Some(figure) => supposed(line, *figure, policy),
        None => (line.clone(), gate_missed(card, line, policy)),
    });
    let (mut lines, gates): (Vec<IndicatorLine>, Vec<bool>) = each.unzip();
    let contributions: Vec<Contribution> = lines
        .iter()
        .zip(gates)
        .map(|(line, gate_missed)| Contribution {
            group: line.group,
            weight: line.weight,
            normalised: line.normalised,
            gate_missed,
        })
        .collect();
    let sum = points(&contributions, policy);
    for (line, points) in lines.iter_mut().zip(sum.lines) {
        line.points = points;
    }
    Scorecard { total: sum.total, groups: sum.groups, lines }
}

/// The line with another figure, and whether that misses the line's gate.
fn supposed(line: &IndicatorLine, figure: i64, policy: &ScorecardPolicy) -> (IndicatorLine, bool) {
    let rule = policy.indicators.iter().find(|rule| rule.metric == line.indicator);
    let attained = match (rule, line.target) {
        (Some(rule), Some(target)) => {
            attain(Fraction::whole(figure), Fraction::whole(target), rule, policy)
        }
        (None, _) => Err(NotApplicable::NoRuleYet),
        (_, None) => Err(NotApplicable::NoTarget),
    };
    let told = IndicatorLine {
        state: attained.map_or_else(LineState::NotApplicable, |_attained| LineState::Applicable),
        value: Some(figure),
        numerator: Some(figure),
        denominator: Some(1),
        attainment: attained.ok().map(|attained| attained.raw),
        normalised: attained.ok().map(|attained| attained.normalised),
        limit: attained.ok().and_then(|attained| attained.limit),
        facts: Vec::new(),
        exclusions: Vec::new(),
        ..line.clone()
    };
    (told, attained.is_ok_and(|attained| attained.gate_missed))
}

/// Whether a line that stays as it is misses its gate: only where its group did on the card.
fn gate_missed(card: &Scorecard, line: &IndicatorLine, policy: &ScorecardPolicy) -> bool {
    let rule = policy.indicators.iter().find(|rule| rule.metric == line.indicator);
    let group = card.groups.iter().find(|group| group.group == line.group);
    let below = rule.and_then(|rule| rule.gate).zip(line.attainment);
    group.is_some_and(|group| group.gate_missed)
        && below.is_some_and(|(gate, attainment)| attainment <= gate.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::policy;
    use crate::rules::outcome::RuleId;
    use crate::rules::policy::Policy;
    use crate::rules::units::CentiPoints;

    /// The six indicators of S1 with the actuals and targets of DOMAIN F14.
    fn card(policy: &Policy) -> Scorecard {
        let vector =
            [(110, 100), (9_200, 9_000), (1_000, 2_000), (45, 40), (3_000, 2_500), (840, 800)];
        let rules = policy.scorecard.indicators.iter();
        let lines = rules.zip(vector).map(|(rule, (_actual, target))| IndicatorLine {
            indicator: rule.metric.clone(),
            group: rule.group,
            rule: RuleId::F12,
            weight: rule.weight,
            state: LineState::NotApplicable(NotApplicable::NoFacts),
            value: None,
            numerator: None,
            denominator: None,
            target: Some(target),
            attainment: None,
            normalised: None,
            limit: None,
            points: CentiPoints(0),
            facts: Vec::new(),
            exclusions: Vec::new(),
        });
        let bare = Scorecard { total: None, groups: Vec::new(), lines: lines.collect() };
        let rules = policy.scorecard.indicators.iter();
        let actuals =
            rules.zip(vector).map(|(rule, (actual, _target))| (rule.metric.clone(), actual));
        suppose(&bare, &policy.scorecard, &actuals.collect())
    }

    #[test]
    fn a_card_of_supposed_figures_is_the_card_of_those_figures() {
        let policy = policy();
        let card = card(&policy);
        // DOMAIN F14's vector.
        assert_eq!(card.total.map(|total| total.to_string()).as_deref(), Some("103.82"));
        let nothing = suppose(&card, &policy.scorecard, &BTreeMap::new());
        assert_eq!(nothing, card, "supposing nothing changes nothing");
    }

    #[test]
    fn one_figure_moves_its_line_and_the_total_alone() {
        let policy = policy();
        let card = card(&policy);
        let growth = BTreeMap::from([(Metric::NewCustomerGrowth, 2_000)]);
        let better = suppose(&card, &policy.scorecard, &growth);
        assert!(better.total > card.total);
        for (was, is) in card.lines.iter().zip(&better.lines) {
            let moved = was.normalised != is.normalised;
            assert_eq!(moved, was.indicator == Metric::NewCustomerGrowth, "{:?}", was.indicator);
        }
        let back = BTreeMap::from([(Metric::NewCustomerGrowth, 1_000)]);
        assert_eq!(suppose(&better, &policy.scorecard, &back).total, card.total);
        let strange = BTreeMap::from([(Metric::from("none of the card"), 1)]);
        assert_eq!(suppose(&card, &policy.scorecard, &strange), card);
    }
}
