//! What a reader who starts is sent before anything else: today.
//!
//! A rep with 5,000 customers stands before one of them. So a first sync begins with
//! today's plan and its customers, then those that are overdue, then those visited
//! last; each with its placement, its latest visits and its open deals. Only then
//! come the scopes, whole and newest first.
//!
//! The order is computed from today's rows for each page and goes on behind the place
//! that the cursor names. What moves in it between two pages may be told twice or not
//! at all here; both are harmless, because the scopes are sent whole afterwards and
//! what is sent twice merges. It is short, so that telling it twice costs little.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, OrgId, RecordId};
use client_core::projection::DocState;
use client_core::records::RecordKind;
use rusqlite::{Connection, params};

use super::codec::{id, scope_from_key};
use super::{records, rows};
use crate::storage::StorageError;
use crate::storage::model::{FeedQuery, RecordRow, RelevantPlace, record_rank};

/// Customers of each class, at most.
const CUSTOMERS: usize = 30;
/// Visits in which the customers visited last are looked for.
const LAST_VISITS: i64 = 60;
/// Visits and open deals told with each customer.
const VISITS: i64 = 2;
const DEALS: i64 = 3;

/// Why a customer is told early; the order of telling.
const PLANNED: u8 = 0;
const OVERDUE: u8 = 1;
const RECENT: u8 = 2;

/// Something to tell, and where the list stands afterwards.
pub(super) struct Relevant {
    pub(super) place: RelevantPlace,
    pub(super) what: What,
}

pub(super) enum What {
    Document(DocId),
    Placement(RecordRow),
}

/// What comes after `after`, in order.
pub(super) fn after(
    connection: &Connection,
    org: OrgId,
    query: &FeedQuery,
    after: Option<RelevantPlace>,
) -> Result<Vec<Relevant>, StorageError> {
    let today = Today { connection, org, query };
    let mut told = Vec::new();
    for customer in today.customers()? {
        let behind = |place: RelevantPlace| after.is_none_or(|after| place > after);
        if !behind(RelevantPlace { step: u8::MAX, ..customer }) {
            continue;
        }
        let with = today.with(customer.doc)?;
        let steps = (0..).zip(with).map(|(step, what)| {
            let place = RelevantPlace { step, ..customer };
            Relevant { place, what }
        });
        told.extend(steps.filter(|step| behind(step.place)));
    }
    Ok(told)
}

struct Today<'a> {
    connection: &'a Connection,
    org: OrgId,
    query: &'a FeedQuery,
}

impl Today<'_> {
    /// Today's plan, then customers, each once.
    fn customers(&self) -> Result<Vec<RelevantPlace>, StorageError> {
        let mut places = Vec::new();
        let mut seen = BTreeSet::new();
        for (class, found) in
            [(PLANNED, self.planned()?), (OVERDUE, self.overdue()?), (RECENT, self.recent()?)]
        {
            let fresh = found.into_iter().filter(|(_key, doc)| seen.insert(*doc));
            let class = fresh.map(|(key, doc)| RelevantPlace { class, key, doc, step: 0 });
            places.extend(class.take(CUSTOMERS));
        }
        places.sort_unstable();
        Ok(places)
    }

    /// The plan itself, then its stops and the customers of its key tasks.
    fn planned(&self) -> Result<Vec<(i64, DocId)>, StorageError> {
        let zone = records::zone(self.connection, self.org)?;
        let plan = DocId::plan(self.org, self.query.reader, zone.date(self.query.now));
        let Some(row) = rows::one(self.connection, self.org, plan)? else { return Ok(Vec::new()) };
        let DocState::Plan(state) = row.state else { return Ok(Vec::new()) };
        let mut stops: Vec<_> = state.value.stops.into_values().collect();
        stops.sort_by_key(|stop| stop.order);
        let mut tasks: Vec<_> = state.value.key_tasks.into_values().collect();
        tasks.sort_by_key(|task| task.order);
        let customers = stops
            .into_iter()
            .map(|stop| stop.customer)
            .chain(tasks.into_iter().map(|task| task.customer))
            .flatten();
        Ok((0..).zip(std::iter::once(plan).chain(customers)).collect())
    }

    /// What the last scorecard says is overdue, the longest first.
    fn overdue(&self) -> Result<Vec<(i64, DocId)>, StorageError> {
        let limit = i64::try_from(CUSTOMERS).unwrap_or(i64::MAX);
        Ok(self
            .connection
            .prepare_cached(
                "select coalesce(cast(replace(due_last, '-', '') as integer), 0), doc from holding
                 where org = ?1 and owner = ?2 and kind = ?3 and due = 'overdue'
                 order by 1, 2 limit ?4",
            )?
            .query_map(
                params![
                    self.org.as_bytes(),
                    self.query.reader.as_bytes(),
                    DocKind::Customer.as_str(),
                    limit
                ],
                |row| Ok((row.get(0)?, id(row, 1, DocId::from_bytes)?)),
            )?
            .collect::<Result<_, _>>()?)
    }

    /// Whom the reader visited last, the latest first.
    fn recent(&self) -> Result<Vec<(i64, DocId)>, StorageError> {
        Ok(self
            .connection
            .prepare_cached(
                "select -started_at, customer from visit_row indexed by visit_by_author
                 where org = ?1 and author = ?2 and started_at <= ?3 and customer is not null
                 order by started_at desc limit ?4",
            )?
            .query_map(
                params![
                    self.org.as_bytes(),
                    self.query.reader.as_bytes(),
                    self.query.now.millis(),
                    LAST_VISITS
                ],
                |row| Ok((row.get(0)?, id(row, 1, DocId::from_bytes)?)),
            )?
            .collect::<Result<_, _>>()?)
    }

    /// A customer (or the plan) with what is told beside it.
    fn with(&self, doc: DocId) -> Result<Vec<What>, StorageError> {
        let mut told = vec![What::Document(doc)];
        told.extend(self.placement(doc)?.map(What::Placement));
        for (sql, limit) in [
            (
                "select doc from visit_row where org = ?1 and customer = ?2
                 order by started_at desc limit ?3",
                VISITS,
            ),
            (
                "select doc from deal_row where org = ?1 and customer = ?2 and outcome is null
                 order by created_at desc limit ?3",
                DEALS,
            ),
        ] {
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement
                .query_map(params![self.org.as_bytes(), doc.as_bytes(), limit], |row| {
                    id(row, 0, DocId::from_bytes)
                })?;
            for doc in found {
                told.push(What::Document(doc?));
            }
        }
        Ok(told)
    }

    /// The placement, if it is one of the reader's records.
    fn placement(&self, doc: DocId) -> Result<Option<RecordRow>, StorageError> {
        let record = RecordId::from_bytes(*doc.as_bytes());
        let mut statement = self.connection.prepare_cached(
            "select scope from record_scope where org = ?1 and rank = ?2 and id = ?3",
        )?;
        let rank = record_rank(RecordKind::Placement);
        let mut rows = statement.query(params![self.org.as_bytes(), rank, record.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let scope = scope_from_key(&row.get::<_, Vec<u8>>(0)?)?;
            if self.query.scopes.binary_search(&scope).is_ok() {
                return records::one(self.connection, self.org, RecordKind::Placement, record);
            }
        }
        Ok(None)
    }
}
