//! What pages read of a card where the whole of it would be too much.
//!
//! A card is a hundred kilobytes and more of facts and reasons. Each of these is read from
//! the same bytes by passing over the rest, so that it cannot say anything else than the card.

use client_core::records::Metric;
use client_core::rules::{CentiPoints, JudgedVisit, Risk, Task};
use serde::Deserialize;

/// The total with what each line came to.
#[derive(Debug, Clone, Deserialize)]
pub struct CardLines {
    /// The score.
    pub scorecard: LinesOfCard,
}

/// A score without the facts behind it.
#[derive(Debug, Clone, Deserialize)]
pub struct LinesOfCard {
    /// The total; absent when nothing was applicable.
    pub total: Option<CentiPoints>,
    /// One line for each indicator of the policy, in its order.
    pub lines: Vec<LineOfCard>,
}

/// What a line came to.
#[derive(Debug, Clone, Deserialize)]
pub struct LineOfCard {
    /// Of what.
    pub indicator: Metric,
    /// The value, in the unit of the indicator.
    pub value: Option<i64>,
}

/// What a card asks somebody to do.
#[derive(Debug, Clone, Deserialize)]
pub struct CardCalls {
    /// Customers in danger (R1 to R3), red first.
    #[serde(default)]
    pub risks: Vec<Risk>,
    /// Reminders, overdue ones first.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

/// How a card judges visits.
#[derive(Debug, Clone, Deserialize)]
pub struct CardVisits {
    /// The period's visits, by document id.
    pub visits: Vec<JudgedVisit>,
}
