//! What the rows of a document should be, written beside what they are.
//!
//! Temporary tables of the same names stand before the real ones, so the very function
//! that writes rows in a commit writes here, and comparing is a join. They are this
//! connection's alone and never touch the file.

use client_core::docs::{DocKind, Document};
use client_core::id::{DeviceId, DocId, OrgId, ReplicaId};
use client_core::projection::DocState;
use client_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::super::codec::id;
use super::super::{conflicts, rows};
use crate::storage::StorageError;
use crate::storage::model::{DocCommit, Origin};

/// Columns that no document says: what the last scorecard said of it.
const FROM_CARDS: [&str; 2] = ["verdict", "reasons"];

fn tables() -> impl Iterator<Item = &'static str> {
    DocKind::ALL.into_iter().map(rows::table)
}

/// Puts the temporary tables before the real ones.
pub(super) fn make(connection: &Connection) -> Result<(), StorageError> {
    for table in tables() {
        connection.execute_batch(&format!(
            "create temp table {table} as select * from main.{table} where false;
             create unique index temp.{table}_key on {table} (org, doc);"
        ))?;
    }
    connection.execute_batch(
        "create temp table conflict as select * from main.conflict where false;
         create unique index temp.conflict_key on conflict (org, doc, field);
         create temp table examined (org blob not null, doc blob not null);",
    )?;
    Ok(())
}

/// Writes what a document's rows should be.
pub(super) fn write(
    connection: &Connection,
    org: OrgId,
    document: &Document,
    received_at: Timestamp,
) -> Result<(), StorageError> {
    let header = *document.header();
    let origin = Origin {
        user: header.author,
        device: DeviceId::from_bytes([0; 16]),
        replica: ReplicaId::from_bytes([0; 16]),
    };
    let commit = DocCommit {
        header,
        expected: 0,
        changes: Vec::new(),
        heads: document.heads(),
        snapshot: Vec::new(),
        operations: 0,
        state: DocState::read(document),
        origin,
        at: received_at,
        conflicts: document.written_concurrently(),
        placement: None,
    };
    connection
        .prepare_cached("insert into temp.examined (org, doc) values (?1, ?2)")?
        .execute(params![org.as_bytes(), header.doc.as_bytes()])?;
    conflicts::write(connection, org, &commit)?;
    rows::write(connection, org, &commit)
}

/// Columns that a document says.
fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, StorageError> {
    let mut statement = connection.prepare(&format!("pragma main.table_info({table})"))?;
    let names = statement.query_map([], |row| row.get::<_, String>(1))?;
    let names = names.collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().filter(|name| !FROM_CARDS.contains(&name.as_str())).collect())
}

/// What a merged customer is found by is made of several documents, and their merge
/// wrote it: it is taken as it is.
fn found_as_merged(connection: &Connection) -> Result<(), StorageError> {
    connection.execute(
        "update temp.customer_row as s
         set find = (select m.find from main.customer_row m where m.org = s.org and m.doc = s.doc)
         where exists (select 1 from alias a where a.org = s.org and s.doc in (a.doc, a.root))",
        [],
    )?;
    Ok(())
}

/// The documents whose real row is missing or another, among those written here.
pub(super) fn differing(connection: &Connection) -> Result<Vec<DocId>, StorageError> {
    found_as_merged(connection)?;
    let mut found = Vec::new();
    for table in tables() {
        let unlike: Vec<String> = columns(connection, table)?
            .iter()
            .map(|column| format!("s.{column} is not m.{column}"))
            .collect();
        let sql = format!(
            "select s.doc from temp.{table} s
             left join main.{table} m on m.org = s.org and m.doc = s.doc
             where {}",
            unlike.join(" or ")
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let docs = statement.query_map([], |row| id(row, 0, DocId::from_bytes))?;
        found.extend(docs.collect::<Result<Vec<_>, _>>()?);
    }
    let mut statement = connection.prepare_cached(
        "select e.doc from temp.examined e join main.conflict m on m.org = e.org and m.doc = e.doc
         left join temp.conflict s on s.org = m.org and s.doc = m.doc and s.field = m.field
         where s.doc is null or s.label is not m.label or s.at is not m.at or s.body is not m.body
         union
         select s.doc from temp.conflict s
         left join main.conflict m on m.org = s.org and m.doc = s.doc and m.field = s.field
         where m.doc is null",
    )?;
    let docs = statement.query_map([], |row| id(row, 0, DocId::from_bytes))?;
    found.extend(docs.collect::<Result<Vec<_>, _>>()?);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Puts what is here into the place of what differs.
pub(super) fn put(
    connection: &Connection,
    org: OrgId,
    kind: DocKind,
    doc: DocId,
) -> Result<(), StorageError> {
    let table = rows::table(kind);
    connection.execute(
        &format!("delete from main.{table} where org = ?1 and doc = ?2"),
        params![org.as_bytes(), doc.as_bytes()],
    )?;
    let columns = columns(connection, table)?.join(", ");
    connection.execute(
        &format!(
            "insert into main.{table} ({columns})
             select {columns} from temp.{table} where org = ?1 and doc = ?2"
        ),
        params![org.as_bytes(), doc.as_bytes()],
    )?;
    for sql in [
        "delete from main.conflict where org = ?1 and doc = ?2",
        "insert into main.conflict (org, doc, field, label, at, body)
             select org, doc, field, label, at, body from temp.conflict where org = ?1 and doc = ?2",
    ] {
        connection.execute(sql, params![org.as_bytes(), doc.as_bytes()])?;
    }
    Ok(())
}

/// Makes room for the next documents.
pub(super) fn clear(connection: &Connection) -> Result<(), StorageError> {
    for table in tables() {
        connection.execute(&format!("delete from temp.{table}"), [])?;
    }
    connection.execute_batch("delete from temp.conflict; delete from temp.examined;")?;
    Ok(())
}
