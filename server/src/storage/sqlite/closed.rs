//! The cards of closed periods, kept as they stood.

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{odd, time};
use super::scores;
use crate::storage::StorageError;
use crate::storage::model::ClosedCard;

pub(super) fn periods_not_closed(
    connection: &Connection,
    org: OrgId,
) -> Result<Vec<Period>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select distinct s.period from scorecard s
         left join closed_card c on c.org = s.org and c.rep = s.rep and c.period = s.period
         where s.org = ?1 and c.rep is null",
    )?;
    let found = statement.query_map(params![org.as_bytes()], |row| {
        let period: String = row.get(0)?;
        period.parse().map_err(|_error| odd(0, "no period"))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A card whose digest was blanked waits to be computed again, and is no result.
pub(super) fn close(
    connection: &Connection,
    org: OrgId,
    period: Period,
    end: Timestamp,
    at: Timestamp,
) -> Result<usize, StorageError> {
    let mut statement = connection.prepare_cached(
        "insert into closed_card (org, rep, period, as_of, rules_version, policy_hash,
             inputs_digest, outcome_digest, outcome, total_centipoints, closed_at)
         select org, rep, period, as_of, rules_version, policy_hash, inputs_digest,
             outcome_digest, outcome, total_centipoints, ?4 from scorecard
         where org = ?1 and period = ?2 and as_of >= ?3 and inputs_digest <> zeroblob(32)
         on conflict do nothing",
    )?;
    Ok(statement.execute(params![org.as_bytes(), period.to_string(), end.millis(), at.millis()])?)
}

const SELECT: &str = "select c.rep, c.period, c.as_of, c.rules_version, c.policy_hash,
     c.inputs_digest, c.outcome_digest, c.outcome, c.total_centipoints, c.closed_at
     from closed_card c";

pub(super) fn of_rep(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<Option<ClosedCard>, StorageError> {
    let sql = format!("{SELECT} where c.org = ?1 and c.rep = ?2 and c.period = ?3");
    let wanted = params![org.as_bytes(), rep.as_bytes(), period.to_string()];
    Ok(connection.prepare_cached(&sql)?.query_row(wanted, closed).optional()?)
}

pub(super) fn restated(
    connection: &Connection,
    org: OrgId,
    period: Period,
) -> Result<Vec<ClosedCard>, StorageError> {
    let sql = format!(
        "{SELECT} join scorecard s on s.org = c.org and s.rep = c.rep and s.period = c.period
         where c.org = ?1 and c.period = ?2 and s.outcome_digest <> c.outcome_digest
         order by c.rep"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(params![org.as_bytes(), period.to_string()], closed)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn closed(row: &Row<'_>) -> rusqlite::Result<ClosedCard> {
    Ok(ClosedCard { card: scores::card(row)?, closed_at: time(row, 9)? })
}
