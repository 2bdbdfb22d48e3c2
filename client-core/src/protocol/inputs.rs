//! Which facts the server computed a card from: asked for where the digests differ.

use serde::{Deserialize, Serialize};

use crate::period::Period;
use crate::rules::facts::FactName;
use crate::time::Timestamp;

/// Asks for the facts of one's own card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputsAsk {
    /// For when.
    pub period: Period,
}

/// The facts of the card as the server has them now, at the instant of the official card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputsAnswer {
    /// The instant the rules look from.
    pub as_of: Timestamp,
    /// Every fact by name.
    pub facts: Vec<FactName>,
}
