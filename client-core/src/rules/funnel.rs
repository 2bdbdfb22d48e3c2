//! The funnel: what entered each stage, what became of it, what lies there now (F6).
//!
//! A ratio of two counts of the same month says little: the deals that were won in
//! it are not those that came in. So conversion is read by cohort: of the deals
//! that first entered a stage in the period, how many have gone on by the instant
//! of looking. A fresh cohort has had no time to go on, so the one it is compared
//! with is looked at equally early: its `as_of` lies as many days back as the
//! periods lie apart.
//!
//! Only the stage history decides. In a cohort a deal has **passed** once it
//! entered any later stage, however many it skipped, or was won; it is **lost** if
//! it was lost before that, and **undecided** otherwise. The stage where lost deals
//! are parked (phase `closed`) is no later stage for a deal that was lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::deal::DealOutcome;
use crate::id::DocId;
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::rules::facts::{DealFact, FactRef};
use crate::rules::measures::{Span, new_deal, new_lead};
use crate::rules::outcome::{DealReason, Exclusion, ExclusionReason};
use crate::rules::policy::{Phase, PipelinePolicy};
use crate::rules::rounding::{basis_points, div_half_even, saturate};
use crate::rules::team::{Fate, fate};
use crate::rules::units::BasisPoints;
use crate::time::{Timestamp, Zone};

/// From where a funnel is looked at.
#[derive(Debug, Clone, Copy)]
pub struct FunnelView<'a> {
    /// The stages, in order.
    pub pipeline: &'a PipelinePolicy,
    /// The org's zone.
    pub zone: &'a Zone,
    /// Whose cohorts are shown.
    pub period: Period,
    /// Whose they are compared with: the previous period, or the same of last year.
    pub compared_with: Period,
    /// The instant of looking.
    pub as_of: Timestamp,
}

/// A funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Whose cohorts.
    pub period: Period,
    /// The instant of looking.
    pub as_of: Timestamp,
    /// Whose they are compared with.
    pub compared_with: Period,
    /// The instant from which those are looked at.
    pub compared_as_of: Timestamp,
    /// One for each stage of the pipeline, in its order.
    pub stages: Vec<StageFigures>,
    /// Open deals in a stage that the policy does not know, or in none.
    pub elsewhere: OpenDeals,
    /// Leads that became deals.
    pub lead_to_deal: Conversion,
    /// Deals that were won.
    pub deal_to_signing: Conversion,
    /// Deals with events in the period that belong to no stage, by document id.
    pub exclusions: Vec<Exclusion>,
}

/// A stage of the funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFigures {
    /// Its code.
    pub stage: String,
    /// What it means wherever stage lists are compared.
    pub phase: Phase,
    /// What lies there now.
    pub open: OpenDeals,
    /// What became of the deals that entered it.
    pub conversion: Conversion,
}

/// Open deals at the instant of looking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDeals {
    /// How many.
    pub count: u32,
    /// Their amounts, one sum for each currency, by its code.
    pub amounts: Vec<Money>,
    /// Those among them without an amount.
    pub without_amount: u32,
    /// Which, by document id.
    pub facts: Vec<FactRef>,
}

/// A step of the funnel, beside the same step of the period it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// The period's cohort.
    pub now: Cohort,
    /// The cohort it is compared with.
    pub before: Cohort,
    /// The difference of the two exact shares in percentage points: 100 is one
    /// point. Absent where either has no share.
    pub change: Option<BasisPoints>,
}

/// The deals that first entered a stage in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// Passed ÷ entered; absent where nothing entered.
    pub value: Option<BasisPoints>,
    /// How many entered: passed, lost and undecided together. The denominator.
    pub entered: u32,
    /// How many went on. The numerator.
    pub passed: u32,
    /// How many were lost there.
    pub lost: u32,
    /// How many are still there.
    pub undecided: u32,
    /// Those that went on, by document id.
    pub passed_facts: Vec<FactRef>,
    /// Those lost there, by document id.
    pub lost_facts: Vec<FactRef>,
    /// Those still there, by document id.
    pub undecided_facts: Vec<FactRef>,
    /// What was left out, by document id.
    pub exclusions: Vec<Exclusion>,
}

/// The funnel of `deals`, in any order, with repetitions.
pub fn funnel<'a>(deals: impl IntoIterator<Item = &'a DealFact>, view: &FunnelView<'_>) -> Funnel {
    let mut by_id: BTreeMap<DocId, &DealFact> = BTreeMap::new();
    for deal in deals {
        let kept = by_id.entry(deal.doc).or_insert(deal);
        if kept.heads < deal.heads {
            *kept = deal;
        }
    }
    let courses: Vec<Course<'_>> =
        by_id.into_values().map(|deal| Course::of(deal, view.pipeline)).collect();
    let compared_as_of = shifted(view);
    let looks = [
        Look::at(view.period, view.as_of, view.zone),
        Look::at(view.compared_with, compared_as_of, view.zone),
    ];
    let [now, before] = looks;
    let conversion = |step: Step| Conversion::of(&courses, step, now, before);
    let stages = view.pipeline.stages.iter().enumerate().map(|(position, stage)| StageFigures {
        stage: stage.code.clone(),
        phase: stage.phase,
        open: OpenDeals::of(&courses, view.as_of, Some(position)),
        conversion: conversion(Step::Stage(position)),
    });
    Funnel {
        period: view.period,
        as_of: view.as_of,
        compared_with: view.compared_with,
        compared_as_of,
        stages: stages.collect(),
        elsewhere: OpenDeals::of(&courses, view.as_of, None),
        lead_to_deal: conversion(Step::Lead),
        deal_to_signing: conversion(Step::Deal),
        exclusions: courses.iter().filter_map(|course| course.left_out(now)).collect(),
    }
}

/// `as_of` as many days earlier as the periods lie apart, at the same time of day.
fn shifted(view: &FunnelView<'_>) -> Timestamp {
    let days = view.period.first_day().days_since(view.compared_with.first_day());
    let date = view.zone.date(view.as_of);
    let into_day = view.as_of.since(view.zone.start_of(date));
    let earlier = date.plus_days(-days);
    // A day on which the clocks go forward is shorter than its time of day may ask for.
    view.zone.start_of(earlier).plus_millis(into_day).min(view.zone.end_of(earlier))
}

/// A period's entries as seen from an instant.
#[derive(Debug, Clone, Copy)]
struct Look {
    span: Span,
    as_of: Timestamp,
}

impl Look {
    fn at(period: Period, as_of: Timestamp, zone: &Zone) -> Self {
        let (from, until) = period.bounds(zone);
        Self { span: Span { from, until: until.min(as_of.plus_millis(1)) }, as_of }
    }
}

/// What a cohort passes.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The stage at this place in the pipeline.
    Stage(usize),
    /// From lead to deal.
    Lead,
    /// From deal to signing.
    Deal,
}

/// An entry into a stage of the pipeline.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: Timestamp,
    position: usize,
    closes: bool,
}

/// A deal's way through the pipeline.
struct Course<'a> {
    deal: &'a DealFact,
    /// Entries into stages the pipeline knows, by time.
    entries: Vec<Entry>,
    /// Its entries into stages the pipeline does not know.
    strange: Vec<Timestamp>,
    /// Where the deal says it stands; none if the pipeline does not know it.
    says: Option<usize>,
    became_lead: Option<Timestamp>,
    became_deal: Option<Timestamp>,
}

impl<'a> Course<'a> {
    fn of(deal: &'a DealFact, pipeline: &PipelinePolicy) -> Self {
        let (mut entries, mut strange) = (Vec::new(), Vec::new());
        for fact in &deal.stages {
            match (pipeline.position(&fact.stage), pipeline.stage(&fact.stage)) {
                (Some(position), Some(stage)) => {
                    let closes = stage.phase == Phase::Closed;
                    entries.push(Entry { at: fact.at, position, closes });
                }
                _ => strange.push(fact.at),
            }
        }
        entries.sort_by_key(|entry| (entry.at, entry.position));
        Self {
            deal,
            entries,
            strange,
            says: deal.stage.as_deref().and_then(|stage| pipeline.position(stage)),
            became_lead: new_lead(deal, pipeline),
            became_deal: new_deal(deal, pipeline),
        }
    }

    fn entered(&self, step: Step) -> Option<Timestamp> {
        match step {
            Step::Stage(position) => {
                self.entries.iter().find(|entry| entry.position == position).map(|entry| entry.at)
            }
            Step::Lead => self.became_lead,
            Step::Deal => self.became_deal,
        }
    }

    /// When it first entered a stage after `position`, not before `from`.
    fn went_on(&self, position: usize, from: Timestamp) -> Option<Timestamp> {
        let lost = self.deal.outcome == Some(DealOutcome::Lost);
        let later = self
            .entries
            .iter()
            .find(|entry| position < entry.position && from <= entry.at && !(lost && entry.closes));
        later.map(|entry| entry.at)
    }

    fn passed_by(&self, step: Step, entered: Timestamp, as_of: Timestamp) -> bool {
        let at = match step {
            Step::Stage(position) => self.went_on(position, entered),
            Step::Lead => self.became_deal,
            Step::Deal => None,
        };
        at.is_some_and(|at| at <= as_of)
    }

    /// When it went past a stage without ever entering it.
    fn skipped(&self, step: Step) -> Option<Timestamp> {
        let Step::Stage(position) = step else { return None };
        if self.entered(step).is_some() {
            return None;
        }
        let earlier = self.entries.iter().find(|entry| entry.position < position)?;
        self.went_on(position, earlier.at)
    }

    /// Where it stands at `as_of`, if it is open then.
    fn open_in(&self, as_of: Timestamp) -> Option<Option<usize>> {
        if fate(self.deal, as_of) != Fate::Open {
            return None;
        }
        let times = self.deal.stages.iter().map(|fact| fact.at).chain(self.deal.created_at);
        if times.min().is_some_and(|first| as_of < first) {
            return None;
        }
        // What it says is of now; an earlier instant has only the history, and a deal
        // whose days nobody knows has only what it says.
        let moved_since = self.deal.stages.iter().any(|fact| as_of < fact.at);
        if self.deal.stage.is_some() && !moved_since {
            return Some(self.says);
        }
        let all = self.entries.iter().map(|entry| (entry.at, Some(entry.position)));
        let all = all.chain(self.strange.iter().map(|at| (*at, None)));
        let last = all.filter(|(at, _position)| *at <= as_of).max();
        Some(last.and_then(|(_at, position)| position))
    }

    /// Why the whole deal is in no cohort of the period, though something of it
    /// falls there.
    fn left_out(&self, look: Look) -> Option<Exclusion> {
        let inside = |at: &Timestamp| look.span.contains(*at);
        let reason = if self.strange.iter().any(inside) {
            DealReason::UnknownStage
        } else if self.deal.stages.is_empty()
            && self.deal.created_at.iter().chain(&self.deal.decided_at).any(inside)
        {
            DealReason::NoStages
        } else {
            return None;
        };
        Some(self.exclusion(reason))
    }

    fn exclusion(&self, reason: DealReason) -> Exclusion {
        Exclusion { fact: self.deal.fact(), reasons: vec![ExclusionReason::Deal(reason)] }
    }
}

impl Conversion {
    fn of(courses: &[Course<'_>], step: Step, now: Look, before: Look) -> Self {
        let now = Cohort::of(courses, step, now);
        let before = Cohort::of(courses, step, before);
        let change = now.minus(&before);
        Self { now, before, change }
    }
}

impl Cohort {
    fn of(courses: &[Course<'_>], step: Step, look: Look) -> Self {
        let mut cohort = Self::default();
        for course in courses {
            match course.entered(step) {
                Some(at) if look.span.contains(at) => cohort.take(course, step, at, look.as_of),
                Some(_) => {}
                None => {
                    let skipped = course.skipped(step);
                    if skipped.is_some_and(|at| look.span.contains(at)) {
                        cohort.exclusions.push(course.exclusion(DealReason::SkippedStage));
                    }
                }
            }
        }
        let count = |facts: &[FactRef]| u32::try_from(facts.len()).unwrap_or(u32::MAX);
        cohort.passed = count(&cohort.passed_facts);
        cohort.lost = count(&cohort.lost_facts);
        cohort.undecided = count(&cohort.undecided_facts);
        cohort.entered = cohort.passed + cohort.lost + cohort.undecided;
        cohort.value = basis_points(cohort.passed.into(), cohort.entered.into());
        cohort
    }

    fn take(&mut self, course: &Course<'_>, step: Step, entered: Timestamp, as_of: Timestamp) {
        let fact = course.deal.fact();
        if course.passed_by(step, entered, as_of) {
            self.passed_facts.push(fact);
            return;
        }
        match fate(course.deal, as_of) {
            Fate::Won(_) => self.passed_facts.push(fact),
            Fate::Lost(_) => self.lost_facts.push(fact),
            Fate::Open => self.undecided_facts.push(fact),
            Fate::Unclear(reason) => self.exclusions.push(course.exclusion(reason)),
        }
    }

    /// The difference of the exact shares, rounded once.
    fn minus(&self, before: &Self) -> Option<BasisPoints> {
        let (passed, entered) = (i128::from(self.passed), i128::from(self.entered));
        let (passed_before, entered_before) =
            (i128::from(before.passed), i128::from(before.entered));
        let difference = passed * entered_before - passed_before * entered;
        div_half_even(difference * 10_000, entered * entered_before)
            .map(|units| BasisPoints(saturate(units)))
    }
}

impl OpenDeals {
    fn of(courses: &[Course<'_>], as_of: Timestamp, position: Option<usize>) -> Self {
        let mut open = Self::default();
        let mut amounts: BTreeMap<Currency, i128> = BTreeMap::new();
        for course in courses.iter().filter(|course| course.open_in(as_of) == Some(position)) {
            open.count = open.count.saturating_add(1);
            open.facts.push(course.deal.fact());
            match course.deal.amount {
                Some(amount) => {
                    *amounts.entry(amount.currency).or_default() += i128::from(amount.minor);
                }
                None => open.without_amount = open.without_amount.saturating_add(1),
            }
        }
        let sums = amounts.into_iter();
        open.amounts = sums.map(|(currency, sum)| Money::new(saturate(sum), currency)).collect();
        open
    }
}

#[cfg(test)]
mod tests;
