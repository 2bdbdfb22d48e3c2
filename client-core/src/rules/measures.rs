//! What is counted: visits, leads, deals and won amounts of a span of time.
//!
//! Card, pace and evening board show the same figures for different spans, so
//! they count in one place, each figure with the facts it used and left out.

use std::collections::BTreeSet;

use crate::docs::deal::DealOutcome;
use crate::id::DocId;
use crate::records::Metric;
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{DealFact, FactRef, Facts};
use crate::rules::figure::Figure;
use crate::rules::outcome::{
    Exclusion, ExclusionReason, LineState, MoneyReason, NotApplicable, Verdict,
};
use crate::rules::policy::{CountPolicy, Phase, PipelinePolicy, Policy};
use crate::rules::rounding::saturate;
use crate::time::Timestamp;

/// A counted figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measure {
    /// The sum as far as it fits; [`Measure::whole`] says whether it does.
    pub value: i64,
    /// The sum itself.
    pub sum: i128,
    /// Above the line and below it; a sum or a count has 1 below.
    pub fraction: (i64, i64),
    /// Units that make one whole: 1 for sums, 10,000 for shares.
    pub scale: i64,
    pub facts: Vec<FactRef>,
    pub exclusions: Vec<Exclusion>,
}

impl Default for Measure {
    fn default() -> Self {
        Self {
            value: 0,
            sum: 0,
            fraction: (0, 1),
            scale: 1,
            facts: Vec::new(),
            exclusions: Vec::new(),
        }
    }
}

impl Measure {
    fn add(&mut self, value: impl Into<i128>, fact: FactRef) {
        self.sum = self.sum.saturating_add(value.into());
        self.value = saturate(self.sum);
        self.fraction.0 = self.value;
        self.facts.push(fact);
    }

    /// Itself, unless it is more than a figure can hold: cut off, it would look like one that
    /// was counted.
    pub(super) fn whole(self) -> Result<Self, (NotApplicable, Self)> {
        if i128::from(self.value) == self.sum {
            Ok(self)
        } else {
            Err((NotApplicable::TooLarge, self))
        }
    }

    /// A rate as a measure, or why there is none.
    pub(super) fn of_figure(figure: Figure, scale: i64) -> Result<Self, (NotApplicable, Self)> {
        let measure = Self {
            value: figure.value.unwrap_or_default(),
            sum: figure.value.unwrap_or_default().into(),
            fraction: (figure.numerator, figure.denominator),
            scale,
            facts: figure.facts,
            exclusions: figure.exclusions,
        };
        match figure.state {
            LineState::Applicable => Ok(measure),
            LineState::NotApplicable(reason) => Err((reason, measure)),
        }
    }
}

/// From an instant, inclusive, until another, exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Span {
    pub(super) fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// What `metric` comes to in `span`; `None` for a metric that is not counted
/// from documents in this version.
pub(super) fn measure(
    metric: &Metric,
    facts: &Facts,
    judged: &[Judged<'_>],
    policy: &Policy,
    span: Span,
) -> Option<Measure> {
    match metric {
        Metric::SalesAmount => Some(sold(facts, policy.scorecard.count, span)),
        Metric::EffectiveVisits => Some(effective_visits(judged, span)),
        Metric::NewLeads => Some(deals_since(facts, span, |deal| new_lead(deal, &policy.pipeline))),
        Metric::NewDeals => Some(deals_since(facts, span, |deal| new_deal(deal, &policy.pipeline))),
        _ => None,
    }
}

fn effective_visits(judged: &[Judged<'_>], span: Span) -> Measure {
    let mut measure = Measure::default();
    for one in judged.iter().filter(|one| span.contains(one.at)) {
        if one.counts {
            measure.add(1, one.visit.fact());
            continue;
        }
        let reasons = match &one.verdict {
            Verdict::Effective => Vec::new(),
            Verdict::NotEffective(reasons) => {
                reasons.iter().map(|reason| ExclusionReason::Visit(*reason)).collect()
            }
            Verdict::NeedsReview(reasons) => {
                reasons.iter().map(|reason| ExclusionReason::UnderReview(*reason)).collect()
            }
        };
        measure.exclusions.push(Exclusion { fact: one.visit.fact(), reasons });
    }
    measure
}

/// What was sold: won deals as their reps claim them, each replaced by its orders as
/// soon as there are any; or, where the policy counts confirmed facts alone, every order.
/// Beside claims an order that names no deal is left out, and named: nothing says which
/// claim it confirms, and a sale counted twice is worse than one that is asked about.
///
/// An order that is called off later than in `span` was sold in it, because what is over
/// rests; it is taken back on the day on which it is called off.
fn sold(facts: &Facts, count: CountPolicy, span: Span) -> Measure {
    let mut measure = Measure::default();
    let zone = &facts.calendar.zone;
    let own = || facts.orders.iter().filter(|order| order.own);
    let ordered: BTreeSet<DocId> = own().filter_map(|order| order.deal).collect();
    let won = facts.deals.iter().filter(|deal| {
        deal.outcome == Some(DealOutcome::Won)
            && deal.decided_at.is_some_and(|at| span.contains(at))
    });
    for deal in won {
        let not_confirmed = count == CountPolicy::Confirmed || ordered.contains(&deal.doc);
        let reason = match deal.amount {
            _ if not_confirmed => ExclusionReason::Money(MoneyReason::NotConfirmed),
            Some(amount) if amount.currency == facts.currency => {
                measure.add(amount.minor, deal.fact());
                continue;
            }
            Some(_) => ExclusionReason::OtherCurrency,
            None => ExclusionReason::NoAmount,
        };
        measure.exclusions.push(Exclusion { fact: deal.fact(), reasons: vec![reason] });
    }
    for order in own() {
        let Some(ordered) = order.ordered_on.map(|on| zone.start_of(on)) else { continue };
        let off = order.cancelled_on.map(|on| zone.start_of(on));
        let taken_back = ordered < span.from && off.is_some_and(|off| span.contains(off));
        if !span.contains(ordered) && !taken_back {
            continue;
        }
        let fact = order.origin.fact.clone();
        let cancelled = !taken_back && off.is_some_and(|off| off < span.until);
        let nameless = count == CountPolicy::Claimed && order.deal.is_none();
        let reason = match order.amount {
            _ if nameless => ExclusionReason::Money(MoneyReason::NoDeal),
            _ if cancelled => ExclusionReason::Money(MoneyReason::Cancelled),
            Some(amount) if amount.currency == facts.currency => {
                let sign = if taken_back { -1 } else { 1 };
                measure.add(i128::from(amount.minor) * sign, fact);
                continue;
            }
            Some(_) => ExclusionReason::OtherCurrency,
            None => ExclusionReason::NoAmount,
        };
        measure.exclusions.push(Exclusion { fact, reasons: vec![reason] });
    }
    measure
}

fn deals_since(
    facts: &Facts,
    span: Span,
    began: impl Fn(&DealFact) -> Option<Timestamp>,
) -> Measure {
    let mut measure = Measure::default();
    for deal in &facts.deals {
        if began(deal).is_some_and(|at| span.contains(at)) {
            measure.add(1, deal.fact());
        }
    }
    measure
}

/// When a deal became more than a lead: its first entry into a stage after the
/// lead phase. A stage the policy no longer knows counts as one.
pub(super) fn new_deal(deal: &DealFact, pipeline: &PipelinePolicy) -> Option<Timestamp> {
    let is_lead = |code: &str| pipeline.stage(code).is_some_and(|stage| stage.phase == Phase::Lead);
    deal.stages.iter().filter(|entry| !is_lead(&entry.stage)).map(|entry| entry.at).min()
}

/// When a deal came in as a lead: its creation, unless it was a deal at once.
pub(super) fn new_lead(deal: &DealFact, pipeline: &PipelinePolicy) -> Option<Timestamp> {
    let created = deal.created_at?;
    new_deal(deal, pipeline).is_none_or(|at| created < at).then_some(created)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::evaluate::evaluate;
    use crate::rules::fixture::*;

    #[test]
    fn a_sum_that_no_figure_can_hold_is_no_figure_and_costs_no_other_line() {
        let card = |minor: i64| {
            let mut facts = facts("2026-10");
            let order = |number: u8| order(number, number, "2026-10-09", minor);
            facts.orders = vec![order(1), order(2)];
            for order in &mut facts.orders {
                order.own = true;
                order.deal = Some(doc(7));
            }
            let mut policy = policy();
            policy.scorecard.count = CountPolicy::Claimed;
            let outcome = evaluate(&facts, &policy, period("2026-10"), at("2026-10-31 23:59"));
            let lines = outcome.scorecard.lines;
            lines.into_iter().find(|line| line.indicator == Metric::SalesAmount).unwrap()
        };
        let fits = card(i64::MAX / 2);
        assert_eq!(fits.value, Some(i64::MAX - 1));
        let large = card(i64::MAX / 2 + 1);
        assert_eq!(large.value, None);
        assert_eq!(large.state, LineState::NotApplicable(NotApplicable::TooLarge));
        assert_eq!(large.facts.len(), 2, "what it was made of is told");
    }
}
