//! Live hints: who listens, and who is rung when something was committed.
//!
//! A manager wants to see a visit when it happens, and a fleet that asks every few
//! seconds would cost more than its visits. So a phone that has signal keeps a
//! stream open and is told "there is something up to n", never what. § A phone is
//! rung only for scopes its user holds: a battery is not spent on other people's
//! work. § Everything works without a hint, so a hint may always be dropped.
//!
//! There are no queues. Whoever listens has one bell that holds the highest position
//! it was rung for, so a slow reader costs what a quick one costs and a commit never
//! waits for anybody.

mod hub;
mod stream;
mod watch;

use std::time::Duration;

pub(crate) use hub::{Hub, Refused};
pub(crate) use stream::{OpenError, open, open_page};
pub(crate) use watch::spawn;

/// What can be set about live hints.
#[derive(Debug, Clone, Copy)]
pub struct LiveConfig {
    /// Whether there are any; phones poll if not.
    pub enabled: bool,
    /// Streams at the same time.
    pub streams: usize,
    /// Streams of one user. A device has one: a newer one replaces the older.
    pub per_user: usize,
    /// How often something is said on a quiet stream, and its reader's session looked at.
    pub keep_alive: Duration,
    /// How often it is looked whether another process wrote.
    pub look: Duration,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            streams: 1536,
            per_user: 8,
            keep_alive: Duration::from_secs(20),
            look: Duration::from_secs(1),
        }
    }
}

/// Phones below which nobody waits.
const FEW: usize = 50;
/// The widest spread.
const WIDEST_MS: u32 = 30_000;

/// How widely `listening` phones spread their pulls: about a hundred a second, which
/// leaves most of a small server to those who push.
fn spread_ms(listening: usize) -> u32 {
    if listening < FEW {
        return 0;
    }
    u32::try_from(listening.saturating_mul(10)).map_or(WIDEST_MS, |wide| wide.min(WIDEST_MS))
}

#[cfg(test)]
mod tests;
