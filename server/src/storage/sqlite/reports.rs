//! What reports and funnels read: deals of a stretch of time, found by index.
//!
//! An org of ten years has a hundred thousand deals and a report asks for a
//! quarter of them at most, so a row outside the time asked for is never read, and
//! what is read is turned into the few facts that figures need while its row is at
//! hand.

use client_core::id::{DocId, OrgId, UnitId};
use client_core::money::Money;
use client_core::projection::DocState;
use client_core::records::{PlacementRecord, Record, RecordKind};
use client_core::rules::{self, TeamDeal};
use client_core::time::{Date, Timestamp};
use rusqlite::{Connection, Params, params};

use super::codec::{corrupt, optional_id};
use super::{SqliteStorage, order_days, reported, rows};
use crate::storage::model::{RecordRow, Row, VisitCount, WonDeal};
use crate::storage::{Reports, StorageError};

/// Decided in `[?2, ?3)`.
pub(super) const DECIDED: &str = "from deal_row r indexed by deal_by_decided
     join doc d on d.org = r.org and d.doc = r.doc
     left join record p on p.org = r.org and p.kind = 'placement' and p.id = r.doc
     where r.org = ?1 and r.decided_at >= ?2 and r.decided_at < ?3 and r.outcome is not null";

/// Open and created in `[?2, ?3)`.
pub(super) const OPEN: &str = "from deal_row r indexed by deal_by_created
     join doc d on d.org = r.org and d.doc = r.doc
     left join record p on p.org = r.org and p.kind = 'placement' and p.id = r.doc
     where r.org = ?1 and r.created_at >= ?2 and r.created_at < ?3 and r.outcome is null";

/// Without a decision's time, and not created after `?2`.
pub(super) const UNDECIDED: &str = "from deal_row r indexed by deal_by_decided
     join doc d on d.org = r.org and d.doc = r.doc
     left join record p on p.org = r.org and p.kind = 'placement' and p.id = r.doc
     where r.org = ?1 and r.decided_at is null
       and (r.created_at is null or r.created_at < ?2)";

/// Decided at `?3` or later, and not created after `?2`.
pub(super) const DECIDED_SINCE: &str = "from deal_row r indexed by deal_by_decided
     join doc d on d.org = r.org and d.doc = r.doc
     left join record p on p.org = r.org and p.kind = 'placement' and p.id = r.doc
     where r.org = ?1 and r.decided_at >= ?3
       and (r.created_at is null or r.created_at < ?2)";

impl Reports for SqliteStorage {
    async fn deals_between(
        &self,
        org: OrgId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TeamDeal>, StorageError> {
        self.read(move |connection| {
            let span = params![org.as_bytes(), from.millis(), until.millis()];
            let mut deals = deals(connection, org, DECIDED, span)?;
            deals.extend(self::deals(connection, org, OPEN, span)?);
            Ok(deals)
        })
        .await
    }

    async fn deals_alive(
        &self,
        org: OrgId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TeamDeal>, StorageError> {
        self.read(move |connection| {
            let begun = params![org.as_bytes(), until.millis()];
            let mut deals = deals(connection, org, UNDECIDED, begun)?;
            let since = params![org.as_bytes(), until.millis(), from.millis()];
            deals.extend(self::deals(connection, org, DECIDED_SINCE, since)?);
            Ok(deals)
        })
        .await
    }

    async fn undated_deals(&self, org: OrgId) -> Result<u64, StorageError> {
        self.read(move |connection| {
            let count: i64 = connection
                .prepare_cached(
                    "select (select count(*) from deal_row indexed by deal_by_created
                             where org = ?1 and created_at is null and outcome is null)
                          + (select count(*) from deal_row indexed by deal_by_decided
                             where org = ?1 and decided_at is null and outcome is not null)",
                )?
                .query_row(params![org.as_bytes()], |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or(0))
        })
        .await
    }

    async fn won_between(
        &self,
        org: OrgId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<WonDeal>, StorageError> {
        self.read(move |connection| reported::won_between(connection, org, from, until)).await
    }

    async fn visit_counts(
        &self,
        org: OrgId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<VisitCount>, StorageError> {
        self.read(move |connection| reported::visit_counts(connection, org, from, until)).await
    }

    async fn telling_visits(
        &self,
        org: OrgId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Row>, StorageError> {
        self.read(move |connection| reported::telling_visits(connection, org, from, until)).await
    }

    async fn customers_by_industry(
        &self,
        org: OrgId,
        units: Option<Vec<UnitId>>,
    ) -> Result<Vec<(Option<String>, u64)>, StorageError> {
        self.read(move |connection| {
            reported::customers_by_industry(connection, org, units.as_deref())
        })
        .await
    }

    async fn open_with(
        &self,
        org: OrgId,
        customers: Vec<DocId>,
    ) -> Result<Vec<(DocId, Money)>, StorageError> {
        self.read(move |connection| reported::open_with(connection, org, &customers)).await
    }

    async fn orders_bearing(
        &self,
        org: OrgId,
        from: Date,
        until: Date,
        deals: Vec<DocId>,
    ) -> Result<Vec<RecordRow>, StorageError> {
        self.read(move |connection| order_days::bearing(connection, org, (from, until), &deals))
            .await
    }

    async fn plans_between(
        &self,
        org: OrgId,
        from: Date,
        until: Date,
    ) -> Result<Vec<Row>, StorageError> {
        self.read(move |connection| reported::plans_between(connection, org, from, until)).await
    }
}

fn deals(
    connection: &Connection,
    org: OrgId,
    found: &str,
    params: impl Params,
) -> Result<Vec<TeamDeal>, StorageError> {
    let sql = format!("select {}, p.body, r.customer {found}", rows::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut deals = Vec::new();
    while let Some(row) = rows.next()? {
        let placement: Option<Vec<u8>> = row.get(9)?;
        let customer = optional_id(row, 10, DocId::from_bytes)?;
        let read = rows::read(row, org)?;
        let placement = match placement {
            Some(body) => placement_of(read.header.doc, &body)?,
            None => None,
        };
        if let DocState::Deal(state) = &read.state {
            let row = rules::Row { header: read.header, heads: &read.heads, state };
            let mut deal = TeamDeal::of(&row, placement.as_ref());
            deal.fact.customer = customer;
            deals.push(deal);
        }
    }
    Ok(deals)
}

pub(super) fn placement_of(
    deal: DocId,
    body: &[u8],
) -> Result<Option<PlacementRecord>, StorageError> {
    let id = client_core::id::RecordId::from_bytes(*deal.as_bytes());
    match Record::decode(RecordKind::Placement, id, body) {
        Ok(Record::Placement(placement)) => Ok(Some(placement)),
        Ok(_) => Ok(None),
        Err(error) => Err(corrupt("placement", error.to_string())),
    }
}
