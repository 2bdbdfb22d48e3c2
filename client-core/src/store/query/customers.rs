use rusqlite::types::Value;
use rusqlite::{Connection, Row, named_params};

use super::{LARGEST_PAGE, Page, PageToken, cut, doc, heads, user};
use crate::docs::customer::CustomerState;
use crate::docs::{DocKind, Fault, Heads};
use crate::id::{DocId, UserId};
use crate::projection::DocState;
use crate::records::Tier;
use crate::store::alias::{self, SHOWN, SHOWN_AS};
use crate::store::search::{MATCHES, Needle, RANK};
use crate::store::{ItemStatus, StoreError, outbox};

/// A customer as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerEntry {
    /// The customer.
    pub id: DocId,
    /// Who made it.
    pub author: UserId,
    /// Who holds it now: the placement, or its author until there is one.
    pub owner: UserId,
    /// Its tier by the placement.
    pub tier: Option<Tier>,
    /// What the document says.
    pub state: CustomerState,
    /// What of it could not be read.
    pub faults: Vec<Fault>,
    /// The heads it was read at.
    pub heads: Heads,
    /// How far the edits made here have come.
    pub status: ItemStatus,
    /// The customer that stands for this one, if it was merged and that one is here.
    /// Lists leave it out then; its visits and deals are shown there.
    pub merged_into: Option<DocId>,
}

/// The order of a list of customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CustomerSort {
    /// By name: Chinese names by sound, Latin ones by letter.
    #[default]
    Name,
    /// Newest first.
    Newest,
}

/// Which customers, in which order, how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerQuery {
    /// Any part of a name, pinyin or initials, or the tail of a number.
    pub search: Option<String>,
    /// Only those this person holds.
    pub owner: Option<UserId>,
    /// Only this tier.
    pub tier: Option<Tier>,
    /// The order.
    pub sort: CustomerSort,
    /// Rows wanted, at most 200.
    pub limit: u32,
    /// Where the previous page ended.
    pub after: Option<PageToken>,
}

impl Default for CustomerQuery {
    fn default() -> Self {
        Self {
            search: None,
            owner: None,
            tier: None,
            sort: CustomerSort::Name,
            limit: 50,
            after: None,
        }
    }
}

const COLUMNS: &str = "c.doc, c.author, coalesce(h.owner, c.author), h.tier, c.heads, c.body,
    c.sort_key, c.created_at";

struct Listed {
    entry: CustomerEntry,
    sort_key: String,
    created_at: i64,
}

pub(super) fn sql(query: &CustomerQuery) -> String {
    let (key, order, beyond) = match query.sort {
        CustomerSort::Name => ("c.sort_key", "asc", ">"),
        CustomerSort::Newest => ("c.created_at", "desc", "<"),
    };
    let mut sql =
        format!("select {COLUMNS} from customer c left join holding h on h.subject = c.doc");
    sql.push_str(&format!(" where {SHOWN}"));
    if query.search.is_some() {
        sql.push_str(&format!(
            " and c.doc in (select {SHOWN_AS} from customer_search s where {MATCHES})"
        ));
    }
    if query.after.is_some() {
        sql.push_str(&format!(" and ({key}, c.doc) {beyond} (:key, :doc)"));
    }
    if query.owner.is_some() {
        sql.push_str(" and coalesce(h.owner, c.author) = :owner");
    }
    if query.tier.is_some() {
        sql.push_str(" and h.tier = :tier");
    }
    sql.push_str(&format!(" order by {key} {order}, c.doc {order} limit :limit"));
    sql
}

/// A page of customers.
pub(crate) fn customers(
    conn: &Connection,
    query: &CustomerQuery,
) -> Result<Page<CustomerEntry>, StoreError> {
    let limit = query.limit.clamp(1, LARGEST_PAGE);
    let needle = query.search.as_deref().map(Needle::of);
    if needle == Some(None) {
        // Only punctuation was typed: the whole list, as if nothing was.
        return customers(conn, &CustomerQuery { search: None, ..query.clone() });
    }
    let after = PageToken::values(query.after.as_ref());
    let query = CustomerQuery {
        after: query.after.clone().filter(|_token| after.is_some()),
        ..query.clone()
    };
    let mut named: Vec<(&str, Value)> = vec![(":limit", i64::from(limit + 1).into())];
    if let Some(needle) = needle.flatten() {
        named.push((":text", needle.text.into()));
        named.push((":tail", needle.tail.map_or(Value::Null, Value::from)));
    }
    if let Some((key, doc)) = after {
        named.push((":key", key));
        named.push((":doc", doc));
    }
    if let Some(owner) = query.owner {
        named.push((":owner", owner.as_bytes().to_vec().into()));
    }
    if let Some(tier) = query.tier {
        named.push((":tier", tier.as_str().to_owned().into()));
    }
    let params: Vec<(&str, &dyn rusqlite::ToSql)> =
        named.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect();
    let listed = collect(conn, &sql(&query), params.as_slice())?;
    let page = cut(listed, limit, |listed| match query.sort {
        CustomerSort::Name => PageToken::text(listed.sort_key.clone(), listed.entry.id),
        CustomerSort::Newest => PageToken::number(listed.created_at, listed.entry.id),
    });
    Ok(Page { items: page.items.into_iter().map(|listed| listed.entry).collect(), next: page.next })
}

/// The best matches for what was typed, best first.
pub(crate) fn found(
    conn: &Connection,
    typed: &str,
    limit: u32,
) -> Result<Vec<CustomerEntry>, StoreError> {
    let Some(needle) = Needle::of(typed) else { return Ok(Vec::new()) };
    // Ranked on the narrow table first, so that only shown rows are read whole.
    let sql = format!(
        "with hits as materialized (
             select {SHOWN_AS} as doc, min({RANK}) as rank from customer_search s
             where {MATCHES} group by 1
         ),
         best as materialized (
             select hits.doc as doc, hits.rank as rank, c.sort_key as sort_key
             from hits join customer c on c.doc = hits.doc
             order by hits.rank, c.sort_key, hits.doc limit :limit
         )
         select {COLUMNS} from best join customer c on c.doc = best.doc
         left join holding h on h.subject = c.doc
         order by best.rank, best.sort_key, best.doc"
    );
    let limit = i64::from(limit.clamp(1, LARGEST_PAGE));
    let listed = collect(
        conn,
        &sql,
        named_params! { ":text": needle.text, ":tail": needle.tail, ":limit": limit },
    )?;
    Ok(listed.into_iter().map(|listed| listed.entry).collect())
}

/// One customer.
pub(crate) fn customer(conn: &Connection, id: DocId) -> Result<Option<CustomerEntry>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from customer c left join holding h on h.subject = c.doc
         where c.doc = :doc"
    );
    let listed = collect(conn, &sql, named_params! { ":doc": id.as_bytes() })?;
    Ok(listed.into_iter().next().map(|listed| listed.entry))
}

fn collect(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<Listed>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        listed.push(entry(conn, row)?);
    }
    Ok(listed)
}

fn entry(conn: &Connection, row: &Row<'_>) -> Result<Listed, StoreError> {
    let id = doc(row, 0)?;
    let body: Vec<u8> = row.get(5)?;
    let (state, faults) = match DocState::decode(DocKind::Customer, &body) {
        Ok(DocState::Customer(hydrated)) => (hydrated.value, hydrated.faults),
        Ok(_) => return Err(StoreError::damaged("customer", "another kind of row")),
        Err(error) => return Err(StoreError::damaged("customer", error)),
    };
    let entry = CustomerEntry {
        id,
        author: user(row, 1)?,
        owner: user(row, 2)?,
        tier: row.get::<_, Option<String>>(3)?.as_deref().and_then(Tier::parse),
        state,
        faults,
        heads: heads(row, 4)?,
        status: outbox::status(conn, id)?,
        merged_into: alias::merged_into(conn, id)?,
    };
    Ok(Listed { entry, sort_key: row.get(6)?, created_at: row.get(7)? })
}
