//! A team's figure, and the deals it is computed from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::period::Days;
use crate::rules::facts::{DealFact, FactRef};
use crate::rules::measures::Span;
use crate::rules::outcome::{
    DealReason, Exclusion, ExclusionReason, LineState, NotApplicable, RuleId,
};
use crate::rules::rounding::{div_half_even, saturate};
use crate::rules::team::{Fate, TeamDeal, fate};
use crate::time::{Timestamp, Zone};

/// A figure with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The rule that computed it.
    pub rule: RuleId,
    /// Whether there is one, and if not, why.
    pub state: LineState,
    /// The figure in the unit that its maker names, rounded half-even once.
    pub value: Option<i64>,
    /// Above the line.
    pub numerator: i64,
    /// Below the line; 1 for a sum or a count.
    pub denominator: i64,
    /// What it was computed from, by document id.
    pub facts: Vec<FactRef>,
    /// What was left out, by document id.
    pub exclusions: Vec<Exclusion>,
}

impl Figure {
    /// `numerator ÷ denominator` in units of which `scale` make one.
    pub(super) fn ratio(
        rule: RuleId,
        (numerator, denominator): (i128, i128),
        scale: i128,
        evidence: Evidence,
    ) -> Self {
        let exact = div_half_even(numerator.saturating_mul(scale), denominator);
        let fits = |number: i128| i64::try_from(number).is_ok();
        let value = exact.filter(|value| fits(*value) && fits(numerator) && fits(denominator));
        Self {
            rule,
            state: match (value, exact) {
                (Some(_), _) => LineState::Applicable,
                (None, Some(_)) => LineState::NotApplicable(NotApplicable::TooLarge),
                (None, None) => LineState::NotApplicable(NotApplicable::ZeroDenominator),
            },
            value: value.map(saturate),
            numerator: saturate(numerator),
            denominator: saturate(denominator),
            facts: evidence.facts,
            exclusions: evidence.exclusions,
        }
    }
}

/// What a figure used and left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    pub facts: Vec<FactRef>,
    pub exclusions: Vec<Exclusion>,
}

impl Evidence {
    pub(super) fn take(&mut self, deal: &DealFact) {
        self.facts.push(deal.fact());
    }

    /// Leaves out a fact that is no deal.
    pub(super) fn leave_out(&mut self, fact: FactRef, reason: ExclusionReason) {
        self.exclusions.push(Exclusion { fact, reasons: vec![reason] });
    }

    /// In order and each once, whatever the order of the facts.
    pub(super) fn tidied(mut self) -> Self {
        self.facts.sort();
        self.facts.dedup();
        self.exclusions.sort_by(|a, b| (&a.fact, &a.reasons).cmp(&(&b.fact, &b.reasons)));
        self.exclusions.dedup();
        self
    }

    pub(super) fn leave(&mut self, deal: &DealFact, reason: ExclusionReason) {
        self.exclusions.push(Exclusion { fact: deal.fact(), reasons: vec![reason] });
    }
}

/// The deals of a team in a stretch of days, as seen from an instant.
#[derive(Debug, Clone)]
pub struct TeamView<'a> {
    deals: Vec<&'a TeamDeal>,
    pub(super) zone: &'a Zone,
    span: Span,
    as_of: Timestamp,
}

impl<'a> TeamView<'a> {
    /// Of `deals`, in any order, with repetitions. What happened after `as_of` has
    /// not happened.
    pub fn new(
        deals: impl IntoIterator<Item = &'a TeamDeal>,
        zone: &'a Zone,
        days: Days,
        as_of: Timestamp,
    ) -> Self {
        let mut by_id: BTreeMap<DocId, &TeamDeal> = BTreeMap::new();
        for deal in deals {
            let kept = by_id.entry(deal.fact.doc).or_insert(deal);
            if kept.fact.heads < deal.fact.heads {
                *kept = deal;
            }
        }
        let (from, until) = days.bounds(zone);
        Self { deals: by_id.into_values().collect(), zone, span: Span { from, until }, as_of }
    }

    /// Deals won in the days, with when, by document id.
    pub fn won(&self) -> impl Iterator<Item = (&'a TeamDeal, Timestamp)> + '_ {
        self.deals.iter().filter_map(|deal| match fate(&deal.fact, self.as_of) {
            Fate::Won(at) if self.span.contains(at) => Some((*deal, at)),
            _ => None,
        })
    }

    /// Deals lost in the days, by document id.
    pub fn lost(&self) -> impl Iterator<Item = &'a TeamDeal> + '_ {
        self.deals.iter().copied().filter(
            |deal| matches!(fate(&deal.fact, self.as_of), Fate::Lost(at) if self.span.contains(at)),
        )
    }

    /// Deals that are decided and cannot be said to be in the days or out of them.
    pub(super) fn unclear(&self) -> impl Iterator<Item = (&'a TeamDeal, DealReason)> + '_ {
        self.deals.iter().filter_map(|deal| match fate(&deal.fact, self.as_of) {
            Fate::Unclear(reason) => Some((*deal, reason)),
            _ => None,
        })
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }
}
