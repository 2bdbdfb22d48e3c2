//! What the manager's pages read.
//!
//! Each query is an indexed range or a handful of keys: a page must cost the
//! same whether the org holds a thousand visits or a million.

use client_core::id::{DocId, OrgId, UserId};
use client_core::records::Tier;
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{id, optional_id, optional_time};
use super::{SqliteStorage, records, rows};
use crate::storage::model::{
    self, CustomerList, CustomerListQuery, CustomerListRow, RecordRow, VisitNeighbours,
};
use crate::storage::{Boards, StorageError};

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

    async fn find_customers(
        &self,
        org: OrgId,
        query: CustomerListQuery,
    ) -> Result<CustomerList, StorageError> {
        self.read(move |connection| find_customers(connection, org, &query)).await
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

/// `?2` is a JSON list of owners in hexadecimal, or null for everybody.
const MATCHES: &str = "from customer_row r
     left join holding h on h.org = r.org and h.doc = r.doc
     where r.org = ?1
       and (?2 is null or hex(h.owner) in (select value from json_each(?2)))
       and (?3 = '' or r.name like ?3 escape '\\' or r.region like ?3 escape '\\'
            or r.industry like ?3 escape '\\')";

fn find_customers(
    connection: &Connection,
    org: OrgId,
    query: &CustomerListQuery,
) -> Result<CustomerList, StorageError> {
    let owners = query.owners.as_ref().map(|owners| {
        let hex = owners.iter().map(|owner| data_encoding::HEXUPPER.encode(owner.as_bytes()));
        serde_json::Value::from(hex.collect::<Vec<_>>()).to_string()
    });
    let pattern = like(&query.text);
    let all: i64 = connection
        .prepare_cached(&format!("select count(*) {MATCHES}"))?
        .query_row(params![org.as_bytes(), owners, pattern], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(&format!(
        "select r.doc, r.name, r.industry, h.owner, h.tier,
             (select max(v.started_at) from visit_row v
              where v.org = r.org and v.customer = r.doc)
         {MATCHES} order by r.name collate nocase, r.doc limit ?4 offset ?5"
    ))?;
    let wanted = params![org.as_bytes(), owners, pattern, query.limit, query.offset];
    let rows = statement.query_map(wanted, customer)?.collect::<Result<_, _>>()?;
    Ok(CustomerList { all: usize::try_from(all).unwrap_or(0), rows })
}

fn customer(row: &Row<'_>) -> rusqlite::Result<CustomerListRow> {
    let tier: Option<String> = row.get(4)?;
    Ok(CustomerListRow {
        doc: id(row, 0, DocId::from_bytes)?,
        name: row.get(1)?,
        industry: row.get(2)?,
        owner: optional_id(row, 3, UserId::from_bytes)?,
        tier: tier.as_deref().and_then(Tier::parse),
        last_visit: optional_time(row, 5)?,
    })
}

/// A pattern that finds `text` anywhere; empty for everything.
fn like(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_a_percent_sign_finds_percent_signs() {
        assert_eq!(like("  "), "");
        assert_eq!(like("a_b"), "%a\\_b%");
        assert_eq!(like("100%"), "%100\\%%");
    }
}
