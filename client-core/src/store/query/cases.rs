use rusqlite::types::Value;
use rusqlite::{Connection, Row, named_params};

use super::{LARGEST_PAGE, Page, PageToken, cut, doc, heads, merged, optional_doc, user};
use crate::docs::case::{CaseKind, CaseState};
use crate::docs::{DocKind, Fault, Heads};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias, outbox};
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
    let limit = query.limit.clamp(1, LARGEST_PAGE);
    let after = PageToken::values(query.after.as_ref());
    let query =
        CaseQuery { after: query.after.clone().filter(|_token| after.is_some()), ..query.clone() };
    let mut named: Vec<(&str, Value)> = vec![(":limit", i64::from(limit + 1).into())];
    if let Some((key, doc)) = after {
        named.push((":key", key));
        named.push((":doc", doc));
    }
    let merged = merged(conn, query.customer)?;
    if let Some(customer) = query.customer {
        named.push((":customer", customer.as_bytes().to_vec().into()));
    }
    named.extend(merged.iter().map(|(name, value)| (name.as_str(), value.clone())));
    if let Some(kind) = &query.kind {
        named.push((":kind", kind.as_str().to_owned().into()));
    }
    let params: Vec<(&str, &dyn rusqlite::ToSql)> =
        named.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect();
    let entries = collect(conn, &sql(&query, merged.len()), params.as_slice())?;
    Ok(cut(entries, limit, |entry| PageToken::number(entry.opened_at.millis(), entry.id)))
}

/// Every case here, by id.
pub(crate) fn all_cases(conn: &Connection) -> Result<Vec<CaseEntry>, StoreError> {
    collect(conn, &format!("select {COLUMNS} from case_row c order by c.doc"), &[])
}

/// One case.
pub(crate) fn case(conn: &Connection, id: DocId) -> Result<Option<CaseEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from case_row c where c.doc = :doc");
    Ok(collect(conn, &sql, named_params! { ":doc": id.as_bytes() })?.into_iter().next())
}

fn collect(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<CaseEntry>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(conn, row)?);
    }
    Ok(entries)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<CaseEntry, StoreError> {
    let id = doc(row, 0)?;
    let body: Vec<u8> = row.get(5)?;
    let (state, faults) = match DocState::decode(DocKind::Case, &body) {
        Ok(DocState::Case(hydrated)) => (hydrated.value, hydrated.faults),
        Ok(_) => return Err(StoreError::damaged("case", "another kind of row")),
        Err(error) => return Err(StoreError::damaged("case", error)),
    };
    Ok(CaseEntry {
        id,
        customer: optional_doc(row, 1)?,
        author: user(row, 2)?,
        opened_at: Timestamp::from_millis(row.get(3)?),
        state,
        faults,
        heads: heads(row, 4)?,
        status: outbox::status(conn, id)?,
    })
}
