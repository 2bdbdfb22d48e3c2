//! Between SQL values and our types.

use client_core::docs::{ChangeHash, DocKind, Generation, Header, Heads};
use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::protocol::Scope;
use client_core::time::Timestamp;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::storage::StorageError;
use crate::storage::model::Seq;

impl ToSql for Seq {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Seq {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

/// A scope as its column holds it: one letter and an id.
pub(super) fn scope_key(scope: Scope) -> Vec<u8> {
    match scope {
        Scope::Org => vec![b'o'],
        Scope::Unit(unit) => prefixed(b'n', unit.as_bytes()),
        Scope::User(user) => prefixed(b'u', user.as_bytes()),
    }
}

fn prefixed(letter: u8, id: &[u8; 16]) -> Vec<u8> {
    let mut key = Vec::with_capacity(17);
    key.push(letter);
    key.extend_from_slice(id);
    key
}

pub(super) fn scope_from_key(key: &[u8]) -> Result<Scope, StorageError> {
    let scope = match key.split_first() {
        Some((b'o', [])) => Some(Scope::Org),
        Some((b'n', id)) => UnitId::from_slice(id).map(Scope::Unit),
        Some((b'u', id)) => UserId::from_slice(id).map(Scope::User),
        _ => None,
    };
    scope.ok_or_else(|| corrupt("scope", format!("{} bytes of another shape", key.len())))
}

/// Scopes one after another, each with its length.
pub(super) fn scopes_to_bytes(scopes: &[Scope]) -> Vec<u8> {
    scopes.iter().flat_map(|scope| scope_key(*scope)).collect()
}

pub(super) fn scopes_from_bytes(mut bytes: &[u8]) -> Result<Vec<Scope>, StorageError> {
    let mut scopes = Vec::new();
    while let Some(letter) = bytes.first() {
        let length = if *letter == b'o' { 1 } else { 17 };
        let Some((key, rest)) = bytes.split_at_checked(length) else {
            return Err(corrupt("list of scopes", "it ends in mid-scope".to_owned()));
        };
        scopes.push(scope_from_key(key)?);
        bytes = rest;
    }
    Ok(scopes)
}

pub(super) fn corrupt(what: &'static str, reason: String) -> StorageError {
    StorageError::Corrupt { what, reason }
}

/// A 16-byte id in column `index`, made by `make`.
pub(super) fn id<T>(row: &Row<'_>, index: usize, make: fn([u8; 16]) -> T) -> rusqlite::Result<T> {
    row.get::<_, [u8; 16]>(index).map(make)
}

/// The same where the column may be null.
pub(super) fn optional_id<T>(
    row: &Row<'_>,
    index: usize,
    make: fn([u8; 16]) -> T,
) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(index)?.map(make))
}

pub(super) fn time(row: &Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    row.get(index).map(Timestamp::from_millis)
}

pub(super) fn optional_time(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(index)?.map(Timestamp::from_millis))
}

pub(super) fn hash(row: &Row<'_>, index: usize) -> rusqlite::Result<ChangeHash> {
    row.get::<_, [u8; 32]>(index).map(ChangeHash)
}

pub(super) fn heads(row: &Row<'_>, index: usize) -> rusqlite::Result<Heads> {
    let bytes: Vec<u8> = row.get(index)?;
    Heads::from_bytes(&bytes).ok_or_else(|| odd(index, "heads of an odd length"))
}

/// The columns `doc, kind, author, customer, generation`, starting at `index`.
pub(super) fn header(row: &Row<'_>, index: usize, org: OrgId) -> rusqlite::Result<Header> {
    let kind: String = row.get(index + 1)?;
    Ok(Header {
        org,
        doc: id(row, index, DocId::from_bytes)?,
        kind: DocKind::parse(&kind).ok_or_else(|| odd(index + 1, "an unknown document kind"))?,
        author: id(row, index + 2, UserId::from_bytes)?,
        customer: optional_id(row, index + 3, DocId::from_bytes)?,
        generation: Generation(row.get(index + 4)?),
    })
}

/// A value that SQL let through and we did not write.
pub(super) fn odd(index: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        index,
        rusqlite::types::Type::Blob,
        Box::new(FromSqlError::Other(what.into())),
    )
}
