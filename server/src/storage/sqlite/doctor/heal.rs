//! A rebuild: what follows from log and records, made again.

use client_core::docs::{Document, Heads};
use client_core::id::{OrgId, RecordId};
use client_core::records::RecordKind;
use client_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::super::codec::scope_key;
use super::super::{about, access, marks, membership, records, write_records};
use super::log::{self, FromLog, Held};
use super::{Told, count, people, scopes, shadow};
use crate::storage::StorageError;
use crate::storage::doctor::Progress;
use crate::storage::model::record_rank;
use crate::storage::scopes::of_record;

pub(super) fn everything(
    connection: &Connection,
    now: Timestamp,
    told: Told<'_>,
) -> Result<(), StorageError> {
    // Indexes follow from their tables.
    connection.execute_batch("reindex")?;
    for (table, orphaned) in people::ORPHANS {
        connection.execute(&format!("delete from main.{table} as o where {orphaned}"), [])?;
    }
    for org in super::orgs(connection)? {
        aliases(connection, org)?;
        let rows = documents(connection, org, told)?;
        holdings(connection, org)?;
        abouts(connection, org)?;
        readers(connection, org)?;
        access::refresh(connection, org, now)?;
        memberships(connection, org, now)?;
        digests(connection, org)?;
        if rows > 0 {
            score_again(connection, org)?;
        }
    }
    marks::anew(connection)
}

/// Documents and their rows; how many rows were written.
fn documents(connection: &Connection, org: OrgId, told: Told<'_>) -> Result<u64, StorageError> {
    let of = count(connection, "select count(*) from doc where org = ?1", [org.as_bytes()])?;
    let (mut done, mut after, mut rows) = (0, 0, 0);
    loop {
        told(Progress { done, of });
        let held = log::batch(connection, org, after)?;
        let Some(last) = held.last() else { return Ok(rows) };
        after = last.row;
        done += held.len() as u64;
        let mut kinds = Vec::with_capacity(held.len());
        for held in &held {
            if document(connection, org, held)? {
                kinds.push((held.header.doc, held.header.kind));
            }
        }
        for doc in shadow::differing(connection)? {
            if let Some((_, kind)) = kinds.iter().find(|(known, _)| *known == doc) {
                shadow::put(connection, org, *kind, doc)?;
                rows += 1;
            }
        }
        shadow::clear(connection)?;
    }
}

/// Makes one document again; whether its log could be read. What the log cannot make is
/// left as it is.
fn document(connection: &Connection, org: OrgId, held: &Held) -> Result<bool, StorageError> {
    let log = log::read(connection, &held.header)?;
    if log.wrong.is_some() {
        return Ok(false);
    }
    let stored = Document::load(held.header, &held.snapshot).ok();
    let same = |document: &Document| document.heads() == log.heads && held.heads == log.heads;
    let document = match stored {
        Some(document) if same(&document) => document,
        // What the document has and the log lacks would be lost.
        Some(document) if log::knows_more(&document, &log) => return Ok(false),
        _ => {
            let Some(document) = replay(held, &log) else { return Ok(false) };
            put(connection, org, &document, &log)?;
            document
        }
    };
    shadow::write(connection, org, &document, held.received_at)?;
    Ok(true)
}

fn replay(held: &Held, log: &FromLog) -> Option<Document> {
    let mut document = Document::create(held.header);
    for change in &log.changes {
        if let Err(error) = document.apply(change) {
            tracing::error!(doc = %held.header.doc, %error, "a log could not be replayed");
            return None;
        }
    }
    (document.heads() == log.heads).then_some(document)
}

fn put(
    connection: &Connection,
    org: OrgId,
    document: &Document,
    log: &FromLog,
) -> Result<(), StorageError> {
    let heads: Heads = document.heads();
    connection
        .prepare_cached(
            "update doc set revision = revision + 1, heads = ?3, snapshot = ?4, operations = ?5,
                 unfolded = 0, folded = length(?4), last_seq = coalesce(?6, last_seq)
             where org = ?1 and doc = ?2",
        )?
        .execute(params![
            org.as_bytes(),
            document.header().doc.as_bytes(),
            heads.to_bytes(),
            document.snapshot(),
            i64::try_from(document.operations()).unwrap_or(i64::MAX),
            log.last_seq,
        ])?;
    Ok(())
}

fn aliases(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    let (stored, wanted) = scopes::aliases(connection, org)?;
    if stored == wanted {
        return Ok(());
    }
    connection.execute("delete from alias where org = ?1", [org.as_bytes()])?;
    for (doc, (target, root)) in wanted {
        connection.execute(
            "insert into alias (org, doc, target, root) values (?1, ?2, ?3, ?4)",
            params![org.as_bytes(), doc.as_bytes(), target.as_bytes(), root.as_bytes()],
        )?;
    }
    Ok(())
}

fn holdings(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    let wrong = scopes::wrong_holdings(connection, org)?;
    for subject in &wrong {
        connection.execute(
            "delete from holding where org = ?1 and doc = ?2",
            params![org.as_bytes(), subject.as_bytes()],
        )?;
    }
    for placement in scopes::placements(connection, org)? {
        if wrong.contains(&placement.subject) {
            records::note_holding(connection, org, &placement)?;
        }
    }
    Ok(())
}

/// What records are about, noted as they say it.
fn abouts(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    for (kind, id) in about::differing(connection, org)? {
        let row = records::one(connection, org, kind, id)?;
        if let Some(record) = row.and_then(|row| row.decode().ok()) {
            about::note(connection, org, &record)?;
        }
    }
    Ok(())
}

/// Puts records that nobody reads back into their scopes.
fn readers(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    for (kind, id) in scopes::unread(connection, org)? {
        reader(connection, org, kind, id)?;
    }
    Ok(())
}

fn reader(
    connection: &Connection,
    org: OrgId,
    kind: RecordKind,
    id: RecordId,
) -> Result<(), StorageError> {
    let row = records::one(connection, org, kind, id)?;
    let Some(record) = row.and_then(|row| row.decode().ok()) else { return Ok(()) };
    let scopes = match about::readers(connection, org, &record)? {
        Some(scopes) => scopes,
        None => of_record(&record, &write_records::bearings(connection, org, &record, None)?),
    };
    for scope in scopes {
        connection.execute(
            "insert into record_scope (org, scope, rank, id) values (?1, ?2, ?3, ?4)",
            params![org.as_bytes(), scope_key(scope), record_rank(kind), id.as_bytes()],
        )?;
    }
    Ok(())
}

/// Moves documents to where they should be, and tells the readers on both sides.
fn memberships(connection: &Connection, org: OrgId, now: Timestamp) -> Result<(), StorageError> {
    for header in scopes::headers(connection, org)? {
        membership::settle(connection, &header, now)?;
    }
    Ok(())
}

fn digests(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    connection.execute("delete from scope_digest where org = ?1", [org.as_bytes()])?;
    for (scope, sum) in scopes::sums(connection, org)? {
        connection
            .prepare_cached(
                "insert into scope_digest (org, scope, count, digest) values (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                org.as_bytes(),
                scope_key(scope),
                i64::try_from(sum.count).unwrap_or(i64::MAX),
                sum.digest
            ])?;
    }
    Ok(())
}

/// A row made again has lost what the last card said of it: every card says it again.
fn score_again(connection: &Connection, org: OrgId) -> Result<(), StorageError> {
    connection.execute(
        "update scorecard set inputs_digest = zeroblob(32) where org = ?1",
        [org.as_bytes()],
    )?;
    connection.execute(
        "insert into dirty (org, rep, period, since_seq)
             select s.org, s.rep, s.period, g.seq from scorecard s join org g on g.org = s.org
             where s.org = ?1
         on conflict (org, rep, period) do nothing",
        [org.as_bytes()],
    )?;
    Ok(())
}
