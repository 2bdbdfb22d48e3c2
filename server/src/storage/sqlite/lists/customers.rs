//! Lists of customers.

use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::records::Tier;
use client_core::rules::DueStatus;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::codec::{id, optional_id, optional_time};
use super::{Query, Wanted, blob, distinct, finding, notes, visible};
use crate::storage::StorageError;
use crate::storage::lists::{CustomerFilter, CustomerRow, CustomerSort, IndustryCount, Within};

const FROM: &str = "customer_row r indexed by customer_list
     left join holding h on h.org = r.org and h.doc = r.doc";

/// 0 for the most urgent.
const BY_DUE: &str = "case h.due when 'overdue' then 0 when 'never' then 1 when 'follow_up' then 2
     when 'on_track' then 3 when 'unknown' then 4 else 5 end, h.tier is null, h.tier,
     r.name collate nocase, r.doc";
const BY_CONTACT: &str = "(select max(v.started_at) from visit_row v
     where v.org = r.org and v.customer = r.doc), r.name collate nocase, r.doc";

pub(super) fn find(org: OrgId, filter: &CustomerFilter) -> Query {
    let mut wanted = Wanted::default();
    wanted.given("instr(r.find, ?) > 0", finding::wanted(&filter.text));
    if let Some(owners) = &filter.owners {
        wanted.one_of("h.owner in", people(owners), "");
    }
    if let Some(units) = &filter.units {
        let units = units.iter().map(|unit| blob(unit.as_bytes())).collect();
        wanted.one_of("h.unit in", units, "");
    }
    match filter.tier {
        Some(Some(tier)) => wanted.and("h.tier = ?", [Value::from(tier.as_str().to_owned())]),
        Some(None) => wanted.and("h.tier is null", []),
        None => {}
    }
    wanted.given("r.industry = ?", filter.industry.clone());
    wanted.given("r.lifecycle = ?", filter.lifecycle.clone());
    if let Some(status) = filter.due {
        due(&mut wanted, status, &filter.silent);
    }
    if let Some(only) = &filter.only {
        wanted.one_of("r.doc in", notes::ids(only), "");
    }
    let order = match filter.sort {
        CustomerSort::Name => "r.name collate nocase, r.doc",
        CustomerSort::Due => BY_DUE,
        CustomerSort::Contact => BY_CONTACT,
    };
    let mut visible = visible(org, &filter.within);
    // One that was merged is listed as the one that stands for it.
    visible.and("r.doc not in (select a.doc from alias a where a.org = ?)", [blob(org.as_bytes())]);
    Query { from: FROM, visible, wanted, order }
}

fn people(people: &[UserId]) -> Vec<Value> {
    people.iter().map(|user| blob(user.as_bytes())).collect()
}

/// A status that follows from missing visits is not known where a phone that may
/// hold them was not heard.
fn due(wanted: &mut Wanted, status: DueStatus, silent: &[UserId]) {
    let code = Value::from(status.as_str().to_owned());
    match status {
        DueStatus::Unknown => {
            wanted.and("(h.due = ? or h.due in ('never', 'overdue', 'follow_up'))", [code]);
            wanted.one_of("h.owner in", people(silent), "");
        }
        DueStatus::Never | DueStatus::Overdue | DueStatus::FollowUp => {
            wanted.and("h.due = ?", [code]);
            wanted.one_of("h.owner not in", people(silent), "");
        }
        DueStatus::OnTrack | DueStatus::NoRule => wanted.and("h.due = ?", [code]),
    }
}

pub(super) fn rows(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
) -> Result<Vec<CustomerRow>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select r.doc, r.name, r.industry, r.region, r.lifecycle, h.owner, h.unit, h.tier,
             (select max(v.started_at) from visit_row v
              where v.org = r.org and v.customer = r.doc),
             h.due, h.due_last
         from customer_row r left join holding h on h.org = r.org and h.doc = r.doc
         where r.org = ?1 and r.doc = ?2",
    )?;
    let mut found = Vec::with_capacity(docs.len());
    for doc in docs {
        let row = statement.query_row(params![org.as_bytes(), doc.as_bytes()], read);
        found.extend(row.optional()?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<CustomerRow> {
    let tier: Option<String> = row.get(7)?;
    let due: Option<String> = row.get(9)?;
    Ok(CustomerRow {
        doc: id(row, 0, DocId::from_bytes)?,
        name: row.get(1)?,
        industry: row.get(2)?,
        region: row.get(3)?,
        lifecycle: row.get(4)?,
        owner: optional_id(row, 5, UserId::from_bytes)?,
        unit: optional_id(row, 6, UnitId::from_bytes)?,
        tier: tier.as_deref().and_then(Tier::parse),
        last_visit: optional_time(row, 8)?,
        due: due.as_deref().and_then(DueStatus::parse),
        last_counted: notes::date(row.get(10)?),
    })
}

/// By who holds them: the covering index names each customer's industry, and whose it is
/// stands in a row of a few bytes.
pub(super) fn by_industry(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<IndustryCount>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select h.owner, h.unit, r.industry, count(*)
         from customer_row r indexed by customer_list
         cross join holding h on h.org = r.org and h.doc = r.doc
         where r.org = ?1 and h.kind = 'customer'
         group by 1, 2, 3",
    )?;
    let found = statement.query_map([org.as_bytes()], |row| {
        Ok(IndustryCount {
            owner: id(row, 0, UserId::from_bytes)?,
            unit: id(row, 1, UnitId::from_bytes)?,
            industry: row.get(2)?,
            customers: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn industries(
    connection: &Connection,
    org: OrgId,
    within: &Within,
) -> Result<Vec<String>, StorageError> {
    distinct(connection, "r.industry", "customer_row r indexed by customer_list", org, within)
}
