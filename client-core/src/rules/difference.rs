//! "Why did my score change?"
//!
//! Two cards of one rep and period differ because the policy is another one, because
//! time went on, or because facts came, changed or went. The answer is in points and
//! adds up: the earlier card is turned into the later one cause by cause, in a fixed
//! order, and what each turn moves is that cause's. A fact that only came now although
//! it happened before the earlier card was made is late, not new.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{DocId, ItemId};
use crate::records::Metric;
use crate::rules::evaluate::evaluate;
use crate::rules::facts::{FactRef, Facts, Origin, Source};
use crate::rules::moved::{MovedFigure, moved_figures};
use crate::rules::outcome::Outcome;
use crate::rules::policy::Policy;
use crate::rules::units::CentiPoints;
use crate::time::{Date, Timestamp};

/// What a card was computed with.
#[derive(Debug, Clone, Copy)]
pub struct Computed<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The policy.
    pub policy: &'a Policy,
    /// The instant looked from.
    pub as_of: Timestamp,
}

/// What moved a card, in the order in which it is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// What the earlier card was made from and is not kept: records that were corrected
    /// since, or another version of the rules.
    Corrected,
    /// Another policy.
    Policy,
    /// Time went on.
    Time,
    /// Targets were set or changed.
    Targets,
    /// Somebody ruled about visits.
    Decisions,
    /// Facts that are there no more.
    Gone,
    /// Facts that say something else now.
    Edited,
    /// Facts that happened before the earlier card and came after it.
    Late,
    /// Facts that happened since.
    New,
}

impl Cause {
    /// Every cause, in that order.
    pub const ALL: [Self; 9] = [
        Self::Corrected,
        Self::Policy,
        Self::Time,
        Self::Targets,
        Self::Decisions,
        Self::Gone,
        Self::Edited,
        Self::Late,
        Self::New,
    ];
}

/// What one cause moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The cause.
    pub cause: Cause,
    /// Points it brought or took.
    pub points: CentiPoints,
    /// Of which lines; those that it did not move are left out.
    pub lines: Vec<(Metric, CentiPoints)>,
    /// The facts it is about.
    pub facts: Vec<FactRef>,
}

/// How one card became another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The earlier total; 0 where nothing applied.
    pub before: CentiPoints,
    /// The later total.
    pub after: CentiPoints,
    /// What moved it. The points sum to the difference.
    pub moved: Vec<Moved>,
    /// Every figure that is another one, the total first.
    pub figures: Vec<MovedFigure>,
}

/// Why the later card is not the earlier one. Both are of one rep and period. `kept` is the
/// earlier card itself, where it was kept: what its facts do not explain is
/// [`Cause::Corrected`].
pub fn difference(kept: Option<&Outcome>, before: Computed<'_>, after: Computed<'_>) -> Difference {
    let period = after.facts.period;
    let mut facts = before.facts.clone();
    let (mut policy, mut as_of) = (before.policy, before.as_of);
    let computed = evaluate(&facts, policy, period, as_of);
    let earlier = kept.unwrap_or(&computed).clone();
    let mut now = earlier.clone();
    let mut moved = Vec::new();
    for cause in Cause::ALL {
        let mut about = BTreeSet::new();
        match cause {
            Cause::Corrected => {}
            Cause::Policy => {
                policy = after.policy;
                (facts.currency, facts.calendar) =
                    (after.facts.currency, after.facts.calendar.clone());
            }
            Cause::Time => {
                let (_start, end) = period.bounds(&after.facts.calendar.zone);
                if before.as_of < end && end <= after.as_of {
                    rest(&mut facts, after.facts);
                }
                as_of = after.as_of;
            }
            Cause::Targets => facts.targets = after.facts.targets.clone(),
            Cause::Decisions => {
                about.extend(ruled_anew(&facts, after.facts));
                facts.decisions = after.facts.decisions.clone();
                facts.signals = after.facts.signals.clone();
            }
            Cause::Gone | Cause::Edited | Cause::Late | Cause::New => {
                let turn = Turn { cause, seen: before.as_of, after: after.facts };
                turn.take(&mut facts, &mut about);
            }
        }
        let next = evaluate(&facts, policy, period, as_of);
        let lines = lines(&now, &next);
        let points = CentiPoints(total(&next).0 - total(&now).0);
        if points.0 != 0 || !lines.is_empty() || !about.is_empty() {
            moved.push(Moved { cause, points, lines, facts: about.into_iter().collect() });
        }
        now = next;
    }
    let figures = moved_figures(&earlier, &now);
    Difference { before: total(&earlier), after: total(&now), moved, figures }
}

/// Takes out what is looked at only while a period runs, such as deals that are open: it
/// went with the period's end, and nobody is told that it is gone.
fn rest(facts: &mut Facts, after: &Facts) {
    let period = after.period;
    let inside = |on: Option<Date>| on.is_some_and(|on| period.contains(on));
    let there: BTreeSet<DocId> = after.deals.iter().map(|deal| deal.doc).collect();
    facts.deals.retain(|deal| deal.outcome.is_some() || there.contains(&deal.doc));
    let claimed = |origin: &Origin| origin.source == Source::Claimed;
    let quoted: BTreeSet<DocId> = after.quotes.iter().map(|one| one.origin.fact.doc).collect();
    facts.quotes.retain(|one| {
        quoted.contains(&one.origin.fact.doc) || inside(one.issued_on) || inside(one.decided_on)
    });
    let signed: BTreeSet<DocId> = after.contracts.iter().map(|one| one.origin.fact.doc).collect();
    facts.contracts.retain(|one| {
        !claimed(&one.origin) || signed.contains(&one.origin.fact.doc) || inside(one.signed_on)
    });
    let owed: BTreeSet<DocId> = after.instalments.iter().map(|one| one.origin.fact.doc).collect();
    facts.instalments.retain(|one| {
        !claimed(&one.origin) || owed.contains(&one.origin.fact.doc) || inside(one.due_on)
    });
    let paid: BTreeSet<DocId> = after.payments.iter().map(|one| one.origin.fact.doc).collect();
    facts.payments.retain(|one| {
        !claimed(&one.origin) || paid.contains(&one.origin.fact.doc) || inside(one.received_on)
    });
}

/// Visits of both cards about which somebody ruled in between.
fn ruled_anew(before: &Facts, after: &Facts) -> Vec<FactRef> {
    let new = after.decisions.iter().filter(|decision| !before.decisions.contains(decision));
    let ruled: BTreeSet<_> = new.map(|decision| decision.visit).collect();
    let visits = before.visits.iter().filter(|visit| ruled.contains(&visit.doc));
    visits.map(|visit| visit.fact()).collect()
}

fn total(outcome: &Outcome) -> CentiPoints {
    outcome.scorecard.total.unwrap_or_default()
}

fn lines(before: &Outcome, after: &Outcome) -> Vec<(Metric, CentiPoints)> {
    let points = |outcome: &Outcome| -> BTreeMap<Metric, i64> {
        let lines = outcome.scorecard.lines.iter();
        lines.map(|line| (line.indicator.clone(), line.points.0)).collect()
    };
    let (before, after) = (points(before), points(after));
    let metrics: BTreeSet<&Metric> = before.keys().chain(after.keys()).collect();
    metrics
        .into_iter()
        .filter_map(|metric| {
            let at = |points: &BTreeMap<Metric, i64>| points.get(metric).copied().unwrap_or(0);
            let change = at(&after) - at(&before);
            (change != 0).then(|| (metric.clone(), CentiPoints(change)))
        })
        .collect()
}

/// One kind of change of the facts.
struct Turn<'a> {
    cause: Cause,
    /// The instant of the earlier card.
    seen: Timestamp,
    after: &'a Facts,
}

impl Turn<'_> {
    fn take(&self, facts: &mut Facts, about: &mut BTreeSet<FactRef>) {
        let after = self.after;
        let zone = after.calendar.zone.clone();
        let day = |on: Option<Date>| on.map(|on| zone.start_of(on));
        self.list(
            &mut facts.visits,
            &after.visits,
            |one| (one.doc, None, one.fact()),
            |one| one.business_time(),
            about,
        );
        self.list(
            &mut facts.customers,
            &after.customers,
            |one| (one.doc, None, one.fact()),
            |one| one.known_since,
            about,
        );
        self.list(
            &mut facts.deals,
            &after.deals,
            |one| (one.doc, None, one.fact()),
            |one| one.decided_at.or(one.created_at),
            about,
        );
        self.list(
            &mut facts.purchases,
            &after.purchases,
            |one| (one.fact.doc, None, one.fact.clone()),
            |one| day(Some(one.on)),
            about,
        );
        self.list(
            &mut facts.quotes,
            &after.quotes,
            |one| (one.origin.fact.doc, one.origin.item, one.origin.fact.clone()),
            |one| day(one.issued_on),
            about,
        );
        self.list(
            &mut facts.contracts,
            &after.contracts,
            |one| (one.origin.fact.doc, one.origin.item, one.origin.fact.clone()),
            |one| day(one.signed_on),
            about,
        );
        self.list(
            &mut facts.instalments,
            &after.instalments,
            |one| (one.origin.fact.doc, one.origin.item, one.origin.fact.clone()),
            |one| day(one.due_on),
            about,
        );
        self.list(
            &mut facts.payments,
            &after.payments,
            |one| (one.origin.fact.doc, one.origin.item, one.origin.fact.clone()),
            |one| day(one.received_on),
            about,
        );
        self.list(
            &mut facts.orders,
            &after.orders,
            |one| (one.origin.fact.doc, one.origin.item, one.origin.fact.clone()),
            |one| day(one.ordered_on),
            about,
        );
        self.list(
            &mut facts.cases,
            &after.cases,
            |one| (one.fact.doc, None, one.fact.clone()),
            |one| one.opened_at,
            about,
        );
        self.list(
            &mut facts.surveys,
            &after.surveys,
            |one| (one.fact.doc, one.item, one.fact.clone()),
            |one| day(one.answered_on),
            about,
        );
        self.list(
            &mut facts.plans,
            &after.plans,
            |one| (one.fact.doc, None, one.fact.clone()),
            |one| day(Some(one.date)),
            about,
        );
        facts.sort();
    }

    /// Turns one list as far as the cause says.
    fn list<T: Clone + PartialEq>(
        &self,
        now: &mut Vec<T>,
        after: &[T],
        key: impl Fn(&T) -> (DocId, Option<ItemId>, FactRef),
        happened: impl Fn(&T) -> Option<Timestamp>,
        about: &mut BTreeSet<FactRef>,
    ) {
        let id = |one: &T| {
            let (doc, item, _fact) = key(one);
            (doc, item)
        };
        let there: BTreeMap<_, &T> = after.iter().map(|one| (id(one), one)).collect();
        match self.cause {
            Cause::Gone => now.retain(|one| {
                let stays = there.contains_key(&id(one));
                if !stays {
                    about.insert(key(one).2);
                }
                stays
            }),
            Cause::Edited => {
                for one in now.iter_mut() {
                    if let Some(other) = there.get(&id(one)).filter(|other| **other != &*one) {
                        about.insert(key(other).2);
                        *one = (*other).clone();
                    }
                }
            }
            Cause::Late | Cause::New => {
                let known: BTreeSet<_> = now.iter().map(&id).collect();
                let come = after.iter().filter(|one| !known.contains(&id(one))).filter(|one| {
                    let late = happened(one).is_some_and(|at| at <= self.seen);
                    late == (self.cause == Cause::Late)
                });
                for one in come {
                    about.insert(key(one).2);
                    now.push(one.clone());
                }
            }
            Cause::Corrected | Cause::Policy | Cause::Time | Cause::Targets | Cause::Decisions => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::fixture::*;

    /// Visits of October by number, of a target of ten.
    fn with(visits: &[u8]) -> Facts {
        let mut facts = facts("2026-10");
        facts.customers = vec![customer(100, None)];
        facts.targets = vec![target_fact(30, Metric::EffectiveVisits, "2026-10", 10)];
        facts.visits =
            visits.iter().map(|n| onsite(*n, 100, &format!("2026-10-{n:02} 09:00"), 20)).collect();
        facts
    }

    fn told(before: (&Facts, &str), after: (&Facts, &str), policy: &Policy) -> Difference {
        let old = crate::rules::fixture::policy();
        difference(
            None,
            Computed { facts: before.0, policy: &old, as_of: at(before.1) },
            Computed { facts: after.0, policy, as_of: at(after.1) },
        )
    }

    #[test]
    fn each_point_has_its_cause() {
        let before = with(&[1, 2, 6]);
        let mut after = with(&[1, 2, 5, 12]);
        after.visits[1].outcome = None;
        after.visits[1].heads = heads(99);
        let found = told((&before, "2026-10-08 18:00"), (&after, "2026-10-13 18:00"), &policy());
        // Only the visits apply: 100 points for ten of ten.
        assert_eq!((found.before, found.after), (CentiPoints(3_000), CentiPoints(3_000)));
        let causes: Vec<_> = found.moved.iter().map(|one| (one.cause, one.points.0)).collect();
        assert_eq!(
            causes,
            [
                (Cause::Gone, -1_000),
                (Cause::Edited, -1_000),
                (Cause::Late, 1_000),
                (Cause::New, 1_000)
            ]
        );
        let docs: Vec<_> = found.moved.iter().map(|one| one.facts[0].doc).collect();
        assert_eq!(docs, [6, 2, 5, 12].map(doc));
        assert_eq!(found.moved[0].lines, [(Metric::EffectiveVisits, CentiPoints(-1_000))]);
    }

    #[test]
    fn every_figure_that_moved_is_told_with_what_it_was() {
        let (before, after) = (with(&[1, 2]), with(&[1, 2, 5]));
        let when = "2026-10-08 18:00";
        let found = told((&before, when), (&after, when), &policy());
        let figure = |id: &str| {
            let found = found.figures.iter().find(|figure| figure.id == id);
            found.map(|figure| (figure.old, figure.new))
        };
        assert_eq!(found.figures[0].id, "total");
        assert_eq!(figure("total"), Some((Some(2_000), Some(3_000))));
        assert_eq!(figure("effective_visits"), Some((Some(2), Some(3))));
        assert_eq!(figure("effective_visits.points"), Some((Some(2_000), Some(3_000))));
        assert_eq!(figure("sales_amount"), None, "it did not move");
        assert_eq!(told((&after, when), (&after, when), &policy()).figures, []);
    }

    #[test]
    fn a_deal_that_is_still_open_is_not_gone_when_its_month_is_over() {
        let open = deal_fact(20, Some(100), Some(at("2026-09-10 09:00")));
        let mut before = with(&[1, 2]);
        before.deals = vec![open.clone()];
        before.instalments = vec![instalment(1, 20, "2026-09-12", 100)];
        before.payments = vec![payment(2, 20, "2026-09-12", 100, Some(1))];
        let after = with(&[1, 2]);
        let gone = |later: &str| {
            let found = told((&before, "2026-10-20 18:00"), (&after, later), &policy());
            let gone = found.moved.into_iter().find(|one| one.cause == Cause::Gone);
            gone.map(|one| one.facts)
        };
        assert_eq!(gone("2026-11-02 09:00"), None);
        // While the month runs it is gone, whoever took it away.
        assert_eq!(gone("2026-10-21 18:00"), Some(vec![open.fact()]));
    }

    #[test]
    fn what_the_kept_card_says_otherwise_is_told_as_corrected() {
        let (facts, policy) = (with(&[1, 2, 5]), policy());
        let as_of = at("2026-10-08 18:00");
        let kept = evaluate(&with(&[1, 2]), &policy, facts.period, as_of);
        let computed = Computed { facts: &facts, policy: &policy, as_of };
        let found = difference(Some(&kept), computed, computed);
        let causes: Vec<_> = found.moved.iter().map(|one| (one.cause, one.points.0)).collect();
        assert_eq!(causes, [(Cause::Corrected, 1_000)]);
        assert_eq!((found.before.0, found.after.0), (2_000, 3_000));
    }

    #[test]
    fn a_policy_is_a_cause_of_its_own() {
        let facts = with(&[1, 2, 5]);
        let mut strict = policy();
        if let Some(rule) = strict.visits.modes.first_mut() {
            rule.min_minutes = 30;
        }
        let when = "2026-10-08 18:00";
        let found = told((&facts, when), (&facts, when), &strict);
        assert_eq!(found.moved.len(), 1);
        assert_eq!(
            (found.moved[0].cause, found.moved[0].points),
            (Cause::Policy, CentiPoints(-3_000))
        );
        assert_eq!(told((&facts, when), (&facts, when), &policy()).moved, []);
    }

    proptest! {
        #[test]
        fn causes_always_sum_to_the_difference(
            before in prop::collection::btree_set(1_u8..28, 0..12),
            after in prop::collection::btree_set(1_u8..28, 0..12),
            short in prop::collection::btree_set(1_u8..28, 0..6),
            seen in 1_u8..28,
        ) {
            let old = with(&before.into_iter().collect::<Vec<_>>());
            let mut new = with(&after.into_iter().collect::<Vec<_>>());
            for visit in &mut new.visits {
                if short.iter().any(|n| doc(*n) == visit.doc) {
                    visit.outcome = None;
                }
            }
            let seen = format!("2026-10-{seen:02} 12:00");
            let found = told((&old, &seen), (&new, "2026-10-31 12:00"), &policy());
            let moved: i64 = found.moved.iter().map(|one| one.points.0).sum();
            prop_assert_eq!(found.before.0 + moved, found.after.0);
        }
    }
}
