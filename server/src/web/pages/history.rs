//! The changes that wrote a document, as a table: who, from which device, when by
//! their clock and when by ours.

use client_core::docs::ChangeHash;
use client_core::time::Timestamp;

use crate::web::format::Format;

/// A change that wrote a document.
#[derive(Debug, Clone)]
pub struct ChangeEntry {
    /// Its hash.
    pub hash: ChangeHash,
    /// The name of who pushed it.
    pub author: String,
    /// From which device.
    pub device: String,
    /// When it was written, by that device's clock.
    pub written: Option<Timestamp>,
    /// When the server received it.
    pub received: Timestamp,
}

/// A row of the table.
#[derive(Debug)]
pub struct ChangeRow {
    /// The change's short name.
    pub hash: String,
    /// Who.
    pub author: String,
    /// From which device.
    pub device: String,
    /// When, by their clock.
    pub written: String,
    /// When, by ours.
    pub received: String,
    /// How much later, from an hour on.
    pub late: Option<String>,
}

impl ChangeRow {
    /// The row of `change`.
    pub fn new(f: &Format, change: &ChangeEntry) -> Self {
        const HOUR_MS: i64 = 3_600_000;
        let hours = change.written.map_or(0, |written| change.received.since(written) / HOUR_MS);
        Self {
            hash: super::short_hash(&change.hash.0),
            author: change.author.clone(),
            device: change.device.clone(),
            written: change.written.map_or_else(|| "–".to_owned(), |at| f.moment(at)),
            received: f.moment(change.received),
            late: (hours >= 1).then(|| f.w.with("history.late", &[("hours", &hours)])),
        }
    }
}
