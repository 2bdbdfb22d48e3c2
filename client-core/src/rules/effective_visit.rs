//! F1: does a visit count?
//!
//! The guides pay for "effective visits" and do not say what one is. So the
//! policy says it mode by mode, a visit is told every reason against it at once,
//! and a doubt that is nobody's fault (no satellite fix) is not a reason but a
//! review, which counts until somebody decides otherwise. What was written after submit
//! is one too, and does not count before somebody has reviewed it (DESIGN 3).
//!
//! Choices of ours where the guides are silent:
//! - Duplicates are looked for only among visits that would otherwise count:
//!   a visit without check-out must not take its honest repetition with it.
//! - "Same participants" means that this rep takes part in both.
//! - A decision settles a review. It does not supply what a visit lacks.

use std::collections::{BTreeMap, BTreeSet};

use crate::geo::Point;
use crate::id::DocId;
use crate::records::Tier;
use crate::rules::facts::{CustomerFact, Facts, Ruling, VisitFact};
use crate::rules::location::{self, LocationVerdict};
use crate::rules::outcome::{ReviewReason, Verdict, VisitReason};
use crate::rules::policy::{ModeRule, Policy, Requirement};
use crate::time::{Date, Timestamp};

/// A visit with its verdict.
#[derive(Debug, Clone)]
pub(super) struct Judged<'a> {
    pub visit: &'a VisitFact,
    pub at: Timestamp,
    pub date: Date,
    pub tier: Option<Tier>,
    pub location: LocationVerdict,
    pub verdict: Verdict,
    pub counts: bool,
}

impl Judged<'_> {
    /// It was handed in and nobody said that it was none: it kept a promise, even where it
    /// does not count.
    pub(super) fn was_contact(&self) -> bool {
        let void = [VisitReason::Voided, VisitReason::Rejected];
        self.visit.submitted_at.is_some()
            && !matches!(&self.verdict, Verdict::NotEffective(why)
                if why.iter().any(|why| void.contains(why)))
    }
}

/// Judges every visit of `facts` that began by `as_of`, by document id.
pub(super) fn judge_all<'a>(
    facts: &'a Facts,
    policy: &Policy,
    as_of: Timestamp,
) -> Vec<Judged<'a>> {
    let customers: BTreeMap<DocId, &CustomerFact> =
        facts.customers.iter().map(|customer| (customer.doc, customer)).collect();
    let rulings: BTreeMap<DocId, Ruling> =
        facts.decisions.iter().map(|decision| (decision.visit, decision.ruling)).collect();
    let doubted: BTreeSet<DocId> =
        facts.signals.iter().filter(|signal| signal.open).map(|signal| signal.visit).collect();

    let mut judged: Vec<Judged<'a>> = facts
        .visits
        .iter()
        .filter_map(|visit| {
            let at = visit.business_time().filter(|at| *at <= as_of)?;
            let customer = visit.customer.and_then(|id| customers.get(&id).copied());
            let (location, verdict) = judge(
                visit,
                customer.and_then(|customer| customer.position),
                policy,
                rulings.get(&visit.doc).copied(),
                doubted.contains(&visit.doc),
            );
            let tier = customer.and_then(|customer| customer.tier_around(at));
            let date = facts.calendar.zone.date(at);
            Some(Judged { visit, at, date, tier, location, verdict, counts: false })
        })
        .collect();
    judged.sort_by_key(|one| one.visit.doc);
    for one in &mut judged {
        one.counts = match one.verdict {
            Verdict::Effective => true,
            // § What was written after submit does not count before somebody has reviewed it.
            Verdict::NeedsReview(ref doubts) => {
                policy.visits.review_counts && !doubts.contains(&ReviewReason::EditedAfterSubmit)
            }
            Verdict::NotEffective(_) => false,
        };
    }
    mark_duplicates(&mut judged);
    judged
}

/// The verdict on one visit, duplicates aside.
fn judge(
    visit: &VisitFact,
    position: Option<Point>,
    policy: &Policy,
    ruling: Option<Ruling>,
    doubted: bool,
) -> (LocationVerdict, Verdict) {
    let rule = visit.mode.as_ref().and_then(|mode| policy.visits.mode(mode));
    let location = match rule {
        Some(rule) if rule.fence => {
            let fix = visit.check_in.as_ref().and_then(|check| check.fix.as_ref());
            location::verdict(fix, position, policy.visits.fence_m)
        }
        _ => LocationVerdict::NotAsked,
    };

    let against = objections(visit, rule, location, policy, ruling);
    if !against.is_empty() {
        return (location, Verdict::NotEffective(against));
    }
    let mut doubts = Vec::new();
    if ruling.is_none() {
        if location == LocationVerdict::Unverifiable {
            doubts.push(ReviewReason::Unverifiable);
        }
        if doubted {
            doubts.push(ReviewReason::OpenSignal);
        }
        if visit.edited_after_submit {
            doubts.push(ReviewReason::EditedAfterSubmit);
        }
    }
    let verdict = if doubts.is_empty() { Verdict::Effective } else { Verdict::NeedsReview(doubts) };
    (location, verdict)
}

/// Every reason against a visit, ascending.
fn objections(
    visit: &VisitFact,
    rule: Option<&ModeRule>,
    location: LocationVerdict,
    policy: &Policy,
    ruling: Option<Ruling>,
) -> Vec<VisitReason> {
    let mut against = BTreeSet::new();
    let mut object = |holds: bool, reason| {
        if holds {
            against.insert(reason);
        }
    };
    object(visit.customer.is_none(), VisitReason::NoCustomer);
    object(visit.mode.is_none(), VisitReason::NoMode);
    object(visit.mode.is_some() && rule.is_none(), VisitReason::ModeNotCounted);
    object(location == LocationVerdict::OutOfFence, VisitReason::OutOfFence);
    object(ruling == Some(Ruling::Reject), VisitReason::Rejected);
    object(ruling == Some(Ruling::Void), VisitReason::Voided);
    for requirement in rule.iter().flat_map(|rule| &rule.requires) {
        if let Some(reason) = lacks(visit, *requirement) {
            object(true, reason);
        }
    }
    object(
        rule.is_some_and(|rule| {
            duration(visit, rule).is_some_and(|lasted| lasted < minutes(rule.min_minutes))
        }),
        VisitReason::TooShort,
    );
    match visit.submitted_at {
        None => object(true, VisitReason::NotSubmitted),
        Some(submitted) => object(
            visit.end().or(visit.start()).is_some_and(|end| {
                submitted.since(end) > minutes(60) * i64::from(policy.visits.submit_within_hours)
            }),
            VisitReason::SubmittedLate,
        ),
    }
    against.into_iter().collect()
}

fn lacks(visit: &VisitFact, requirement: Requirement) -> Option<VisitReason> {
    let (there, reason) = match requirement {
        Requirement::CheckIn => (visit.check_in.is_some(), VisitReason::NoCheckIn),
        Requirement::CheckOut => (visit.check_out.is_some(), VisitReason::NoCheckOut),
        Requirement::Start => (visit.start().is_some(), VisitReason::NoStart),
        Requirement::End => (visit.end().is_some(), VisitReason::NoEnd),
        Requirement::Outcome => (visit.outcome.is_some(), VisitReason::NoOutcome),
        Requirement::NextStep => (visit.has_next_step, VisitReason::NoNextStep),
        Requirement::Text => (visit.has_text, VisitReason::NoText),
    };
    (!there).then_some(reason)
}

/// How long the visit lasted in milliseconds, where the mode asks for a duration
/// and both ends are there.
fn duration(visit: &VisitFact, rule: &ModeRule) -> Option<i64> {
    if rule.min_minutes == 0 {
        return None;
    }
    if rule.requires.contains(&Requirement::CheckOut) {
        let (arrived, left) = visit.check_in.as_ref().zip(visit.check_out.as_ref())?;
        Some(left.at.since(arrived.at))
    } else {
        visit.end().zip(visit.start()).map(|(end, start)| end.since(start))
    }
}

const fn minutes(count: u32) -> i64 {
    count as i64 * 60_000
}

/// Of visits to one customer at overlapping times only the earliest id counts.
fn mark_duplicates(judged: &mut [Judged<'_>]) {
    let mut kept: BTreeMap<DocId, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for one in judged {
        let Some(customer) = one.visit.customer else { continue };
        if !one.counts {
            continue;
        }
        let (start, end) = (one.at, one.visit.end().unwrap_or(one.at).max(one.at));
        let others = kept.entry(customer).or_default();
        let overlaps =
            others.iter().any(|(from, to)| *from == start || (*from < end && start < *to));
        if overlaps {
            one.verdict = Verdict::NotEffective(vec![VisitReason::Duplicate]);
            one.counts = false;
        } else {
            others.push((start, end));
        }
    }
}

#[cfg(test)]
mod tests;
