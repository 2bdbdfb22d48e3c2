use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::time::Date;

/// The rules in force from a date until the next policy record begins.
///
/// The TOML is kept as it was entered, comments and guide references included:
/// it is what the explanation screen quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// The record.
    pub id: RecordId,
    /// 1, 2, 3, …
    pub version: u32,
    /// In force from the start of this day.
    pub effective_from: Date,
    /// The policy's text; see `rules::Policy`.
    pub toml: String,
}
