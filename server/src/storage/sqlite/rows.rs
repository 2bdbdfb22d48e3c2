//! Projection rows: the whole state, with the columns that lists, boards and
//! reports look things up by.

use client_core::docs::case::CaseState;
use client_core::docs::customer::CustomerState;
use client_core::docs::deal::DealState;
use client_core::docs::plan::PlanState;
use client_core::docs::visit::VisitState;
use client_core::docs::{DocKind, Hydrated};
use client_core::id::{DocId, OrgId};
use client_core::projection::{DocState, narrow};
use client_core::rules::facts::{CustomerSeen, VisitFact};
use client_core::time::{CapturedAt, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::aliases;
use super::codec::{corrupt, header, heads, time};
use super::lists::finding;
use crate::storage::StorageError;
use crate::storage::model::{DocCommit, Row};
use crate::storage::times::started;

pub(super) fn write(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<(), StorageError> {
    match &commit.state {
        DocState::Customer(state) => write_customer(connection, org, commit, state),
        DocState::Visit(state) => write_visit(connection, org, commit, state),
        DocState::Deal(state) => write_deal(connection, org, commit, state),
        DocState::Plan(state) => write_plan(connection, org, commit, state),
        DocState::Case(state) => write_case(connection, org, commit, state),
    }
}

/// The customer that lists show a document under: where customers are one, the one
/// that stands for them.
fn stands_for(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<Option<DocId>, StorageError> {
    commit.header.customer.map(|customer| aliases::root(connection, org, customer)).transpose()
}

fn millis(at: Option<&CapturedAt>) -> Option<i64> {
    at.map(|at| at.at.millis())
}

fn ended(visit: &VisitState) -> Option<Timestamp> {
    let end = visit.ended_at.as_ref().or(visit.check_out.as_ref().map(|check| &check.at));
    end.map(|end| end.at)
}

fn write_customer(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    state: &Hydrated<CustomerState>,
) -> Result<(), StorageError> {
    let customer = &state.value;
    connection
        .prepare_cached(
            "insert into customer_row (org, doc, name, region, industry, channel, lifecycle,
                 created_at, heads, body, received_at, find, fact)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             on conflict (org, doc) do update
             set name = excluded.name, find = excluded.find, region = excluded.region, industry = excluded.industry,
                 channel = excluded.channel, lifecycle = excluded.lifecycle,
                 created_at = excluded.created_at, heads = excluded.heads, body = excluded.body,
                 fact = excluded.fact",
        )?
        .execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            customer.name,
            customer.region,
            customer.industry,
            customer.channel.as_ref().map(ToString::to_string),
            customer.lifecycle.as_ref().map(ToString::to_string),
            customer.created_at.map(Timestamp::millis),
            commit.heads.to_bytes(),
            commit.state.encode(),
            commit.at.millis(),
            finding::customer(customer),
            narrow::encode_customer(CustomerSeen::of(&commit.header, &commit.heads, state)),
        ])?;
    aliases::find_under_every_name(connection, org, commit.header.doc)
}

fn write_visit(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    state: &Hydrated<VisitState>,
) -> Result<(), StorageError> {
    let visit = &state.value;
    connection
        .prepare_cached(
            "insert into visit_row (org, doc, author, customer, customer_name, mode, outcome,
                 started_at, ended_at, submitted_at, heads, body, received_at, fact)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             on conflict (org, doc) do update
             set customer_name = excluded.customer_name, mode = excluded.mode,
                 outcome = excluded.outcome, started_at = excluded.started_at,
                 ended_at = excluded.ended_at, submitted_at = excluded.submitted_at,
                 heads = excluded.heads, body = excluded.body, fact = excluded.fact",
        )?
        .execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            commit.header.author.as_bytes(),
            stands_for(connection, org, commit)?.as_ref().map(DocId::as_bytes),
            visit.customer_name,
            visit.mode.as_ref().map(ToString::to_string),
            visit.outcome.as_ref().map(ToString::to_string),
            started(visit).map(Timestamp::millis),
            ended(visit).map(Timestamp::millis),
            millis(visit.submitted_at.as_ref()),
            commit.heads.to_bytes(),
            commit.state.encode(),
            commit.at.millis(),
            narrow::encode_visit(VisitFact::of(&commit.header, &commit.heads, state)),
        ])?;
    Ok(())
}

fn write_deal(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    state: &Hydrated<DealState>,
) -> Result<(), StorageError> {
    let deal = &state.value;
    connection
        .prepare_cached(
            "insert into deal_row (org, doc, author, customer, name, stage, outcome, amount_minor,
                 currency, created_at, decided_at, heads, body, received_at, find, priority,
                 products, staged_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18)
             on conflict (org, doc) do update
             set name = excluded.name, find = excluded.find, priority = excluded.priority,
                 products = excluded.products, staged_at = excluded.staged_at, stage = excluded.stage, outcome = excluded.outcome,
                 amount_minor = excluded.amount_minor, currency = excluded.currency,
                 created_at = excluded.created_at, decided_at = excluded.decided_at,
                 heads = excluded.heads, body = excluded.body",
        )?
        .execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            commit.header.author.as_bytes(),
            stands_for(connection, org, commit)?.as_ref().map(DocId::as_bytes),
            deal.name,
            deal.stage,
            deal.outcome.as_ref().map(ToString::to_string),
            deal.amount.map(|amount| amount.minor),
            deal.amount.map(|amount| amount.currency.to_string()),
            deal.created_at.map(Timestamp::millis),
            deal.decided_at.map(Timestamp::millis),
            commit.heads.to_bytes(),
            commit.state.encode(),
            commit.at.millis(),
            finding::deal(deal),
            deal.priority.as_ref().map(ToString::to_string),
            finding::products(deal),
            finding::staged_at(deal),
        ])?;
    Ok(())
}

fn write_plan(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    state: &Hydrated<PlanState>,
) -> Result<(), StorageError> {
    let plan = &state.value;
    connection
        .prepare_cached(
            "insert into plan_row (org, doc, rep, date, submitted_at, heads, body, received_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict (org, doc) do update
             set date = excluded.date, submitted_at = excluded.submitted_at,
                 heads = excluded.heads, body = excluded.body",
        )?
        .execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            commit.header.author.as_bytes(),
            plan.date.map(|date| date.to_string()),
            millis(plan.report.submitted_at.as_ref()),
            commit.heads.to_bytes(),
            commit.state.encode(),
            commit.at.millis(),
        ])?;
    Ok(())
}

fn write_case(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    state: &Hydrated<CaseState>,
) -> Result<(), StorageError> {
    let case = &state.value;
    connection
        .prepare_cached(
            "insert into case_row (org, doc, author, customer, kind, category, opened_at,
                 first_reply_at, resolved_at, heads, body, received_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             on conflict (org, doc) do update
             set kind = excluded.kind, category = excluded.category,
                 opened_at = excluded.opened_at, first_reply_at = excluded.first_reply_at,
                 resolved_at = excluded.resolved_at, heads = excluded.heads, body = excluded.body",
        )?
        .execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            commit.header.author.as_bytes(),
            stands_for(connection, org, commit)?.as_ref().map(DocId::as_bytes),
            case.kind.as_ref().map(ToString::to_string),
            case.category,
            case.opened_at.map(Timestamp::millis),
            case.first_reply_at.map(Timestamp::millis),
            case.resolved_at.map(Timestamp::millis),
            commit.heads.to_bytes(),
            commit.state.encode(),
            commit.at.millis(),
        ])?;
    Ok(())
}

/// The table that holds the rows of a kind.
pub(super) const fn table(kind: DocKind) -> &'static str {
    match kind {
        DocKind::Customer => "customer_row",
        DocKind::Visit => "visit_row",
        DocKind::Deal => "deal_row",
        DocKind::Plan => "plan_row",
        DocKind::Case => "case_row",
    }
}

/// The columns that [`read`] wants from `doc d` joined with a row table `r`.
pub(super) const COLUMNS: &str = "d.doc, d.kind, d.author, d.customer, d.generation, d.received_at, d.changed_at, r.heads, r.body";

/// Reads [`COLUMNS`].
pub(super) fn read(row: &rusqlite::Row<'_>, org: OrgId) -> Result<Row, StorageError> {
    let header = header(row, 0, org)?;
    let body: Vec<u8> = row.get(8)?;
    let state = DocState::decode(header.kind, &body)
        .map_err(|error| corrupt("projection row", error.to_string()))?;
    Ok(Row {
        header,
        received_at: time(row, 5)?,
        changed_at: time(row, 6)?,
        heads: heads(row, 7)?,
        state,
    })
}

/// Reads every row of a statement over [`COLUMNS`].
pub(super) fn read_all(
    statement: &mut rusqlite::Statement<'_>,
    params: impl rusqlite::Params,
    org: OrgId,
) -> Result<Vec<Row>, StorageError> {
    let mut found = Vec::new();
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        found.push(read(row, org)?);
    }
    Ok(found)
}

/// One document's row.
pub(super) fn one(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
) -> Result<Option<Row>, StorageError> {
    let kind: Option<String> = connection
        .prepare_cached("select kind from doc where org = ?1 and doc = ?2")?
        .query_row(params![org.as_bytes(), doc.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(kind) = kind.as_deref().and_then(DocKind::parse) else { return Ok(None) };
    let sql = format!(
        "select {COLUMNS} from doc d join {} r on r.org = d.org and r.doc = d.doc
         where d.org = ?1 and d.doc = ?2",
        table(kind)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(read_all(&mut statement, params![org.as_bytes(), doc.as_bytes()], org)?.pop())
}
