//! Writing one document: log, state, projection, membership, digests, feed and
//! dirty marks, all or nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header, Heads};
use client_core::faults::{Fault, injected};
use client_core::id::OrgId;
use client_core::protocol::Scope;
use client_core::records::{PlacementRecord, Record};
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::heads;
use super::feed::{self, NewFeedRow};
use super::membership::{self, Subject};
use super::{
    access, aliases, conflicts, marks, moves, noted, records, rows, scores, write_records,
};
use crate::storage::model::{CommitOutcome, DocCommit, Seq};
use crate::storage::placing::{self, Newcomer};
use crate::storage::times::business_times;
use crate::storage::{StorageError, term};

/// A document as it stood.
pub(super) struct Before {
    pub(super) revision: u64,
    pub(super) heads: Heads,
    pub(super) generation: u32,
    pub(super) first_seq: Seq,
}

/// Writes many documents; one that fails takes back itself alone.
///
/// A savepoint for each costs nearly as much as writing it, and only one of ours going
/// wrong makes them necessary: so all are tried at once, and apart where that failed.
pub(super) fn all(
    connection: &Connection,
    org: OrgId,
    commits: &[DocCommit],
) -> Result<Vec<CommitOutcome>, StorageError> {
    let noted = noted::mark();
    connection.execute_batch("savepoint documents")?;
    let together: Result<Vec<_>, _> =
        commits.iter().map(|commit| document(connection, org, commit)).collect();
    let outcomes = match together {
        Err(error) if !matches!(error, StorageError::Full) && !connection.is_autocommit() => {
            connection.execute_batch("rollback to documents")?;
            noted::back_to(noted);
            commits.iter().map(|commit| apart(connection, org, commit)).collect()
        }
        outcomes => outcomes,
    }?;
    connection.execute_batch("release documents")?;
    Ok(outcomes)
}

/// Writes one document of many: a failure takes back that one alone.
fn apart(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<CommitOutcome, StorageError> {
    let noted = noted::mark();
    connection.execute_batch("savepoint document")?;
    match document(connection, org, commit) {
        Ok(outcome) => {
            connection.execute_batch("release document")?;
            Ok(outcome)
        }
        // A full disk is nothing that is wrong with the document, and it may have
        // ended the whole transaction.
        Err(error @ StorageError::Full) => Err(error),
        Err(error) if connection.is_autocommit() => Err(error),
        Err(error) => {
            tracing::error!(doc = %commit.header.doc, %error, "a document could not be stored");
            connection.execute_batch("rollback to document; release document")?;
            noted::back_to(noted);
            Ok(CommitOutcome::Failed)
        }
    }
}

pub(super) fn document(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<CommitOutcome, StorageError> {
    let header = &commit.header;
    let before = before(connection, org, header)?;
    if before.as_ref().map_or(0, |before| before.revision) != commit.expected {
        return Ok(CommitOutcome::Stale);
    }
    // Before the document is there, so that its own placement does not move it.
    place(connection, org, commit)?;
    // The position is given out first here and last on an engine with several
    // writers: with one writer, jobs commit in the order in which they run.
    let seq = feed::next_seq(connection, org)?;
    let first_seq = before.as_ref().map_or(seq, |before| before.first_seq);
    write_state(connection, org, commit, first_seq, seq)?;
    write_log(connection, org, commit, seq)?;
    // A visit that was moved to another month leaves the card of the first one too.
    let stood = before.is_some();
    let row = match before {
        Some(_) => rows::one(connection, org, header.doc)?,
        None => None,
    };
    let mut times = row.map(|row| business_times(&row.state)).unwrap_or_default();
    times.extend(business_times(&commit.state));
    rows::write(connection, org, commit)?;
    marks::note(connection, org, commit)?;
    if !stood {
        moves::take_up(connection, header)?;
    }
    // What is new has one author, and nothing to take away.
    if stood || !commit.conflicts.is_empty() {
        conflicts::write(connection, org, commit)?;
    }

    let wanted = membership::wanted(connection, header)?;
    let subject = Subject {
        header,
        first_seq,
        term_before: before
            .as_ref()
            .map(|before| term(header.doc, before.generation, &before.heads)),
        term_now: term(header.doc, header.generation.0, &commit.heads),
    };
    let moved = membership::bring_to(connection, &subject, &wanted, seq, commit.at)?;
    aliases::widen(connection, &moves::header(connection, header)?, &moved.entered, commit.at)?;
    let mut told: BTreeSet<_> = wanted.union(&moved.left).copied().collect();
    if injected(Fault::UnitNotTold) {
        told.retain(|scope| !matches!(scope, Scope::Unit(_)));
    }
    let row = NewFeedRow::change(header.doc, commit.origin.replica, &commit.changes);
    feed::insert(connection, org, seq, &row, &told)?;
    let people = write_records::people(&told);
    scores::mark_months(connection, org, &people, &times, commit.at)?;
    Ok(CommitOutcome::Committed(seq))
}

pub(super) fn before(
    connection: &Connection,
    org: OrgId,
    header: &Header,
) -> Result<Option<Before>, StorageError> {
    Ok(connection
        .prepare_cached(
            "select revision, heads, generation, first_seq from doc where org = ?1 and doc = ?2",
        )?
        .query_row(params![org.as_bytes(), header.doc.as_bytes()], |row| {
            Ok(Before {
                revision: row.get::<_, i64>(0)?.unsigned_abs(),
                heads: heads(row, 1)?,
                generation: row.get(2)?,
                first_seq: row.get(3)?,
            })
        })
        .optional()?)
}

pub(super) fn write_state(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    first_seq: Seq,
    seq: Seq,
) -> Result<(), StorageError> {
    let header = &commit.header;
    let (history, unfolded) = if commit.snapshot.is_empty() {
        let changes: Vec<&[u8]> =
            commit.changes.iter().map(|change| change.bytes.as_slice()).collect();
        (Cow::Owned(changes.concat()), commit.changes.len())
    } else {
        (Cow::Borrowed(commit.snapshot.as_slice()), 0)
    };
    connection
        .prepare_cached(
            "insert into doc (org, doc, kind, author, customer, generation, revision, heads,
                 snapshot, operations, first_seq, last_seq, received_at, changed_at, unfolded,
                 folded)
             values (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13,
                 case ?13 when 0 then length(?8) else 0 end)
             on conflict (org, doc) do update
             set revision = revision + 1, heads = excluded.heads,
                 snapshot = case excluded.unfolded when 0 then excluded.snapshot
                     else cast(snapshot || excluded.snapshot as blob) end,
                 unfolded = case excluded.unfolded when 0 then 0
                     else unfolded + excluded.unfolded end,
                 folded = case excluded.unfolded when 0 then excluded.folded else folded end,
                 generation = excluded.generation, operations = excluded.operations, last_seq = excluded.last_seq,
                 changed_at = excluded.changed_at",
        )?
        .execute(params![
            org.as_bytes(),
            header.doc.as_bytes(),
            header.kind.as_str(),
            header.author.as_bytes(),
            header.customer.as_ref().map(client_core::id::DocId::as_bytes),
            header.generation.0,
            commit.heads.to_bytes(),
            history,
            i64::try_from(commit.operations).unwrap_or(i64::MAX),
            first_seq,
            seq,
            commit.at.millis(),
            i64::try_from(unfolded).unwrap_or(i64::MAX),
        ])?;
    Ok(())
}

pub(super) fn write_log(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
    seq: Seq,
) -> Result<(), StorageError> {
    let mut statement = connection.prepare_cached(
        "insert into change (org, doc, seq, place, hash, generation, actor, actor_seq, bytes,
             user, device, replica, received_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for (place, change) in (0_i64..).zip(&commit.changes) {
        statement.execute(params![
            org.as_bytes(),
            commit.header.doc.as_bytes(),
            seq,
            place,
            change.hash.0,
            commit.header.generation.0,
            change.actor.as_bytes(),
            i64::try_from(change.seq).unwrap_or(i64::MAX),
            change.bytes,
            commit.origin.user.as_bytes(),
            commit.origin.device.as_bytes(),
            commit.origin.replica.as_bytes(),
            commit.at.millis(),
        ])?;
    }
    Ok(())
}

/// Places a customer or deal where the office says, a new one otherwise by the
/// server's rule, and freezes the credit of a decided deal.
fn place(connection: &Connection, org: OrgId, commit: &DocCommit) -> Result<(), StorageError> {
    let header = &commit.header;
    if !matches!(header.kind, DocKind::Customer | DocKind::Deal) {
        return Ok(());
    }
    let placed = records::placement(connection, org, header.doc)?;
    let wanted = match (&commit.placement, &placed) {
        (Some(given), _) => Some(given.clone()),
        (None, Some(placed)) => Some(placed.clone()),
        (None, None) => first_placement(connection, org, commit)?,
    };
    let wanted = wanted
        .map(|wanted| placing::freeze_credit(&wanted, &commit.state).unwrap_or(wanted))
        .filter(|wanted| Some(wanted) != placed.as_ref());
    if let Some(wanted) = wanted {
        // The deal itself, which says who wrote it, is written later.
        let author = Some(header.author).filter(|_author| header.kind == DocKind::Deal);
        let record = Record::Placement(wanted);
        write_records::by_author(connection, org, &record, author, commit.at)?;
    }
    Ok(())
}

fn first_placement(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<Option<PlacementRecord>, StorageError> {
    let header = &commit.header;
    let customer = match header.customer {
        Some(customer) => records::placement(connection, org, customer)?,
        None => None,
    };
    let author = access::user_record(connection, org, header.author)?;
    Ok(placing::first(&Newcomer {
        header,
        state: &commit.state,
        author: author.as_ref(),
        customer: customer.as_ref(),
        fallback: records::root_unit(connection, org)?,
        at: commit.at,
    }))
}
