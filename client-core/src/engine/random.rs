//! The edge where chance enters.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::sync::Chance;

/// A source of randomness.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that owns chance")]
    #[expect(clippy::expect_used, reason = "ids without randomness would collide: better to stop")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has randomness");
    }
}

/// A repeatable source: for tests and simulations. Never for a real phone.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// The source of this seed, at its beginning.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            for (byte, random) in part.iter_mut().zip(hash.finalize()) {
                *byte = random;
            }
        }
    }
}

pub(super) fn id_bytes(random: &dyn Random) -> [u8; 10] {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    bytes
}

pub(super) fn chance(random: &dyn Random) -> Chance {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    Chance(u32::from_be_bytes(bytes))
}
