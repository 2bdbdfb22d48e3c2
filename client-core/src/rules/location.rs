//! F2: was the check-in at the customer's?

use serde::{Deserialize, Serialize};

/// Where a check-in was, against the customer's position and the fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationVerdict {
    /// Surely inside.
    InFence,
    /// The accuracy radius crosses the fence.
    Uncertain,
    /// Surely outside.
    OutOfFence,
    /// No fix, no position of the customer, or different datums.
    Unverifiable,
    /// The mode asks for no place.
    NotAsked,
}
