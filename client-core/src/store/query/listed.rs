//! What the lists of visits, deals and cases have in common.
//!
//! Each is a page of rows of one kind, newest first, of one customer or of all. A row
//! begins with the same six columns; what is read from it beside them is its document.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, named_params};

use super::{LARGEST_PAGE, Page, PageToken, cut, doc, heads, optional_doc, user};
use crate::docs::{DocKind, Heads};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias, outbox};
use crate::time::Timestamp;

/// What a list binds to its statement.
pub(super) struct Bound {
    values: Vec<(String, Value)>,
    /// Rows of the page.
    limit: u32,
    /// Whether the page begins behind another one.
    pub(super) goes_on: bool,
    /// Customers that the one asked for stands for besides itself.
    pub(super) merged: usize,
}

impl Bound {
    /// A page of `limit` rows behind `after`, of one customer or of all.
    pub(super) fn page(
        conn: &Connection,
        limit: u32,
        after: Option<&PageToken>,
        customer: Option<DocId>,
    ) -> Result<Self, StoreError> {
        let limit = limit.clamp(1, LARGEST_PAGE);
        let mut bound = Self { values: Vec::new(), limit, goes_on: false, merged: 0 };
        bound.put(":limit", i64::from(limit + 1));
        if let Some((key, doc)) = PageToken::values(after) {
            bound.goes_on = true;
            bound.put(":key", key);
            bound.put(":doc", doc);
        }
        if let Some(customer) = customer {
            bound.put(":customer", customer.as_bytes().to_vec());
            for (n, doc) in alias::merged(conn, customer)?.into_iter().enumerate() {
                bound.put(format!(":also{n}"), doc.as_bytes().to_vec());
                bound.merged += 1;
            }
        }
        Ok(bound)
    }

    pub(super) fn put(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.push((name.into(), value.into()));
    }

    /// The page that `sql` finds.
    pub(super) fn rows<T>(
        &self,
        conn: &Connection,
        sql: &str,
        read: impl Fn(&Connection, &Row<'_>) -> Result<T, StoreError>,
        key: impl Fn(&T) -> (Timestamp, DocId),
    ) -> Result<Page<T>, StoreError> {
        let named = |(name, value)| -> (&str, &dyn ToSql) { (name, value) };
        let params: Vec<_> =
            self.values.iter().map(|(name, value)| named((name.as_str(), value))).collect();
        let items = collect(conn, sql, params.as_slice(), read)?;
        Ok(cut(items, self.limit, |item| {
            let (at, doc) = key(item);
            PageToken::number(at.millis(), doc)
        }))
    }
}

/// The one row that `sql` finds by `:doc`.
pub(super) fn one<T>(
    conn: &Connection,
    sql: &str,
    id: DocId,
    read: impl Fn(&Connection, &Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(collect(conn, sql, named_params! { ":doc": id.as_bytes() }, read)?.into_iter().next())
}

/// Every row that `sql` finds.
pub(super) fn collect<T>(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn ToSql)],
    read: impl Fn(&Connection, &Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(read(conn, row)?);
    }
    Ok(items)
}

/// The columns that every listed row begins with, in this order: document, customer,
/// author, time, heads, body.
pub(super) struct Listed {
    pub(super) id: DocId,
    pub(super) customer: Option<DocId>,
    pub(super) author: UserId,
    pub(super) at: Timestamp,
    pub(super) state: DocState,
    pub(super) heads: Heads,
    pub(super) status: ItemStatus,
}

impl Listed {
    pub(super) fn read(
        conn: &Connection,
        row: &Row<'_>,
        kind: DocKind,
    ) -> Result<Self, StoreError> {
        let id = doc(row, 0)?;
        let body: Vec<u8> = row.get(5)?;
        let state = DocState::decode(kind, &body)
            .map_err(|error| StoreError::damaged(kind.as_str(), error))?;
        Ok(Self {
            id,
            customer: optional_doc(row, 1)?,
            author: user(row, 2)?,
            at: Timestamp::from_millis(row.get(3)?),
            state,
            heads: heads(row, 4)?,
            status: outbox::status(conn, id)?,
        })
    }
}

/// The row's document is of another kind than its table.
pub(super) fn another_kind(kind: DocKind) -> StoreError {
    StoreError::damaged(kind.as_str(), "another kind of row")
}
