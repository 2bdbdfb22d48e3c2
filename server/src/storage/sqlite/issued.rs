//! Reports as they were issued.

use client_core::id::{OrgId, RecordId, UnitId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::SqliteStorage;
use super::codec::{id, odd, optional_id, time};
use crate::storage::model::{IssuedBody, IssuedReport, Seq};
use crate::storage::{Issued, StorageError};

const COLUMNS: &str = "id, kind, period, unit, as_of, feed_position, rules_version, \
     policy_version, issued_at, issued_by, facts_digest, report_digest";

impl Issued for SqliteStorage {
    async fn issue(
        &self,
        org: OrgId,
        report: IssuedReport,
        body: IssuedBody,
        names: Vec<[u8; 16]>,
    ) -> Result<(), StorageError> {
        self.write(move |connection| keep(connection, org, &report, &body, &names)).await
    }

    async fn issued(
        &self,
        org: OrgId,
        id: RecordId,
    ) -> Result<Option<(IssuedReport, Option<IssuedBody>)>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {COLUMNS}, facts, report from issued_report where org = ?1 and id = ?2"
            );
            let found = connection
                .prepare_cached(&sql)?
                .query_row(params![org.as_bytes(), id.as_bytes()], |row| {
                    let facts: Option<Vec<u8>> = row.get(12)?;
                    let report: Option<Vec<u8>> = row.get(13)?;
                    let body =
                        facts.zip(report).map(|(facts, report)| IssuedBody { facts, report });
                    Ok((read(row)?, body))
                })
                .optional()?;
            Ok(found)
        })
        .await
    }

    async fn issued_lately(
        &self,
        org: OrgId,
        limit: u32,
    ) -> Result<Vec<IssuedReport>, StorageError> {
        self.read(move |connection| {
            let sql = format!(
                "select {COLUMNS} from issued_report indexed by issued_report_by_time
                 where org = ?1 order by issued_at desc, id limit ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map(params![org.as_bytes(), limit], read)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn keep(
    connection: &Connection,
    org: OrgId,
    report: &IssuedReport,
    body: &IssuedBody,
    names: &[[u8; 16]],
) -> Result<(), StorageError> {
    let written = connection
        .prepare_cached(
            "insert into issued_report (org, id, kind, period, unit, as_of, feed_position,
                 rules_version, policy_version, issued_at, issued_by, facts_digest, report_digest,
                 facts, report)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             on conflict (org, id) do nothing",
        )?
        .execute(params![
            org.as_bytes(),
            report.id.as_bytes(),
            report.kind,
            report.period,
            report.unit.as_ref().map(UnitId::as_bytes),
            report.as_of.millis(),
            report.feed_position.0,
            report.rules_version,
            report.policy_version,
            report.issued_at.millis(),
            report.issued_by.as_ref().map(UserId::as_bytes),
            report.facts_digest,
            report.report_digest,
            body.facts,
            body.report,
        ])?;
    if written == 0 {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "insert into issued_report_names (org, subject, report) values (?1, ?2, ?3)
         on conflict do nothing",
    )?;
    for name in names {
        statement.execute(params![org.as_bytes(), name, report.id.as_bytes()])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<IssuedReport> {
    let digest = |index| -> rusqlite::Result<[u8; 32]> {
        let bytes: Vec<u8> = row.get(index)?;
        bytes.try_into().map_err(|_bytes| odd(index, "no digest"))
    };
    Ok(IssuedReport {
        id: id(row, 0, RecordId::from_bytes)?,
        kind: row.get(1)?,
        period: row.get(2)?,
        unit: optional_id(row, 3, UnitId::from_bytes)?,
        as_of: time(row, 4)?,
        feed_position: Seq(row.get(5)?),
        rules_version: row.get(6)?,
        policy_version: row.get(7)?,
        issued_at: time(row, 8)?,
        issued_by: optional_id(row, 9, UserId::from_bytes)?,
        facts_digest: digest(10)?,
        report_digest: digest(11)?,
    })
}

/// What reports say of something goes with it. That there was a report stays, with what its
/// bytes added up to, so that a printed one is still known as ours.
pub(super) fn forget(
    connection: &Connection,
    org: OrgId,
    subject: &[u8; 16],
) -> Result<(), StorageError> {
    let subject = params![org.as_bytes(), subject];
    for sql in [
        "update issued_report set facts = null, report = null where org = ?1 and id in
             (select report from issued_report_names where org = ?1 and subject = ?2)",
        "delete from issued_report_names where org = ?1 and subject = ?2",
        "update meeting_item set text = '' where org = ?1 and owner = ?2",
    ] {
        connection.prepare_cached(sql)?.execute(subject)?;
    }
    Ok(())
}
