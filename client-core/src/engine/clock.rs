//! The edge where time enters.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::ClientError;
use crate::docs::visit::ClockEvidence;
use crate::time::{CapturedAt, Timestamp};

/// The device's clocks. An app on a phone implements what its system offers;
/// everything else has a default.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// The device's IANA zone and its offset from UTC at `at`, in seconds east.
    fn zone(&self, _at: Timestamp) -> (String, i32) {
        ("Etc/UTC".to_owned(), 0)
    }

    /// Milliseconds since boot, where the system tells.
    fn monotonic_ms(&self) -> Option<i64> {
        None
    }

    /// Which boot this is, where the system tells.
    fn boot_id(&self) -> Option<String> {
        None
    }
}

/// The system's wall clock in a given zone.
#[derive(Debug)]
pub struct SystemClock {
    zone: RwLock<(String, i32)>,
}

/// No place on earth is further from UTC; Java's own limit.
const FURTHEST_S: i32 = 18 * 3600;

impl SystemClock {
    /// The system's clock; zone and offset as the app knows them.
    pub fn new(zone: &str, offset_s: i32) -> Self {
        Self { zone: RwLock::new((zone.to_owned(), offset_s)) }
    }

    /// The same, if there is such a zone.
    ///
    /// # Errors
    /// [`ClientError::Unusable`] where the zone has no name, or an offset that no place has.
    pub fn checked(zone: &str, offset_s: i32) -> Result<Self, ClientError> {
        let clock = Self::new("", 0);
        clock.move_to(zone, offset_s)?;
        Ok(clock)
    }

    /// The device is in this zone from now on: it travelled, or summer time began.
    ///
    /// # Errors
    /// [`ClientError::Unusable`]; the clock is where it was then.
    pub fn move_to(&self, zone: &str, offset_s: i32) -> Result<(), ClientError> {
        let unusable = |what, reason: &str| ClientError::Unusable { what, reason: reason.into() };
        if zone.trim().is_empty() {
            return Err(unusable("the time zone", "it has no name"));
        }
        if offset_s.unsigned_abs() > FURTHEST_S.unsigned_abs() {
            return Err(unusable("the offset from UTC", "it is more than 18 hours"));
        }
        *self.zone.write().unwrap_or_else(PoisonError::into_inner) = (zone.to_owned(), offset_s);
        Ok(())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new("Asia/Shanghai", 8 * 3600)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that owns the clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let millis = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Timestamp::from_millis(millis)
    }

    fn zone(&self, _at: Timestamp) -> (String, i32) {
        self.zone.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A clock that stands until it is moved: for tests and simulations.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
    zone: String,
    offset_s: i32,
}

impl ManualClock {
    /// A clock that shows `at` in China's zone.
    pub fn at(at: Timestamp) -> Self {
        Self {
            millis: AtomicI64::new(at.millis()),
            zone: "Asia/Shanghai".to_owned(),
            offset_s: 8 * 3600,
        }
    }

    /// Sets the clock.
    pub fn set(&self, at: Timestamp) {
        self.millis.store(at.millis(), Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance_millis(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn zone(&self, _at: Timestamp) -> (String, i32) {
        (self.zone.clone(), self.offset_s)
    }
}

/// An instant as this device captures it.
pub(super) fn captured(clock: &dyn Clock, at: Timestamp) -> CapturedAt {
    let (zone, offset_s) = clock.zone(at);
    CapturedAt { at, zone, offset_s }
}

/// What else the device knows about time now.
pub(super) fn evidence(clock: &dyn Clock, server_seen_at: Option<Timestamp>) -> ClockEvidence {
    ClockEvidence { monotonic_ms: clock.monotonic_ms(), boot_id: clock.boot_id(), server_seen_at }
}
