use rusqlite::{Connection, Row};

use super::listed::{Bound, Listed, another_kind, one};
use super::{Page, PageToken};
use crate::docs::deal::DealState;
use crate::docs::{DocKind, Fault, Heads, Hydrated};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias};
use crate::time::Timestamp;

/// A lead or opportunity as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealEntry {
    /// The deal.
    pub id: DocId,
    /// With whom.
    pub customer: Option<DocId>,
    /// Who made it.
    pub author: UserId,
    /// When it was made, by the phone's clock.
    pub created_at: Timestamp,
    /// What the document says.
    pub state: DealState,
    /// What of it could not be read.
    pub faults: Vec<Fault>,
    /// The heads it was read at.
    pub heads: Heads,
    /// How far the edits made here have come.
    pub status: ItemStatus,
}

/// Which deals; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealQuery {
    /// Only with this customer.
    pub customer: Option<DocId>,
    /// Only in this stage.
    pub stage: Option<String>,
    /// Only those neither won nor lost.
    pub open: bool,
    /// Rows wanted, at most 200.
    pub limit: u32,
    /// Where the previous page ended.
    pub after: Option<PageToken>,
}

impl Default for DealQuery {
    fn default() -> Self {
        Self { customer: None, stage: None, open: false, limit: 50, after: None }
    }
}

const COLUMNS: &str = "d.doc, d.customer, d.author, d.created_at, d.heads, d.body";

pub(super) fn sql(query: &DealQuery, merged: usize) -> String {
    let mut sql = format!("select {COLUMNS} from deal d where true");
    if query.customer.is_some() {
        sql.push_str(&alias::condition("d.customer", merged));
    }
    for (wanted, condition) in [
        (query.after.is_some(), " and (d.created_at, d.doc) < (:key, :doc)"),
        (query.stage.is_some() && query.customer.is_none(), " and d.stage = :stage"),
        (query.stage.is_some() && query.customer.is_some(), " and +d.stage = :stage"),
        (query.open, " and d.outcome is null"),
    ] {
        if wanted {
            sql.push_str(condition);
        }
    }
    sql.push_str(" order by d.created_at desc, d.doc desc limit :limit");
    sql
}

/// A page of deals.
pub(crate) fn deals(conn: &Connection, query: &DealQuery) -> Result<Page<DealEntry>, StoreError> {
    let mut bound = Bound::page(conn, query.limit, query.after.as_ref(), query.customer)?;
    let query =
        DealQuery { after: query.after.clone().filter(|_token| bound.goes_on), ..query.clone() };
    if let Some(stage) = &query.stage {
        bound.put(":stage", stage.clone());
    }
    let sql = sql(&query, bound.merged);
    bound.rows(conn, &sql, entry, |entry| (entry.created_at, entry.id))
}

/// One deal.
pub(crate) fn deal(conn: &Connection, id: DocId) -> Result<Option<DealEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from deal d where d.doc = :doc");
    one(conn, &sql, id, entry)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<DealEntry, StoreError> {
    let Listed { id, customer, author, at, state, heads, status } =
        Listed::read(conn, row, DocKind::Deal)?;
    let DocState::Deal(Hydrated { value: state, faults }) = state else {
        return Err(another_kind(DocKind::Deal));
    };
    Ok(DealEntry { id, customer, author, created_at: at, state, faults, heads, status })
}
