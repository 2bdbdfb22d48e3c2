//! Imports: what a source calls things, written together with the things.
//!
//! A key without its document would make the next import skip what is not there,
//! and a document without its key would be made twice. So both are one transaction,
//! and an import that is killed can be run again from the start.

use client_core::id::{DocId, OrgId, UserId};
use client_core::records::Record;
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{corrupt, id};
use super::{SqliteStorage, accounts, commit, write_records};
use crate::storage::model::{
    CommitOutcome, DealHolder, ExternalKey, ExternalKind, ImportBatch, ImportOutcome,
};
use crate::storage::{Imports, StorageError};

impl Imports for SqliteStorage {
    async fn external_keys(
        &self,
        org: OrgId,
        source: &str,
        kind: ExternalKind,
        keys: Vec<String>,
    ) -> Result<Vec<ExternalKey>, StorageError> {
        let source = source.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select key, id, fields from external_key
                 where org = ?1 and source = ?2 and kind = ?3 and key = ?4",
            )?;
            let mut found = Vec::with_capacity(keys.len());
            for key in keys {
                let wanted = params![org.as_bytes(), source, kind.as_str(), key];
                if let Some(raw) = statement.query_row(wanted, raw_key).optional()? {
                    found.push(read_key(&source, kind, raw)?);
                }
            }
            Ok(found)
        })
        .await
    }

    async fn external_keys_of(
        &self,
        org: OrgId,
        source: &str,
        kind: ExternalKind,
    ) -> Result<Vec<ExternalKey>, StorageError> {
        let source = source.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select key, id, fields from external_key
                     where org = ?1 and source = ?2 and kind = ?3 order by key",
                )?
                .query_map(params![org.as_bytes(), source, kind.as_str()], raw_key)?
                .map(|raw| read_key(&source, kind, raw?))
                .collect()
        })
        .await
    }

    async fn external_keys_for(
        &self,
        org: OrgId,
        kind: ExternalKind,
        id: [u8; 16],
    ) -> Result<Vec<ExternalKey>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select key, id, fields, source from external_key
                 where org = ?1 and id = ?2 and kind = ?3 order by source, key",
            )?;
            let found = statement
                .query_map(params![org.as_bytes(), id, kind.as_str()], |row| {
                    Ok((row.get::<_, String>(3)?, raw_key(row)?))
                })?
                .map(|found| {
                    let (source, raw) = found?;
                    read_key(&source, kind, raw)
                });
            found.collect()
        })
        .await
    }

    async fn customers_named(
        &self,
        org: OrgId,
        names: Vec<String>,
    ) -> Result<Vec<(String, DocId)>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select distinct coalesce(a.root, r.doc) from customer_row r
                 left join alias a on a.org = r.org and a.doc = r.doc
                 where r.org = ?1 and r.name = ?2",
            )?;
            let mut found = Vec::new();
            for name in names {
                let docs = statement.query_map(params![org.as_bytes(), name], |row| {
                    id(row, 0, DocId::from_bytes)
                })?;
                for doc in docs {
                    found.push((name.clone(), doc?));
                }
            }
            Ok(found)
        })
        .await
    }

    async fn deal_holders(
        &self,
        org: OrgId,
        source: &str,
        customer: DocId,
    ) -> Result<Vec<DealHolder>, StorageError> {
        let source = source.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select d.doc, h.owner, coalesce(r.created_at, r.decided_at) from doc d
                 join holding h on h.org = d.org and h.doc = d.doc
                 join deal_row r on r.org = d.org and r.doc = d.doc
                 where d.org = ?1 and d.customer = ?2 and d.kind = 'deal'
                   and not exists (select 1 from external_key e
                        where e.org = d.org and e.id = d.doc and e.source = ?3
                          and e.kind = 'deal')
                 order by d.doc",
            )?;
            let wanted = params![org.as_bytes(), customer.as_bytes(), source];
            let found = statement.query_map(wanted, |row| {
                Ok(DealHolder {
                    deal: id(row, 0, DocId::from_bytes)?,
                    owner: id(row, 1, UserId::from_bytes)?,
                    at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_millis),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn write_import(
        &self,
        org: OrgId,
        batch: ImportBatch,
    ) -> Result<ImportOutcome, StorageError> {
        self.write(move |connection| {
            connection.execute_batch("savepoint import")?;
            let outcome = write(connection, org, batch)?;
            connection.execute_batch(match outcome {
                ImportOutcome::Written => "release import",
                ImportOutcome::Stale => "rollback to import; release import",
            })?;
            Ok(outcome)
        })
        .await
    }
}

fn write(
    connection: &Connection,
    org: OrgId,
    batch: ImportBatch,
) -> Result<ImportOutcome, StorageError> {
    let ImportBatch { accounts, mut records, commits, keys, at } = batch;
    for account in accounts {
        accounts::add_account(connection, org, &account, at)?;
        records.push(Record::User(account.user));
    }
    write_records::all(connection, org, &records, at)?;
    for commit in &commits {
        match commit::document(connection, org, commit)? {
            CommitOutcome::Committed(_) => {}
            CommitOutcome::Stale | CommitOutcome::Failed => return Ok(ImportOutcome::Stale),
        }
    }
    let mut statement = connection.prepare_cached(
        "insert into external_key (org, source, kind, key, id, fields, imported_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (org, source, kind, key) do update
         set id = excluded.id, fields = excluded.fields, imported_at = excluded.imported_at",
    )?;
    for key in keys {
        let fields = serde_json::to_string(&key.fields)
            .map_err(|error| corrupt("list of imported fields", error.to_string()))?;
        statement.execute(params![
            org.as_bytes(),
            key.source,
            key.kind.as_str(),
            key.key,
            key.id,
            fields,
            at.millis()
        ])?;
    }
    Ok(ImportOutcome::Written)
}

fn raw_key(row: &Row<'_>) -> rusqlite::Result<(String, [u8; 16], String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn read_key(
    source: &str,
    kind: ExternalKind,
    (key, id, fields): (String, [u8; 16], String),
) -> Result<ExternalKey, StorageError> {
    let fields = serde_json::from_str(&fields)
        .map_err(|error| corrupt("list of imported fields", error.to_string()))?;
    Ok(ExternalKey { source: source.to_owned(), kind, key, id, fields })
}
