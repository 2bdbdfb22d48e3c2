//! Projection rows: what screens read instead of a CRDT document.
//!
//! A row depends on the document's state, header and heads, a visit's on the record that
//! moves it too, and on nothing else, so rebuilding gives identical rows.

use rusqlite::{Connection, params};

use super::{Store, StoreError, conflict, document, meta, moved, outbox, repair, search};
use crate::docs::case::CaseState;
use crate::docs::customer::CustomerState;
use crate::docs::deal::DealState;
use crate::docs::plan::PlanState;
use crate::docs::visit::VisitState;
use crate::docs::{DocKind, Header, Heads};
use crate::id::DocId;
use crate::names;
use crate::projection::{DocState, VERSION, narrow};
use crate::rules::facts::{CustomerSeen, VisitFact};

/// Writes the row of a document.
pub(super) fn put(
    conn: &Connection,
    header: &Header,
    heads: &Heads,
    state: &DocState,
) -> Result<(), StoreError> {
    let row = Row { header, heads: heads.to_bytes(), body: state.encode() };
    match state {
        DocState::Customer(customer) => {
            let fact = narrow::encode_customer(CustomerSeen::of(header, heads, customer));
            put_customer(conn, &row, &customer.value, &fact)
        }
        DocState::Visit(visit) => {
            let fact = narrow::encode_visit(VisitFact::of(header, heads, visit));
            put_visit(conn, &row, &visit.value, &fact)
        }
        DocState::Deal(deal) => put_deal(conn, &row, &deal.value),
        DocState::Plan(plan) => put_plan(conn, &row, &plan.value),
        DocState::Case(case) => put_case(conn, &row, &case.value),
    }
}

struct Row<'a> {
    header: &'a Header,
    heads: Vec<u8>,
    body: Vec<u8>,
}

fn put_customer(
    conn: &Connection,
    row: &Row<'_>,
    state: &CustomerState,
    fact: &[u8],
) -> Result<(), StoreError> {
    let doc = row.header.doc;
    // Chinese names sort by sound, Latin ones by letter.
    let sort_key = names::pinyin(state.name.as_deref().unwrap_or_default());
    let created = state.created_at.map_or_else(|| made_at(doc), crate::time::Timestamp::millis);
    conn.prepare_cached(
        "insert into customer (doc, author, sort_key, created_at, version, heads, body, fact)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         on conflict (doc) do update set author = excluded.author, sort_key = excluded.sort_key,
             created_at = excluded.created_at, version = excluded.version,
             heads = excluded.heads, body = excluded.body, fact = excluded.fact",
    )?
    .execute(params![
        doc.as_bytes(),
        row.header.author.as_bytes(),
        sort_key,
        created,
        VERSION,
        row.heads,
        row.body,
        fact,
    ])?;
    search::put(conn, doc, state)
}

fn put_visit(
    conn: &Connection,
    row: &Row<'_>,
    state: &VisitState,
    fact: &[u8],
) -> Result<(), StoreError> {
    let doc = row.header.doc;
    let started = state.started_at.as_ref().or(state.check_in.as_ref().map(|check| &check.at));
    let ended = state.ended_at.as_ref().or(state.check_out.as_ref().map(|check| &check.at));
    let open = state.check_in.is_some() && ended.is_none() && state.submitted_at.is_none();
    conn.prepare_cached(
        "insert into visit (doc, customer, author, at, ended_at, submitted_at, open, version,
                            heads, body, fact)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         on conflict (doc) do update set customer = excluded.customer, author = excluded.author,
             at = excluded.at, ended_at = excluded.ended_at, submitted_at = excluded.submitted_at,
             open = excluded.open, version = excluded.version, heads = excluded.heads,
             body = excluded.body, fact = excluded.fact",
    )?
    .execute(params![
        doc.as_bytes(),
        moved::customer(conn, row.header)?.as_ref().map(DocId::as_bytes),
        row.header.author.as_bytes(),
        started.map_or_else(|| made_at(doc), |at| at.at.millis()),
        ended.map(|at| at.at.millis()),
        state.submitted_at.as_ref().map(|at| at.at.millis()),
        open,
        VERSION,
        row.heads,
        row.body,
        fact,
    ])?;
    Ok(())
}

fn put_deal(conn: &Connection, row: &Row<'_>, state: &DealState) -> Result<(), StoreError> {
    let doc = row.header.doc;
    conn.prepare_cached(
        "insert into deal (doc, customer, author, stage, outcome, expected_close, created_at,
                           version, heads, body)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         on conflict (doc) do update set customer = excluded.customer, author = excluded.author,
             stage = excluded.stage, outcome = excluded.outcome,
             expected_close = excluded.expected_close, created_at = excluded.created_at,
             version = excluded.version, heads = excluded.heads, body = excluded.body",
    )?
    .execute(params![
        doc.as_bytes(),
        row.header.customer.as_ref().map(DocId::as_bytes),
        row.header.author.as_bytes(),
        state.stage,
        state.outcome.as_ref().map(crate::docs::deal::DealOutcome::as_str),
        state.expected_close.map(|date| date.to_string()),
        state.created_at.map_or_else(|| made_at(doc), crate::time::Timestamp::millis),
        VERSION,
        row.heads,
        row.body,
    ])?;
    Ok(())
}

fn put_plan(conn: &Connection, row: &Row<'_>, state: &PlanState) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into plan (doc, author, date, version, heads, body) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (doc) do update set author = excluded.author, date = excluded.date,
             version = excluded.version, heads = excluded.heads, body = excluded.body",
    )?
    .execute(params![
        row.header.doc.as_bytes(),
        row.header.author.as_bytes(),
        state.date.map(|date| date.to_string()),
        VERSION,
        row.heads,
        row.body,
    ])?;
    Ok(())
}

fn put_case(conn: &Connection, row: &Row<'_>, state: &CaseState) -> Result<(), StoreError> {
    let doc = row.header.doc;
    conn.prepare_cached(
        "insert into case_row (doc, customer, author, kind, opened_at, resolved_at, version,
                               heads, body)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         on conflict (doc) do update set customer = excluded.customer, author = excluded.author,
             kind = excluded.kind, opened_at = excluded.opened_at,
             resolved_at = excluded.resolved_at, version = excluded.version,
             heads = excluded.heads, body = excluded.body",
    )?
    .execute(params![
        doc.as_bytes(),
        row.header.customer.as_ref().map(DocId::as_bytes),
        row.header.author.as_bytes(),
        state.kind.as_ref().map(crate::docs::case::CaseKind::as_str),
        state.opened_at.map_or_else(|| made_at(doc), crate::time::Timestamp::millis),
        state.resolved_at.map(crate::time::Timestamp::millis),
        VERSION,
        row.heads,
        row.body,
    ])?;
    Ok(())
}

/// Removes the row of a document.
pub(super) fn remove(conn: &Connection, doc: DocId, kind: DocKind) -> Result<(), StoreError> {
    let statements: &[&str] = match kind {
        DocKind::Customer => &[
            "delete from customer where doc = ?1",
            "delete from customer_search where doc = ?1",
            "delete from customer_phone where doc = ?1",
        ],
        DocKind::Visit => &["delete from visit where doc = ?1"],
        DocKind::Deal => &["delete from deal where doc = ?1"],
        DocKind::Plan => &["delete from plan where doc = ?1"],
        DocKind::Case => &["delete from case_row where doc = ?1"],
    };
    for sql in statements {
        conn.prepare_cached(sql)?.execute(params![doc.as_bytes()])?;
    }
    Ok(())
}

/// The table that holds the rows of a kind.
pub(super) const fn table(kind: DocKind) -> &'static str {
    match kind {
        DocKind::Customer => "customer",
        DocKind::Visit => "visit",
        DocKind::Deal => "deal",
        DocKind::Plan => "plan",
        DocKind::Case => "case_row",
    }
}

/// Writes the rows that are missing beside their documents.
pub(super) fn restore_rows(conn: &Connection) -> Result<u64, StoreError> {
    let mut written = 0;
    for kind in DocKind::ALL {
        let table = table(kind);
        let lost = conn
            .prepare_cached(&format!(
                "select id from doc where kind = ?1
                 and not exists (select 1 from {table} where doc = id)"
            ))?
            .query_map([kind.as_str()], |row| row.get::<_, Vec<u8>>(0))?
            .map(|doc| outbox::doc_id(&doc?))
            .collect::<Result<Vec<_>, _>>()?;
        for doc in lost {
            match document::load(conn, doc) {
                Ok(Some(stored)) => {
                    let state = DocState::read(&stored.document);
                    put(conn, stored.document.header(), &stored.document.heads(), &state)?;
                    written += 1;
                }
                Ok(None) => {}
                Err(StoreError::Unreadable { doc, .. }) => repair::want(conn, doc, "damaged")?,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(written)
}

/// When a document was made, as its UUIDv7 says: for content that does not say so itself.
fn made_at(doc: DocId) -> i64 {
    doc.as_bytes().iter().take(6).fold(0, |millis, byte| (millis << 8) | i64::from(*byte))
}

impl Store {
    /// Computes every projection row anew from the stored documents, in one
    /// transaction. The rows come out identical; nothing else changes.
    ///
    /// # Errors
    /// [`StoreError`]; the old rows stay then.
    pub fn rebuild_projections(&self) -> Result<u64, StoreError> {
        self.write(|tx| {
            for table in [
                "customer",
                "customer_search",
                "customer_phone",
                "visit",
                "deal",
                "plan",
                "case_row",
                "conflict",
            ] {
                tx.execute(&format!("delete from {table}"), [])?;
            }
            let ids: Vec<DocId> = {
                let mut statement = tx.prepare("select id from doc order by id")?;
                let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
                rows.map(|row| outbox::doc_id(&row?)).collect::<Result<_, _>>()?
            };
            let mut written = 0;
            for doc in ids {
                let stored = match document::load(tx, doc) {
                    // One that cannot be read must not cost the others their rows.
                    Err(StoreError::Unreadable { doc, .. }) => {
                        repair::want(tx, doc, "damaged")?;
                        None
                    }
                    stored => stored?,
                };
                if let Some(stored) = stored {
                    let state = DocState::read(&stored.document);
                    put(tx, stored.document.header(), &stored.document.heads(), &state)?;
                    conflict::put(tx, &stored.document)?;
                    written += 1;
                }
            }
            Ok(written)
        })
    }

    /// Rebuilds when the rows here have another row format.
    pub(super) fn rebuild_outdated(&self) -> Result<(), StoreError> {
        let found: Option<u32> = self.read(|conn| meta::get(conn, meta::Key::RowVersion))?;
        if found != Some(VERSION) {
            self.rebuild_projections()?;
            self.write(|tx| meta::set(tx, meta::Key::RowVersion, &VERSION))?;
        }
        Ok(())
    }
}
