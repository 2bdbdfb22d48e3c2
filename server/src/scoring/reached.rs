//! What reps reached of a period's metrics, and what it is counted from.
//!
//! Visits are most of what a rep has, and of their metric a card says which count. So it is
//! counted and kept apart from the other metrics, which rest on customers, deals and books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::records::Metric;
use client_core::rules::{Facts, Outcome, Policy, reached};
use client_core::time::{Date, Timestamp, Zone};

use super::ScoringError;
use super::gather::{Held, Question, Setting};
use super::kept::{Counted, Kept, Until};
use crate::app::App;
use crate::storage::model::{Bearing, ScorecardRow};
use crate::storage::{Scores, StorageError};

/// What a rep reached, by metric: now, and a week ago if that lies in the period.
pub(super) type Reached = BTreeMap<Metric, (i64, Option<i64>)>;

/// What everything that is kept was counted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    policy: [u8; 32],
    day: Date,
    metrics: BTreeSet<Metric>,
}

/// What was counted lately: of visits, and of the other metrics.
#[derive(Debug, Default)]
pub(crate) struct KeptReached {
    visits: Kept<Basis, Reached>,
    business: Kept<Basis, Reached>,
}

/// What is counted of each rep.
#[derive(Debug, Clone)]
pub(super) struct Count {
    pub period: Period,
    pub as_of: Timestamp,
    pub today: Date,
    pub week_ago: Option<Date>,
    pub metrics: BTreeSet<Metric>,
    pub policy: Policy,
}

impl Count {
    /// What these reps reached: kept where nothing moved, else counted.
    pub(super) async fn all(
        &self,
        app: &App,
        org: OrgId,
        reps: &BTreeSet<UserId>,
    ) -> Result<BTreeMap<UserId, Reached>, ScoringError> {
        let (visits, business): (BTreeSet<Metric>, BTreeSet<Metric>) =
            self.metrics.iter().cloned().partition(|metric| *metric == Metric::EffectiveVisits);
        let mut found: BTreeMap<UserId, Reached> = BTreeMap::new();
        for (metrics, bearing) in [(visits, Bearing::Cards), (business, Bearing::Business)] {
            if metrics.is_empty() {
                continue;
            }
            let count = Self { metrics, ..self.clone() };
            let counted = count.counted(app, org, reps, bearing).await?;
            for rep in reps {
                let part = counted.of(*rep).cloned();
                found.entry(*rep).or_default().extend(part.into_iter().flatten());
            }
        }
        Ok(found)
    }

    async fn counted(
        &self,
        app: &App,
        org: OrgId,
        reps: &BTreeSet<UserId>,
        bearing: Bearing,
    ) -> Result<Arc<Counted<Basis, Reached>>, ScoringError> {
        let keeper = match bearing {
            Bearing::Cards | Bearing::Visits => &app.reached().visits,
            Bearing::Business => &app.reached().business,
        };
        let key = (org, self.period);
        let _turn = keeper.turn(key).await;
        let (policy, metrics) = (self.policy.hash(), self.metrics.clone());
        let basis = Basis { policy, day: self.today, metrics };
        let (head, mut counted) = keeper.standing(app, key, basis, (bearing, self.as_of)).await?;
        let unknown: Vec<UserId> =
            reps.iter().filter(|rep| !counted.reps.contains_key(rep)).copied().collect();
        if !unknown.is_empty() {
            let setting = Setting::read(app, org).await?;
            for rep in unknown {
                counted.reps.insert(rep, self.one(app, &setting, (org, rep), bearing).await?);
            }
        }
        Ok(keeper.keep(key, head, counted))
    }

    /// What a rep reached: of visits as the card judges them, which says it soonest; where no
    /// card does, and of the other metrics, from facts.
    async fn one(
        &self,
        app: &App,
        setting: &Setting,
        (org, rep): (OrgId, UserId),
        bearing: Bearing,
    ) -> Result<Until<Reached>, ScoringError> {
        let held = match bearing {
            Bearing::Business => Held::of_business(app, org, rep, setting).await?,
            Bearing::Visits | Bearing::Cards => {
                let card = app.storage().scorecard(org, rep, self.period).await?;
                let policy = self.policy.hash();
                if let Some(card) = card.filter(|card| card.record.policy_hash == policy) {
                    let (count, zone) = (self.clone(), setting.calendar.zone.clone());
                    let told = tokio::task::spawn_blocking(move || {
                        let outcome = outcome_of(&card)?;
                        let next = outcome.visits.iter().map(|visit| visit.at);
                        let next = next.filter(|at| count.as_of < *at).min();
                        let of = |until| visits(&outcome, count.period.bounds(&zone).0, until);
                        Ok(Until {
                            what: count.each(&zone, |_metric, until| of(until)),
                            until: next,
                        })
                    });
                    return told.await.map_err(broken)?;
                }
                let since = Facts::first_visit(self.period, &self.policy, &setting.calendar);
                Held::read(app, org, rep, since, setting).await?
            }
        };
        let question = setting.question(rep, self.period, self.as_of, self.policy.clone());
        let count = self.clone();
        let counted = tokio::task::spawn_blocking(move || count.of(&held, &question));
        counted.await.map_err(broken)
    }

    fn of(&self, held: &Held, question: &Question) -> Until<Reached> {
        let (facts, zone) = (question.facts(held), &question.calendar.zone);
        let evening = zone.end_of(self.today);
        let what = self.each(zone, |metric, until| {
            reached(&facts, &question.policy, metric, self.period, until)
        });
        Until { what, until: held.next_between(self.as_of, evening) }
    }

    /// Each metric as it is now and as it was a week ago.
    fn each(&self, zone: &Zone, of: impl Fn(&Metric, Timestamp) -> Option<i64>) -> Reached {
        let each = self.metrics.iter().filter_map(|metric| {
            let now = of(metric, self.as_of.plus_millis(1))?;
            let week_ago = self.week_ago.map(|day| zone.start_of(day.next()));
            Some((metric.clone(), (now, week_ago.and_then(|until| of(metric, until)))))
        });
        each.collect()
    }
}

/// The visits that count on a card, from an instant until before another.
fn visits(card: &Outcome, from: Timestamp, until: Timestamp) -> Option<i64> {
    let inside = card.visits.iter().filter(|one| from <= one.at && one.at < until);
    i64::try_from(inside.filter(|one| one.counts).count()).ok()
}

fn outcome_of(row: &ScorecardRow) -> Result<Outcome, ScoringError> {
    let read = ciborium::from_reader(row.outcome.as_slice());
    read.map_err(|error: ciborium::de::Error<_>| {
        StorageError::Corrupt { what: "outcome", reason: error.to_string() }.into()
    })
}

fn broken(error: tokio::task::JoinError) -> ScoringError {
    ScoringError::Rules { reason: error.to_string() }
}
