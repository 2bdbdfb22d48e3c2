//! What periodic reports read beside deals: counts by index, and only those visits that
//! have something to tell.
//!
//! A week may hold twenty thousand visits, and a report quotes a few hundred of them. So
//! visits are counted over an index that covers the question, and a visit is decoded only
//! where its stored row does not say that it heard of nothing.

use client_core::docs::deal::{DealOutcome, DealState};
use client_core::docs::{DocKind, Generation, Header};
use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::records::PlacementRecord;
use client_core::rules::credit;
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, params};

use super::codec::{id, optional_id, time};
use super::{reports, rows};
use crate::storage::StorageError;
use crate::storage::model::{Row, VisitCount, WonDeal};

pub(super) const WON: &str = "from deal_row r indexed by deal_by_decided
     left join record p on p.org = r.org and p.kind = 'placement' and p.id = r.doc
     where r.org = ?1 and r.decided_at >= ?2 and r.decided_at < ?3 and r.outcome = 'won'";

pub(super) fn won_between(
    connection: &Connection,
    org: OrgId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<WonDeal>, StorageError> {
    let sql =
        format!("select r.doc, r.author, r.decided_at, r.amount_minor, r.currency, p.body {WON}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params![org.as_bytes(), from.millis(), until.millis()])?;
    let mut deals = Vec::new();
    while let Some(row) = found.next()? {
        let doc = id(row, 0, DocId::from_bytes)?;
        let author = id(row, 1, UserId::from_bytes)?;
        let decided_at = time(row, 2)?;
        let amount = amount(row, 3)?;
        let placement: Option<Vec<u8>> = row.get(5)?;
        let placement: Option<PlacementRecord> = match placement {
            Some(body) => reports::placement_of(doc, &body)?,
            None => None,
        };
        let generation = Generation(0);
        let header = Header { doc, kind: DocKind::Deal, org, author, customer: None, generation };
        let decided = DealState {
            outcome: Some(DealOutcome::Won),
            decided_at: Some(decided_at),
            ..DealState::default()
        };
        let credit = credit(&header, placement.as_ref(), &decided);
        deals.push(WonDeal { doc, credit, decided_at, amount });
    }
    Ok(deals)
}

fn amount(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Option<Money>> {
    let minor: Option<i64> = row.get(index)?;
    let currency: Option<String> = row.get(index + 1)?;
    let currency = currency.and_then(|code| Currency::kept(&code).ok());
    Ok(minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)))
}

pub(super) const COUNTED: &str = "select author, count(*),
         count(case when verdict in ('effective', 'needs_review') then 1 end),
         count(distinct customer)
     from visit_row indexed by visit_list
     where org = ?1 and started_at >= ?2 and started_at < ?3 group by author order by author";

pub(super) fn visit_counts(
    connection: &Connection,
    org: OrgId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<VisitCount>, StorageError> {
    let mut statement = connection.prepare_cached(COUNTED)?;
    let span = params![org.as_bytes(), from.millis(), until.millis()];
    let found = statement.query_map(span, |row| {
        let count = |index: usize| -> rusqlite::Result<u64> {
            Ok(u64::try_from(row.get::<_, i64>(index)?).unwrap_or(0))
        };
        Ok(VisitCount {
            rep: id(row, 0, UserId::from_bytes)?,
            visits: count(1)?,
            counted: count(2)?,
            customers: count(3)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// How a stored row says that a field holds nothing: the field's name and an empty map, or
/// null, as CBOR has them.
pub(super) const TELLING: &str = "from visit_row r indexed by visit_by_time
     join doc d on d.org = r.org and d.doc = r.doc
     where r.org = ?1 and r.started_at >= ?2 and r.started_at < ?3
       and not (instr(r.body, x'656e65656473a0') > 0
            and instr(r.body, x'6b636f6d70657469746f7273a0') > 0
            and instr(r.body, x'6c68656c705f72657175657374f6') > 0)
     order by r.started_at, r.doc";

pub(super) fn telling_visits(
    connection: &Connection,
    org: OrgId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Row>, StorageError> {
    let sql = format!("select {} {TELLING}", rows::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    rows::read_all(&mut statement, params![org.as_bytes(), from.millis(), until.millis()], org)
}

pub(super) fn customers_by_industry(
    connection: &Connection,
    org: OrgId,
    units: Option<&[UnitId]>,
) -> Result<Vec<(Option<String>, u64)>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select nullif(trim(c.industry), ''), h.unit, count(*) from holding h
         join customer_row c on c.org = h.org and c.doc = h.doc
         where h.org = ?1 and h.kind = 'customer' group by 1, 2",
    )?;
    let mut found = statement.query(params![org.as_bytes()])?;
    let mut counts: std::collections::BTreeMap<Option<String>, u64> =
        std::collections::BTreeMap::new();
    while let Some(row) = found.next()? {
        let unit = optional_id(row, 1, UnitId::from_bytes)?;
        let wanted = units.is_none_or(|units| unit.is_some_and(|unit| units.contains(&unit)));
        if wanted {
            let count: i64 = row.get(2)?;
            *counts.entry(row.get(0)?).or_default() += u64::try_from(count).unwrap_or(0);
        }
    }
    Ok(counts.into_iter().collect())
}

pub(super) fn open_with(
    connection: &Connection,
    org: OrgId,
    customers: &[DocId],
) -> Result<Vec<(DocId, Money)>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select sum(amount_minor), currency from deal_row indexed by deal_by_customer
         where org = ?1 and customer = ?2 and outcome is null and amount_minor is not null
         group by currency order by currency",
    )?;
    let mut open = Vec::new();
    for customer in customers {
        let mut found = statement.query(params![org.as_bytes(), customer.as_bytes()])?;
        while let Some(row) = found.next()? {
            open.extend(amount(row, 0)?.map(|amount| (*customer, amount)));
        }
    }
    Ok(open)
}

pub(super) fn plans_between(
    connection: &Connection,
    org: OrgId,
    from: Date,
    until: Date,
) -> Result<Vec<Row>, StorageError> {
    let sql = format!(
        "select {} from plan_row r indexed by plan_by_date
         join doc d on d.org = r.org and d.doc = r.doc
         where r.org = ?1 and r.date >= ?2 and r.date < ?3 order by r.date, r.doc",
        rows::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    rows::read_all(
        &mut statement,
        params![org.as_bytes(), from.to_string(), until.to_string()],
        org,
    )
}

#[cfg(test)]
mod tests {
    use client_core::docs::Hydrated;
    use client_core::docs::visit::{CompetitorSeen, HelpRequest, VisitState};
    use client_core::id::ItemId;
    use client_core::projection::DocState;

    use super::*;

    /// What [`TELLING`] looks for in a row.
    fn is_silent(state: VisitState) -> bool {
        let row = DocState::Visit(Hydrated { value: state, faults: Vec::new() }).encode();
        let file = Connection::open_in_memory().unwrap();
        file.query_row(
            "select instr(?1, x'656e65656473a0') > 0
                 and instr(?1, x'6b636f6d70657469746f7273a0') > 0
                 and instr(?1, x'6c68656c705f72657175657374f6') > 0",
            [row],
            |row| row.get(0),
        )
        .unwrap()
    }

    #[test]
    fn a_row_says_that_its_visit_heard_of_nothing() {
        let item = ItemId::from_bytes([1; 16]);
        assert!(is_silent(VisitState::default()));
        let needs = [(item, "faster delivery".to_owned())].into();
        assert!(!is_silent(VisitState { needs, ..VisitState::default() }));
        let competitors = [(item, CompetitorSeen::default())].into();
        assert!(!is_silent(VisitState { competitors, ..VisitState::default() }));
        let help_request = Some(HelpRequest::default());
        assert!(!is_silent(VisitState { help_request, ..VisitState::default() }));
    }
}
