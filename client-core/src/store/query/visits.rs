use rusqlite::{Connection, OptionalExtension, Row, params};

use super::listed::{Bound, Listed, another_kind, one};
use super::{Page, PageToken};
use crate::docs::visit::VisitState;
use crate::docs::{DocKind, Fault, Heads, Hydrated};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::store::{ItemStatus, StoreError, alias, outbox};
use crate::time::Timestamp;

/// A visit as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitEntry {
    /// The visit.
    pub id: DocId,
    /// At whom.
    pub customer: Option<DocId>,
    /// Whose.
    pub author: UserId,
    /// When it began, by the phone's clock.
    pub at: Timestamp,
    /// What the document says.
    pub state: VisitState,
    /// What of it could not be read.
    pub faults: Vec<Fault>,
    /// The heads it was read at.
    pub heads: Heads,
    /// How far the edits made here have come.
    pub status: ItemStatus,
}

/// Which visits; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitQuery {
    /// Only at this customer.
    pub customer: Option<DocId>,
    /// Only by this person.
    pub author: Option<UserId>,
    /// Only those not submitted yet.
    pub drafts: bool,
    /// Only those that began at or after this instant.
    pub since: Option<Timestamp>,
    /// Only those that began before this instant.
    pub until: Option<Timestamp>,
    /// Rows wanted, at most 200.
    pub limit: u32,
    /// Where the previous page ended.
    pub after: Option<PageToken>,
}

impl Default for VisitQuery {
    fn default() -> Self {
        Self {
            customer: None,
            author: None,
            drafts: false,
            since: None,
            until: None,
            limit: 50,
            after: None,
        }
    }
}

const COLUMNS: &str = "v.doc, v.customer, v.author, v.at, v.heads, v.body";

pub(super) fn sql(query: &VisitQuery, merged: usize) -> String {
    let mut sql = format!("select {COLUMNS} from visit v where true");
    if query.customer.is_some() {
        sql.push_str(&alias::condition("v.customer", merged));
    }
    for (wanted, condition) in [
        (query.after.is_some(), " and (v.at, v.doc) < (:key, :doc)"),
        // The customer's index is the narrower one where both are asked.
        (query.author.is_some() && query.customer.is_none(), " and v.author = :author"),
        (query.author.is_some() && query.customer.is_some(), " and +v.author = :author"),
        (query.drafts, " and v.submitted_at is null"),
        (query.since.is_some(), " and v.at >= :since"),
        (query.until.is_some(), " and v.at < :until"),
    ] {
        if wanted {
            sql.push_str(condition);
        }
    }
    sql.push_str(" order by v.at desc, v.doc desc limit :limit");
    sql
}

/// A page of visits.
pub(crate) fn visits(
    conn: &Connection,
    query: &VisitQuery,
) -> Result<Page<VisitEntry>, StoreError> {
    let mut bound = Bound::page(conn, query.limit, query.after.as_ref(), query.customer)?;
    let query =
        VisitQuery { after: query.after.clone().filter(|_token| bound.goes_on), ..query.clone() };
    if let Some(author) = query.author {
        bound.put(":author", author.as_bytes().to_vec());
    }
    if let Some(since) = query.since {
        bound.put(":since", since.millis());
    }
    if let Some(until) = query.until {
        bound.put(":until", until.millis());
    }
    let sql = sql(&query, bound.merged);
    bound.rows(conn, &sql, entry, |entry| (entry.at, entry.id))
}

/// One visit.
pub(crate) fn visit(conn: &Connection, id: DocId) -> Result<Option<VisitEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from visit v where v.doc = :doc");
    one(conn, &sql, id, entry)
}

/// Left alone, SQLite goes through every visit of the author, because that index
/// has the order: 40 ms of a save where a phone holds 4,000.
pub(super) const OPEN: &str = "select doc from visit indexed by visit_open
     where open = 1 and author = ?1 and customer = ?2 order by at desc, doc desc limit 1";

/// The latest check-in of `author` at `customer` that waits for its check-out.
pub(crate) fn open_visit(
    conn: &Connection,
    author: UserId,
    customer: DocId,
) -> Result<Option<DocId>, StoreError> {
    let shown = alias::shown_as(conn, customer)?;
    let others = alias::merged(conn, shown)?.into_iter().filter(|other| *other != customer);
    // Where two customers are one, a check-in at either waits for the same check-out.
    for customer in [customer].into_iter().chain((shown != customer).then_some(shown)).chain(others)
    {
        let found: Option<Vec<u8>> = conn
            .prepare_cached(OPEN)?
            .query_row(params![author.as_bytes(), customer.as_bytes()], |row| row.get(0))
            .optional()?;
        if let Some(found) = found {
            return outbox::doc_id(&found).map(Some);
        }
    }
    Ok(None)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<VisitEntry, StoreError> {
    let Listed { id, customer, author, at, state, heads, status } =
        Listed::read(conn, row, DocKind::Visit)?;
    let DocState::Visit(Hydrated { value: state, faults }) = state else {
        return Err(another_kind(DocKind::Visit));
    };
    Ok(VisitEntry { id, customer, author, at, state, faults, heads, status })
}
