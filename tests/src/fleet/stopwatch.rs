//! Wall time and percentiles: the one place of the fleet that looks at a clock.

use std::time::{Duration, Instant};

/// Now, for measuring.
#[expect(clippy::disallowed_methods, reason = "measuring is what this module is for")]
pub fn now() -> Instant {
    Instant::now()
}

/// How long `work` took, with what it gave.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = now();
    let value = work();
    (value, begun.elapsed())
}

/// Milliseconds with three digits.
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Durations of one thing, many times.
#[derive(Debug, Clone, Default)]
pub struct Laps {
    laps: Vec<Duration>,
}

impl Laps {
    /// Adds one.
    pub fn add(&mut self, lap: Duration) {
        self.laps.push(lap);
    }

    /// The duration that `percent` of 100 do not exceed (nearest rank); zero if there is none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.laps.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// The sum.
    pub fn total(&self) -> Duration {
        self.laps.iter().sum()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.laps.len()
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.laps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_lap_that_was_measured() {
        let mut laps = Laps::default();
        assert_eq!(laps.percentile(50), Duration::ZERO);
        for millis in 1..=100 {
            laps.add(Duration::from_millis(millis));
        }
        assert_eq!(laps.percentile(50), Duration::from_millis(50));
        assert_eq!(laps.percentile(99), Duration::from_millis(99));
        assert_eq!(laps.percentile(100), Duration::from_millis(100));
    }
}
