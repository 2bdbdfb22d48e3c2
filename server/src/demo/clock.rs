//! The demo's clock: org time that the script moves, for server and phones alike.

use std::sync::atomic::{AtomicI64, Ordering};

use client_core::engine;
use client_core::time::{Timestamp, Zone};

use crate::edge;

/// A clock that stands until the script moves it.
#[derive(Debug)]
pub struct DayClock {
    millis: AtomicI64,
    zone: Zone,
}

impl DayClock {
    /// A clock that shows `at` in `zone`.
    pub const fn at(at: Timestamp, zone: Zone) -> Self {
        Self { millis: AtomicI64::new(at.millis()), zone }
    }

    /// Moves the clock to `at`; never back.
    pub fn advance_to(&self, at: Timestamp) {
        self.millis.fetch_max(at.millis(), Ordering::SeqCst);
    }

    fn read(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }
}

impl edge::Clock for DayClock {
    fn now(&self) -> Timestamp {
        self.read()
    }
}

impl engine::Clock for DayClock {
    fn now(&self) -> Timestamp {
        self.read()
    }

    fn zone(&self, at: Timestamp) -> (String, i32) {
        (self.zone.name.clone(), self.zone.offset_s(at))
    }
}

/// Seeded randomness for the server's ids. The demo's secrets are as public as
/// its passwords; it listens on loopback only.
#[derive(Debug)]
pub struct SeededServer(pub engine::SeededRandom);

impl edge::Random for SeededServer {
    fn fill(&self, bytes: &mut [u8]) {
        engine::Random::fill(&self.0, bytes);
    }
}
