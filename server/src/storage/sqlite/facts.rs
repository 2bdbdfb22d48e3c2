//! One rep's documents as the rules see them: the narrow parts of rows.
//!
//! Whole rows of a rep's years were what the server's memory rose by while it
//! computed scorecards.

use client_core::docs::{DocKind, Header};
use client_core::id::{OrgId, UserId};
use client_core::projection::{DocState, RowError, narrow};
use client_core::protocol::Scope;
use client_core::rules::facts::{CustomerSeen, PlanFact, VisitFact};
use client_core::time::Timestamp;
use rusqlite::{Connection, Params, Row, params};

use super::codec::{corrupt, header, heads, scope_key};
use super::rows;
use crate::storage::StorageError;
use crate::storage::model::{FactRows, doc_rank};

/// What a narrow row is read from; the whole row only where the narrow part is missing.
const COLUMNS: &str = "d.doc, d.kind, d.author, d.customer, d.generation, r.heads, r.fact,
     case when r.fact is null then r.body end";

pub(super) fn of_rep(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    since: Timestamp,
) -> Result<FactRows, StorageError> {
    let scope = scope_key(Scope::User(rep));
    let visits = format!(
        "{} and (r.started_at >= ?4 or r.started_at is null)",
        members(COLUMNS, DocKind::Visit)
    );
    let wanted = params![org.as_bytes(), scope, doc_rank(DocKind::Visit), since.millis()];
    let visits = read(connection, &visits, wanted, |row| visit(row, org))?;
    let business = business_of_rep(connection, org, rep)?;
    let cases = members(rows::COLUMNS, DocKind::Case);
    let wanted = params![org.as_bytes(), scope, doc_rank(DocKind::Case)];
    let cases = read(connection, &cases, wanted, |row| rows::read(row, org))?;
    // The lookback of visits reaches further back than any plan is asked for.
    let plans = members(rows::COLUMNS, DocKind::Plan);
    let wanted = params![org.as_bytes(), scope, doc_rank(DocKind::Plan)];
    let plans = read(connection, &plans, wanted, |row| rows::read(row, org))?;
    let plans = plans.iter().filter_map(|row| match &row.state {
        DocState::Plan(state) => PlanFact::of(&row.header, &row.heads, state),
        _ => None,
    });
    Ok(FactRows { visits, cases, plans: plans.collect(), ..business })
}

/// Customers and deals alone.
pub(super) fn business_of_rep(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
) -> Result<FactRows, StorageError> {
    let scope = scope_key(Scope::User(rep));
    let customers = members(COLUMNS, DocKind::Customer);
    let wanted = params![org.as_bytes(), scope, doc_rank(DocKind::Customer)];
    let customers = read(connection, &customers, wanted, |row| customer(row, org))?;
    let deals = members(rows::COLUMNS, DocKind::Deal);
    let wanted = params![org.as_bytes(), scope, doc_rank(DocKind::Deal)];
    let deals = read(connection, &deals, wanted, |row| rows::read(row, org))?;
    Ok(FactRows { customers, deals, ..FactRows::default() })
}

/// The rows of the documents of a kind in a scope.
fn members(columns: &str, kind: DocKind) -> String {
    format!(
        "select {columns} from member m
         join doc d on d.org = m.org and d.doc = m.doc
         join {} r on r.org = d.org and r.doc = d.doc
         where m.org = ?1 and m.scope = ?2 and m.rank = ?3",
        rows::table(kind)
    )
}

fn read<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    one: impl Fn(&Row<'_>) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(one(row)?);
    }
    Ok(found)
}

fn visit(row: &Row<'_>, org: OrgId) -> Result<VisitFact, StorageError> {
    let (header, heads) = (header(row, 0, org)?, heads(row, 5)?);
    if let Some(part) = row.get_ref(6)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
        return narrow::decode_visit(header.doc, header.author, header.customer, heads, part)
            .map_err(unread);
    }
    match whole(row, &header)? {
        DocState::Visit(state) => Ok(VisitFact::of(&header, &heads, &state)),
        state => Err(other(&header, &state)),
    }
}

fn customer(row: &Row<'_>, org: OrgId) -> Result<CustomerSeen, StorageError> {
    let (header, heads) = (header(row, 0, org)?, heads(row, 5)?);
    if let Some(part) = row.get_ref(6)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
        return narrow::decode_customer(header.doc, header.author, heads, part).map_err(unread);
    }
    match whole(row, &header)? {
        DocState::Customer(state) => Ok(CustomerSeen::of(&header, &heads, &state)),
        state => Err(other(&header, &state)),
    }
}

fn whole(row: &Row<'_>, header: &Header) -> Result<DocState, StorageError> {
    let body = row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?;
    DocState::decode(header.kind, body).map_err(unread)
}

fn unread(error: RowError) -> StorageError {
    corrupt("projection row", error.to_string())
}

fn other(header: &Header, state: &DocState) -> StorageError {
    corrupt("projection row", format!("{} is a {} row", header.doc, state.kind().as_str()))
}
