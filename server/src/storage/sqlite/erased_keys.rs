//! What files call what was erased.
//!
//! The program that a company imports from knows nothing of an erasure here: its next
//! export names the customer again. The keys that told an import what is what are
//! erased too, so a hash of each stays, under the org's secret.

use std::collections::BTreeSet;

use client_core::id::{DocId, OrgId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::storage::StorageError;
use crate::storage::model::{ErasedKey, ExternalKind};

/// A thing's keys by every source, and the name that any source may know it by.
pub(super) fn of(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
    users: &[UserId],
) -> Result<Vec<ErasedKey>, StorageError> {
    let secret = secret(connection, org)?;
    let mut keys = BTreeSet::new();
    let ids = docs.iter().map(DocId::as_bytes).chain(users.iter().map(UserId::as_bytes));
    for id in ids {
        let mut statement = connection.prepare_cached(
            "select source, kind, key from external_key where org = ?1 and id = ?2",
        )?;
        let mut rows = statement.query(params![org.as_bytes(), id])?;
        while let Some(row) = rows.next()? {
            let (source, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let Some(kind) = ExternalKind::parse(&kind) else { continue };
            keys.insert(ErasedKey::of(&secret, &source, kind, &row.get::<_, String>(2)?));
        }
    }
    for doc in docs {
        let name = connection
            .prepare_cached("select name from customer_row where org = ?1 and doc = ?2")?
            .query_row(params![org.as_bytes(), doc.as_bytes()], |row| row.get(0))
            .optional()?
            .flatten();
        keys.extend(known_as(&secret, ExternalKind::Customer, name));
    }
    for user in users {
        let login = connection
            .prepare_cached("select login from user where org = ?1 and user = ?2")?
            .query_row(params![org.as_bytes(), user.as_bytes()], |row| row.get(0))
            .optional()?;
        keys.extend(known_as(&secret, ExternalKind::User, login));
    }
    Ok(keys.into_iter().collect())
}

fn known_as(secret: &[u8; 32], kind: ExternalKind, name: Option<String>) -> Option<ErasedKey> {
    let name = name.filter(|name| name != client_core::docs::ERASED)?;
    Some(ErasedKey::of(secret, "", kind, &name))
}

pub(super) fn remember(
    connection: &Connection,
    org: OrgId,
    keys: &[ErasedKey],
) -> Result<(), StorageError> {
    let mut statement = connection.prepare_cached(
        "insert into erased_key (org, hash) values (?1, ?2) on conflict do nothing",
    )?;
    for key in keys {
        statement.execute(params![org.as_bytes(), key.0])?;
    }
    Ok(())
}

/// Which of the keys were erased, as this source's or as anybody's.
pub(super) fn among(
    connection: &Connection,
    org: OrgId,
    source: &str,
    kind: ExternalKind,
    keys: Vec<String>,
) -> Result<BTreeSet<String>, StorageError> {
    let secret = secret(connection, org)?;
    let mut statement = connection
        .prepare_cached("select 1 from erased_key where org = ?1 and hash in (?2, ?3)")?;
    let mut found = BTreeSet::new();
    for key in keys {
        let [theirs, anybodys] =
            [source, ""].map(|source| ErasedKey::of(&secret, source, kind, &key).0);
        if statement.exists(params![org.as_bytes(), theirs, anybodys])? {
            found.insert(key);
        }
    }
    Ok(found)
}

fn secret(connection: &Connection, org: OrgId) -> Result<[u8; 32], StorageError> {
    Ok(connection
        .prepare_cached("select secret from org where org = ?1")?
        .query_row([org.as_bytes()], |row| row.get(0))?)
}
