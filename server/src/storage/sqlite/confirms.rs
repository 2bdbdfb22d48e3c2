//! What the org's books confirm, noted with the first record of each kind.
//!
//! Whether a rep without an order sold nothing or cannot be judged depends on whether
//! anybody's orders arrive, and a phone holds only its own rep's. So the org's settings,
//! which every phone holds, say so from the first record on.

use client_core::id::OrgId;
use client_core::records::{Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::{records, write_records};
use crate::storage::StorageError;

/// Notes in the settings what `written` shows to be confirmed, if that is new. The
/// settings are read once for a batch, and not at all where nothing of it confirms.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    written: &[Record],
    at: Timestamp,
) -> Result<(), StorageError> {
    let confirming = |record: &&Record| {
        matches!(record, Record::Order(_) | Record::Contract(_) | Record::Payment(_))
    };
    let confirming: Vec<&Record> = written.iter().filter(confirming).collect();
    if confirming.is_empty() {
        return Ok(());
    }
    for row in records::of_kind(connection, org, RecordKind::Org)? {
        let Ok(Record::Org(mut settings)) = row.decode() else { continue };
        let known = settings.confirms;
        let confirms = confirming.iter().fold(known, |known, record| known.and(record));
        if confirms != settings.confirms {
            settings.confirms = confirms;
            write_records::one(connection, org, &Record::Org(settings), at)?;
        }
    }
    Ok(())
}
