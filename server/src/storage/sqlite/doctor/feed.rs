//! The feed: every position is there, and every change of the log has one.

use client_core::id::OrgId;
use rusqlite::{Connection, params};

use super::count;
use crate::storage::StorageError;
use crate::storage::doctor::{Report, Trouble};

pub(super) fn check(
    connection: &Connection,
    org: OrgId,
    report: &mut Report,
) -> Result<(), StorageError> {
    let given: i64 =
        connection
            .query_row("select seq from org where org = ?1", [org.as_bytes()], |row| row.get(0))?;
    let (rows, last): (i64, i64) = connection.query_row(
        "select count(*), coalesce(max(seq), 0) from feed where org = ?1",
        [org.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if last > given {
        let how = format!("the last position is {last}, and {given} were given out");
        report.add(Trouble::FeedGap, how);
    }
    if rows < given {
        let missing = given.saturating_sub(rows).unsigned_abs();
        report.add_many(Trouble::FeedGap, missing, format!("{missing} of {given} are not there"));
    }
    let untold = count(
        connection,
        "select count(*) from change c where c.org = ?1 and not exists
             (select 1 from feed f where f.org = c.org and f.seq = c.seq and f.doc = c.doc)",
        params![org.as_bytes()],
    )?;
    let how = format!("{untold} logged changes have no position");
    report.add_many(Trouble::FeedGap, untold, how);
    Ok(())
}
