//! What reps reached, kept beside the cards that it was counted with.
//!
//! Counting a rep's month reads all of its facts, and the targets of an org ask for every
//! rep. A rep's card names by a digest the facts that it was computed from. So while card,
//! policy and day are the same, what was counted is what would be counted again, and only
//! reps whose card moved are counted anew. A rep without a card is counted each time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::records::{Metric, Record, RecordKind, ScorecardRecord};
use client_core::time::Date;

use crate::app::App;
use crate::storage::{Records, StorageError};

/// Reps and periods that are kept; when there are more, all are counted again.
const MOST: usize = 5_000;

/// What a rep reached, by metric: now, and a week ago if that lies in the period.
pub(super) type Reached = BTreeMap<Metric, (i64, Option<i64>)>;

/// Whose, of when.
type Key = (OrgId, UserId, Period);

/// What a count depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    key: Key,
    facts: [u8; 32],
    policy: [u8; 32],
    day: Date,
    metrics: BTreeSet<Metric>,
}

impl Basis {
    /// What counting these metrics of a rep's period on `day` depends on; none where there
    /// is no card that says so.
    pub(super) async fn read(
        app: &App,
        key: Key,
        metrics: &BTreeSet<Metric>,
        (policy, day): ([u8; 32], Date),
    ) -> Result<Option<Self>, StorageError> {
        let (org, rep, period) = key;
        let id = ScorecardRecord::id_of(rep, period);
        let row = app.storage().record(org, RecordKind::Scorecard, id).await?;
        let card = row.and_then(|row| match row.decode() {
            Ok(Record::Scorecard(card)) if card.policy_hash == policy => Some(card),
            _ => None,
        });
        let metrics = metrics.clone();
        Ok(card.map(|card| Self { key, facts: card.inputs_digest, policy, day, metrics }))
    }
}

/// What was counted lately.
#[derive(Debug, Default)]
pub(crate) struct KeptReached(Mutex<HashMap<Key, (Basis, Reached)>>);

impl KeptReached {
    /// What was counted on the same basis.
    pub(super) fn get(&self, basis: &Basis) -> Option<Reached> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted_on, reached) = kept.get(&basis.key)?;
        (counted_on == basis).then(|| reached.clone())
    }

    /// Keeps what was counted.
    pub(super) fn keep(&self, basis: Basis, reached: Reached) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(basis.key, (basis, reached));
    }
}
