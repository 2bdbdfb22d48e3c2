//! What people wrote without seeing each other, as a list.

use client_core::docs::{Conflict, ConflictLabel, DocKind};
use client_core::id::{DocId, OrgId, UserId};
use client_core::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::codec::{corrupt, id, optional_id, scope_key, time};
use crate::storage::StorageError;
use crate::storage::model::{ConflictAsk, ConflictRow, DocCommit};

/// Writes the rows of a document as it stands after a commit.
pub(super) fn write(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<(), StorageError> {
    let doc = commit.header.doc;
    connection
        .prepare_cached("delete from conflict where org = ?1 and doc = ?2")?
        .execute(params![org.as_bytes(), doc.as_bytes()])?;
    for conflict in &commit.conflicts {
        let at = conflict.values.iter().map(|value| value.at).max().unwrap_or_default();
        let mut body = Vec::new();
        ciborium::into_writer(conflict, &mut body)
            .map_err(|error| corrupt("conflict", error.to_string()))?;
        connection
            .prepare_cached(
                "insert into conflict (org, doc, field, label, at, body)
                 values (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                org.as_bytes(),
                doc.as_bytes(),
                conflict.path,
                conflict.label.as_str(),
                at.millis(),
                body
            ])?;
    }
    Ok(())
}

pub(super) const ORDER: &str = " order by c.at desc, c.doc desc, c.field desc limit ? offset ?";

/// The query for what is asked, without its order and end.
pub(super) fn wanted(org: OrgId, ask: &ConflictAsk) -> (String, Vec<Value>) {
    let mut sql = "select c.doc, d.kind, d.author, coalesce(a.root, d.customer), c.at, c.body
         from conflict c join doc d on d.org = c.org and d.doc = c.doc
         left join alias a on a.org = d.org and a.doc = d.customer
         where c.org = ? and c.label = ?"
        .to_owned();
    let mut values: Vec<Value> =
        vec![Value::Blob(org.as_bytes().to_vec()), ask.label.as_str().to_owned().into()];
    if let Some(doc) = ask.doc {
        sql.push_str(" and c.doc = ?");
        values.push(Value::Blob(doc.as_bytes().to_vec()));
    }
    if let Some(kind) = ask.kind {
        sql.push_str(" and d.kind = ?");
        values.push(kind.as_str().to_owned().into());
    }
    if let Some(scopes) = &ask.within {
        let marks = vec!["?"; scopes.len()].join(", ");
        sql.push_str(&format!(
            " and exists (select 1 from member m
                  where m.org = c.org and m.doc = c.doc and m.scope in ({marks}))"
        ));
        values.extend(scopes.iter().map(|scope| Value::Blob(scope_key(*scope))));
    }
    (sql, values)
}

/// Newest first.
pub(super) fn find(
    connection: &Connection,
    org: OrgId,
    ask: &ConflictAsk,
) -> Result<Vec<ConflictRow>, StorageError> {
    let (mut sql, mut values) = wanted(org, ask);
    sql.push_str(ORDER);
    values.push(Value::Integer(ask.window.limit.into()));
    values.push(Value::Integer(i64::try_from(ask.window.offset).unwrap_or(i64::MAX)));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &rusqlite::Row<'_>) -> Result<ConflictRow, StorageError> {
    let body: Vec<u8> = row.get(5)?;
    let kind: String = row.get(1)?;
    let conflict: Conflict = ciborium::from_reader(body.as_slice())
        .map_err(|error| corrupt("conflict", error.to_string()))?;
    let at: Timestamp = time(row, 4)?;
    let customer: Option<DocId> = optional_id(row, 3, DocId::from_bytes)?;
    debug_assert!(ConflictLabel::parse(conflict.label.as_str()).is_some());
    Ok(ConflictRow {
        doc: id(row, 0, DocId::from_bytes)?,
        kind: DocKind::parse(&kind).ok_or_else(|| corrupt("document", format!("kind {kind}")))?,
        author: id(row, 2, UserId::from_bytes)?,
        customer,
        at,
        conflict,
    })
}
