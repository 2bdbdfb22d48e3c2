//! What users may read, version by version.

use client_core::id::{OrgId, UnitId, UserId};
use client_core::records::{Record, RecordKind, UnitRecord, UserRecord};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{scopes_from_bytes, scopes_to_bytes};
use super::{noted, records};
use crate::storage::StorageError;
use crate::storage::model::Access;
use crate::storage::onlooker::Moved;
use crate::storage::scopes::held_by;

/// Writes the next version for every user whose scopes are no longer what the
/// records say.
pub(super) fn refresh(
    connection: &Connection,
    org: OrgId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let units = units(connection, org)?;
    for user in users(connection, org)? {
        let scopes = held_by(&user, &units);
        let current = current(connection, org, user.id)?;
        if current.as_ref().is_none_or(|access| access.scopes != scopes) {
            let version = current.map_or(0, |access| access.version) + 1;
            connection
                .prepare_cached(
                    "insert into access (org, user, version, scopes, since_at)
                     values (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    org.as_bytes(),
                    user.id.as_bytes(),
                    version,
                    scopes_to_bytes(&scopes),
                    at.millis()
                ])?;
            noted::note(Moved::Access { org, user: user.id });
        }
    }
    Ok(())
}

pub(super) fn current(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<Option<Access>, StorageError> {
    let found = connection
        .prepare_cached(
            "select version, scopes from access where org = ?1 and user = ?2
             order by version desc limit 1",
        )?
        .query_row(params![org.as_bytes(), user.as_bytes()], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    found
        .map(|(version, scopes)| Ok(Access { version, scopes: scopes_from_bytes(&scopes)? }))
        .transpose()
}

pub(super) fn between(
    connection: &Connection,
    org: OrgId,
    user: UserId,
    from: u32,
    to: u32,
) -> Result<Vec<Access>, StorageError> {
    connection
        .prepare_cached(
            "select version, scopes from access
             where org = ?1 and user = ?2 and version between ?3 and ?4 order by version",
        )?
        .query_map(params![org.as_bytes(), user.as_bytes(), from, to], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
        })?
        .map(|found| {
            let (version, scopes) = found?;
            Ok(Access { version, scopes: scopes_from_bytes(&scopes)? })
        })
        .collect()
}

pub(super) fn units(connection: &Connection, org: OrgId) -> Result<Vec<UnitRecord>, StorageError> {
    Ok(records::of_kind(connection, org, RecordKind::Unit)?
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::Unit(unit)) => Some(unit),
            _ => None,
        })
        .collect())
}

pub(super) fn users(connection: &Connection, org: OrgId) -> Result<Vec<UserRecord>, StorageError> {
    Ok(records::of_kind(connection, org, RecordKind::User)?
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::User(user)) => Some(user),
            _ => None,
        })
        .collect())
}

/// The units of one user; none for somebody unknown.
pub(super) fn units_of(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<Vec<UnitId>, StorageError> {
    Ok(user_record(connection, org, user)?.map_or_else(Vec::new, |user| user.units))
}

/// The public record of one user.
pub(super) fn user_record(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<Option<UserRecord>, StorageError> {
    let id = client_core::id::RecordId::from_bytes(*user.as_bytes());
    Ok(records::one(connection, org, RecordKind::User, id)?.and_then(|row| match row.decode() {
        Ok(Record::User(user)) => Some(user),
        _ => None,
    }))
}
