//! Customers that look alike: their names, and the pairs that are two.

use client_core::id::{DocId, OrgId, UserId};
use client_core::time::Timestamp;
use rusqlite::params;

use super::SqliteStorage;
use super::codec::{id, optional_id, optional_time, time};
use crate::storage::model::{CustomerPair, NotSame};
use crate::storage::{Lookalikes, StorageError};

impl Lookalikes for SqliteStorage {
    async fn customer_names(&self, org: OrgId) -> Result<Vec<(DocId, String)>, StorageError> {
        self.read(move |connection| {
            // Read from the index alone: rows carry whole customers.
            let mut statement = connection.prepare_cached(
                "select r.doc, r.name from customer_row r indexed by customer_list
                 where r.org = ?1 and r.name is not null
                     and r.doc not in (select a.doc from alias a where a.org = ?1)",
            )?;
            let found = statement.query_map(params![org.as_bytes()], |row| {
                Ok((id(row, 0, DocId::from_bytes)?, row.get(1)?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn set_apart(&self, org: OrgId, pair: NotSame) -> Result<(), StorageError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "insert into not_same (org, one, other, at, by_user, undone_at)
                     values (?1, ?2, ?3, ?4, ?5, ?6)
                     on conflict (org, one, other) do update set
                         at = excluded.at, by_user = excluded.by_user,
                         undone_at = excluded.undone_at",
                )?
                .execute(params![
                    org.as_bytes(),
                    pair.pair.one().as_bytes(),
                    pair.pair.other().as_bytes(),
                    pair.at.millis(),
                    pair.by.as_ref().map(UserId::as_bytes),
                    pair.undone_at.map(Timestamp::millis),
                ])?;
            Ok(())
        })
        .await
    }

    async fn not_same(&self, org: OrgId) -> Result<Vec<NotSame>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select one, other, at, by_user, undone_at from not_same
                 where org = ?1 order by at desc, one, other",
            )?;
            let found = statement.query_map(params![org.as_bytes()], |row| {
                let (one, other) = (id(row, 0, DocId::from_bytes)?, id(row, 1, DocId::from_bytes)?);
                let Some(pair) = CustomerPair::of(one, other) else { return Ok(None) };
                Ok(Some(NotSame {
                    pair,
                    at: time(row, 2)?,
                    by: optional_id(row, 3, UserId::from_bytes)?,
                    undone_at: optional_time(row, 4)?,
                }))
            })?;
            let found: Vec<Option<NotSame>> = found.collect::<Result<_, _>>()?;
            Ok(found.into_iter().flatten().collect())
        })
        .await
    }
}
