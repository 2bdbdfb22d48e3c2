//! When to try again.

use crate::time::Timestamp;

/// Randomness for one decision, supplied by the caller: 0 is the least, `u32::MAX` the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chance(pub u32);

impl Chance {
    /// A random part of `whole`.
    pub fn part_of(self, whole: i64) -> i64 {
        whole.saturating_mul(i64::from(self.0)) / i64::from(u32::MAX)
    }
}

/// Full jitter under a doubling ceiling: after the n-th failure in a row, a random
/// part of min(2 s · 2ⁿ⁻¹, 15 min), and never less than a second. Phones that lost
/// the same network must not come back in the same moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

const FIRST_MS: i64 = 2_000;
const CEILING_MS: i64 = 15 * 60 * 1_000;
const LEAST_MS: i64 = 1_000;
/// A server that asks for more than this is not believed.
const LONGEST_RETRY_AFTER_MS: i64 = 60 * 60 * 1_000;

impl Backoff {
    /// Counts a failure and says when to try again. What the server asked for
    /// (`retry_after_ms`) is a lower bound.
    pub fn fail(
        &mut self,
        now: Timestamp,
        chance: Chance,
        retry_after_ms: Option<i64>,
    ) -> Timestamp {
        let doubled = FIRST_MS.saturating_mul(1_i64 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let ceiling = doubled.min(CEILING_MS);
        let jitter = chance.part_of(ceiling);
        let asked = retry_after_ms.unwrap_or(0).clamp(0, LONGEST_RETRY_AFTER_MS);
        now.plus_millis(asked.saturating_add(jitter).max(LEAST_MS))
    }

    /// A success: the next failure starts from the beginning.
    pub const fn succeed(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}
