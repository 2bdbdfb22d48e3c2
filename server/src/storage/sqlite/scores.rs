//! What scoring reads and writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use client_core::docs::DocKind;
use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::protocol::Scope;
use client_core::records::{Record, RecordKind, ScorecardRecord};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{id, odd, scope_key, time};
use super::{SqliteStorage, business, closed, facts, feed, lists, records, rows, write_records};
use crate::storage::lists::CardNotes;
use crate::storage::model::{
    self, Bearing, BusinessMoved, CardCalls, CardLines, CardVisits, ClosedCard, DirtyMark,
    FactRows, RecordRow, ScorecardRow, Seq, doc_rank, record_rank,
};
use crate::storage::{Scores, StorageError};

impl Scores for SqliteStorage {
    async fn dirty(&self, org: OrgId, limit: u32) -> Result<Vec<DirtyMark>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select rep, period, since_seq from dirty where org = ?1
                 order by since_seq, rep, period limit ?2",
            )?;
            let rows = statement.query_map(params![org.as_bytes(), limit], |row| {
                let period: String = row.get(1)?;
                Ok(DirtyMark {
                    rep: id(row, 0, UserId::from_bytes)?,
                    period: period.parse().map_err(|_error| odd(1, "no period"))?,
                    since: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn mark_dirty(
        &self,
        org: OrgId,
        rep: UserId,
        period: Period,
    ) -> Result<(), StorageError> {
        self.write(move |connection| mark(connection, org, rep, period)).await
    }

    async fn clear_dirty(&self, org: OrgId, mark: DirtyMark) -> Result<(), StorageError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "delete from dirty
                     where org = ?1 and rep = ?2 and period = ?3 and since_seq = ?4",
                )?
                .execute(params![
                    org.as_bytes(),
                    mark.rep.as_bytes(),
                    mark.period.to_string(),
                    mark.since
                ])?;
            Ok(())
        })
        .await
    }

    async fn rows_for_rep(&self, org: OrgId, rep: UserId) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| rows_of(connection, org, rep, None)).await
    }

    async fn rows_changed(
        &self,
        org: OrgId,
        rep: UserId,
        since: Timestamp,
    ) -> Result<Vec<model::Row>, StorageError> {
        self.read(move |connection| rows_of(connection, org, rep, Some(since))).await
    }

    async fn facts_for_rep(
        &self,
        org: OrgId,
        rep: UserId,
        since: Timestamp,
    ) -> Result<FactRows, StorageError> {
        self.read(move |connection| facts::of_rep(connection, org, rep, since)).await
    }

    async fn business_for_rep(&self, org: OrgId, rep: UserId) -> Result<FactRows, StorageError> {
        self.read(move |connection| facts::business_of_rep(connection, org, rep)).await
    }

    async fn business_moved(
        &self,
        org: OrgId,
        after: Seq,
        reps: Vec<UserId>,
        bearing: Bearing,
    ) -> Result<BusinessMoved, StorageError> {
        self.read(move |connection| business::moved(connection, org, after, &reps, bearing)).await
    }

    async fn placements_for_rep(
        &self,
        org: OrgId,
        rep: UserId,
    ) -> Result<Vec<RecordRow>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select r.kind, r.id, r.version, r.body from
                     (select id from record_scope where org = ?1 and scope = ?2 and rank = ?3
                      union
                      select id from former_record_scope
                      where org = ?1 and scope = ?2 and rank = ?3) s
                 join record r on r.org = ?1 and r.kind = 'placement' and r.id = s.id",
            )?;
            let wanted = params![
                org.as_bytes(),
                scope_key(Scope::User(rep)),
                record_rank(RecordKind::Placement)
            ];
            let found = statement.query_map(wanted, records::from_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn records_for_rep(
        &self,
        org: OrgId,
        rep: UserId,
        kinds: Vec<RecordKind>,
    ) -> Result<Vec<RecordRow>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select r.kind, r.id, r.version, r.body from record_scope s
                 join record r on r.org = s.org and r.kind = ?4 and r.id = s.id
                 where s.org = ?1 and s.scope = ?2 and s.rank = ?3 order by r.id",
            )?;
            let mut found = Vec::new();
            for kind in kinds {
                let wanted = params![
                    org.as_bytes(),
                    scope_key(Scope::User(rep)),
                    record_rank(kind),
                    kind.as_str()
                ];
                let rows = statement.query_map(wanted, records::from_row)?;
                for row in rows {
                    found.push(row?);
                }
            }
            Ok(found)
        })
        .await
    }

    async fn scorecard(
        &self,
        org: OrgId,
        rep: UserId,
        period: Period,
    ) -> Result<Option<ScorecardRow>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT_CARDS} where org = ?1 and period = ?2 and rep = ?3");
            Ok(connection
                .prepare_cached(&sql)?
                .query_row(params![org.as_bytes(), period.to_string(), rep.as_bytes()], card)
                .optional()?)
        })
        .await
    }

    async fn scorecards(
        &self,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<ScorecardRow>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT_CARDS} where org = ?1 and period = ?2 order by rep");
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map(params![org.as_bytes(), period.to_string()], card)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn card_lines(
        &self,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<(UserId, Arc<CardLines>)>, StorageError> {
        let shelf = Arc::clone(&self.shelves.lines);
        self.read(move |connection| shelf.read(connection, org, period)).await
    }

    async fn card_calls(
        &self,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<(UserId, Arc<CardCalls>)>, StorageError> {
        let shelf = Arc::clone(&self.shelves.calls);
        self.read(move |connection| shelf.read(connection, org, period)).await
    }

    async fn card_visits(
        &self,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<(UserId, Arc<CardVisits>)>, StorageError> {
        let shelf = Arc::clone(&self.shelves.visits);
        self.read(move |connection| shelf.read(connection, org, period)).await
    }

    async fn publish_scorecard(
        &self,
        org: OrgId,
        card: ScorecardRow,
        notes: CardNotes,
        at: Timestamp,
    ) -> Result<Seq, StorageError> {
        self.write(move |connection| {
            let record = &card.record;
            lists::notes::write(connection, org, record.rep, record.period, &notes)?;
            connection
                .prepare_cached(
                    "insert into scorecard (org, rep, period, as_of, rules_version, policy_hash,
                         inputs_digest, outcome_digest, outcome, total_centipoints)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     on conflict (org, rep, period) do update
                     set as_of = excluded.as_of, rules_version = excluded.rules_version,
                         policy_hash = excluded.policy_hash,
                         inputs_digest = excluded.inputs_digest,
                         outcome_digest = excluded.outcome_digest, outcome = excluded.outcome,
                         total_centipoints = excluded.total_centipoints",
                )?
                .execute(params![
                    org.as_bytes(),
                    record.rep.as_bytes(),
                    record.period.to_string(),
                    record.as_of.millis(),
                    record.rules_version,
                    record.policy_hash,
                    record.inputs_digest,
                    record.outcome_digest,
                    card.outcome,
                    record.total_centipoints,
                ])?;
            write_records::one(connection, org, &Record::Scorecard(record.clone()), at)
        })
        .await
    }

    async fn periods_not_closed(&self, org: OrgId) -> Result<Vec<Period>, StorageError> {
        self.read(move |connection| closed::periods_not_closed(connection, org)).await
    }

    async fn close_cards(
        &self,
        org: OrgId,
        period: Period,
        end: Timestamp,
        at: Timestamp,
    ) -> Result<usize, StorageError> {
        self.write(move |connection| closed::close(connection, org, period, end, at)).await
    }

    async fn closed_card(
        &self,
        org: OrgId,
        rep: UserId,
        period: Period,
    ) -> Result<Option<ClosedCard>, StorageError> {
        self.read(move |connection| closed::of_rep(connection, org, rep, period)).await
    }

    async fn restated_cards(
        &self,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<ClosedCard>, StorageError> {
        self.read(move |connection| closed::restated(connection, org, period)).await
    }
}

/// The rows of a rep's scope; only of documents written after `since`, if that is given.
fn rows_of(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    since: Option<Timestamp>,
) -> Result<Vec<model::Row>, StorageError> {
    let since = since.map_or(i64::MIN, Timestamp::millis);
    let mut found = Vec::new();
    for kind in DocKind::ALL {
        let sql = format!(
            "select {} from member m
             join doc d on d.org = m.org and d.doc = m.doc
             join {} r on r.org = d.org and r.doc = d.doc
             where m.org = ?1 and m.scope = ?2 and m.rank = ?3 and d.changed_at > ?4",
            rows::COLUMNS,
            rows::table(kind)
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let wanted = params![org.as_bytes(), scope_key(Scope::User(rep)), doc_rank(kind), since];
        found.extend(rows::read_all(&mut statement, wanted, org)?);
    }
    Ok(found)
}

const SELECT_CARDS: &str = "select rep, period, as_of, rules_version, policy_hash, inputs_digest,
     outcome_digest, outcome, total_centipoints from scorecard";

pub(super) fn card(row: &Row<'_>) -> rusqlite::Result<ScorecardRow> {
    let period: String = row.get(1)?;
    Ok(ScorecardRow {
        record: ScorecardRecord {
            rep: id(row, 0, UserId::from_bytes)?,
            period: period.parse().map_err(|_error| odd(1, "no period"))?,
            as_of: time(row, 2)?,
            rules_version: row.get(3)?,
            policy_hash: row.get(4)?,
            inputs_digest: row.get(5)?,
            outcome_digest: row.get(6)?,
            total_centipoints: row.get(8)?,
        },
        outcome: row.get(7)?,
    })
}

/// Marks a rep's period.
pub(super) fn mark(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<(), StorageError> {
    mark_at(connection, org, rep, period, feed::head(connection, org)?)
}

fn mark_at(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    period: Period,
    since: Seq,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "insert into dirty (org, rep, period, since_seq) values (?1, ?2, ?3, ?4)
             on conflict (org, rep, period) do update set since_seq = excluded.since_seq",
        )?
        .execute(params![org.as_bytes(), rep.as_bytes(), period.to_string(), since])?;
    Ok(())
}

/// Marks the months of facts, and the current one, for everybody they bear on.
///
/// Phones' clocks say anything. A month beyond the next one has no card yet, and
/// midnight gives everybody one when it begins; nobody sold anything before 1970.
pub(super) fn mark_months(
    connection: &Connection,
    org: OrgId,
    people: &BTreeSet<UserId>,
    facts: &[Timestamp],
    at: Timestamp,
) -> Result<(), StorageError> {
    if people.is_empty() {
        return Ok(());
    }
    let zone = records::zone(connection, org)?;
    let current = Period::month_of(zone.date(at));
    let next = Period::month_of(current.next_first_day());
    let months: BTreeSet<Period> = facts
        .iter()
        .filter(|fact| Timestamp::default() <= **fact)
        .map(|fact| Period::month_of(zone.date(*fact)))
        .filter(|month| *month <= next)
        .chain([current])
        .collect();
    let since = feed::head(connection, org)?;
    for person in people {
        for month in &months {
            mark_at(connection, org, *person, *month, since)?;
        }
    }
    Ok(())
}

/// Marks the current month of these reps, and every card of theirs that looks at the
/// time since `since`.
pub(super) fn mark_since(
    connection: &Connection,
    org: OrgId,
    reps: &BTreeSet<UserId>,
    since: Timestamp,
    at: Timestamp,
) -> Result<(), StorageError> {
    mark_months(connection, org, reps, &[], at)?;
    let first = records::zone(connection, org)?.date(since);
    let position = feed::head(connection, org)?;
    let mut cards =
        connection.prepare_cached("select period from scorecard where org = ?1 and rep = ?2")?;
    for rep in reps {
        let periods: Vec<String> = cards
            .query_map(params![org.as_bytes(), rep.as_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let periods = periods.iter().filter_map(|period| period.parse::<Period>().ok());
        for period in periods.filter(|period| first <= period.last_day()) {
            mark_at(connection, org, *rep, period, position)?;
        }
    }
    Ok(())
}
