//! One computation for every screen of a moment.
//!
//! A morning's screen shows the agenda, the reminders and the card, and all three are
//! parts of one [`Outcome`]: with a year of 4,000 visits that is 64 ms each time. So a card
//! is kept until somebody writes to the file. SQLite itself counts what the writing
//! connection committed (`data_version`), so nothing can be forgotten to be told here.
//!
//! A card of "now" is taken for a minute: no rule looks at less than a minute, and a card
//! says from when it looks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::ReadError;
use super::alone::Opened;
use super::client::Client;
use crate::period::Period;
use crate::rules::{Outcome, evaluate};
use crate::store::{Store, StoreError};
use crate::time::{Timestamp, Zone};

/// Cards kept: this month's and last month's, as the phone and as the server looks, and
/// those of the quarter and the year for targets.
const MOST: usize = 6;
/// How long a card of "now" is one of now.
const NOW_MS: i64 = 60_000;

/// The cards that were computed last, the newest first.
#[derive(Default)]
pub(super) struct Cards {
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    /// The open file it was read from.
    store: Weak<Opened>,
    /// What had been written to it.
    version: i64,
    /// It was asked for as a card of now. One of an earlier instant, such as the server's,
    /// knows nothing of what was written since then, however short ago that is.
    of_now: bool,
    zone: Zone,
    card: Arc<Outcome>,
}

impl Kept {
    fn answers(&self, period: Period, as_of: Option<Timestamp>, now: Timestamp) -> bool {
        let looked = self.card.as_of;
        self.card.period == period
            && match as_of {
                Some(as_of) => as_of == looked,
                None => {
                    self.of_now
                        && (0..NOW_MS).contains(&now.since(looked))
                        && self.zone.date(now) == self.zone.date(looked)
                }
            }
    }
}

impl Client {
    /// This user's card, computed or kept. `as_of` is the instant it looks from; now if
    /// absent.
    ///
    /// # Errors
    /// As [`Client::scorecard`].
    pub(super) fn card(
        &self,
        period: Period,
        as_of: Option<Timestamp>,
    ) -> Result<Arc<Outcome>, ReadError> {
        let (_who, store) = self.inner.replica()?;
        let now = self.inner.config.clock.now();
        let here = Arc::downgrade(&store);
        let version = written(&store)?;
        let mut kept = self.inner.cards.lock();
        kept.retain(|one| Weak::ptr_eq(&one.store, &here) && one.version == version);
        if let Some(found) = kept.iter().find(|one| one.answers(period, as_of, now)) {
            return Ok(Arc::clone(&found.card));
        }
        drop(kept);
        let of_now = as_of.is_none();
        let as_of = as_of.unwrap_or(now);
        let (facts, policy) = self.own_facts(period, as_of)?;
        let card = Arc::new(evaluate(&facts, &policy, period, as_of));
        let zone = facts.calendar.zone;
        // What was written meanwhile may be in it or not.
        if written(&store)? == version {
            let mut kept = self.inner.cards.lock();
            kept.insert(0, Kept { store: here, version, of_now, zone, card: Arc::clone(&card) });
            kept.truncate(MOST);
        }
        Ok(card)
    }
}

impl Cards {
    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves with each commit of the file's writer.
fn written(store: &Store) -> Result<i64, StoreError> {
    store.read(|conn| Ok(conn.pragma_query_value(None, "data_version", |row| row.get(0))?))
}
