//! Keys, people, clocks, and what belongs to nothing.

use client_core::id::OrgId;
use client_core::records::{Role, UserStatus};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::super::access;
use super::count;
use crate::storage::StorageError;
use crate::storage::doctor::{Report, Trouble};

/// How far apart two clocks may be before it is said.
const DRIFT_MS: i64 = 5 * 60 * 1000;

pub(super) fn keys(
    connection: &Connection,
    org: OrgId,
    report: &mut Report,
) -> Result<(), StorageError> {
    let (secret, epoch): (Vec<u8>, Vec<u8>) = connection.query_row(
        "select secret, epoch from org where org = ?1",
        [org.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let empty = |key: &[u8]| key.iter().all(|byte| *byte == 0);
    for (name, key, length) in [("secret", &secret, 32), ("epoch", &epoch, 8)] {
        if key.len() != length || empty(key) {
            report.add(Trouble::KeysMissing, format!("the {name} of org {org}"));
        }
    }
    Ok(())
}

pub(super) fn administered(
    connection: &Connection,
    org: OrgId,
    report: &mut Report,
) -> Result<(), StorageError> {
    let admin = access::users(connection, org)?
        .into_iter()
        .any(|user| user.role == Role::Admin && user.status == UserStatus::Active);
    if !admin {
        report.add(Trouble::NobodyAdministers, format!("org {org}"));
    }
    Ok(())
}

pub(super) fn clock(
    connection: &Connection,
    org: OrgId,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), StorageError> {
    let newest: Option<i64> = connection.query_row(
        "select max(changed_at) from doc where org = ?1",
        [org.as_bytes()],
        |row| row.get(0),
    )?;
    let ahead = newest.map_or(0, |newest| newest.saturating_sub(now.millis()));
    if ahead > DRIFT_MS {
        let minutes = ahead / 60_000;
        report.add(Trouble::ClockBehind, format!("{minutes} minutes"));
    }
    Ok(())
}

/// Rows that belong to nothing: where they are, how they are counted, and how they go.
/// A change without its document is not among them: it is the truth, and stays.
pub(super) const ORPHANS: [(&str, &str); 19] = [
    ("customer_row", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("visit_row", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("deal_row", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("plan_row", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("case_row", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    (
        "about",
        "not exists (select 1 from record_scope s where s.org = o.org and s.rank = o.rank and s.id = o.id)",
    ),
    (
        "order_day",
        "not exists (select 1 from record r where r.org = o.org and r.kind = 'order' and r.id = o.id)",
    ),
    ("conflict", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("member", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("former_member", "not exists (select 1 from doc d where d.org = o.org and d.doc = o.doc)"),
    ("feed_scope", "not exists (select 1 from feed f where f.org = o.org and f.seq = o.seq)"),
    ("device", "not exists (select 1 from user u where u.org = o.org and u.user = o.user)"),
    ("session", "not exists (select 1 from user u where u.org = o.org and u.user = o.user)"),
    ("token", "not exists (select 1 from session s where s.org = o.org and s.session = o.session)"),
    ("access", "not exists (select 1 from user u where u.org = o.org and u.user = o.user)"),
    ("enrolment_code", "not exists (select 1 from user u where u.org = o.org and u.user = o.user)"),
    ("dirty", "not exists (select 1 from org g where g.org = o.org)"),
    ("record", "not exists (select 1 from org g where g.org = o.org)"),
    ("scope_digest", "not exists (select 1 from org g where g.org = o.org)"),
];

pub(super) fn orphans(connection: &Connection, report: &mut Report) -> Result<(), StorageError> {
    for (table, orphaned) in ORPHANS {
        let sql = format!("select count(*) from main.{table} o where {orphaned}");
        let found = count(connection, &sql, [])?;
        report.add_many(Trouble::RowOrphaned, found, format!("{found} in {table}"));
    }
    let changes = count(
        connection,
        "select count(*) from change c where not exists
             (select 1 from doc d where d.org = c.org and d.doc = c.doc)",
        [],
    )?;
    report.add_many(Trouble::ChangeOrphaned, changes, format!("{changes} changes"));
    Ok(())
}

pub(super) fn waiting(connection: &Connection, report: &mut Report) -> Result<(), StorageError> {
    let quarantined =
        count(connection, "select count(*) from quarantine where verdict is null", [])?;
    report.add_many(Trouble::Quarantined, quarantined, format!("{quarantined} changes"));
    let dirty = count(connection, "select count(*) from dirty", [])?;
    report.add_many(Trouble::ScoresWait, dirty, format!("{dirty} periods"));
    Ok(())
}
