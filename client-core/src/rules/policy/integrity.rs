use serde::{Deserialize, Serialize};

/// When a visit or a deal raises a signal (R13). S4 names the danger and gives no
/// rule; the numbers are ours. A signal goes to review and never cuts a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntegrityPolicy {
    /// Faster than this between two check-ins.
    pub travel_kmh: u32,
    /// The same coordinates, to five decimals, at so many customers or more.
    pub point_customers: u32,
    /// Clocks that differ by more than so many minutes; also how much earlier than what it
    /// builds on was received a change may say that it was written.
    pub clock_minutes: u32,
    /// So many visits or more …
    pub burst_visits: u32,
    /// … entered within so many minutes.
    pub burst_minutes: u32,
    /// Won in the last so many days of a period …
    pub close_last_days: u32,
    /// … and cancelled or refunded within so many days.
    pub close_undone_days: u32,
}

impl Default for IntegrityPolicy {
    fn default() -> Self {
        Self {
            travel_kmh: 150,
            point_customers: 3,
            clock_minutes: 10,
            burst_visits: 5,
            burst_minutes: 10,
            close_last_days: 2,
            close_undone_days: 30,
        }
    }
}
