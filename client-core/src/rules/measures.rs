//! What is counted: visits, leads, deals and won amounts of a span of time.
//!
//! Card, pace and evening board show the same figures for different spans, so
//! they count in one place, each figure with the facts it used and left out.

use crate::docs::deal::DealOutcome;
use crate::money::Currency;
use crate::records::Metric;
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{DealFact, FactRef, Facts};
use crate::rules::outcome::{Exclusion, ExclusionReason, Verdict};
use crate::rules::policy::{Phase, PipelinePolicy, Policy};
use crate::time::Timestamp;

/// A counted figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub value: i64,
    pub facts: Vec<FactRef>,
    pub exclusions: Vec<Exclusion>,
}

impl Measure {
    fn add(&mut self, value: i64, fact: FactRef) {
        self.value = self.value.saturating_add(value);
        self.facts.push(fact);
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
        Metric::SalesAmount => Some(won(&facts.deals, facts.currency, span)),
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

fn won(deals: &[DealFact], currency: Currency, span: Span) -> Measure {
    let mut measure = Measure::default();
    let won = deals.iter().filter(|deal| {
        deal.outcome == Some(DealOutcome::Won)
            && deal.decided_at.is_some_and(|at| span.contains(at))
    });
    for deal in won {
        let reason = match deal.amount {
            Some(amount) if amount.currency == currency => {
                measure.add(amount.minor, deal.fact());
                continue;
            }
            Some(_) => ExclusionReason::OtherCurrency,
            None => ExclusionReason::NoAmount,
        };
        measure.exclusions.push(Exclusion { fact: deal.fact(), reasons: vec![reason] });
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
