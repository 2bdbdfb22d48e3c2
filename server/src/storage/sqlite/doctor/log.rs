//! The log, and the documents and rows that follow from it.
//!
//! A change's hash covers its bytes, and those name what it builds on. So the log is
//! whole if every change has its hash, follows its actor's last one, and finds what it
//! names; and a stored document is what the log makes if it can be loaded (which checks
//! hashes again) and its heads are the log's. Nothing has to be applied for that.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{ChangeHash, Document, Header, Heads};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, OrgId};
use client_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::super::codec::{hash, header, heads, id, time};
use super::{Told, count, shadow};
use crate::storage::StorageError;
use crate::storage::doctor::{Progress, Report, Trouble};
use crate::storage::model::Seq;

/// Documents looked at together.
pub(super) const BATCH: usize = 256;

/// A document's row.
pub(super) struct Held {
    pub(super) row: i64,
    pub(super) header: Header,
    pub(super) heads: Heads,
    pub(super) snapshot: Vec<u8>,
    pub(super) received_at: Timestamp,
}

/// The next documents after a row of the table, in its order.
pub(super) fn batch(
    connection: &Connection,
    org: OrgId,
    after: i64,
) -> Result<Vec<Held>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select doc, kind, author, customer, generation, heads, snapshot, received_at,
             rowid
         from doc where org = ?1 and rowid > ?2 order by rowid limit ?3",
    )?;
    let found = statement.query_map(params![org.as_bytes(), after, BATCH as i64], |row| {
        Ok(Held {
            header: header(row, 0, org)?,
            heads: heads(row, 5)?,
            snapshot: row.get(6)?,
            received_at: time(row, 7)?,
            row: row.get(8)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// One line of the log.
struct Logged {
    seq: Seq,
    hash: ChangeHash,
    actor: ActorId,
    actor_seq: u64,
    bytes: Vec<u8>,
}

fn logged(connection: &Connection, header: &Header) -> Result<Vec<Logged>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select seq, hash, actor, actor_seq, bytes from change
         where org = ?1 and doc = ?2 and generation = ?3 order by seq, place",
    )?;
    let found = statement.query_map(
        params![header.org.as_bytes(), header.doc.as_bytes(), header.generation.0],
        |row| {
            Ok(Logged {
                seq: row.get(0)?,
                hash: hash(row, 1)?,
                actor: id(row, 2, ActorId::from_bytes)?,
                actor_seq: row.get::<_, i64>(3)?.unsigned_abs(),
                bytes: row.get(4)?,
            })
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What the log says of one document.
pub(super) struct FromLog {
    /// The heads that its changes make.
    pub(super) heads: Heads,
    /// The position of the last one.
    pub(super) last_seq: Option<Seq>,
    /// Its changes, screened, in order.
    pub(super) changes: Vec<ScreenedChange>,
    /// What is wrong with it.
    pub(super) wrong: Option<(Trouble, String)>,
}

/// Reads the log of one document.
pub(super) fn read(connection: &Connection, header: &Header) -> Result<FromLog, StorageError> {
    let genesis = Document::create(*header).heads();
    let mut known: BTreeSet<ChangeHash> = genesis.as_slice().iter().copied().collect();
    let mut heads = known.clone();
    let mut lasts: BTreeMap<ActorId, u64> = BTreeMap::new();
    let mut told = FromLog { heads: genesis, last_seq: None, changes: Vec::new(), wrong: None };
    // What was taken once is read again, whatever the limits are now.
    let limits = Limits::default();
    for line in logged(connection, header)? {
        let doc = header.doc;
        let place = format!("document {doc}, position {}", line.seq.get());
        let change = match ScreenedChange::screen(&line.bytes, &limits) {
            Ok(change) => change,
            Err(rejection) => {
                told.wrong = Some((Trouble::ChangeDamaged, format!("{place}: {rejection}")));
                return Ok(told);
            }
        };
        if (change.hash(), change.actor(), change.seq()) != (line.hash, line.actor, line.actor_seq)
        {
            let why = format!("{place}: hash, actor or number are not the logged ones");
            told.wrong = Some((Trouble::ChangeDamaged, why));
            return Ok(told);
        }
        let last = lasts.insert(line.actor, line.actor_seq).unwrap_or(0);
        let follows = last.checked_add(1) == Some(line.actor_seq);
        if !follows || !change.deps().iter().all(|dep| known.contains(dep)) {
            told.wrong = Some((Trouble::ChangeMissing, place));
            return Ok(told);
        }
        for dep in change.deps() {
            heads.remove(dep);
        }
        heads.insert(line.hash);
        known.insert(line.hash);
        told.last_seq = Some(line.seq);
        told.changes.push(change);
    }
    told.heads = Heads::new(heads.into_iter().collect());
    Ok(told)
}

/// Whether a document holds everything that its log has, and more.
pub(super) fn knows_more(document: &Document, log: &FromLog) -> bool {
    document.heads() != log.heads && log.heads.as_slice().iter().all(|head| document.contains(head))
}

/// Looks at every document of an org.
pub(super) fn documents(
    connection: &Connection,
    org: OrgId,
    report: &mut Report,
    told: Told<'_>,
) -> Result<(), StorageError> {
    let of = count(connection, "select count(*) from doc where org = ?1", [org.as_bytes()])?;
    let (mut done, mut after) = (0, 0);
    loop {
        told(Progress { done, of });
        let held = batch(connection, org, after)?;
        let Some(last) = held.last() else { break };
        after = last.row;
        done += held.len() as u64;
        for held in held {
            one(connection, org, held, report)?;
        }
        for doc in shadow::differing(connection)? {
            report.add(Trouble::RowDiffers, doc.to_string());
        }
        shadow::clear(connection)?;
    }
    report.documents += done;
    Ok(())
}

fn one(
    connection: &Connection,
    org: OrgId,
    held: Held,
    report: &mut Report,
) -> Result<(), StorageError> {
    let doc = held.header.doc;
    let log = read(connection, &held.header)?;
    report.changes += log.changes.len() as u64;
    if let Some((trouble, place)) = log.wrong {
        report.add(trouble, place);
        return Ok(());
    }
    let document = match Document::load(held.header, &held.snapshot) {
        Ok(document) if document.heads() == log.heads && held.heads == log.heads => document,
        Ok(document) if knows_more(&document, &log) => {
            report.add(Trouble::ChangeMissing, format!("document {doc} has changes without a log"));
            return Ok(());
        }
        Ok(_) => {
            report.add(Trouble::DocumentDiffers, format!("{doc}: other heads than its log's"));
            return Ok(());
        }
        Err(error) => {
            report.add(Trouble::DocumentDiffers, format!("{doc}: {error}"));
            return Ok(());
        }
    };
    shadow::write(connection, org, &document, held.received_at)
}
