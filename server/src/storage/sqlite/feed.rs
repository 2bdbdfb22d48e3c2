//! The feed: one position per thing that happened, and one page of it.
//!
//! A pull is a range read over the reader's scopes. What is loaded is what is
//! sent; no other document is touched, so a sync with nothing to do costs one
//! index probe per scope whatever the org holds.

use std::collections::BTreeSet;

use client_core::docs::Header;
use client_core::faults::{Fault, injected};
use client_core::id::{DocId, OrgId, RecordId, ReplicaId};
use client_core::protocol::Scope;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::codec::scope_key;
use super::{SqliteStorage, feed_backfill, feed_tail, membership, noted};
use crate::storage::model::{FeedPage, FeedQuery, Mark, NewLogChange, PageEntry, Seq};
use crate::storage::onlooker::Moved;
use crate::storage::{Feed, StorageError};

impl Feed for SqliteStorage {
    async fn page(&self, org: OrgId, query: FeedQuery) -> Result<FeedPage, StorageError> {
        self.read(move |connection| page(connection, org, &query)).await
    }

    async fn head(&self, org: OrgId) -> Result<Seq, StorageError> {
        self.read(move |connection| head(connection, org)).await
    }
}

/// Something that happened, to be given a position.
pub(super) struct NewFeedRow {
    op: &'static str,
    doc: Option<DocId>,
    record: Option<(u8, RecordId)>,
    scope: Option<Scope>,
    reason: Option<&'static str>,
    origin: Option<ReplicaId>,
    /// What tells this row from another one at the same position.
    content: [u8; 32],
}

impl NewFeedRow {
    /// Changes of a document were committed.
    pub(super) fn change(doc: DocId, origin: ReplicaId, changes: &[NewLogChange]) -> Self {
        let mut hash = Sha256::new();
        for change in changes {
            hash.update(change.hash.0);
        }
        let content = hash.finalize().into();
        Self { origin: Some(origin), content, ..Self::of_doc("change", doc) }
    }

    /// A document came into scopes.
    pub(super) fn enter(doc: DocId) -> Self {
        Self::of_doc("enter", doc)
    }

    /// A document's history starts anew.
    pub(super) fn reset(header: &Header) -> Self {
        let mut hash = Sha256::new();
        hash.update(header.doc.as_bytes());
        hash.update(header.generation.0.to_be_bytes());
        Self { content: hash.finalize().into(), ..Self::of_doc("reset", header.doc) }
    }

    /// A document left a scope.
    pub(super) fn leave(doc: DocId, scope: Scope, reason: &'static str) -> Self {
        Self { scope: Some(scope), reason: Some(reason), ..Self::of_doc("leave", doc) }
    }

    /// A record was written.
    pub(super) fn record(rank: u8, id: RecordId, body: &[u8]) -> Self {
        Self {
            op: "record",
            doc: None,
            record: Some((rank, id)),
            scope: None,
            reason: None,
            origin: None,
            content: Sha256::digest(body).into(),
        }
    }

    /// A record left a scope.
    pub(super) fn record_left(rank: u8, id: RecordId, scope: Scope) -> Self {
        Self {
            op: "leave",
            scope: Some(scope),
            reason: Some("moved"),
            ..Self::record(rank, id, id.as_bytes())
        }
    }

    fn of_doc(op: &'static str, doc: DocId) -> Self {
        Self {
            op,
            doc: Some(doc),
            record: None,
            scope: None,
            reason: None,
            origin: None,
            content: Sha256::digest(doc.as_bytes()).into(),
        }
    }

    /// What names this row and, through the mark of the row before it, all that came
    /// before: two lives of the data may do the same thing at the same position.
    fn mark(&self, org: OrgId, seq: Seq, before: Mark) -> Mark {
        let mut hash = Sha256::new();
        hash.update(org.as_bytes());
        hash.update(before);
        hash.update(seq.0.to_be_bytes());
        hash.update(self.op);
        hash.update(self.content);
        let digest = hash.finalize();
        let mut mark = [0; 8];
        mark.copy_from_slice(digest.get(..8).unwrap_or(&[0; 8]));
        mark
    }
}

/// Gives out the next position. Two statements, because one with `returning` begins
/// and ends a savepoint of its own: an eighth of what a large batch cost.
pub(super) fn next_seq(connection: &Connection, org: OrgId) -> Result<Seq, StorageError> {
    let changed = connection
        .prepare_cached("update org set seq = seq + 1 where org = ?1")?
        .execute([org.as_bytes()])?;
    if changed == 0 {
        return Err(StorageError::Missing { what: "the org" });
    }
    head(connection, org)
}

/// The last position given out.
pub(super) fn head(connection: &Connection, org: OrgId) -> Result<Seq, StorageError> {
    Ok(connection
        .prepare_cached("select seq from org where org = ?1")?
        .query_row([org.as_bytes()], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// Writes a row at the next position.
pub(super) fn append(
    connection: &Connection,
    org: OrgId,
    row: &NewFeedRow,
    scopes: &BTreeSet<Scope>,
) -> Result<Seq, StorageError> {
    let seq = next_seq(connection, org)?;
    insert(connection, org, seq, row, scopes)?;
    Ok(seq)
}

/// Writes a row at a position given out before.
pub(super) fn insert(
    connection: &Connection,
    org: OrgId,
    seq: Seq,
    row: &NewFeedRow,
    scopes: &BTreeSet<Scope>,
) -> Result<(), StorageError> {
    let before = match noted::mark_before(org, seq) {
        Some(mark) => mark,
        None => mark_before(connection, org, seq)?,
    };
    let mark = row.mark(org, seq, before);
    connection
        .prepare_cached(
            "insert into feed (org, seq, op, doc, rank, id, scope, reason, origin, mark)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            org.as_bytes(),
            seq,
            row.op,
            row.doc.as_ref().map(DocId::as_bytes),
            row.record.map(|(rank, _)| rank),
            row.record.as_ref().map(|(_, id)| id.as_bytes()),
            row.scope.map(scope_key),
            row.reason,
            row.origin.as_ref().map(ReplicaId::as_bytes),
            mark,
        ])?;
    noted::row(org, seq, mark);
    let mut statement = connection
        .prepare_cached("insert into feed_scope (org, scope, seq) values (?1, ?2, ?3)")?;
    for scope in scopes {
        statement.execute(params![org.as_bytes(), scope_key(*scope), seq])?;
    }
    noted::note(Moved::Feed { org, seq, scopes: scopes.clone(), origin: row.origin });
    Ok(())
}

/// The mark of the last row before a position; zero at the start.
fn mark_before(connection: &Connection, org: OrgId, seq: Seq) -> Result<Mark, StorageError> {
    #[cfg(test)]
    tests::LOOKED_UP.set(tests::LOOKED_UP.get() + 1);
    Ok(connection
        .prepare_cached(
            "select mark from feed where org = ?1 and seq < ?2 order by seq desc limit 1",
        )?
        .query_row(params![org.as_bytes(), seq], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// The mark of the row at a position; zero at the start, none past the end.
fn mark_at(connection: &Connection, org: OrgId, seq: Seq) -> Result<Option<Mark>, StorageError> {
    if seq == Seq::ZERO {
        return Ok(Some([0; 8]));
    }
    Ok(connection
        .prepare_cached("select mark from feed where org = ?1 and seq = ?2")?
        .query_row(params![org.as_bytes(), seq], |row| row.get(0))
        .optional()?)
}

fn page(connection: &Connection, org: OrgId, query: &FeedQuery) -> Result<FeedPage, StorageError> {
    let head = head(connection, org)?;
    let after = query.after.unwrap_or(head);
    let mark = mark_at(connection, org, after)?;
    let mut page = FeedPage {
        entries: Vec::new(),
        after,
        mark: mark.unwrap_or_default(),
        backfill: None,
        more: false,
        moved: query.after.is_none(),
        complete: Vec::new(),
        forked: (mark.is_none() || query.mark.is_some_and(|held| Some(held) != mark))
            && !injected(Fault::ForkUnnoticed),
    };
    if page.forked {
        return Ok(page);
    }
    let mut left = query.budget;
    if let Some(backfill) = &query.backfill {
        page.moved = true;
        let filled = feed_backfill::fill(connection, org, query, backfill, left)?;
        page.entries = filled.entries;
        page.backfill = filled.rest;
        left = left.saturating_sub(page.entries.iter().map(weight).sum());
        if page.backfill.is_some() || (left == 0 && after < head) {
            page.more = true;
            return Ok(page);
        }
    }
    let tail = feed_tail::read(connection, org, query, after, head, left)?;
    page.entries.extend(tail.entries);
    page.more = tail.more;
    if !tail.touched.is_empty() {
        page.moved = true;
        page.after = tail.after;
        page.mark = mark_at(connection, org, tail.after)?.unwrap_or_default();
    }
    // A pull that ends says so, also where its last page has nothing: until then nothing
    // is complete for its reader.
    page.moved |= query.in_pull && !page.more;
    if page.moved && !page.more {
        let whole = query.in_pull || query.backfill.is_some() || query.after.is_none();
        for scope in &query.scopes {
            if whole || tail.touched.contains(scope) {
                page.complete.push(membership::digest(connection, org, *scope)?);
            }
        }
    }
    Ok(page)
}

/// About how many bytes an entry takes in a page.
pub(super) fn weight(entry: &PageEntry) -> usize {
    match entry {
        PageEntry::Enter { snapshot, scopes, .. } => 80 + snapshot.len() + 20 * scopes.len(),
        PageEntry::Changes { changes, .. } => {
            24 + changes.iter().map(|change| change.len() + 4).sum::<usize>()
        }
        PageEntry::Leave { .. } => 48,
        PageEntry::Record(record) => 40 + record.body.len(),
        PageEntry::Reset { snapshot, .. } => 40 + snapshot.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::storage::conformance::Bench;

    thread_local! {
        /// How often this thread looked for the mark of the row before.
        pub(super) static LOOKED_UP: Cell<u32> = const { Cell::new(0) };
    }

    /// Marks as each row's content and the row before say.
    fn marks(connection: &Connection, org: OrgId) -> Vec<(Seq, Mark)> {
        let mut statement =
            connection.prepare("select seq, mark from feed where org = ?1 order by seq").unwrap();
        let rows = statement.query_map([org.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[tokio::test]
    async fn a_commit_of_many_rows_looks_for_the_mark_before_them_once() {
        let dir = tempfile::tempdir().unwrap();
        let storage = SqliteStorage::create(&dir.path().join("data.db")).unwrap();
        let org = Bench::over(&storage).await.org;
        let rows = |n: u8| (1..=n).map(|id| NewFeedRow::enter(DocId::from_bytes([id; 16])));
        let job = move |connection: &Connection| {
            let before = LOOKED_UP.get();
            for row in rows(100) {
                append(connection, org, &row, &BTreeSet::from([Scope::Org]))?;
            }
            Ok((LOOKED_UP.get() - before, marks(connection, org)))
        };
        let (looked_up, marks) = storage.write(job).await.unwrap();
        assert_eq!(looked_up, 1);
        let last = marks.as_slice().windows(2).rev().zip(rows(100).rev());
        for (two, row) in last {
            let (seq, mark) = two[1];
            assert_eq!(
                mark,
                row.mark(org, seq, two[0].1),
                "row {seq:?} follows from the one before"
            );
        }
    }

    #[tokio::test]
    async fn a_row_that_was_taken_back_leaves_no_mark_behind() {
        let dir = tempfile::tempdir().unwrap();
        let storage = SqliteStorage::create(&dir.path().join("data.db")).unwrap();
        let org = Bench::over(&storage).await.org;
        let row = |id| NewFeedRow::enter(DocId::from_bytes([id; 16]));
        let job = move |connection: &Connection| {
            let noted = noted::mark();
            connection.execute_batch("savepoint one")?;
            append(connection, org, &row(1), &BTreeSet::new())?;
            connection.execute_batch("rollback to one; release one")?;
            noted::back_to(noted);
            let seqs = [2, 3].map(|id| append(connection, org, &row(id), &BTreeSet::new()));
            let [second, third] = seqs;
            Ok((second?, third?, marks(connection, org)))
        };
        let (second, third, marks) = storage.write(job).await.unwrap();
        let [.., before, two, three] = marks.as_slice() else { panic!("{marks:?}") };
        assert_eq!(*two, (second, row(2).mark(org, second, before.1)));
        assert_eq!(*three, (third, row(3).mark(org, third, two.1)));
    }
}
