//! F13: what customers say of us, from 0 to 10.
//!
//! "NPS ≥ 8 分" can be read two ways (DOMAIN D10), so answers are kept raw and both
//! figures are computed from all of them; the policy says which one scores.

use crate::period::Days;
use crate::rules::facts::{Facts, SurveyFact};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::outcome::{ExclusionReason, MoneyReason, RuleId};
use crate::rules::policy::SatisfactionMeasure;

/// Both readings of the answers of some days.
pub(super) struct Satisfaction {
    /// The mean, in hundredths.
    pub mean: Figure,
    /// %(9–10) − %(0–6), in hundredths of a point: 2,500 is +25.
    pub nps: Figure,
}

impl Satisfaction {
    /// Of the answers given in `days`.
    pub(super) fn of(facts: &Facts, days: Days) -> Self {
        let mut evidence = Evidence::default();
        let mut answers: Vec<&SurveyFact> = Vec::new();
        for survey in &facts.surveys {
            match survey.answered_on {
                Some(on) if days.contains(on) => {
                    evidence.facts.push(survey.fact.clone());
                    answers.push(survey);
                }
                Some(_) => {}
                None => evidence
                    .leave_out(survey.fact.clone(), ExclusionReason::Money(MoneyReason::NoDate)),
            }
        }
        let evidence = evidence.tidied();
        let sum = |weight: fn(u8) -> i128| answers.iter().map(|one| weight(one.score)).sum();
        let count = i128::try_from(answers.len()).unwrap_or(i128::MAX);
        Self {
            mean: Figure::ratio(RuleId::F13, (sum(i128::from), count), 100, evidence.clone()),
            nps: Figure::ratio(RuleId::F13, (sum(promoter), count), 10_000, evidence),
        }
    }

    /// The one that scores, with the units that make one whole.
    pub(super) fn chosen(self, measure: SatisfactionMeasure) -> (Figure, i64) {
        match measure {
            SatisfactionMeasure::Mean => (self.mean, 100),
            SatisfactionMeasure::Nps => (self.nps, 10_000),
        }
    }
}

const fn promoter(score: u8) -> i128 {
    match score {
        0..=6 => -1,
        7..=8 => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::*;

    #[test]
    fn four_answers_give_both_figures() {
        let mut facts = facts("2026-10");
        facts.surveys = (0_u8..)
            .zip([10, 9, 8, 6])
            .map(|(number, score)| survey(number, 100, "2026-10-08", score))
            .collect();
        facts.surveys.push(survey(9, 100, "2026-09-30", 0));
        let october = Days::from(period("2026-10"));
        let found = Satisfaction::of(&facts, october);
        assert_eq!(found.nps.value, Some(2_500));
        assert_eq!(found.mean.value, Some(825));
        assert_eq!(found.mean.facts.len(), 4);
        facts.surveys.clear();
        let none = Satisfaction::of(&facts, october);
        assert_eq!((none.nps.value, none.mean.value), (None, None));
    }
}
