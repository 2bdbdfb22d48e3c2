//! Cards of periods that are closed.

use client_core::time::Timestamp;

use super::ScorecardRow;

/// A card as it was when its period closed.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedCard {
    /// The card.
    pub card: ScorecardRow,
    /// When it was kept, by the server's clock.
    pub closed_at: Timestamp,
}
