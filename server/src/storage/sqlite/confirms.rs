//! What the org's books confirm, noted with the first record of each kind.
//!
//! Whether a rep without an order sold nothing or cannot be judged depends on whether
//! anybody's orders arrive, and a phone holds only its own rep's. So the org's settings,
//! which every phone holds, say so from the first record on.

use client_core::id::OrgId;
use client_core::records::{Confirms, OrgRecord, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, params};

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
    for mut settings in settings(connection, org)? {
        let known = settings.confirms;
        let confirms = confirming.iter().fold(known, |known, record| known.and(record));
        if confirms != settings.confirms {
            settings.confirms = confirms;
            write_records::one(connection, org, &Record::Org(settings), at)?;
        }
    }
    Ok(())
}

/// Notes what the records that are there confirm: books brought in before the settings
/// knew of it. Of each kind it reads up to the first record that confirms.
pub(super) fn learn(
    connection: &Connection,
    org: OrgId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let known: Vec<Confirms> =
        settings(connection, org)?.into_iter().map(|settings| settings.confirms).collect();
    let mut first = Vec::new();
    for (kind, noted) in [
        (RecordKind::Order, known.iter().all(|known| known.orders)),
        (RecordKind::Contract, known.iter().all(|known| known.contracts)),
        (RecordKind::Payment, known.iter().all(|known| known.payments)),
    ] {
        if noted {
            continue;
        }
        let mut statement = connection.prepare_cached(
            "select kind, id, version, body from record where org = ?1 and kind = ?2 order by id",
        )?;
        let rows =
            statement.query_map(params![org.as_bytes(), kind.as_str()], records::from_row)?;
        for row in rows {
            let Ok(record) = row?.decode() else { continue };
            if !Confirms::default().and(&record).is_nothing() {
                first.push(record);
                break;
            }
        }
    }
    note(connection, org, &first, at)
}

fn settings(connection: &Connection, org: OrgId) -> Result<Vec<OrgRecord>, StorageError> {
    let rows = records::of_kind(connection, org, RecordKind::Org)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::Org(settings)) => Some(settings),
            _ => None,
        })
        .collect())
}
