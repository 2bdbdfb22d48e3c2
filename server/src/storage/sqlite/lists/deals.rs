//! Lists of deals, and what they amount to.

use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::money::Currency;
use client_core::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::super::codec::{id, optional_id, optional_time, time};
use super::{NAMED, Query, Wanted, blob, distinct, finding, notes, visible};
use crate::storage::StorageError;
use crate::storage::lists::{
    DealFilter, DealRow, DealSort, DealTotal, OutcomeFilter, StageTotal, Within,
};

const FROM: &str = "deal_row r indexed by deal_list
     left join holding h on h.org = r.org and h.doc = r.doc";

/// The last movement between stages or contact with the customer (R8). A deal
/// that was never dated is as old as its arrival.
macro_rules! moved {
    () => {
        "max(coalesce(r.staged_at, r.created_at, r.received_at), coalesce(r.created_at, 0),
             coalesce((select max(v.started_at) from visit_row v
                       where v.org = r.org and v.customer = r.customer), 0))"
    };
}
const MOVED: &str = moved!();
const BY_STALLED: &str =
    concat!("r.priority is null, r.priority, ", moved!(), ", r.amount_minor desc, r.doc");

pub(super) fn find(org: OrgId, filter: &DealFilter) -> Query {
    Query {
        from: FROM,
        visible: visible(org, &filter.within),
        wanted: wanted(org, filter),
        order: match filter.sort {
            DealSort::Created => "r.created_at desc, r.doc desc",
            DealSort::Decided => "r.decided_at desc, r.doc desc",
            DealSort::Amount => "r.amount_minor desc, r.doc desc",
            DealSort::Stalled => BY_STALLED,
        },
    }
}

fn wanted(org: OrgId, filter: &DealFilter) -> Wanted {
    let mut wanted = Wanted::default();
    wanted.given("r.customer = ?", filter.customer.map(|doc| blob(doc.as_bytes())));
    if let Some(text) = finding::wanted(&filter.text) {
        let values = [Value::from(text.clone()), blob(org.as_bytes()), text.into()];
        wanted.and(&format!("(instr(r.find, ?) > 0 or {NAMED})"), values);
    }
    if let Some(owners) = &filter.owners {
        let owners = owners.iter().map(|owner| blob(owner.as_bytes())).collect();
        wanted.one_of("coalesce(h.owner, r.author) in", owners, "");
    }
    if let Some(units) = &filter.units {
        let units = units.iter().map(|unit| blob(unit.as_bytes())).collect();
        wanted.one_of("h.unit in", units, "");
    }
    match &filter.stage {
        Some(Some(stage)) => wanted.and("r.stage = ?", [stage.clone().into()]),
        Some(None) => wanted.and("r.stage is null", []),
        None => {}
    }
    match filter.outcome {
        Some(OutcomeFilter::Open) => wanted.and("r.outcome is null", []),
        Some(OutcomeFilter::Won) => wanted.and("r.outcome = 'won'", []),
        Some(OutcomeFilter::Lost) => wanted.and("r.outcome = 'lost'", []),
        None => {}
    }
    if let Some((currency, from, to)) = filter.amount {
        wanted.and("r.currency = ?", [currency.to_string().into()]);
        wanted.given("r.amount_minor >= ?", from);
        wanted.given("r.amount_minor <= ?", to);
    }
    if filter.unpriced {
        wanted.and("(r.amount_minor is null or r.currency is null)", []);
    }
    if let Some(industries) = &filter.industries {
        let any = serde_json::json!(industries).to_string();
        wanted.and(
            "exists (select 1 from customer_row c where c.org = r.org and c.doc = r.customer
                     and c.industry in (select value from json_each(?)))",
            [Value::from(any)],
        );
    }
    wanted.given("r.created_at >= ?", filter.created.0.map(Timestamp::millis));
    wanted.given("r.created_at < ?", filter.created.1.map(Timestamp::millis));
    wanted.given("r.decided_at >= ?", filter.decided.0.map(Timestamp::millis));
    wanted.given("r.decided_at < ?", filter.decided.1.map(Timestamp::millis));
    let product = filter.product.as_ref().map(|product| format!("\n{product}\n"));
    wanted.given("instr(r.products, ?) > 0", product);
    if let Some(products) = &filter.sold.products {
        // One value, however many products a line has: SQLite takes no clause a thousand deep.
        let any = serde_json::json!(
            products.iter().map(|product| format!("\n{product}\n")).collect::<Vec<_>>()
        );
        wanted.and(
            "exists (select 1 from json_each(?) line where instr(r.products, line.value) > 0)",
            [Value::from(any.to_string())],
        );
    }
    wanted.given("instr(r.body, ?) > 0", filter.sold.source.as_deref().map(from_source));
    wanted.given("r.priority = ?", filter.priority.clone());
    if let Some(since) = filter.stalled_since {
        wanted.and(&format!("r.outcome is null and {MOVED} < ?"), [since.millis().into()]);
    }
    if let Some((from, until)) = filter.moved {
        wanted.and(
            "max(coalesce(r.staged_at, 0), coalesce(r.created_at, 0), coalesce(r.decided_at, 0)) >= ?
             and coalesce(r.created_at, 0) < ?",
            [from.millis().into(), until.millis().into()],
        );
    }
    if let Some(only) = &filter.only {
        wanted.one_of("r.doc in", notes::ids(only), "");
    }
    wanted
}

/// How a stored row says where a deal came from: the field's name and its code, as CBOR has
/// them. No column holds it, because only a person who filters by it asks.
fn from_source(code: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in ["source", code] {
        // Writing to memory does not fail.
        let written = ciborium::into_writer(text, &mut bytes);
        debug_assert!(written.is_ok(), "{written:?}");
    }
    bytes
}

pub(super) fn rows(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
) -> Result<Vec<DealRow>, StorageError> {
    let mut statement = connection.prepare_cached(&format!(
        "select r.doc, r.name, r.customer, c.name, coalesce(h.owner, r.author), h.unit, r.stage,
             r.outcome, r.amount_minor, r.currency, r.created_at, r.decided_at, r.priority,
             r.products, {MOVED}
         from deal_row r
         left join holding h on h.org = r.org and h.doc = r.doc
         left join customer_row c on c.org = r.org and c.doc = r.customer
         where r.org = ?1 and r.doc = ?2"
    ))?;
    let mut found = Vec::with_capacity(docs.len());
    for doc in docs {
        let row = statement.query_row(params![org.as_bytes(), doc.as_bytes()], read);
        found.extend(row.optional()?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<DealRow> {
    let products: Option<String> = row.get(13)?;
    Ok(DealRow {
        doc: id(row, 0, DocId::from_bytes)?,
        name: row.get(1)?,
        customer: optional_id(row, 2, DocId::from_bytes)?,
        customer_name: row.get(3)?,
        owner: id(row, 4, UserId::from_bytes)?,
        unit: optional_id(row, 5, UnitId::from_bytes)?,
        stage: row.get(6)?,
        outcome: row.get(7)?,
        amount_minor: row.get(8)?,
        currency: currency(row, 9)?,
        created_at: optional_time(row, 10)?,
        decided_at: optional_time(row, 11)?,
        priority: row.get(12)?,
        products: products.map(|text| listed(&text)).unwrap_or_default(),
        moved_at: time(row, 14)?,
    })
}

fn listed(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn currency(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Currency>> {
    let code: Option<String> = row.get(index)?;
    Ok(code.and_then(|code| code.parse().ok()))
}

pub(super) fn totals(
    connection: &Connection,
    org: OrgId,
    filter: &DealFilter,
) -> Result<Vec<DealTotal>, StorageError> {
    let query = find(org, filter);
    let (sql, values) =
        query.select(&format!("r.currency, count(*), {SUM}"), "group by 1 order by 2 desc, 1");
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map(params_from_iter(values), |row| total(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The sum of amounts in two parts: SQLite refuses a sum beyond 64 bits, and one
/// forged amount must not take the page away.
const SUM: &str =
    "coalesce(sum(r.amount_minor >> 20), 0), coalesce(sum(r.amount_minor & 1048575), 0)";

/// `currency, count`, and [`SUM`], from column `index`.
fn total(row: &Row<'_>, index: usize) -> rusqlite::Result<DealTotal> {
    let deals: i64 = row.get(index + 1)?;
    let (high, low): (i64, i64) = (row.get(index + 2)?, row.get(index + 3)?);
    let sum = (i128::from(high) << 20) + i128::from(low);
    let limit = if sum < 0 { i64::MIN } else { i64::MAX };
    Ok(DealTotal {
        currency: currency(row, index)?,
        deals: deals.unsigned_abs(),
        minor: i64::try_from(sum).unwrap_or(limit),
    })
}

pub(super) fn stages(
    connection: &Connection,
    org: OrgId,
    filter: &DealFilter,
) -> Result<Vec<StageTotal>, StorageError> {
    let query = find(org, filter);
    let (sql, values) = query.select(
        &format!("r.stage, r.currency, count(*), {SUM}"),
        "group by 1, 2 order by 1, 3 desc, 2",
    );
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map(params_from_iter(values), |row| {
        Ok(StageTotal { stage: row.get(0)?, total: total(row, 1)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn products(
    connection: &Connection,
    org: OrgId,
    within: &Within,
) -> Result<Vec<String>, StorageError> {
    let found = distinct(connection, "r.products", "deal_row r indexed by deal_list", org, within)?;
    let mut products: Vec<String> = found.iter().flat_map(|text| listed(text)).collect();
    products.sort();
    products.dedup();
    Ok(products)
}

#[cfg(test)]
mod tests {
    use client_core::docs::Hydrated;
    use client_core::docs::deal::{DealState, LeadSource};
    use client_core::projection::DocState;

    use super::*;

    #[test]
    fn a_stored_row_says_where_the_deal_came_from() {
        let row = |source: Option<LeadSource>| {
            let name = Some("source partner".to_owned());
            let value = DealState { name, source, ..DealState::default() };
            DocState::Deal(Hydrated { value, faults: Vec::new() }).encode()
        };
        let says = |row: &[u8], code: &str| {
            let wanted = from_source(code);
            row.windows(wanted.len()).any(|part| part == wanted)
        };
        for source in LeadSource::KNOWN {
            assert!(says(&row(Some(source.clone())), source.as_str()), "{source}");
        }
        assert!(!says(&row(Some(LeadSource::Website)), "partner"));
        assert!(!says(&row(None), "partner"), "a name is no source");
    }
}
