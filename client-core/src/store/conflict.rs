//! What people wrote without seeing each other, as screens list it.
//!
//! Computed from a document's history whenever the document is written, and from
//! nothing else: rebuilding gives the same rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::types::Value;
use rusqlite::{Connection, named_params, params};
use serde::{Deserialize, Serialize};

use super::query::{LARGEST_PAGE, Page, PageToken, cut};
use super::{StoreError, alias, outbox};
use crate::docs::{Conflict, ConflictLabel, ConflictValue, DocKind, Document};
use crate::id::{ActorId, DocId, UserId};
use crate::time::Timestamp;

/// One field that several people wrote at the same time, or one of several fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictEntry {
    /// The document.
    pub doc: DocId,
    /// Its kind.
    pub kind: DocKind,
    /// The customer it is about, as lists show it.
    pub customer: Option<DocId>,
    /// Same field, or different ones.
    pub label: ConflictLabel,
    /// The field, for example `about/name`.
    pub field: String,
    /// The latest of the times at which one of the values was written.
    pub at: Timestamp,
    /// The values, the one that shows first.
    pub values: Vec<WrittenValue>,
}

/// One of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenValue {
    /// The value, its actor, its change and its time.
    pub written: ConflictValue,
    /// Who it was, by the device records; unknown for the server and for a device
    /// that has not been heard of here.
    pub author: Option<UserId>,
}

/// Which conflicts; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictQuery {
    /// Same field, or different ones.
    pub label: ConflictLabel,
    /// Only of this document.
    pub doc: Option<DocId>,
    /// Rows wanted, at most 200.
    pub limit: u32,
    /// Where the previous page ended.
    pub after: Option<PageToken>,
}

impl Default for ConflictQuery {
    fn default() -> Self {
        Self { label: ConflictLabel::Conflict, doc: None, limit: 50, after: None }
    }
}

#[derive(Serialize, Deserialize)]
struct Body {
    values: Vec<ConflictValue>,
}

/// Writes the rows of a document.
pub(super) fn put(conn: &Connection, document: &Document) -> Result<(), StoreError> {
    let doc = document.header().doc;
    remove(conn, doc)?;
    // Walking a history that is odd in a way nobody has seen must not stop a page.
    let found = catch_unwind(AssertUnwindSafe(|| document.written_concurrently()));
    for Conflict { label, path, values } in found.unwrap_or_default() {
        let at = values.iter().map(|value| value.at).max().unwrap_or_default();
        let mut body = Vec::new();
        // Writing to memory cannot fail, and every value has a CBOR form.
        let written = ciborium::into_writer(&Body { values }, &mut body);
        debug_assert!(written.is_ok());
        conn.prepare_cached(
            "insert into conflict (doc, field, label, at, body) values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![doc.as_bytes(), path, label.as_str(), at.millis(), body])?;
    }
    Ok(())
}

/// Removes the rows of a document.
pub(super) fn remove(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    conn.prepare_cached("delete from conflict where doc = ?1")?.execute(params![doc.as_bytes()])?;
    Ok(())
}

/// A page of conflicts.
pub(crate) fn page(
    conn: &Connection,
    query: &ConflictQuery,
) -> Result<Page<ConflictEntry>, StoreError> {
    let limit = query.limit.clamp(1, LARGEST_PAGE);
    let (key, after, field) = match query.after.as_ref().and_then(PageToken::place) {
        Some((at, doc, field)) => (at, Value::from(doc.as_bytes().to_vec()), field),
        None => (i64::MAX, Value::from(vec![0xff; 17]), String::new()),
    };
    let doc: Option<Vec<u8>> = query.doc.map(|doc| doc.as_bytes().to_vec());
    let mut statement = conn.prepare_cached(
        "select c.doc, d.kind, v.customer, coalesce(e.customer, k.customer), c.label, c.field, c.at, c.body
         from conflict c join doc d on d.id = c.doc
         left join visit v on v.doc = c.doc
         left join deal e on e.doc = c.doc
         left join case_row k on k.doc = c.doc
         where c.label = :label and (c.at, c.doc, c.field) < (:at, :after, :field)
           and (:doc is null or c.doc = :doc)
         order by c.at desc, c.doc desc, c.field desc limit :limit",
    )?;
    let mut rows = statement.query(named_params! {
        ":label": query.label.as_str(),
        ":at": key,
        ":after": after,
        ":field": field,
        ":doc": doc,
        ":limit": i64::from(limit + 1),
    })?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entry(conn, row)?);
    }
    Ok(cut(found, limit, |entry| {
        PageToken::placed(entry.at.millis(), entry.doc, entry.field.clone())
    }))
}

fn entry(conn: &Connection, row: &rusqlite::Row<'_>) -> Result<ConflictEntry, StoreError> {
    let damaged = |what: &str| StoreError::damaged("conflict", what.to_owned());
    let doc = outbox::doc_id(&row.get::<_, Vec<u8>>(0)?)?;
    let kind = DocKind::parse(&row.get::<_, String>(1)?).ok_or_else(|| damaged("no kind"))?;
    let of_visit: Option<Vec<u8>> = row.get(2)?;
    let of_deal: Option<Vec<u8>> = row.get(3)?;
    let customer = match kind {
        DocKind::Customer => Some(doc),
        _ => of_visit.or(of_deal).as_deref().map(outbox::doc_id).transpose()?,
    };
    let body: Vec<u8> = row.get(7)?;
    let body: Body = ciborium::from_reader(body.as_slice())
        .map_err(|error| StoreError::damaged("conflict", error.to_string()))?;
    let mut values = Vec::with_capacity(body.values.len());
    for written in body.values {
        values.push(WrittenValue { author: author(conn, written.actor)?, written });
    }
    Ok(ConflictEntry {
        doc,
        kind,
        customer: customer.map(|customer| alias::shown_as(conn, customer)).transpose()?,
        label: ConflictLabel::parse(&row.get::<_, String>(4)?)
            .ok_or_else(|| damaged("no label"))?,
        field: row.get(5)?,
        at: Timestamp::from_millis(row.get(6)?),
        values,
    })
}

/// Whose device an actor is.
fn author(conn: &Connection, actor: ActorId) -> Result<Option<UserId>, StoreError> {
    use crate::records::{Record, RecordKind};
    let devices = super::record::all(conn, RecordKind::Device)?;
    Ok(devices.into_iter().find_map(|record| match record {
        Record::Device(device) if device.actor == actor => Some(device.user),
        _ => None,
    }))
}
