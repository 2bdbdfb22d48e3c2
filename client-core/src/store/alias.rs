//! Customers that are one, as lists look them up.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, outbox, record};
use crate::id::DocId;
use crate::records::{Aliases, Record, RecordKind};

/// The merges in force.
pub(crate) fn all(conn: &Connection) -> Result<Aliases, StoreError> {
    let records = record::all(conn, RecordKind::Alias)?;
    Ok(Aliases::of(records.iter().filter_map(|record| match record {
        Record::Alias(alias) => Some(alias),
        _ => None,
    })))
}

/// Brings the table up to what the records say. There are few of them, and one may
/// move the end of every chain.
pub(super) fn refresh(conn: &Connection) -> Result<(), StoreError> {
    conn.prepare_cached("delete from alias")?.execute([])?;
    let mut insert = conn.prepare_cached("insert into alias (doc, root) values (?1, ?2)")?;
    for (doc, root) in all(conn)?.iter() {
        insert.execute(params![doc.as_bytes(), root.as_bytes()])?;
    }
    Ok(())
}

/// A merged customer is not listed where the one that stands for it is here.
pub(super) const SHOWN: &str = "not exists (select 1 from alias a
     join customer stands on stands.doc = a.root where a.doc = c.doc)";

/// The customer under which a hit `s` of a search is shown.
pub(super) const SHOWN_AS: &str = "coalesce((select a.root from alias a
     join customer stands on stands.doc = a.root where a.doc = s.doc), s.doc)";

/// The customer under which this one is shown here.
pub(crate) fn shown_as(conn: &Connection, customer: DocId) -> Result<DocId, StoreError> {
    Ok(merged_into(conn, customer)?.unwrap_or(customer))
}

/// The customer that stands for this one, if it is another and is here.
pub(crate) fn merged_into(conn: &Connection, customer: DocId) -> Result<Option<DocId>, StoreError> {
    let found: Option<Vec<u8>> = conn
        .prepare_cached(
            "select a.root from alias a join customer stands on stands.doc = a.root
             where a.doc = ?1",
        )?
        .query_row(params![customer.as_bytes()], |row| row.get(0))
        .optional()?;
    found.as_deref().map(outbox::doc_id).transpose()
}

/// Customers that this one stands for besides itself.
pub(crate) fn merged(conn: &Connection, customer: DocId) -> Result<Vec<DocId>, StoreError> {
    let mut statement =
        conn.prepare_cached("select doc from alias where root = ?1 order by doc")?;
    let rows = statement.query_map(params![customer.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| outbox::doc_id(&row?)).collect()
}

/// `= :customer`, or with merged customers a list of all their parameters, which are
/// named `:customer`, `:also0`, `:also1` and so on.
pub(super) fn condition(column: &str, merged: usize) -> String {
    if merged == 0 {
        return format!(" and {column} = :customer");
    }
    let also: Vec<String> = (0..merged).map(|n| format!(", :also{n}")).collect();
    format!(" and {column} in (:customer{})", also.concat())
}
