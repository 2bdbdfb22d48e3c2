//! Visits that were logged at the wrong customer.
//!
//! The header of a document never changes; a record says at whom the visit was. So the
//! row that lists and rules read holds the customer of the record, and that of the header
//! again as soon as the move is taken back.

use rusqlite::{Connection, params};

use super::{StoreError, document, record};
use crate::docs::{DocKind, Header};
use crate::id::{DocId, RecordId};
use crate::records::{Record, RecordKind};

/// At whom a document was, or about whom it is.
pub(super) fn customer(conn: &Connection, header: &Header) -> Result<Option<DocId>, StoreError> {
    if header.kind != DocKind::Visit {
        return Ok(header.customer);
    }
    let id = RecordId::from_bytes(*header.doc.as_bytes());
    Ok(match record::get(conn, RecordKind::Moved, id)? {
        Some(Record::Moved(moved)) if moved.in_force() => Some(moved.customer),
        _ => header.customer,
    })
}

/// Brings the row of a visit up to what the records say, if it is here.
pub(super) fn follow(conn: &Connection, visit: DocId) -> Result<(), StoreError> {
    let Some(header) = document::header(conn, visit)? else { return Ok(()) };
    let customer = customer(conn, &header)?;
    conn.prepare_cached("update visit set customer = ?2 where doc = ?1")?
        .execute(params![visit.as_bytes(), customer.as_ref().map(DocId::as_bytes)])?;
    Ok(())
}
