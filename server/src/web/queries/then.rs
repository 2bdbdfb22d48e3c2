//! Documents as they were known here at an earlier instant.
//!
//! Pages read rows and load no document, because a row says what stands now. Only a reader
//! who asks for an earlier day gets documents put together from the log, of one customer, and
//! only of what was written to since.

use client_core::id::OrgId;
use client_core::time::{Date, Timestamp};

use crate::scoring::known_then;
use crate::storage::model::Row;
use crate::storage::{AnyStorage, Documents, StorageError};

/// When a page is asked for, and of which earlier day.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The instant of the request.
    pub now: Timestamp,
    /// What was known on the evening of this day; what is known now if absent.
    pub as_of: Option<Date>,
}

impl When {
    /// What is known now.
    pub const fn now(now: Timestamp) -> Self {
        Self { now, as_of: None }
    }
}

/// Documents as they were known at an instant.
#[derive(Debug, Default)]
pub struct Known {
    /// Those that had been sent by then.
    pub rows: Vec<Row>,
    /// Whether of some nothing says what stood then, because their history began anew since:
    /// these are as they stand now.
    pub unsure: bool,
}

/// What was known of these documents at an instant, without those that nobody had sent yet.
pub async fn known_by(
    storage: &AnyStorage,
    org: OrgId,
    rows: Vec<Row>,
    at: Timestamp,
) -> Result<Known, StorageError> {
    let there = rows.into_iter().filter(|row| row.received_at <= at);
    let (same, moved): (Vec<Row>, Vec<Row>) = there.partition(|row| row.changed_at <= at);
    if moved.is_empty() {
        return Ok(Known { rows: same, unsure: false });
    }
    let docs = moved.iter().map(|row| row.header.doc).collect();
    let mut logs = storage.logs(org, docs).await?;
    let read = move || {
        let mut known = Known { rows: same, unsure: false };
        for row in moved {
            let log = logs.remove(&row.header.doc).unwrap_or_default();
            let then = known_then(&row, &log, at);
            known.unsure |= then.is_none();
            known.rows.push(then.unwrap_or(row));
        }
        known
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| StorageError::Unavailable { reason: error.to_string() })
}
