//! What rules read: the narrow parts of rows, from indexes alone.

use rusqlite::{Connection, Row, params};

use super::{doc, heads, optional_doc, user};
use crate::docs::deal::DealState;
use crate::docs::{DocKind, Heads, Hydrated};
use crate::id::{DocId, UserId};
use crate::projection::{DocState, narrow};
use crate::rules::facts::{CustomerSeen, VisitFact};
use crate::store::StoreError;
use crate::time::Timestamp;

pub(super) const VISITS: &str = "select doc, author, customer, heads, fact from visit
     where at >= ?1 and at < ?2 order by at, doc";
pub(super) const CUSTOMERS: &str =
    "select doc, author, heads, fact from customer order by created_at, doc";

/// Every visit that began in `[from, until)`, as the rules see it.
pub(crate) fn visit_facts(
    conn: &Connection,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<VisitFact>, StoreError> {
    let mut statement = conn.prepare_cached(VISITS)?;
    let mut rows = statement.query(params![from.millis(), until.millis()])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        let fact = narrow::decode_visit(
            doc(row, 0)?,
            user(row, 1)?,
            optional_doc(row, 2)?,
            heads(row, 3)?,
            narrow_part(row, 4)?,
        );
        facts.push(fact.map_err(|error| StoreError::damaged("visit", error))?);
    }
    Ok(facts)
}

/// Every customer here, as the rules see it.
pub(crate) fn customers_seen(conn: &Connection) -> Result<Vec<CustomerSeen>, StoreError> {
    let mut statement = conn.prepare_cached(CUSTOMERS)?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let customer = narrow::decode_customer(
            doc(row, 0)?,
            user(row, 1)?,
            heads(row, 2)?,
            narrow_part(row, 3)?,
        );
        seen.push(customer.map_err(|error| StoreError::damaged("customer", error))?);
    }
    Ok(seen)
}

/// Absent only in rows of an older form, which are rebuilt when the file is opened.
fn narrow_part<'a>(row: &'a Row<'_>, index: usize) -> Result<&'a [u8], StoreError> {
    let part = row.get_ref(index)?.as_blob_or_null();
    Ok(part.map_err(rusqlite::Error::from)?.unwrap_or_default())
}

/// A deal as rules read it.
pub(crate) struct DealSeen {
    pub doc: DocId,
    pub customer: Option<DocId>,
    pub author: UserId,
    pub heads: Heads,
    pub state: Hydrated<DealState>,
}

/// Every deal here, by id.
pub(crate) fn all_deals(conn: &Connection) -> Result<Vec<DealSeen>, StoreError> {
    let mut statement =
        conn.prepare_cached("select doc, customer, author, heads, body from deal order by doc")?;
    let mut rows = statement.query([])?;
    let mut deals = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(4)?;
        let state = match DocState::decode(DocKind::Deal, &body) {
            Ok(DocState::Deal(state)) => state,
            Ok(_) => return Err(StoreError::damaged("deal", "another kind of row")),
            Err(error) => return Err(StoreError::damaged("deal", error)),
        };
        deals.push(DealSeen {
            doc: doc(row, 0)?,
            customer: optional_doc(row, 1)?,
            author: user(row, 2)?,
            heads: heads(row, 3)?,
            state,
        });
    }
    Ok(deals)
}
