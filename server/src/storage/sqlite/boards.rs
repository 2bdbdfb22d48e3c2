//! What the manager's pages read.
//!
//! Each query is an indexed range or a handful of keys: a page must cost the
//! same whether the org holds a thousand visits or a million.

use client_core::id::{DocId, OrgId, UserId};
use client_core::records::RecordKind;
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::id;
use super::{SqliteStorage, about, marks, records, rows};
use crate::storage::model::{self, Dealings, RecordRow, VisitNeighbours};
use crate::storage::{Boards, StorageError};

/// The deals of a customer.
pub(super) fn deals_of_customer() -> String {
    format!(
        "select {} from deal_row r indexed by deal_by_customer
         join doc d on d.org = r.org and d.doc = r.doc
         where r.org = ?1 and r.customer = ?2",
        rows::COLUMNS
    )
}

fn dealings_of(
    connection: &Connection,
    org: OrgId,
    customer: DocId,
) -> Result<Dealings, StorageError> {
    let mut books = about::of(connection, org, customer, RecordKind::Contract)?;
    books.extend(about::of(connection, org, customer, RecordKind::Payment)?);
    let mut statement = connection.prepare_cached(&deals_of_customer())?;
    let wanted = params![org.as_bytes(), customer.as_bytes()];
    Ok(Dealings { customer, books, deals: rows::read_all(&mut statement, wanted, org)? })
}

impl Boards for SqliteStorage {
    async fn visits_of(
        &self,
        org: OrgId,
        reps: Vec<UserId>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {} from visit_row r indexed by visit_by_author
                 join doc d on d.org = r.org and d.doc = r.doc
                 where r.org = ?1 and r.author = ?2 and r.started_at >= ?3 and r.started_at < ?4",
                rows::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for rep in reps {
                let wanted = params![org.as_bytes(), rep.as_bytes(), from.millis(), until.millis()];
                found.extend(rows::read_all(&mut statement, wanted, org)?);
            }
            Ok(found)
        })
        .await
    }

    async fn visits_alike(
        &self,
        org: OrgId,
        visits: Vec<DocId>,
    ) -> Result<Vec<DocId>, StorageError> {
        self.read(move |connection| marks::alike(connection, org, &visits)).await
    }

    async fn deals_changed_since(
        &self,
        org: OrgId,
        from: Timestamp,
    ) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {} from doc d indexed by doc_by_change
                 join deal_row r on r.org = d.org and r.doc = d.doc
                 where d.org = ?1 and d.kind = 'deal' and d.changed_at >= ?2",
                rows::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            rows::read_all(&mut statement, params![org.as_bytes(), from.millis()], org)
        })
        .await
    }

    async fn plans_on(&self, org: OrgId, date: Date) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {} from plan_row r indexed by plan_by_date
                 join doc d on d.org = r.org and d.doc = r.doc
                 where r.org = ?1 and r.date = ?2",
                rows::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            rows::read_all(&mut statement, params![org.as_bytes(), date.to_string()], org)
        })
        .await
    }

    async fn rows(&self, org: OrgId, docs: Vec<DocId>) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| {
            let mut found = Vec::with_capacity(docs.len());
            for doc in docs {
                found.extend(rows::one(connection, org, doc)?);
            }
            Ok(found)
        })
        .await
    }

    async fn dealings_of(
        &self,
        org: OrgId,
        customers: Vec<DocId>,
    ) -> Result<Vec<Dealings>, StorageError> {
        self.read(move |connection| {
            let each = customers.into_iter();
            each.map(|customer| dealings_of(connection, org, customer)).collect()
        })
        .await
    }

    async fn placements_of(
        &self,
        org: OrgId,
        docs: Vec<DocId>,
    ) -> Result<Vec<RecordRow>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select kind, id, version, body from record
                 where org = ?1 and kind = 'placement' and id = ?2",
            )?;
            let mut found = Vec::with_capacity(docs.len());
            for doc in docs {
                let wanted = params![org.as_bytes(), doc.as_bytes()];
                found.extend(statement.query_row(wanted, records::from_row).optional()?);
            }
            Ok(found)
        })
        .await
    }

    async fn visit_neighbours(
        &self,
        org: OrgId,
        visit: DocId,
    ) -> Result<VisitNeighbours, StorageError> {
        self.read(move |connection| {
            Ok(VisitNeighbours {
                earlier: neighbour(connection, org, visit, EARLIER)?,
                later: neighbour(connection, org, visit, LATER)?,
            })
        })
        .await
    }
}

const EARLIER: &str = "select o.doc from visit_row v
     join visit_row o on o.org = v.org and o.author = v.author and o.started_at < v.started_at
     where v.org = ?1 and v.doc = ?2 order by o.started_at desc, o.doc desc limit 1";
const LATER: &str = "select o.doc from visit_row v
     join visit_row o on o.org = v.org and o.author = v.author and o.started_at > v.started_at
     where v.org = ?1 and v.doc = ?2 order by o.started_at, o.doc limit 1";

fn neighbour(
    connection: &Connection,
    org: OrgId,
    visit: DocId,
    sql: &str,
) -> Result<Option<DocId>, StorageError> {
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![org.as_bytes(), visit.as_bytes()], |row| id(row, 0, DocId::from_bytes))
        .optional()?)
}
