use rusqlite::{Connection, Row};

use super::listed::{Bound, Listed, another_kind, collect, one};
use super::{Page, PageToken};
use crate::docs::case::{CaseKind, CaseState};
use crate::docs::{DocKind, Fault, Heads, Hydrated};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias};
use crate::time::Timestamp;

/// A complaint, enquiry or survey as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEntry {
    /// The case.
    pub id: DocId,
    /// Whose it is about.
    pub customer: Option<DocId>,
    /// Who noted it.
    pub author: UserId,
    /// When the customer brought it.
    pub opened_at: Timestamp,
    /// What the document says.
    pub state: CaseState,
    /// What of it could not be read.
    pub faults: Vec<Fault>,
    /// The heads it was read at.
    pub heads: Heads,
    /// How far the edits made here have come.
    pub status: ItemStatus,
}

/// Which cases; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseQuery {
    /// Only of this customer.
    pub customer: Option<DocId>,
    /// Only of this kind.
    pub kind: Option<CaseKind>,
    /// Only those that are not resolved.
    pub open: bool,
    /// Rows wanted, at most 200.
    pub limit: u32,
    /// Where the previous page ended.
    pub after: Option<PageToken>,
}

impl Default for CaseQuery {
    fn default() -> Self {
        Self { customer: None, kind: None, open: false, limit: 50, after: None }
    }
}

const COLUMNS: &str = "c.doc, c.customer, c.author, c.opened_at, c.heads, c.body";

pub(super) fn sql(query: &CaseQuery, merged: usize) -> String {
    let mut sql = format!("select {COLUMNS} from case_row c where true");
    if query.customer.is_some() {
        sql.push_str(&alias::condition("c.customer", merged));
    }
    for (wanted, condition) in [
        (query.after.is_some(), " and (c.opened_at, c.doc) < (:key, :doc)"),
        (query.kind.is_some(), " and c.kind = :kind"),
        (query.open, " and c.resolved_at is null"),
    ] {
        if wanted {
            sql.push_str(condition);
        }
    }
    sql.push_str(" order by c.opened_at desc, c.doc desc limit :limit");
    sql
}

/// A page of cases.
pub(crate) fn cases(conn: &Connection, query: &CaseQuery) -> Result<Page<CaseEntry>, StoreError> {
    let mut bound = Bound::page(conn, query.limit, query.after.as_ref(), query.customer)?;
    let query =
        CaseQuery { after: query.after.clone().filter(|_token| bound.goes_on), ..query.clone() };
    if let Some(kind) = &query.kind {
        bound.put(":kind", kind.as_str().to_owned());
    }
    let sql = sql(&query, bound.merged);
    bound.rows(conn, &sql, entry, |entry| (entry.opened_at, entry.id))
}

/// Every case here, by id.
pub(crate) fn all_cases(conn: &Connection) -> Result<Vec<CaseEntry>, StoreError> {
    collect(conn, &format!("select {COLUMNS} from case_row c order by c.doc"), &[], entry)
}

/// One case.
pub(crate) fn case(conn: &Connection, id: DocId) -> Result<Option<CaseEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from case_row c where c.doc = :doc");
    one(conn, &sql, id, entry)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<CaseEntry, StoreError> {
    let Listed { id, customer, author, at, state, heads, status } =
        Listed::read(conn, row, DocKind::Case)?;
    let DocState::Case(Hydrated { value: state, faults }) = state else {
        return Err(another_kind(DocKind::Case));
    };
    Ok(CaseEntry { id, customer, author, opened_at: at, state, faults, heads, status })
}
