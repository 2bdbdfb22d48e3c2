use rusqlite::types::Value;
use rusqlite::{Connection, Row, named_params};

use super::{LARGEST_PAGE, Page, PageToken, cut, doc, heads, merged, optional_doc, user};
use crate::docs::deal::DealState;
use crate::docs::{DocKind, Fault, Heads};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias, outbox};
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
    let limit = query.limit.clamp(1, LARGEST_PAGE);
    let after = PageToken::values(query.after.as_ref());
    let query =
        DealQuery { after: query.after.clone().filter(|_token| after.is_some()), ..query.clone() };
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
    if let Some(stage) = &query.stage {
        named.push((":stage", stage.clone().into()));
    }
    let params: Vec<(&str, &dyn rusqlite::ToSql)> =
        named.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect();
    let entries = collect(conn, &sql(&query, merged.len()), params.as_slice())?;
    Ok(cut(entries, limit, |entry| PageToken::number(entry.created_at.millis(), entry.id)))
}

/// One deal.
pub(crate) fn deal(conn: &Connection, id: DocId) -> Result<Option<DealEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from deal d where d.doc = :doc");
    Ok(collect(conn, &sql, named_params! { ":doc": id.as_bytes() })?.into_iter().next())
}

fn collect(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<DealEntry>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(conn, row)?);
    }
    Ok(entries)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<DealEntry, StoreError> {
    let id = doc(row, 0)?;
    let body: Vec<u8> = row.get(5)?;
    let (state, faults) = match DocState::decode(DocKind::Deal, &body) {
        Ok(DocState::Deal(hydrated)) => (hydrated.value, hydrated.faults),
        Ok(_) => return Err(StoreError::damaged("deal", "another kind of row")),
        Err(error) => return Err(StoreError::damaged("deal", error)),
    };
    Ok(DealEntry {
        id,
        customer: optional_doc(row, 1)?,
        author: user(row, 2)?,
        created_at: Timestamp::from_millis(row.get(3)?),
        state,
        faults,
        heads: heads(row, 4)?,
        status: outbox::status(conn, id)?,
    })
}
