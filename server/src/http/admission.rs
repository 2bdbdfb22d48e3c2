//! Who may sync now, and who comes again later.
//!
//! When a whole region finds signal at once, answering everybody slowly is worse than
//! answering some: memory piles up, every request times out, and all come again. So a
//! few syncs work, a bounded number waits, and the rest is told when to come back, each
//! at another time. Bodies are counted by the bytes they say before they arrive, so that
//! slow ones cost memory that was set aside. A body may take ten minutes at 1 kB/s, so
//! what is set aside is shared out: a device has two requests in flight at most, and all
//! devices of one person together a quarter of the room. No single phone can take what
//! is there for all, and neither can one person with many.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client_core::id::{DeviceId, UserId};
use client_core::protocol::{MAX_PUSH_BYTES, ProblemCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::ProblemResponse;
use crate::app::App;
use crate::auth::SignedDevice;

/// What can be set about syncs at the same time.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionConfig {
    /// Syncs that work.
    pub working: usize,
    /// Syncs whose bodies are here and that wait for their turn.
    pub waiting: usize,
    /// How long one waits at most.
    pub patience: Duration,
    /// Bytes of bodies in memory.
    pub body_bytes: usize,
    /// Requests of one device in flight.
    pub per_device: u32,
    /// Requests in flight of all devices of one person.
    pub per_person: u32,
    /// Bytes of bodies of all devices of one person.
    pub person_bytes: usize,
}

impl Default for AdmissionConfig {
    /// For a server of 2 cores and 150 MB: what works needs a few megabytes each at worst.
    fn default() -> Self {
        Self {
            working: 16,
            waiting: 256,
            patience: Duration::from_secs(10),
            body_bytes: 48 << 20,
            per_device: 2,
            per_person: 8,
            person_bytes: 12 << 20,
        }
    }
}

/// Bodies are counted in these.
const PIECE: usize = 1024;

/// The turnstile of one server.
pub(crate) struct Admission {
    config: AdmissionConfig,
    working: Semaphore,
    waiting: Semaphore,
    bodies: Arc<Semaphore>,
    devices: Shares<DeviceId>,
    people: Shares<UserId>,
}

/// Room for one request's body, until dropped.
pub(super) struct Place {
    _body: OwnedSemaphorePermit,
    _device: Held<DeviceId>,
    _person: Held<UserId>,
}

/// What somebody has in flight, or may have.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    requests: u32,
    bytes: usize,
}

/// What everybody of a kind has in flight.
struct Shares<K>(Arc<Mutex<HashMap<K, Share>>>);

/// One request's part of somebody's share.
struct Held<K: Eq + Hash> {
    shares: Arc<Mutex<HashMap<K, Share>>>,
    of: K,
    bytes: usize,
}

impl<K: Eq + Hash + Copy> Shares<K> {
    fn new() -> Self {
        Self(Arc::default())
    }

    /// One more request with a body of `bytes`, if that is within `most`. Who has nothing
    /// else in flight is let in with a body of any size.
    fn take(&self, of: K, bytes: usize, most: Share) -> Option<Held<K>> {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares.entry(of).or_default();
        let more = Share { requests: share.requests + 1, bytes: share.bytes + bytes };
        if share.requests > 0 && (more.requests > most.requests || more.bytes > most.bytes) {
            return None;
        }
        *share = more;
        Some(Held { shares: Arc::clone(&self.0), of, bytes })
    }
}

impl<K: Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get_mut(&self.of) {
            share.requests -= 1;
            share.bytes -= self.bytes;
            if share.requests == 0 {
                shares.remove(&self.of);
            }
        }
    }
}

impl Admission {
    pub(crate) fn new(config: AdmissionConfig) -> Self {
        let pieces = (config.body_bytes / PIECE).max(MAX_PUSH_BYTES / PIECE);
        Self {
            config,
            working: Semaphore::new(config.working.max(1)),
            waiting: Semaphore::new(config.waiting.max(1)),
            bodies: Arc::new(Semaphore::new(pieces)),
            devices: Shares::new(),
            people: Shares::new(),
        }
    }

    /// Room for a body of `length` bytes; of the largest if nobody said.
    pub(super) fn place(
        &self,
        app: &App,
        from: &SignedDevice,
        length: Option<usize>,
    ) -> Result<Place, ProblemResponse> {
        let AdmissionConfig { per_device, per_person, person_bytes, .. } = self.config;
        let bytes = length.unwrap_or(MAX_PUSH_BYTES).min(MAX_PUSH_BYTES);
        let of_device = Share { requests: per_device, bytes: usize::MAX };
        let device = self.devices.take(from.device, bytes, of_device).ok_or_else(|| {
            enough(app, "This device has other requests in flight: wait for their answers.")
        })?;
        let of_person = Share { requests: per_person, bytes: person_bytes };
        let person = self.people.take(from.signed.user, bytes, of_person).ok_or_else(|| {
            enough(app, "Your other devices have requests in flight: wait for their answers.")
        })?;
        let pieces = u32::try_from(bytes.div_ceil(PIECE).max(1)).unwrap_or(u32::MAX);
        let body = Arc::clone(&self.bodies)
            .try_acquire_many_owned(pieces)
            .map_err(|_none_left| self.busy(app))?;
        Ok(Place { _body: body, _device: device, _person: person })
    }

    /// A turn to work, after waiting a little.
    pub(super) async fn turn(&self, app: &App) -> Result<SemaphorePermit<'_>, ProblemResponse> {
        if let Ok(turn) = self.working.try_acquire() {
            return Ok(turn);
        }
        let _waits = self.waiting.try_acquire().map_err(|_none_left| self.busy(app))?;
        match tokio::time::timeout(self.config.patience, self.working.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(self.busy(app)),
        }
    }

    /// Two seconds for what works now, and a random part of what the waiting need.
    fn busy(&self, app: &App) -> ProblemResponse {
        let waiting = self.config.waiting.saturating_sub(self.waiting.available_permits());
        let spread = u32::try_from(waiting / 8).unwrap_or(u32::MAX).clamp(5, 60);
        let detail = "More phones sync now than can be served. Nothing of this was stored; it \
                      stays on the phone and goes out when it comes again.";
        let seconds = 2 + u64::from(app.chance(spread));
        ProblemResponse::new(ProblemCode::Unavailable, detail).after(seconds)
    }
}

/// Somebody has enough in flight.
fn enough(app: &App, detail: &str) -> ProblemResponse {
    ProblemResponse::new(ProblemCode::SlowDown, detail).after(1 + u64::from(app.chance(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_given_back_as_it_was_taken_and_the_first_always_fits() {
        let shares = Shares::new();
        let most = Share { requests: 3, bytes: 10 };
        let first = shares.take(1, 8, most).unwrap();
        assert!(shares.take(1, 3, most).is_none(), "11 bytes are more than 10");
        let second = shares.take(1, 2, most).unwrap();
        let third = shares.take(1, 0, most).unwrap();
        assert!(shares.take(1, 0, most).is_none(), "three requests are enough");
        assert!(shares.take(2, 100, most).is_some(), "somebody else, with one that is large");
        drop((first, third));
        let fourth = shares.take(1, 8, most).unwrap();
        drop((second, fourth));
        assert!(shares.0.lock().unwrap().is_empty());
    }
}
