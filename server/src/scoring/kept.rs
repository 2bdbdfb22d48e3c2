//! What was counted of an org for a period, kept until something comes that bears on it.
//!
//! Counting a rep's months reads all of the rep's facts, and the targets of an org ask for
//! every rep. So what was counted stays with the position of the feed that it knows: only of
//! whom something came since is counted again, and of whom a fact's minute has come that a
//! phone's clock ahead of ours wrote.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::time::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::storage::model::{Bearing, Seq};
use crate::storage::{Feed, Scores, StorageError};

/// Orgs and periods that are kept; when there are more, all are counted again.
const MOST: usize = 64;

/// An org and a period.
pub(super) type Key = (OrgId, Period);

/// A count, and the minute from which it is another if nothing comes before.
#[derive(Debug, Clone)]
pub(super) struct Until<T> {
    pub what: T,
    pub until: Option<Timestamp>,
}

impl<T> Until<T> {
    fn stands(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What was counted with a basis `B`: a part `P` of each rep, and a whole `W` of the org.
#[derive(Debug, Clone)]
pub(super) struct Counted<B, P, W = ()> {
    pub basis: B,
    pub reps: BTreeMap<UserId, Until<P>>,
    pub whole: Option<Until<W>>,
}

impl<B, P, W> Counted<B, P, W> {
    pub(super) fn of(&self, rep: UserId) -> Option<&P> {
        self.reps.get(&rep).map(|part| &part.what)
    }
}

/// What was counted, and the feed's position that it knows.
type Known<B, P, W> = (Seq, Arc<Counted<B, P, W>>);

/// What was counted lately.
#[derive(Debug)]
pub(super) struct Kept<B, P, W = ()> {
    kept: Mutex<HashMap<Key, Known<B, P, W>>>,
    turns: Turns<Key>,
}

impl<B, P, W> Default for Kept<B, P, W> {
    fn default() -> Self {
        Self { kept: Mutex::default(), turns: Turns::default() }
    }
}

impl<B: PartialEq, P: Clone, W: Clone> Kept<B, P, W> {
    /// Waits until nobody counts this period of the org; none when the server ends.
    pub(super) async fn turn(&self, key: Key) -> Option<OwnedSemaphorePermit> {
        self.turns.wait(key).await
    }

    /// What still stands of what was counted on the same basis, and the feed's position up
    /// to which that is known. Everything else is to be counted and kept with that position.
    pub(super) async fn standing(
        &self,
        app: &App,
        key: Key,
        basis: B,
        (bearing, now): (Bearing, Timestamp),
    ) -> Result<(Seq, Counted<B, P, W>), StorageError>
    where
        B: Clone,
    {
        let (org, _period) = key;
        let Some((upto, counted)) = self.get(key, &basis) else {
            let head = app.storage().head(org).await?;
            return Ok((head, Counted { basis, reps: BTreeMap::new(), whole: None }));
        };
        let reps = counted.reps.keys().copied().collect();
        let moved = app.storage().business_moved(org, upto, reps, bearing).await?;
        let Counted { mut reps, mut whole, .. } = Arc::unwrap_or_clone(counted);
        reps.retain(|rep, part| !moved.everybody && !moved.reps.contains(rep) && part.stands(now));
        whole = whole.filter(|whole| !moved.books && whole.stands(now));
        Ok((moved.head, Counted { basis, reps, whole }))
    }

    fn get(&self, key: Key, basis: &B) -> Option<Known<B, P, W>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).filter(|(_upto, counted)| counted.basis == *basis).cloned()
    }

    /// Keeps what was counted from what had come up to a position.
    pub(super) fn keep(
        &self,
        key: Key,
        upto: Seq,
        counted: Counted<B, P, W>,
    ) -> Arc<Counted<B, P, W>> {
        let counted = Arc::new(counted);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (upto, Arc::clone(&counted)));
        counted
    }
}

/// One at a time for each key: who comes meanwhile waits and finds it counted.
#[derive(Debug)]
struct Turns<K>(Mutex<HashMap<K, Arc<Semaphore>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Turns<K> {
    async fn wait(&self, key: K) -> Option<OwnedSemaphorePermit> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that nobody holds or waits for are made again when they are wanted.
            turns.retain(|each, turn| *each == key || Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(key).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        turn.acquire_owned().await.ok()
    }
}
