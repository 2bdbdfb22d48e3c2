//! Stored histories: what stands in for a damaged one, which have grown long, and
//! what a phone that counts differently is told.

use client_core::docs::{DocKind, Generation, Header, is_intact};
use client_core::id::{DocId, OrgId};
use client_core::protocol::{ListedDoc, Scope};
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{header, heads, id, scope_key};
use super::{SqliteStorage, feed_tail};
use crate::storage::model::{StoredDoc, Unfolded, WholeDoc};
use crate::storage::{Histories, StorageError};

/// Histories whose tail is longer than one and a half of what was saved as a whole last.
/// Of a new one the first changes are the tail: four of them are worth a save.
pub(super) const UNFOLDED: &str =
    "select doc, kind, author, coalesce(moved_from, customer), generation, revision, snapshot, heads from doc
     where org = ?1 and unfolded >= 4 and 2 * length(snapshot) > 5 * folded
     order by doc limit ?2";

impl Histories for SqliteStorage {
    async fn unfolded(&self, org: OrgId, limit: u32) -> Result<Vec<Unfolded>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(UNFOLDED)?;
            let rows = statement.query_map(params![org.as_bytes(), limit], |row| {
                let stored = StoredDoc {
                    header: header(row, 0, org)?,
                    revision: row.get::<_, i64>(5)?.unsigned_abs(),
                    snapshot: row.get(6)?,
                };
                Ok(Unfolded { stored, heads: heads(row, 7)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn logged(&self, org: OrgId, doc: DocId) -> Result<Vec<u8>, StorageError> {
        self.read(move |connection| {
            let generation: Option<u32> = connection
                .prepare_cached("select generation from doc where org = ?1 and doc = ?2")?
                .query_row(params![org.as_bytes(), doc.as_bytes()], |row| row.get(0))
                .optional()?;
            generation.map_or_else(|| Ok(Vec::new()), |it| from_log(connection, org, doc, it))
        })
        .await
    }

    async fn fold(
        &self,
        org: OrgId,
        doc: DocId,
        revision: u64,
        history: Vec<u8>,
        unfolded: u32,
    ) -> Result<bool, StorageError> {
        self.write(move |connection| {
            let changed = connection
                .prepare_cached(
                    "update doc set snapshot = ?4, unfolded = ?5,
                         folded = case ?5 when 0 then length(?4) else folded end
                     where org = ?1 and doc = ?2 and revision = ?3",
                )?
                .execute(params![
                    org.as_bytes(),
                    doc.as_bytes(),
                    i64::try_from(revision).unwrap_or(i64::MAX),
                    history,
                    unfolded,
                ])?;
            Ok(changed == 1)
        })
        .await
    }

    async fn listed(
        &self,
        org: OrgId,
        scope: Scope,
        after: Option<DocId>,
        limit: u32,
    ) -> Result<Vec<ListedDoc>, StorageError> {
        self.read(move |connection| listed(connection, org, scope, after, limit)).await
    }

    async fn whole(
        &self,
        org: OrgId,
        scopes: Vec<Scope>,
        docs: Vec<DocId>,
        budget: usize,
    ) -> Result<Vec<WholeDoc>, StorageError> {
        self.read(move |connection| {
            let (mut found, mut used) = (Vec::new(), 0);
            for doc in docs {
                if used > budget {
                    break;
                }
                let one = whole(connection, org, &scopes, doc)?;
                if let WholeDoc::Held { snapshot, .. } = &one {
                    used += snapshot.len();
                }
                found.push(one);
            }
            Ok(found)
        })
        .await
    }
}

fn listed(
    connection: &Connection,
    org: OrgId,
    scope: Scope,
    after: Option<DocId>,
    limit: u32,
) -> Result<Vec<ListedDoc>, StorageError> {
    let after = after.unwrap_or(DocId::from_bytes([0; 16]));
    let mut found = Vec::new();
    // One pass over every kind of the scope: the rare reader waits, no writer keeps an
    // index for it.
    let mut statement = connection.prepare_cached(
        "select m.doc, d.generation, d.heads from member m
         join doc d on d.org = m.org and d.doc = m.doc
         where m.org = ?1 and m.scope = ?2 and m.rank < ?3 and m.doc > ?4
         order by m.doc limit ?5",
    )?;
    let kinds = i64::try_from(DocKind::ALL.len()).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![
        org.as_bytes(),
        scope_key(scope),
        kinds,
        after.as_bytes(),
        limit
    ])?;
    while let Some(row) = rows.next()? {
        let doc = id(row, 0, DocId::from_bytes)?;
        found.push(ListedDoc::new(doc, Generation(row.get(1)?), &heads(row, 2)?));
    }
    Ok(found)
}

fn whole(
    connection: &Connection,
    org: OrgId,
    scopes: &[Scope],
    doc: DocId,
) -> Result<WholeDoc, StorageError> {
    let Some((header, snapshot)) = feed_tail::snapshot(connection, org, doc)? else {
        return Ok(WholeDoc::Unknown(doc));
    };
    let held = feed_tail::held(connection, org, doc, scopes)?;
    if held.is_empty() {
        return Ok(WholeDoc::NotHeld(doc));
    }
    let scopes = held.into_iter().map(|(scope, _since)| scope).collect();
    Ok(WholeDoc::Held { header, scopes, snapshot })
}

/// A stored history, or what the log says where it is damaged: a flipped bit on our
/// disk must not reach a phone as a document that cannot be read.
pub(super) fn checked(
    connection: &Connection,
    header: &Header,
    stored: Vec<u8>,
) -> Result<Vec<u8>, StorageError> {
    if is_intact(&stored) {
        return Ok(stored);
    }
    tracing::error!(doc = %header.doc, "a stored history is damaged: the change log serves instead");
    let logged = from_log(connection, header.org, header.doc, header.generation.0)?;
    Ok(if logged.is_empty() { stored } else { logged })
}

/// The changes of a generation, in the order in which they were committed: causal.
fn from_log(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    generation: u32,
) -> Result<Vec<u8>, StorageError> {
    let changes: Vec<Vec<u8>> = connection
        .prepare_cached(
            "select bytes from change where org = ?1 and doc = ?2 and generation = ?3
             order by seq, place",
        )?
        .query_map(params![org.as_bytes(), doc.as_bytes(), generation], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(changes.concat())
}
