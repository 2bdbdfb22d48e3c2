//! Seeded chance: the same seed makes the same world, byte for byte.

use client_core::id::{ActorId, DeviceId, DocId, ItemId, UnitId, UserId};
use client_core::time::Timestamp;

/// A seeded source of everything random in the demo.
#[derive(Debug, Clone)]
pub struct Chance(fastrand::Rng);

impl Chance {
    /// The source for `seed`; `stream` keeps independent parts independent, so
    /// that one more customer does not change every visit.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream))
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// True in `percent` of cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.0.usize(0..items.len())) }
    }

    /// One of `words`, or nothing of an empty list.
    pub fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }

    /// A random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}

macro_rules! ids {
    ($($method:ident -> $id:ident;)*) => {
        impl Chance {
            $(
                /// A new id made at `at`.
                pub fn $method(&mut self, at: Timestamp) -> $id {
                    $id::new(at, self.bytes())
                }
            )*
        }
    };
}

ids! {
    actor -> ActorId;
    device -> DeviceId;
    doc -> DocId;
    item -> ItemId;
    unit -> UnitId;
    user -> UserId;
}
