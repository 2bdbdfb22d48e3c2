//! Taking away for good.
//!
//! A history starts anew in one transaction with everything that was computed from
//! the old one, so that no reader ever sees half of it. What SQLite leaves lying
//! about in pages it does not use any more goes when the file is written again
//! ([`compact`]).

use std::collections::BTreeSet;
use std::path::Path;

use client_core::docs::{ChangeHash, DocKind, Generation, Things};
use client_core::id::{DocId, OrgId, UserId};
use client_core::protocol::ChangeNames;
use client_core::records::Record;
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{hash, id};
use super::commit;
use super::feed::{self, NewFeedRow};
use super::membership::{self, Subject};
use super::{
    SqliteStorage, about, accounts, aliases, aside, conflicts, erased_docs, erased_keys,
    forgetting, marks, rows, scores, voids, write_records,
};
use crate::storage::model::{
    AsideOutcome, CommitOutcome, ConflictAsk, ConflictRow, DocCommit, EndedHistory, ErasedAccount,
    ErasedKey, ExternalKind, Former, NewGeneration, RedactedDoc, WrittenAgain,
};
use crate::storage::times::business_times;
use crate::storage::{Erasures, StorageError, term};

impl Erasures for SqliteStorage {
    async fn restart(
        &self,
        org: OrgId,
        generation: NewGeneration,
    ) -> Result<CommitOutcome, StorageError> {
        self.write(move |connection| restart(connection, org, &generation)).await
    }

    async fn ended(
        &self,
        org: OrgId,
        doc: DocId,
        generation: Generation,
    ) -> Result<ChangeNames, StorageError> {
        self.read(move |connection| ended(connection, org, doc, generation)).await
    }

    async fn former(&self, org: OrgId, doc: DocId) -> Result<Former, StorageError> {
        self.read(move |connection| former(connection, org, doc)).await
    }

    async fn write_again(
        &self,
        org: OrgId,
        doc: DocId,
        again: WrittenAgain,
        commit: Option<DocCommit>,
    ) -> Result<Option<CommitOutcome>, StorageError> {
        self.write(move |connection| {
            let outcome =
                commit.map(|commit| commit::document(connection, org, &commit)).transpose()?;
            if !matches!(outcome, Some(CommitOutcome::Stale | CommitOutcome::Failed)) {
                remember(connection, org, doc, &again)?;
            }
            Ok(outcome)
        })
        .await
    }

    async fn things(
        &self,
        org: OrgId,
        doc: DocId,
        generation: Generation,
    ) -> Result<Things, StorageError> {
        self.read(move |connection| {
            let found: Option<Option<Vec<u8>>> = connection
                .prepare_cached(
                    "select things from ended where org = ?1 and doc = ?2 and generation = ?3",
                )?
                .query_row(params![org.as_bytes(), doc.as_bytes(), generation.0], |row| row.get(0))
                .optional()?;
            Ok(found.flatten().map(|bytes| Things::from_bytes(&bytes)).unwrap_or_default())
        })
        .await
    }

    async fn documents_of(&self, org: OrgId, kind: DocKind) -> Result<Vec<DocId>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("select doc from doc where org = ?1 and kind = ?2 order by doc")?;
            let found = statement.query_map(params![org.as_bytes(), kind.as_str()], |row| {
                id(row, 0, DocId::from_bytes)
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn erase_account(
        &self,
        org: OrgId,
        account: ErasedAccount,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| erase_account(connection, org, &account, at)).await
    }

    async fn keys_to_erase(
        &self,
        org: OrgId,
        docs: Vec<DocId>,
        users: Vec<UserId>,
    ) -> Result<Vec<ErasedKey>, StorageError> {
        self.read(move |connection| erased_keys::of(connection, org, &docs, &users)).await
    }

    async fn remember_erased(
        &self,
        org: OrgId,
        keys: Vec<ErasedKey>,
        docs: Vec<RedactedDoc>,
    ) -> Result<(), StorageError> {
        self.write(move |connection| {
            erased_keys::remember(connection, org, &keys)?;
            erased_docs::remember(connection, org, &docs)
        })
        .await
    }

    async fn redacted(&self, org: OrgId) -> Result<Vec<RedactedDoc>, StorageError> {
        self.read(move |connection| erased_docs::all(connection, org)).await
    }

    async fn erased_among(
        &self,
        org: OrgId,
        source: &str,
        kind: ExternalKind,
        keys: Vec<String>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let source = source.to_owned();
        self.read(move |connection| erased_keys::among(connection, org, &source, kind, keys)).await
    }

    async fn conflicts(
        &self,
        org: OrgId,
        ask: ConflictAsk,
    ) -> Result<Vec<ConflictRow>, StorageError> {
        self.read(move |connection| conflicts::find(connection, org, &ask)).await
    }

    async fn compact(&self) -> Result<(), StorageError> {
        let path = self.readers.path().to_owned();
        let work = tokio::task::spawn_blocking(move || compact(&path));
        work.await.map_err(|error| StorageError::Unavailable { reason: error.to_string() })?
    }
}

fn restart(
    connection: &Connection,
    org: OrgId,
    new: &NewGeneration,
) -> Result<CommitOutcome, StorageError> {
    let commit = &new.commit;
    let header = &commit.header;
    let Some(before) = commit::before(connection, org, header)? else {
        return Ok(CommitOutcome::Stale);
    };
    if before.revision != commit.expected {
        return Ok(CommitOutcome::Stale);
    }
    let row = rows::one(connection, org, header.doc)?;
    let mut times = row.map(|row| business_times(&row.state)).unwrap_or_default();
    times.extend(business_times(&commit.state));
    let key = params![org.as_bytes(), header.doc.as_bytes()];
    if new.erased {
        forgetting::cases(connection, org, header.doc, commit.at)?;
        let sql = "delete from quarantine where org = ?1 and doc = ?2";
        connection.prepare_cached(sql)?.execute(key)?;
    }
    end(connection, org, header.doc, before.generation, &new.things)?;
    if let Some(generation) = new.came_back {
        connection
            .prepare_cached(
                "insert or ignore into came_back (org, doc, generation) values (?1, ?2, ?3)",
            )?
            .execute(params![org.as_bytes(), header.doc.as_bytes(), generation.0])?;
    }
    // § Never dropped: what waits for a person outlives a history that only became long.
    connection.prepare_cached("delete from change where org = ?1 and doc = ?2")?.execute(key)?;
    let seq = feed::next_seq(connection, org)?;
    commit::write_state(connection, org, commit, before.first_seq, seq)?;
    commit::write_log(connection, org, commit, seq)?;
    rows::write(connection, org, commit)?;
    marks::note(connection, org, commit)?;
    conflicts::write(connection, org, commit)?;
    let wanted = membership::wanted(connection, header)?;
    let subject = Subject {
        header,
        first_seq: before.first_seq,
        term_before: Some(term(header.doc, before.generation, &before.heads)),
        term_now: term(header.doc, header.generation.0, &commit.heads),
    };
    let moved = membership::bring_to(connection, &subject, &wanted, seq, commit.at)?;
    let told = wanted.union(&moved.left).copied().collect();
    feed::insert(connection, org, seq, &NewFeedRow::reset(header), &told)?;
    let people = write_records::people(&told);
    scores::mark_months(connection, org, &people, &times, commit.at)?;
    if new.erased {
        forgetting::beside(connection, org, header.doc, commit.at)?;
        voids::forget_reason(connection, org, header.doc, commit.at)?;
        about::forget_comments(connection, org, header.doc, commit.at)?;
        // Cards name customers as visits did.
        aliases::mark_every_card(connection, org, &people, commit.at)?;
    }
    for aside in &new.aside {
        // Neither the one nor the other is kept then: whoever brought it brings it again.
        if let AsideOutcome::Full { whose } = aside::keep(connection, org, aside, commit.at)? {
            let reason = format!("no room for {whose} work that waits");
            return Err(StorageError::Unavailable { reason });
        }
    }
    Ok(CommitOutcome::Committed(seq))
}

/// Keeps the names of the changes of a history that is over, and where its things were.
fn end(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    generation: u32,
    things: &Things,
) -> Result<(), StorageError> {
    let changes: Vec<ChangeHash> = connection
        .prepare_cached("select hash from change where org = ?1 and doc = ?2 and generation = ?3")?
        .query_map(params![org.as_bytes(), doc.as_bytes(), generation], |row| hash(row, 0))?
        .collect::<Result<_, _>>()?;
    connection
        .prepare_cached(
            "insert or replace into ended (org, doc, generation, changes, things)
             values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            org.as_bytes(),
            doc.as_bytes(),
            generation,
            ChangeNames::of(changes).as_bytes(),
            things.to_bytes(),
        ])?;
    Ok(())
}

fn ended(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    generation: Generation,
) -> Result<ChangeNames, StorageError> {
    let found: Option<Vec<u8>> = connection
        .prepare_cached(
            "select changes from ended where org = ?1 and doc = ?2 and generation = ?3",
        )?
        .query_row(params![org.as_bytes(), doc.as_bytes(), generation.0], |row| row.get(0))
        .optional()?;
    Ok(found.map(ChangeNames::from_bytes).unwrap_or_default())
}

pub(super) fn former(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
) -> Result<Former, StorageError> {
    let ended: Vec<EndedHistory> = connection
        .prepare_cached(
            "select generation, changes, things from ended where org = ?1 and doc = ?2
             order by generation",
        )?
        .query_map(params![org.as_bytes(), doc.as_bytes()], |row| {
            let things: Option<Vec<u8>> = row.get(2)?;
            Ok(EndedHistory {
                generation: Generation(row.get(0)?),
                changes: ChangeNames::from_bytes(row.get(1)?),
                things: things.map(|bytes| Things::from_bytes(&bytes)).unwrap_or_default(),
            })
        })?
        .collect::<Result<_, _>>()?;
    let came_back: Option<u32> = connection
        .prepare_cached("select max(generation) from came_back where org = ?1 and doc = ?2")?
        .query_row(params![org.as_bytes(), doc.as_bytes()], |row| row.get(0))?;
    Ok(Former { ended, came_back: came_back.map(Generation) })
}

/// Adds to what is known of a history that is over.
fn remember(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    again: &WrittenAgain,
) -> Result<(), StorageError> {
    let mut changes = ended(connection, org, doc, again.generation)?.as_bytes().to_vec();
    changes.extend_from_slice(ChangeNames::of(again.changes.iter().copied()).as_bytes());
    connection
        .prepare_cached(
            "insert or replace into ended (org, doc, generation, changes, things)
             values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            org.as_bytes(),
            doc.as_bytes(),
            again.generation.0,
            changes,
            again.things.to_bytes(),
        ])?;
    Ok(())
}

fn erase_account(
    connection: &Connection,
    org: OrgId,
    account: &ErasedAccount,
    at: Timestamp,
) -> Result<(), StorageError> {
    let (org_key, user) = (org.as_bytes(), account.user.id);
    let changed = connection.execute(
        "update user set login = ?3, password = ?4, must_change = 0, password_until = null
         where org = ?1 and user = ?2",
        params![org_key, user.as_bytes(), account.login, account.password],
    )?;
    if changed == 0 {
        return Err(StorageError::Missing { what: "the user" });
    }
    // The phones are to hear that they are revoked, and so to let go of everything:
    // whose tokens are unknown is only asked to sign in.
    for device in accounts::devices_of(connection, org, user)? {
        accounts::revoke_device(connection, org, device, at)?;
    }
    for sql in [
        "delete from token where org = ?1 and session in
             (select session from session where org = ?1 and user = ?2 and device is null)",
        "delete from session where org = ?1 and user = ?2 and device is null",
        "delete from enrolment_code where org = ?1 and user = ?2",
        "delete from external_key where org = ?1 and id = ?2",
        "update audit set detail = null where org = ?1 and (subject = ?2 or subject in
             (select device from device where org = ?1 and user = ?2)
             or device in (select device from device where org = ?1 and user = ?2))",
        "update device set name = '' where org = ?1 and user = ?2",
        "update command set body = x'' where org = ?1 and user = ?2",
    ] {
        connection.execute(sql, params![org_key, user.as_bytes()])?;
    }
    forgetting::words_about(connection, org, user, at)?;
    write_records::all(connection, org, &[Record::User(account.user.clone())], at).map(drop)
}

/// Writes the file again without what it does not use, and cuts off the log. Takes
/// about a second for each 200 MB, during which others go on reading and wait to write.
fn compact(path: &Path) -> Result<(), StorageError> {
    let connection = Connection::open(path)?;
    connection.execute_batch("pragma busy_timeout = 20000; vacuum;")?;
    let busy: i64 =
        connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if busy == 0 {
        Ok(())
    } else {
        let reason = "somebody reads an older state of the file: try again".to_owned();
        Err(StorageError::Unavailable { reason })
    }
}
