//! What a reader is sent of scopes that are new to it: records, then documents,
//! in kind order and newest first, so that a phone is useful long before the
//! last page. A document that is in several new scopes is sent with the first.
//! A reader who starts is told first what matters today.

use client_core::docs::DocKind;
use client_core::id::{DocId, OrgId, RecordId};
use client_core::protocol::{LeaveReason, Scope};
use client_core::records::RecordKind;
use rusqlite::{Connection, params};

use super::codec::{id, scope_from_key, scope_key};
use super::feed::weight;
use super::feed_relevant::{self, What};
use super::feed_tail::{held, snapshot};
use super::{feed, leaving, records};
use crate::storage::StorageError;
use crate::storage::model::{Backfill, BackfillPlace, FeedQuery, PageEntry, RelevantPlace, Seq};

/// Rows read at a time.
const CHUNK: i64 = 128;

/// Records of a scope that was lost, and those that had left it before.
pub(super) const RECORDS_LEAVING: &str = "select rank, id from record_scope
     where org = ?1 and scope = ?2 and (rank, id) > (?3, ?4)
     union
     select rank, id from former_record_scope
     where org = ?1 and scope = ?2 and (rank, id) > (?3, ?4)
     order by rank, id limit ?5";

/// The same of documents.
pub(super) const DOCUMENTS_LEAVING: &str = "select doc from member
     where org = ?1 and scope = ?2 and doc > ?3
     union
     select doc from former_member where org = ?1 and scope = ?2 and doc > ?3
     order by 1 limit ?4";

pub(super) struct Filled {
    pub(super) entries: Vec<PageEntry>,
    pub(super) rest: Option<Backfill>,
}

pub(super) fn fill(
    connection: &Connection,
    org: OrgId,
    query: &FeedQuery,
    backfill: &Backfill,
    budget: usize,
) -> Result<Filled, StorageError> {
    let mut filling = Filling {
        connection,
        org,
        query,
        at: backfill.clone(),
        entries: Vec::new(),
        left: i64::try_from(budget).unwrap_or(i64::MAX),
    };
    let done = filling.run()?;
    Ok(Filled { entries: filling.entries, rest: (!done).then_some(filling.at) })
}

struct Filling<'a> {
    connection: &'a Connection,
    org: OrgId,
    query: &'a FeedQuery,
    at: Backfill,
    entries: Vec<PageEntry>,
    left: i64,
}

impl Filling<'_> {
    /// Goes on until the budget is spent; true when nothing is left to send.
    fn run(&mut self) -> Result<bool, StorageError> {
        if !self.relevant()? {
            return Ok(false);
        }
        loop {
            let gained = self.at.gained.get(self.at.index).copied();
            let lost = self.at.index.checked_sub(self.at.gained.len());
            let finished = match (gained, lost.and_then(|index| self.at.lost.get(index)).copied()) {
                (Some(scope), _) => self.scope(scope)?,
                (None, Some(scope)) => self.leaving(scope)?,
                (None, None) => return Ok(true),
            };
            if !finished {
                return Ok(false);
            }
            self.at.index += 1;
            self.at.place = None;
        }
    }

    fn push(&mut self, entry: PageEntry) {
        self.left -= i64::try_from(weight(&entry)).unwrap_or(i64::MAX);
        self.entries.push(entry);
    }

    /// What matters today, for a reader who starts.
    fn relevant(&mut self) -> Result<bool, StorageError> {
        let after = match self.at.place {
            None => None,
            Some(BackfillPlace::Relevant(place)) => Some(place),
            Some(_) => return Ok(true),
        };
        let starts = self.at.gained.contains(&Scope::User(self.query.reader));
        if self.at.index > 0 || !starts || after == Some(RelevantPlace::END) {
            return Ok(true);
        }
        for relevant in feed_relevant::after(self.connection, self.org, self.query, after)? {
            if self.left <= 0 {
                return Ok(false);
            }
            match relevant.what {
                What::Document(doc) => self.document(doc)?,
                What::Placement(record) => self.push(PageEntry::Record(record)),
            }
            self.at.place = Some(BackfillPlace::Relevant(relevant.place));
        }
        self.at.place = Some(BackfillPlace::Relevant(RelevantPlace::END));
        Ok(true)
    }

    fn scope(&mut self, scope: Scope) -> Result<bool, StorageError> {
        let begins = matches!(
            self.at.place,
            None | Some(BackfillPlace::Relevant(_) | BackfillPlace::Records { .. })
        );
        if begins && !self.records(scope)? {
            return Ok(false);
        }
        self.documents(scope)
    }

    fn records(&mut self, scope: Scope) -> Result<bool, StorageError> {
        loop {
            let (rank, after) = match self.at.place {
                Some(BackfillPlace::Records { rank, id }) => (i64::from(rank), id),
                _ => (-1, RecordId::from_bytes([0; 16])),
            };
            let next: Vec<(u8, RecordId)> = self
                .connection
                .prepare_cached(
                    "select rank, id from record_scope
                     where org = ?1 and scope = ?2 and (rank, id) > (?3, ?4)
                     order by rank, id limit ?5",
                )?
                .query_map(
                    params![self.org.as_bytes(), scope_key(scope), rank, after.as_bytes(), CHUNK],
                    |row| Ok((row.get(0)?, id(row, 1, RecordId::from_bytes)?)),
                )?
                .collect::<Result<_, _>>()?;
            if next.is_empty() {
                self.at.place = Some(BackfillPlace::Documents { rank: 0, below: Seq(i64::MAX) });
                return Ok(true);
            }
            for (rank, id) in next {
                if self.left <= 0 {
                    return Ok(false);
                }
                self.record(scope, rank, id)?;
                self.at.place = Some(BackfillPlace::Records { rank, id });
            }
        }
    }

    fn record(&mut self, scope: Scope, rank: u8, id: RecordId) -> Result<(), StorageError> {
        let Some(kind) = RecordKind::ALL.get(usize::from(rank)) else { return Ok(()) };
        let mut elsewhere = Vec::new();
        let mut statement = self.connection.prepare_cached(
            "select scope from record_scope where org = ?1 and rank = ?2 and id = ?3",
        )?;
        let mut rows = statement.query(params![self.org.as_bytes(), rank, id.as_bytes()])?;
        while let Some(row) = rows.next()? {
            elsewhere.push(scope_from_key(&row.get::<_, Vec<u8>>(0)?)?);
        }
        let known = elsewhere.iter().any(|other| {
            self.sent_before(*other)
                || (self.query.scopes.binary_search(other).is_ok()
                    && !self.at.gained.contains(other))
        });
        debug_assert!(elsewhere.contains(&scope));
        if !known && let Some(record) = records::one(self.connection, self.org, *kind, id)? {
            self.push(PageEntry::Record(record));
        }
        Ok(())
    }

    fn documents(&mut self, scope: Scope) -> Result<bool, StorageError> {
        loop {
            let Some(BackfillPlace::Documents { rank, below }) = self.at.place else {
                return Ok(true);
            };
            if usize::from(rank) >= DocKind::ALL.len() {
                return Ok(true);
            }
            let next: Vec<(Seq, DocId)> = self
                .connection
                .prepare_cached(
                    "select first_seq, doc from member
                     where org = ?1 and scope = ?2 and rank = ?3 and first_seq < ?4
                     order by first_seq desc limit ?5",
                )?
                .query_map(
                    params![self.org.as_bytes(), scope_key(scope), rank, below, CHUNK],
                    |row| Ok((row.get(0)?, id(row, 1, DocId::from_bytes)?)),
                )?
                .collect::<Result<_, _>>()?;
            if next.is_empty() {
                self.at.place =
                    Some(BackfillPlace::Documents { rank: rank + 1, below: Seq(i64::MAX) });
            }
            for (first_seq, doc) in next {
                if self.left <= 0 {
                    return Ok(false);
                }
                self.document(doc)?;
                self.at.place = Some(BackfillPlace::Documents { rank, below: first_seq });
            }
        }
    }

    fn document(&mut self, doc: DocId) -> Result<(), StorageError> {
        let scopes: Vec<Scope> = held(self.connection, self.org, doc, &self.query.scopes)?
            .into_iter()
            .map(|(scope, _since)| scope)
            .collect();
        if scopes.is_empty() || scopes.iter().any(|scope| self.sent_before(*scope)) {
            return Ok(());
        }
        if let Some((header, snapshot)) = snapshot(self.connection, self.org, doc)? {
            self.push(PageEntry::Enter { header, scopes, snapshot });
        }
        Ok(())
    }

    /// Whether a scope's turn in this back-fill is over.
    fn sent_before(&self, scope: Scope) -> bool {
        self.at.gained.iter().take(self.at.index).any(|sent| *sent == scope)
    }

    /// What the reader lost with a scope: records first, then documents.
    fn leaving(&mut self, scope: Scope) -> Result<bool, StorageError> {
        let begins = !matches!(self.at.place, Some(BackfillPlace::Leaving { .. }));
        if begins && !self.records_leaving(scope)? {
            return Ok(false);
        }
        self.documents_leaving(scope)
    }

    fn records_leaving(&mut self, scope: Scope) -> Result<bool, StorageError> {
        let head = feed::head(self.connection, self.org)?;
        loop {
            let (rank, after) = match self.at.place {
                Some(BackfillPlace::Records { rank, id }) => (i64::from(rank), id),
                _ => (-1, RecordId::from_bytes([0; 16])),
            };
            let next: Vec<(u8, RecordId)> = self
                .connection
                .prepare_cached(RECORDS_LEAVING)?
                .query_map(
                    params![self.org.as_bytes(), scope_key(scope), rank, after.as_bytes(), CHUNK],
                    |row| Ok((row.get(0)?, id(row, 1, RecordId::from_bytes)?)),
                )?
                .collect::<Result<_, _>>()?;
            if next.is_empty() {
                let after = DocId::from_bytes([0; 16]);
                self.at.place = Some(BackfillPlace::Leaving { after });
                return Ok(true);
            }
            for (rank, id) in next {
                if self.left <= 0 {
                    return Ok(false);
                }
                let kind = RecordKind::ALL.get(usize::from(rank));
                let record = (rank, id);
                let seen = leaving::is_seen(self.connection, self.org, record, &self.query.scopes)?;
                if let Some(kind) = kind.filter(|_kind| !seen) {
                    self.push(PageEntry::Record(leaving::gone(*kind, id, head)));
                }
                self.at.place = Some(BackfillPlace::Records { rank, id });
            }
        }
    }

    fn documents_leaving(&mut self, scope: Scope) -> Result<bool, StorageError> {
        loop {
            let after = match self.at.place {
                Some(BackfillPlace::Leaving { after }) => after,
                _ => DocId::from_bytes([0; 16]),
            };
            let next: Vec<DocId> = self
                .connection
                .prepare_cached(DOCUMENTS_LEAVING)?
                .query_map(
                    params![self.org.as_bytes(), scope_key(scope), after.as_bytes(), CHUNK],
                    |row| id(row, 0, DocId::from_bytes),
                )?
                .collect::<Result<_, _>>()?;
            if next.is_empty() {
                return Ok(true);
            }
            for doc in next {
                if self.left <= 0 {
                    return Ok(false);
                }
                self.push(PageEntry::Leave { doc, scope, reason: LeaveReason::Revoked });
                self.at.place = Some(BackfillPlace::Leaving { after: doc });
            }
        }
    }
}
