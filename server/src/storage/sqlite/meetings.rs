//! Meetings and what they decided.

use client_core::id::{OrgId, RecordId, UnitId, UserId};
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{id, odd, optional_id, optional_time, time};
use super::{SqliteStorage, audit};
use crate::storage::model::{AuditEntry, ItemKind, MeetingItem, MeetingRow};
use crate::storage::{Meetings, StorageError};

const MEETING: &str = "id, unit, period, held_on, made_at, made_by";
const ITEM: &str = "id, meeting, kind, text, owner, due, made_at, made_by, done_at";

impl Meetings for SqliteStorage {
    async fn hold(&self, org: OrgId, meeting: MeetingRow) -> Result<(), StorageError> {
        self.write(move |connection| {
            let entered = connection
                .prepare_cached(
                    "insert into meeting (org, id, unit, period, held_on, made_at, made_by)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (org, id) do nothing",
                )?
                .execute(params![
                    org.as_bytes(),
                    meeting.id.as_bytes(),
                    meeting.unit.as_ref().map(UnitId::as_bytes),
                    meeting.period,
                    meeting.held_on.to_string(),
                    meeting.made_at.millis(),
                    meeting.made_by.as_ref().map(UserId::as_bytes),
                ])?;
            if entered == 0 {
                return Ok(());
            }
            let deed = Deed { meeting: meeting.id, item: None, by: meeting.made_by };
            deed.write(connection, org, "meeting.held", meeting.made_at)
        })
        .await
    }

    async fn meeting(
        &self,
        org: OrgId,
        wanted: RecordId,
    ) -> Result<Option<(MeetingRow, Vec<MeetingItem>)>, StorageError> {
        self.read(move |connection| {
            let key = params![org.as_bytes(), wanted.as_bytes()];
            let sql = format!("select {MEETING} from meeting where org = ?1 and id = ?2");
            let found = connection.prepare_cached(&sql)?.query_row(key, meeting).optional()?;
            let Some(found) = found else { return Ok(None) };
            let sql = format!(
                "select {ITEM} from meeting_item indexed by meeting_item_by_meeting
                 where org = ?1 and meeting = ?2 order by made_at, id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let items = statement.query_map(key, item)?.collect::<Result<_, _>>()?;
            Ok(Some((found, items)))
        })
        .await
    }

    async fn meetings(&self, org: OrgId, limit: u32) -> Result<Vec<MeetingRow>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {MEETING} from meeting indexed by meeting_by_day
                 where org = ?1 order by held_on desc, made_at desc limit ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map(params![org.as_bytes(), limit], meeting)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn decide_at_meeting(&self, org: OrgId, item: MeetingItem) -> Result<(), StorageError> {
        self.write(move |connection| {
            let entered = connection
                .prepare_cached(
                    "insert into meeting_item (org, id, meeting, kind, text, owner, due, made_at,
                         made_by)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict (org, id) do nothing",
                )?
                .execute(params![
                    org.as_bytes(),
                    item.id.as_bytes(),
                    item.meeting.as_bytes(),
                    item.kind.as_str(),
                    item.text,
                    item.owner.as_ref().map(UserId::as_bytes),
                    item.due.map(|due| due.to_string()),
                    item.made_at.millis(),
                    item.made_by.as_ref().map(UserId::as_bytes),
                ])?;
            if entered == 0 {
                return Ok(());
            }
            let deed = Deed { meeting: item.meeting, item: Some(item.id), by: item.made_by };
            let what = match item.kind {
                ItemKind::Decision => "meeting.decided",
                ItemKind::Action => "meeting.action",
            };
            deed.write(connection, org, what, item.made_at)
        })
        .await
    }

    async fn finish_action(
        &self,
        org: OrgId,
        item: RecordId,
        done: bool,
        by: UserId,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.write(move |connection| {
            let meeting = connection
                .prepare_cached(
                    "update meeting_item set done_at = ?3, done_by = ?4
                     where org = ?1 and id = ?2 and kind = 'action' and (done_at is null) = ?5
                     returning meeting",
                )?
                .query_row(
                    params![
                        org.as_bytes(),
                        item.as_bytes(),
                        done.then(|| at.millis()),
                        done.then(|| by.as_bytes().to_vec()),
                        done,
                    ],
                    |row| id(row, 0, RecordId::from_bytes),
                )
                .optional()?;
            let Some(meeting) = meeting else { return Ok(false) };
            let deed = Deed { meeting, item: Some(item), by: Some(by) };
            let what = if done { "meeting.done" } else { "meeting.reopened" };
            deed.write(connection, org, what, at)?;
            Ok(true)
        })
        .await
    }

    async fn open_actions(&self, org: OrgId) -> Result<Vec<MeetingItem>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {ITEM} from meeting_item indexed by meeting_item_open
                 where org = ?1 and kind = 'action' and done_at is null
                 order by due is null, due, made_at, id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map(params![org.as_bytes()], item)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// What somebody did at a meeting, or to what it decided. The item alone says who did it
/// last; the log keeps who did it before.
struct Deed {
    meeting: RecordId,
    item: Option<RecordId>,
    by: Option<UserId>,
}

impl Deed {
    fn write(
        self,
        connection: &Connection,
        org: OrgId,
        what: &str,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let entry = AuditEntry {
            at,
            user: self.by,
            device: None,
            what: what.to_owned(),
            subject: Some(self.meeting),
            detail: self.item.map(|item| item.to_string()),
        };
        audit::write(connection, org, &entry)
    }
}

fn date(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Date>> {
    let text: Option<String> = row.get(index)?;
    text.map(|text| text.parse().map_err(|_error| odd(index, "no date"))).transpose()
}

fn meeting(row: &Row<'_>) -> rusqlite::Result<MeetingRow> {
    Ok(MeetingRow {
        id: id(row, 0, RecordId::from_bytes)?,
        unit: optional_id(row, 1, UnitId::from_bytes)?,
        period: row.get(2)?,
        held_on: date(row, 3)?.ok_or_else(|| odd(3, "no date"))?,
        made_at: time(row, 4)?,
        made_by: optional_id(row, 5, UserId::from_bytes)?,
    })
}

fn item(row: &Row<'_>) -> rusqlite::Result<MeetingItem> {
    let kind: String = row.get(2)?;
    Ok(MeetingItem {
        id: id(row, 0, RecordId::from_bytes)?,
        meeting: id(row, 1, RecordId::from_bytes)?,
        kind: ItemKind::parse(&kind).ok_or_else(|| odd(2, "no kind of item"))?,
        text: row.get(3)?,
        owner: optional_id(row, 4, UserId::from_bytes)?,
        due: date(row, 5)?,
        made_at: time(row, 6)?,
        made_by: optional_id(row, 7, UserId::from_bytes)?,
        done_at: optional_time(row, 8)?,
    })
}
