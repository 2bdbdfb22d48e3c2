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

/// Notes in the settings what `record` shows to be confirmed, if that is new.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    at: Timestamp,
) -> Result<(), StorageError> {
    if !matches!(record, Record::Order(_) | Record::Contract(_) | Record::Payment(_)) {
        return Ok(());
    }
    for row in records::of_kind(connection, org, RecordKind::Org)? {
        let Ok(Record::Org(mut settings)) = row.decode() else { continue };
        let confirms = settings.confirms.and(record);
        if confirms != settings.confirms {
            settings.confirms = confirms;
            write_records::one(connection, org, &Record::Org(settings), at)?;
        }
    }
    Ok(())
}
