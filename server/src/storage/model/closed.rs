//! Cards, and those of periods that are closed.

use client_core::records::ScorecardRecord;
use client_core::time::Timestamp;

/// A stored scorecard.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorecardRow {
    /// What is published.
    pub record: ScorecardRecord,
    /// The whole outcome in its canonical bytes.
    pub outcome: Vec<u8>,
}

/// A card as it was when its period closed.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedCard {
    /// The card.
    pub card: ScorecardRow,
    /// When it was kept, by the server's clock.
    pub closed_at: Timestamp,
}
