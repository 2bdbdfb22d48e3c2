//! The server's records, and what is computed from placements.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, alias, moved};
use crate::id::{DocId, RecordId};
use crate::records::{PlacementRecord, Record, RecordKind};

/// Stores a record unless a newer version is here. The body is kept even where
/// this app cannot read it: a later one may.
pub(super) fn put(
    conn: &Connection,
    kind: RecordKind,
    id: RecordId,
    version: u64,
    body: &[u8],
) -> Result<bool, StoreError> {
    let written = conn
        .prepare_cached(
            "insert into record (kind, id, version, body) values (?1, ?2, ?3, ?4)
             on conflict (kind, id) do update set version = excluded.version, body = excluded.body
             where excluded.version >= record.version",
        )?
        .execute(params![
            kind.as_str(),
            id.as_bytes(),
            i64::try_from(version).unwrap_or(i64::MAX),
            body
        ])?;
    Ok(written > 0)
}

/// Drops a record that its reader may not see any more, and what was computed from it.
/// Tells whether it was here.
pub(super) fn leave(
    conn: &Connection,
    kind: RecordKind,
    id: RecordId,
    version: u64,
) -> Result<bool, StoreError> {
    let dropped = conn
        .prepare_cached("delete from record where kind = ?1 and id = ?2 and version <= ?3")?
        .execute(params![
            kind.as_str(),
            id.as_bytes(),
            i64::try_from(version).unwrap_or(i64::MAX)
        ])?;
    if dropped == 0 {
        return Ok(false);
    }
    match kind {
        RecordKind::Placement => {
            conn.prepare_cached("delete from holding where subject = ?1")?
                .execute(params![id.as_bytes()])?;
        }
        RecordKind::Alias => alias::refresh(conn)?,
        RecordKind::Moved => moved::follow(conn, DocId::from_bytes(*id.as_bytes()))?,
        _ => {}
    }
    Ok(true)
}

/// Keeps the current holder of a customer or deal beside it.
pub(super) fn hold(conn: &Connection, placement: &PlacementRecord) -> Result<(), StoreError> {
    match placement.current().filter(|span| span.until.is_none()) {
        Some(span) => conn
            .prepare_cached(
                "insert into holding (subject, owner, tier) values (?1, ?2, ?3)
                 on conflict (subject) do update set owner = excluded.owner, tier = excluded.tier",
            )?
            .execute(params![
                placement.subject.as_bytes(),
                span.owner.as_bytes(),
                span.tier.map(crate::records::Tier::as_str),
            ])?,
        None => conn
            .prepare_cached("delete from holding where subject = ?1")?
            .execute(params![placement.subject.as_bytes()])?,
    };
    Ok(())
}

/// A record, if it is here and readable.
pub(crate) fn get(
    conn: &Connection,
    kind: RecordKind,
    id: RecordId,
) -> Result<Option<Record>, StoreError> {
    let body: Option<Vec<u8>> = conn
        .prepare_cached("select body from record where kind = ?1 and id = ?2")?
        .query_row(params![kind.as_str(), id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| Record::decode(kind, id, &body).ok()))
}

/// Every readable record of a kind, by id.
pub(crate) fn all(conn: &Connection, kind: RecordKind) -> Result<Vec<Record>, StoreError> {
    let mut statement =
        conn.prepare_cached("select id, body from record where kind = ?1 order by id")?;
    let mut rows = statement.query(params![kind.as_str()])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let id = RecordId::from_slice(&row.get::<_, Vec<u8>>(0)?)
            .ok_or_else(|| StoreError::damaged("record", "an id is not 16 bytes"))?;
        records.extend(Record::decode(kind, id, &row.get::<_, Vec<u8>>(1)?));
    }
    Ok(records)
}

/// Everything dated about who held a customer or deal.
pub(crate) fn placement(
    conn: &Connection,
    subject: DocId,
) -> Result<Option<PlacementRecord>, StoreError> {
    let id = RecordId::from_bytes(*subject.as_bytes());
    Ok(match get(conn, RecordKind::Placement, id)? {
        Some(Record::Placement(placement)) => Some(placement),
        _ => None,
    })
}
