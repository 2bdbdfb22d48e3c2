//! Lists of visits.

use client_core::id::{DocId, OrgId, UserId};
use client_core::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::codec::{id, optional_id, optional_time};
use super::{NAMED, Query, Wanted, blob, finding, notes, visible};
use crate::storage::StorageError;
use crate::storage::lists::{VerdictFilter, VisitFilter, VisitRow};

const FROM: &str = "visit_row r indexed by visit_list";
/// A customer has few visits, so their rows may be looked up.
const FROM_CUSTOMER: &str = "visit_row r indexed by visit_by_customer";

pub(super) fn find(org: OrgId, filter: &VisitFilter) -> Query {
    let mut wanted = Wanted::default();
    wanted.given("r.customer = ?", filter.customer.map(|doc| blob(doc.as_bytes())));
    wanted.given("r.started_at >= ?", filter.from.map(Timestamp::millis));
    wanted.given("r.started_at < ?", filter.until.map(Timestamp::millis));
    if let Some(text) = finding::wanted(&filter.text) {
        wanted.and(NAMED, [blob(org.as_bytes()), text.into()]);
    }
    if let Some(reps) = &filter.reps {
        let reps = reps.iter().map(|rep| blob(rep.as_bytes())).collect();
        wanted.one_of("r.author in", reps, "");
    }
    wanted.given("r.mode = ?", filter.mode.clone());
    wanted.given("r.outcome = ?", filter.outcome.clone());
    match filter.verdict {
        Some(VerdictFilter::NotJudged) => wanted.and("r.verdict is null", []),
        Some(verdict) => {
            let codes = notes::codes(verdict).iter();
            let codes = codes.map(|code| Value::from((*code).to_owned())).collect();
            wanted.one_of("r.verdict in", codes, "");
        }
        None => {}
    }
    let reason = filter.reason.as_ref().map(|reason| format!(" {reason} "));
    wanted.given("instr(r.reasons, ?) > 0", reason);
    Query {
        from: if filter.customer.is_some() { FROM_CUSTOMER } else { FROM },
        visible: visible(org, &filter.within),
        wanted,
        order: if filter.oldest_first {
            "r.started_at, r.doc"
        } else {
            "r.started_at desc, r.doc desc"
        },
    }
}

pub(super) fn rows(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
) -> Result<Vec<VisitRow>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select r.doc, r.author, r.customer, r.customer_name, r.mode, r.outcome, r.started_at,
             r.ended_at, r.submitted_at, r.verdict, r.reasons, c.name
         from visit_row r left join customer_row c on c.org = r.org and c.doc = r.customer
         where r.org = ?1 and r.doc = ?2",
    )?;
    let mut found = Vec::with_capacity(docs.len());
    for doc in docs {
        let row = statement.query_row(params![org.as_bytes(), doc.as_bytes()], read);
        found.extend(row.optional()?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<VisitRow> {
    let code: Option<String> = row.get(9)?;
    let reasons: Option<String> = row.get(10)?;
    let copied: Option<String> = row.get(3)?;
    let current: Option<String> = row.get(11)?;
    Ok(VisitRow {
        doc: id(row, 0, DocId::from_bytes)?,
        rep: id(row, 1, UserId::from_bytes)?,
        customer: optional_id(row, 2, DocId::from_bytes)?,
        customer_name: copied.or(current),
        mode: row.get(4)?,
        outcome: row.get(5)?,
        started_at: optional_time(row, 6)?,
        ended_at: optional_time(row, 7)?,
        submitted_at: optional_time(row, 8)?,
        verdict: code.and_then(|code| notes::verdict(&code, &reasons.unwrap_or_default())),
    })
}
