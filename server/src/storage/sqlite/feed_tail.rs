//! What happened since a reader's position.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{Document, Header, Heads};
use client_core::faults::{Fault, injected};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{DocId, OrgId, RecordId, ReplicaId};
use client_core::protocol::{LeaveReason, Scope};
use client_core::records::RecordKind;
use rusqlite::{Connection, OptionalExtension, params};
use serde_bytes::ByteBuf;

use super::codec::{header, optional_id, scope_from_key, scope_key};
use super::feed::weight;
use super::{histories, leaving, records};
use crate::storage::StorageError;
use crate::storage::model::{FeedQuery, PageEntry, Seq};

/// Positions looked at per scope and page.
const WINDOW: usize = 512;

pub(super) struct Tail {
    pub(super) entries: Vec<PageEntry>,
    pub(super) after: Seq,
    pub(super) more: bool,
    /// Scopes in which something happened, the reader's own doing included.
    pub(super) touched: BTreeSet<Scope>,
}

pub(super) fn read(
    connection: &Connection,
    org: OrgId,
    query: &FeedQuery,
    after: Seq,
    head: Seq,
    budget: usize,
) -> Result<Tail, StorageError> {
    let (positions, horizon) = positions(connection, org, &query.scopes, after, head)?;
    let mut reader =
        Reader { connection, org, query, after, whole: BTreeSet::new(), anew: BTreeSet::new() };
    let mut tail = Tail { entries: Vec::new(), after, more: false, touched: BTreeSet::new() };
    let mut used = 0;
    for (seq, scopes) in positions {
        if used >= budget && !tail.touched.is_empty() {
            tail.more = true;
            if injected(Fault::CursorPastPage) {
                tail.after = horizon;
            }
            return Ok(tail);
        }
        if let Some(entry) = reader.entry(seq)? {
            used += weight(&entry);
            tail.entries.push(entry);
        }
        tail.touched.extend(scopes);
        tail.after = seq;
    }
    tail.more = horizon < head;
    if !tail.touched.is_empty() {
        tail.after = horizon;
    }
    Ok(tail)
}

/// Positions of the reader's scopes after `after`, and up to where they are complete.
fn positions(
    connection: &Connection,
    org: OrgId,
    scopes: &[Scope],
    after: Seq,
    head: Seq,
) -> Result<(BTreeMap<Seq, Vec<Scope>>, Seq), StorageError> {
    let mut found: BTreeMap<Seq, Vec<Scope>> = BTreeMap::new();
    let mut horizon = head;
    let mut statement = connection.prepare_cached(
        "select seq from feed_scope where org = ?1 and scope = ?2 and seq > ?3
         order by seq limit ?4",
    )?;
    let limit = i64::try_from(WINDOW).unwrap_or(i64::MAX);
    for scope in scopes {
        let seqs: Vec<Seq> = statement
            .query_map(params![org.as_bytes(), scope_key(*scope), after, limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if seqs.len() == WINDOW {
            horizon = seqs.last().copied().map_or(horizon, |last| last.min(horizon));
        }
        for seq in seqs {
            found.entry(seq).or_default().push(*scope);
        }
    }
    found.retain(|seq, _scopes| *seq <= horizon);
    Ok((found, horizon))
}

struct FeedRow {
    op: String,
    doc: Option<DocId>,
    rank: Option<u8>,
    id: Option<RecordId>,
    scope: Option<Vec<u8>>,
    reason: Option<String>,
    origin: Option<ReplicaId>,
}

struct Reader<'a> {
    connection: &'a Connection,
    org: OrgId,
    query: &'a FeedQuery,
    after: Seq,
    /// Documents this page has sent whole.
    whole: BTreeSet<DocId>,
    /// Documents whose new history this page has sent, which tells of no scope.
    anew: BTreeSet<DocId>,
}

impl Reader<'_> {
    fn entry(&mut self, seq: Seq) -> Result<Option<PageEntry>, StorageError> {
        let Some(row) = self.row(seq)? else { return Ok(None) };
        if row.origin == Some(self.query.replica) {
            return self.own(&row, seq);
        }
        match (row.op.as_str(), row.doc) {
            ("record", _) => self.record(&row, seq),
            ("leave", Some(doc)) => self.leave(doc, &row),
            ("leave", None) => self.record_left(&row, seq),
            ("enter", Some(doc)) => self.enter(doc),
            ("change", Some(doc)) => self.change(doc, seq),
            ("reset", Some(doc)) => self.reset(doc),
            _ => Ok(None),
        }
    }

    /// A replica has what it wrote, and takes it to be in its author's scope alone.
    /// Whoever holds other scopes that it came into is told, once: otherwise their
    /// count of those scopes is wrong, and they let go of it when one scope does.
    fn own(&mut self, row: &FeedRow, seq: Seq) -> Result<Option<PageEntry>, StorageError> {
        let Some(doc) = row.doc.filter(|doc| !self.whole.contains(doc)) else { return Ok(None) };
        let scopes = held(self.connection, self.org, doc, &self.query.scopes)?;
        let came = scopes.iter().any(|(_scope, since)| *since == seq);
        let alone = [Scope::User(self.query.reader)];
        let taken_to_be = scopes.iter().map(|(scope, _since)| scope).eq(&alone);
        if came && !taken_to_be { self.send_whole(doc, &scopes) } else { Ok(None) }
    }

    fn row(&self, seq: Seq) -> Result<Option<FeedRow>, StorageError> {
        Ok(self
            .connection
            .prepare_cached(
                "select op, doc, rank, id, scope, reason, origin from feed
                 where org = ?1 and seq = ?2",
            )?
            .query_row(params![self.org.as_bytes(), seq], |row| {
                Ok(FeedRow {
                    op: row.get(0)?,
                    doc: optional_id(row, 1, DocId::from_bytes)?,
                    rank: row.get(2)?,
                    id: optional_id(row, 3, RecordId::from_bytes)?,
                    scope: row.get(4)?,
                    reason: row.get(5)?,
                    origin: optional_id(row, 6, ReplicaId::from_bytes)?,
                })
            })
            .optional()?)
    }

    /// A record's newest version; older positions of it say nothing any more.
    fn record(&self, row: &FeedRow, seq: Seq) -> Result<Option<PageEntry>, StorageError> {
        let kind = row.rank.and_then(|rank| RecordKind::ALL.get(usize::from(rank)));
        let (Some(kind), Some(rank), Some(id)) = (kind, row.rank, row.id) else { return Ok(None) };
        let record = records::one(self.connection, self.org, *kind, id)?;
        let Some(newest) = record.filter(|record| record.version == seq) else { return Ok(None) };
        Ok(self.sees(rank, id)?.then_some(PageEntry::Record(newest)))
    }

    /// A record that went out of the reader's sight, unless another scope still has it.
    fn record_left(&self, row: &FeedRow, seq: Seq) -> Result<Option<PageEntry>, StorageError> {
        let kind = row.rank.and_then(|rank| RecordKind::ALL.get(usize::from(rank)));
        let (Some(kind), Some(rank), Some(id)) = (kind, row.rank, row.id) else { return Ok(None) };
        let gone = PageEntry::Record(leaving::gone(*kind, id, seq));
        Ok((!self.sees(rank, id)?).then_some(gone))
    }

    fn sees(&self, rank: u8, id: RecordId) -> Result<bool, StorageError> {
        leaving::is_seen(self.connection, self.org, (rank, id), &self.query.scopes)
    }

    fn leave(&self, doc: DocId, row: &FeedRow) -> Result<Option<PageEntry>, StorageError> {
        let Some(key) = &row.scope else { return Ok(None) };
        let scope = scope_from_key(key)?;
        let back = held(self.connection, self.org, doc, &self.query.scopes)?
            .iter()
            .any(|(member_of, _since)| *member_of == scope);
        let reason = match row.reason.as_deref() {
            Some("reassigned") => LeaveReason::Reassigned,
            Some("erased") => LeaveReason::Erased,
            _ => LeaveReason::Other,
        };
        Ok((!back).then_some(PageEntry::Leave { doc, scope, reason }))
    }

    fn enter(&mut self, doc: DocId) -> Result<Option<PageEntry>, StorageError> {
        if self.whole.contains(&doc) {
            return Ok(None);
        }
        let scopes = held(self.connection, self.org, doc, &self.query.scopes)?;
        self.send_whole(doc, &scopes)
    }

    fn change(&mut self, doc: DocId, seq: Seq) -> Result<Option<PageEntry>, StorageError> {
        if self.whole.contains(&doc) || self.anew.contains(&doc) {
            return Ok(None);
        }
        let scopes = held(self.connection, self.org, doc, &self.query.scopes)?;
        let Some(since) = scopes.iter().map(|(_scope, since)| *since).min() else {
            return Ok(None);
        };
        let new = since > self.after && self.origin(since)? != Some(self.query.replica);
        if new || self.snapshot_is_shorter(doc)? {
            return self.send_whole(doc, &scopes);
        }
        let changes = self
            .connection
            .prepare_cached(
                "select bytes from change where org = ?1 and doc = ?2 and seq = ?3 order by place",
            )?
            .query_map(params![self.org.as_bytes(), doc.as_bytes(), seq], |row| {
                row.get::<_, Vec<u8>>(0).map(ByteBuf::from)
            })?
            .collect::<Result<Vec<_>, _>>()?;
        // Of a generation that has ended nothing is left; the next one follows.
        Ok((!changes.is_empty()).then_some(PageEntry::Changes { doc, changes }))
    }

    fn reset(&mut self, doc: DocId) -> Result<Option<PageEntry>, StorageError> {
        if self.whole.contains(&doc) {
            return Ok(None);
        }
        // To whom it is new a new history says nothing; another life of the reader's own
        // replica may have made it, and then nothing else tells of it.
        let scopes = held(self.connection, self.org, doc, &self.query.scopes)?;
        if scopes.iter().map(|(_scope, since)| *since).min() > Some(self.after) {
            return self.send_whole(doc, &scopes);
        }
        let found = snapshot(self.connection, self.org, doc)?;
        self.anew.insert(doc);
        Ok(found.map(|(header, snapshot)| PageEntry::Reset { header, snapshot }))
    }

    fn send_whole(
        &mut self,
        doc: DocId,
        scopes: &[(Scope, Seq)],
    ) -> Result<Option<PageEntry>, StorageError> {
        if scopes.is_empty() {
            return Ok(None);
        }
        self.whole.insert(doc);
        let scopes = scopes.iter().map(|(scope, _since)| *scope).collect();
        let mut found = snapshot(self.connection, self.org, doc)?;
        if injected(Fault::SnapshotWithoutTail) {
            found =
                found.map(|(header, snapshot)| (header, without_last_change(&header, snapshot)));
        }
        Ok(found.map(|(header, snapshot)| PageEntry::Enter { header, scopes, snapshot }))
    }

    fn origin(&self, seq: Seq) -> Result<Option<ReplicaId>, StorageError> {
        Ok(self.row(seq)?.and_then(|row| row.origin))
    }

    /// Whether what others wrote since is longer than one and a half snapshots.
    fn snapshot_is_shorter(&self, doc: DocId) -> Result<bool, StorageError> {
        Ok(self
            .connection
            .prepare_cached(
                "select coalesce(sum(length(c.bytes)), 0) * 2 > 3 * length(d.snapshot)
                 from doc d join change c on c.org = d.org and c.doc = d.doc
                 where d.org = ?1 and d.doc = ?2 and c.seq > ?3 and c.replica <> ?4",
            )?
            .query_row(
                params![
                    self.org.as_bytes(),
                    doc.as_bytes(),
                    self.after,
                    self.query.replica.as_bytes()
                ],
                |row| row.get::<_, Option<bool>>(0),
            )?
            .unwrap_or(false))
    }
}

/// The reader's scopes a document is in, and since when.
pub(super) fn held(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    scopes: &[Scope],
) -> Result<Vec<(Scope, Seq)>, StorageError> {
    let mut found = Vec::new();
    // Left alone, SQLite prefers the primary key, and so every member of the org,
    // because this index does not hold `since_seq`.
    let mut statement = connection.prepare_cached(
        "select scope, since_seq from member indexed by member_by_doc
         where org = ?1 and doc = ?2",
    )?;
    let mut rows = statement.query(params![org.as_bytes(), doc.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let scope = scope_from_key(&row.get::<_, Vec<u8>>(0)?)?;
        if scopes.binary_search(&scope).is_ok() {
            found.push((scope, row.get(1)?));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A history as it was before its last change; for [`Fault::SnapshotWithoutTail`].
fn without_last_change(header: &Header, snapshot: Vec<u8>) -> Vec<u8> {
    let Ok(whole) = Document::load(*header, &snapshot) else { return snapshot };
    let mut shorter = Document::create(*header);
    let changes = whole.changes_since(&Heads::default());
    for change in changes.iter().take(changes.len().saturating_sub(1)) {
        if let Ok(change) = ScreenedChange::screen(&change.bytes, &Limits::default()) {
            drop(shorter.apply(&change));
        }
    }
    shorter.snapshot()
}

/// A document's header and whole history.
pub(super) fn snapshot(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
) -> Result<Option<(Header, Vec<u8>)>, StorageError> {
    let found: Option<(Header, Vec<u8>)> = connection
        .prepare_cached(
            "select doc, kind, author, coalesce(moved_from, customer), generation, snapshot from doc
             where org = ?1 and doc = ?2",
        )?
        .query_row(params![org.as_bytes(), doc.as_bytes()], |row| {
            Ok((header(row, 0, org)?, row.get(5)?))
        })
        .optional()?;
    let Some((header, stored)) = found else { return Ok(None) };
    let history = histories::checked(connection, &header, stored)?;
    Ok(Some((header, history)))
}
