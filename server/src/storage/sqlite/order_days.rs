//! The days of orders, so that the orders of some days are found without the others.
//!
//! A board, a trend and a report sum what was sold in their days, and books go on for years.
//! So the days of each order stand in a table beside it, and what is read is as much as what
//! is asked for, and one look into an index for each deal.

use std::collections::BTreeSet;

use client_core::id::{DocId, OrgId, RecordId};
use client_core::records::{OrderRecord, Record, RecordKind};
use client_core::time::Date;
use rusqlite::{Connection, params};

use super::codec::id;
use super::records;
use crate::storage::StorageError;
use crate::storage::model::{RecordRow, record_rank};

/// The first schema that has them.
pub(super) const SINCE: i64 = 31;

/// Orders that were made or called off in `[?2, ?3)`.
pub(super) const OF_DAYS: &str =
    "select id from order_day where org = ?1 and on_day >= ?2 and on_day < ?3";

/// Orders of a deal.
pub(super) const OF_DEAL: &str = "select id from about where org = ?1 and doc = ?2 and rank = ?3";

fn days(order: &OrderRecord) -> BTreeSet<String> {
    let days = std::iter::once(order.ordered_on).chain(order.cancelled_on);
    days.map(|day| day.to_string()).collect()
}

/// Puts the days of an order in the place of those that it had.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    order: &OrderRecord,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("delete from order_day where org = ?1 and id = ?2")?
        .execute(params![org.as_bytes(), order.id.as_bytes()])?;
    let mut insert =
        connection.prepare_cached("insert into order_day (org, on_day, id) values (?1, ?2, ?3)")?;
    for day in days(order) {
        insert.execute(params![org.as_bytes(), day, order.id.as_bytes()])?;
    }
    Ok(())
}

/// Whether other days are stored than the order says.
pub(super) fn differ(
    connection: &Connection,
    org: OrgId,
    order: &OrderRecord,
) -> Result<bool, StorageError> {
    let mut statement =
        connection.prepare_cached("select on_day from order_day where org = ?1 and id = ?2")?;
    let stored = statement
        .query_map(params![org.as_bytes(), order.id.as_bytes()], |row| row.get(0))?
        .collect::<Result<BTreeSet<String>, _>>()?;
    Ok(stored != days(order))
}

/// Orders that were made or called off in `[from, until)`, and those of these deals, by id.
pub(super) fn bearing(
    connection: &Connection,
    org: OrgId,
    (from, until): (Date, Date),
    deals: &[DocId],
) -> Result<Vec<RecordRow>, StorageError> {
    let mut any = connection.prepare_cached("select 1 from order_day where org = ?1 limit 1")?;
    if !any.exists([org.as_bytes()])? {
        return Ok(Vec::new());
    }
    let order = |row: &rusqlite::Row<'_>| id(row, 0, RecordId::from_bytes);
    let mut ids = connection
        .prepare_cached(OF_DAYS)?
        .query_map(params![org.as_bytes(), from.to_string(), until.to_string()], order)?
        .collect::<Result<BTreeSet<RecordId>, _>>()?;
    let mut of_deal = connection.prepare_cached(OF_DEAL)?;
    let rank = record_rank(RecordKind::Order);
    for deal in deals {
        let mut found = of_deal.query(params![org.as_bytes(), deal.as_bytes(), rank])?;
        while let Some(row) = found.next()? {
            ids.insert(order(row)?);
        }
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(records::one(connection, org, RecordKind::Order, id)?);
    }
    Ok(rows)
}

/// Fills in the days of orders that an older program wrote, at once or not at all.
pub(super) fn fill(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = connection.transaction()?;
    {
        let mut orgs = transaction.prepare("select org from org order by org")?;
        let orgs = orgs.query_map([], |row| id(row, 0, OrgId::from_bytes))?;
        for org in orgs {
            let org = org?;
            for row in records::of_kind(&transaction, org, RecordKind::Order)? {
                // A record that cannot be read is told by whoever reads it.
                if let Ok(Record::Order(order)) = row.decode() {
                    note(&transaction, org, &order)?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use client_core::money::{Currency, Money};

    use super::*;
    use crate::storage::sqlite::{about, open};

    const ORG: OrgId = OrgId::from_bytes([1; 16]);

    fn order(number: u8, deal: Option<u8>, on: &str, off: Option<&str>) -> OrderRecord {
        OrderRecord {
            id: RecordId::from_bytes([number; 16]),
            customer: DocId::from_bytes([100; 16]),
            deal: deal.map(|deal| DocId::from_bytes([deal; 16])),
            reference: None,
            ordered_on: on.parse().unwrap(),
            amount: Money::new(100, Currency::CNY),
            paid_on: None,
            cancelled_on: off.map(|off| off.parse().unwrap()),
            lines: Vec::new(),
            withdrawn_at: None,
        }
    }

    /// Stored as it is, and noted or not.
    fn store(connection: &Connection, order: &OrderRecord, noted: bool) {
        let record = Record::Order(order.clone());
        connection
            .execute(
                "insert or replace into record (org, kind, id, version, body, written_at)
                 values (?1, 'order', ?2, 1, ?3, 0)",
                params![ORG.as_bytes(), order.id.as_bytes(), record.encode()],
            )
            .unwrap();
        if noted {
            about::note(connection, ORG, &record).unwrap();
        }
    }

    fn found(connection: &Connection, from: &str, until: &str, deals: &[u8]) -> Vec<u8> {
        let days = (from.parse().unwrap(), until.parse().unwrap());
        let deals: Vec<DocId> = deals.iter().map(|deal| DocId::from_bytes([*deal; 16])).collect();
        let rows = bearing(connection, ORG, days, &deals).unwrap();
        rows.iter().map(|row| row.id.as_bytes()[0]).collect()
    }

    #[test]
    fn orders_are_found_by_their_days_and_by_their_deal_and_follow_what_is_corrected() {
        let connection = open::in_memory().unwrap();
        assert!(found(&connection, "2000-01-01", "2030-01-01", &[50]).is_empty());
        store(&connection, &order(1, None, "2026-08-31", None), true);
        store(&connection, &order(2, None, "2026-07-01", Some("2026-09-30")), true);
        store(&connection, &order(3, Some(50), "2026-01-05", None), true);
        store(&connection, &order(4, Some(51), "2026-10-01", None), true);
        assert_eq!(found(&connection, "2026-08-31", "2026-10-01", &[50]), [1, 2, 3]);
        assert_eq!(found(&connection, "2026-07-01", "2026-07-02", &[]), [2]);
        store(&connection, &order(2, None, "2026-07-01", None), true);
        assert!(found(&connection, "2026-09-01", "2026-10-01", &[]).is_empty());
    }

    #[test]
    fn an_older_file_is_filled_in_and_the_doctor_sees_what_is_missing() {
        let mut connection = open::in_memory().unwrap();
        let sql =
            "insert into org (org, seq, epoch, secret, created_at) values (?1, 0, x'', x'', 0)";
        connection.execute(sql, [ORG.as_bytes()]).unwrap();
        let old = order(1, None, "2026-08-31", None);
        store(&connection, &old, false);
        assert!(differ(&connection, ORG, &old).unwrap());
        fill(&mut connection).unwrap();
        fill(&mut connection).unwrap();
        assert!(!differ(&connection, ORG, &old).unwrap());
        assert_eq!(found(&connection, "2026-08-01", "2026-09-01", &[]), [1]);
    }
}
