//! What was counted of a year, kept until something comes that bears on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::records::TargetLevel;
use client_core::rules::Figure;
use client_core::rules::policy::MilestoneRule;
use client_core::time::Date;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::storage::model::Seq;

/// Years of orgs that are kept; when there are more, all are counted again.
const MOST: usize = 64;

/// What a rep brings to a milestone.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// So much of a metric.
    Reached(i64),
    /// What was collected of what was owed, and a year before.
    Collected(Figure, Option<Figure>),
    /// Nothing of the rep's own: the milestone is of the deals of a team.
    OfTeam,
}

/// A figure of the deals of each level, and what it was a year before.
pub(super) type OfTeams = BTreeMap<TargetLevel, (Figure, Option<Figure>)>;

/// What everything that is kept was counted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    pub policy: [u8; 32],
    pub day: Date,
    pub rules: Vec<MilestoneRule>,
}

/// What was counted; each list has a place for each rule.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub basis: Basis,
    pub reps: BTreeMap<UserId, Vec<Part>>,
    /// Reps who have a fact whose minute comes later today, as a phone's clock ahead of ours
    /// makes one: they are counted again each time until it has come.
    pub ahead: BTreeSet<UserId>,
    pub teams: Vec<OfTeams>,
}

impl Counted {
    pub(super) fn part(&self, rep: UserId, place: usize) -> Option<&Part> {
        self.reps.get(&rep)?.get(place)
    }
}

/// An org and a year.
pub(super) type Key = (OrgId, Period);

/// What was counted, and the feed's position that it knows.
type Kept = (Seq, Arc<Counted>);

/// What was counted lately, by org and year.
#[derive(Debug, Default)]
pub(crate) struct KeptMilestones {
    kept: Mutex<HashMap<Key, Kept>>,
    /// Whoever counts a year of an org: who comes meanwhile waits and finds it counted.
    turns: Mutex<HashMap<Key, Arc<Semaphore>>>,
}

impl KeptMilestones {
    /// Waits until nobody counts this year of the org; none when the server ends.
    pub(super) async fn turn(&self, key: Key) -> Option<OwnedSemaphorePermit> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that nobody holds or waits for are made again when they are wanted.
            turns.retain(|each, turn| *each == key || Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(key).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        turn.acquire_owned().await.ok()
    }

    /// What was counted with the same basis.
    pub(super) fn get(&self, key: Key, basis: &Basis) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).filter(|(_upto, counted)| counted.basis == *basis).cloned()
    }

    /// Keeps what was counted from what had come up to a position.
    pub(super) fn keep(&self, key: Key, upto: Seq, counted: Arc<Counted>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (upto, counted));
    }
}
