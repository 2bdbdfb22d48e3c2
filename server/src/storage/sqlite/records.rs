//! Reading records, and making orgs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use client_core::docs::DocKind;
use client_core::id::{DocId, OrgId, RecordId, UnitId};
use client_core::records::{PlacementRecord, Record, RecordKind};
use client_core::time::{Timestamp, Zone};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{id, odd};
use super::{SqliteStorage, about, confirms, full, write_records};
use crate::storage::model::{Census, NewOrg, OrgRow, RecordRow, Seq};
use crate::storage::{Records, StorageError};

/// Room without which the server is not ready: what a push of some hundred visits takes.
const ROOM: u64 = 1 << 20;

impl Records for SqliteStorage {
    async fn orgs(&self) -> Result<Vec<OrgRow>, StorageError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("select org, epoch, secret from org order by org")?;
            let rows = statement.query_map([], |row| {
                Ok(OrgRow {
                    id: id(row, 0, OrgId::from_bytes)?,
                    epoch: row.get(1)?,
                    secret: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn create_org(&self, org: NewOrg, at: Timestamp) -> Result<(), StorageError> {
        self.write(move |connection| {
            let added = connection.execute(
                "insert into org (org, seq, epoch, secret, created_at) values (?1, 0, ?2, ?3, ?4)
                 on conflict do nothing",
                params![org.row.id.as_bytes(), org.row.epoch, org.row.secret, at.millis()],
            )?;
            if added == 0 {
                return Err(StorageError::Exists { what: "the org" });
            }
            write_records::all(connection, org.row.id, &org.records, at).map(drop)
        })
        .await
    }

    async fn write_records(
        &self,
        org: OrgId,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<Vec<Seq>, StorageError> {
        self.write(move |connection| write_records::all(connection, org, &records, at)).await
    }

    async fn note_confirms(&self, org: OrgId, at: Timestamp) -> Result<(), StorageError> {
        self.write(move |connection| confirms::learn(connection, org, at)).await
    }

    async fn write_records_if(
        &self,
        org: OrgId,
        seen: Vec<(RecordKind, RecordId, Seq)>,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.write(move |connection| {
            for (kind, id, version) in seen {
                let stands = one(connection, org, kind, id)?.map(|row| row.version);
                if stands.unwrap_or(Seq::ZERO) != version {
                    return Ok(false);
                }
            }
            write_records::all(connection, org, &records, at).map(|_versions| true)
        })
        .await
    }

    async fn record(
        &self,
        org: OrgId,
        kind: RecordKind,
        id: RecordId,
    ) -> Result<Option<RecordRow>, StorageError> {
        self.read(move |connection| one(connection, org, kind, id)).await
    }

    async fn records_about(
        &self,
        org: OrgId,
        doc: DocId,
        kind: RecordKind,
    ) -> Result<Vec<Record>, StorageError> {
        self.read(move |connection| about::of(connection, org, doc, kind)).await
    }

    async fn records(&self, org: OrgId, kind: RecordKind) -> Result<Vec<RecordRow>, StorageError> {
        self.read(move |connection| of_kind(connection, org, kind)).await
    }

    async fn records_written_since(
        &self,
        org: OrgId,
        kinds: Vec<RecordKind>,
        since: Timestamp,
    ) -> Result<BTreeSet<(RecordKind, RecordId)>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select id from record where org = ?1 and kind = ?2 and written_at > ?3",
            )?;
            let mut found = BTreeSet::new();
            for kind in kinds {
                let wanted = params![org.as_bytes(), kind.as_str(), since.millis()];
                let ids = statement.query_map(wanted, |row| id(row, 0, RecordId::from_bytes))?;
                for id in ids {
                    found.insert((kind, id?));
                }
            }
            Ok(found)
        })
        .await
    }

    async fn census(&self) -> Result<Census, StorageError> {
        self.read(|connection| {
            let count = |sql: &str| -> Result<u64, StorageError> {
                let counted: i64 =
                    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
                Ok(counted.unsigned_abs())
            };
            Ok(Census {
                sessions: count("select count(*) from session where revoked_at is null")?,
                dirty: count("select count(*) from dirty")?,
                quarantined: count("select count(*) from quarantine where verdict is null")?,
            })
        })
        .await
    }

    async fn probe(&self) -> Result<(), StorageError> {
        // Takes the write lock and reaches the disk with nothing but the page it changes.
        self.write(|connection| {
            connection.execute("update org set seq = seq", [])?;
            Ok(())
        })
        .await?;
        // That page may find a place in the log where a push would not.
        match full::room(self.readers.path()) {
            Some(room) if room < ROOM => Err(StorageError::Full),
            _ => Ok(()),
        }
    }
}

pub(super) fn one(
    connection: &Connection,
    org: OrgId,
    kind: RecordKind,
    id: RecordId,
) -> Result<Option<RecordRow>, StorageError> {
    Ok(connection
        .prepare_cached(
            "select kind, id, version, body from record where org = ?1 and kind = ?2 and id = ?3",
        )?
        .query_row(params![org.as_bytes(), kind.as_str(), id.as_bytes()], from_row)
        .optional()?)
}

pub(super) fn of_kind(
    connection: &Connection,
    org: OrgId,
    kind: RecordKind,
) -> Result<Vec<RecordRow>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select kind, id, version, body from record where org = ?1 and kind = ?2 order by id",
    )?;
    let rows = statement.query_map(params![org.as_bytes(), kind.as_str()], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The columns `kind, id, version, body`.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    let kind: String = row.get(0)?;
    Ok(RecordRow {
        kind: RecordKind::parse(&kind).ok_or_else(|| odd(0, "an unknown record kind"))?,
        id: id(row, 1, RecordId::from_bytes)?,
        version: row.get(2)?,
        body: row.get(3)?,
    })
}

/// The placement record of a customer or deal.
pub(super) fn placement(
    connection: &Connection,
    org: OrgId,
    subject: DocId,
) -> Result<Option<PlacementRecord>, StorageError> {
    let id = RecordId::from_bytes(*subject.as_bytes());
    Ok(one(connection, org, RecordKind::Placement, id)?.and_then(|row| match row.decode() {
        Ok(Record::Placement(placement)) => Some(placement),
        _ => None,
    }))
}

/// A zone with the version of the calendar that it was read from.
struct KnownZone {
    calendar: (OrgId, RecordId, Seq),
    zone: Rc<Zone>,
}

thread_local! {
    /// The zone that this thread read last. Every commit asks for it, and reading a
    /// calendar with its transitions and holidays takes longer than a small commit.
    static ZONE: RefCell<Option<KnownZone>> = const { RefCell::new(None) };
}

/// The org's zone; UTC for an org without a calendar.
pub(super) fn zone(connection: &Connection, org: OrgId) -> Result<Rc<Zone>, StorageError> {
    let utc = || Rc::new(Zone::fixed("UTC", 0));
    let standing = connection
        .prepare_cached(
            "select id, version from record where org = ?1 and kind = ?2 order by id limit 1",
        )?
        .query_row(params![org.as_bytes(), RecordKind::Calendar.as_str()], |row| {
            Ok((id(row, 0, RecordId::from_bytes)?, row.get::<_, Seq>(1)?))
        })
        .optional()?;
    let Some((id, version)) = standing else { return Ok(utc()) };
    // A record has another version whenever it has another body.
    let calendar = (org, id, version);
    let known = ZONE.with_borrow(|known| {
        let known = known.as_ref().filter(|known| known.calendar == calendar);
        known.map(|known| Rc::clone(&known.zone))
    });
    if let Some(zone) = known {
        return Ok(zone);
    }
    let row = one(connection, org, RecordKind::Calendar, id)?;
    let zone = match row.map(|row| row.decode()) {
        Some(Ok(Record::Calendar(calendar))) => Rc::new(calendar.zone),
        _ => utc(),
    };
    ZONE.set(Some(KnownZone { calendar, zone: Rc::clone(&zone) }));
    Ok(zone)
}

/// The first unit without a parent: where somebody without a unit belongs.
pub(super) fn root_unit(
    connection: &Connection,
    org: OrgId,
) -> Result<Option<UnitId>, StorageError> {
    Ok(of_kind(connection, org, RecordKind::Unit)?.into_iter().find_map(|row| match row.decode() {
        Ok(Record::Unit(unit)) if unit.parent.is_none() => Some(unit.id),
        _ => None,
    }))
}

/// Notes who holds a customer or deal now, where lists and boards look it up.
pub(super) fn note_holding(
    connection: &Connection,
    org: OrgId,
    placement: &PlacementRecord,
) -> Result<(), StorageError> {
    debug_assert!(matches!(placement.kind, DocKind::Customer | DocKind::Deal));
    let Some(current) = placement.current() else { return Ok(()) };
    connection
        .prepare_cached(
            "insert into holding (org, doc, kind, owner, unit, tier) values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict (org, doc) do update
             set due = case when owner = excluded.owner then due end,
                 due_last = case when owner = excluded.owner then due_last end,
                 due_period = case when owner = excluded.owner then due_period end,
                 owner = excluded.owner, unit = excluded.unit, tier = excluded.tier",
        )?
        .execute(params![
            org.as_bytes(),
            placement.subject.as_bytes(),
            placement.kind.as_str(),
            current.owner.as_bytes(),
            current.unit.as_bytes(),
            current.tier.map(client_core::records::Tier::as_str),
        ])?;
    Ok(())
}
