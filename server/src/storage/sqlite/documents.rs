//! Reading documents, and what surrounds a push.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use client_core::docs::{ChangeHash, DocKind, Header, Heads};
use client_core::id::{ActorId, CommandId, DeviceId, DocId, OrgId, ReplicaId, UserId};
use client_core::protocol::{Offer, Scope};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{hash, header, heads, id, time};
use super::{SqliteStorage, aliases, commit, erasures, feed_tail, histories, membership, rows};
use crate::storage::model::{
    CommitOutcome, DeviceSays, DocCommit, DocRow, HeldDoc, LoadedDoc, NewCommand, Origin, Row, Seq,
    StoredDoc,
};
use crate::storage::{Documents, StorageError};

impl Documents for SqliteStorage {
    async fn document(&self, org: OrgId, doc: DocId) -> Result<Option<HeldDoc>, StorageError> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "select doc, kind, author, coalesce(moved_from, customer), generation, revision from doc
                     where org = ?1 and doc = ?2",
                )?
                .query_row(params![org.as_bytes(), doc.as_bytes()], |row| {
                    Ok((header(row, 0, org)?, row.get::<_, i64>(5)?.unsigned_abs()))
                })
                .optional()?;
            let Some((header, revision)) = found else { return Ok(None) };
            let scopes = membership::of(connection, org, doc)?.into_iter().collect();
            Ok(Some(HeldDoc { header, revision, scopes }))
        })
        .await
    }

    async fn load(&self, org: OrgId, doc: DocId) -> Result<Option<StoredDoc>, StorageError> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "select doc, kind, author, coalesce(moved_from, customer), generation, revision, snapshot from doc
                     where org = ?1 and doc = ?2",
                )?
                .query_row(params![org.as_bytes(), doc.as_bytes()], |row| {
                    Ok(StoredDoc {
                        header: header(row, 0, org)?,
                        revision: row.get::<_, i64>(5)?.unsigned_abs(),
                        snapshot: row.get(6)?,
                    })
                })
                .optional()?;
            let Some(mut found) = found else { return Ok(None) };
            let stored = std::mem::take(&mut found.snapshot);
            found.snapshot = histories::checked(connection, &found.header, stored)?;
            Ok(Some(found))
        })
        .await
    }

    async fn load_all(
        &self,
        org: OrgId,
        wanted: Vec<(DocId, Option<u64>)>,
    ) -> Result<Vec<Option<LoadedDoc>>, StorageError> {
        self.read(move |connection| {
            wanted.into_iter().map(|(doc, known)| loaded(connection, org, doc, known)).collect()
        })
        .await
    }

    async fn commit(&self, org: OrgId, commit: DocCommit) -> Result<CommitOutcome, StorageError> {
        self.write(move |connection| {
            let outcome = commit::document(connection, org, &commit)?;
            note_pushes(connection, org, &[(&commit, &outcome)])?;
            Ok(outcome)
        })
        .await
    }

    async fn commit_all(
        &self,
        org: OrgId,
        commits: Vec<DocCommit>,
    ) -> Result<Vec<CommitOutcome>, StorageError> {
        self.write(move |connection| {
            let outcomes = commit::all(connection, org, &commits)?;
            note_pushes(connection, org, &commits.iter().zip(&outcomes).collect::<Vec<_>>())?;
            Ok(outcomes)
        })
        .await
    }

    async fn stored_change(
        &self,
        org: OrgId,
        doc: DocId,
        generation: u32,
        actor: ActorId,
        seq: u64,
    ) -> Result<Option<ChangeHash>, StorageError> {
        self.read(move |connection| {
            Ok(connection
                .prepare_cached(
                    "select hash from change
                     where org = ?1 and doc = ?2 and generation = ?3 and actor = ?4
                       and actor_seq = ?5",
                )?
                .query_row(
                    params![
                        org.as_bytes(),
                        doc.as_bytes(),
                        generation,
                        actor.as_bytes(),
                        i64::try_from(seq).unwrap_or(i64::MAX)
                    ],
                    |row| hash(row, 0),
                )
                .optional()?)
        })
        .await
    }

    async fn headers(
        &self,
        org: OrgId,
        docs: Vec<DocId>,
    ) -> Result<BTreeMap<DocId, Header>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select doc, kind, author, coalesce(moved_from, customer), generation from doc
                 where org = ?1 and doc = ?2",
            )?;
            let mut found = BTreeMap::new();
            for doc in docs {
                let read = |row: &rusqlite::Row<'_>| header(row, 0, org);
                let one = statement.query_row(params![org.as_bytes(), doc.as_bytes()], read);
                found.extend(one.optional()?.map(|header| (doc, header)));
            }
            Ok(found)
        })
        .await
    }

    async fn lacking(
        &self,
        org: OrgId,
        held: Vec<Scope>,
        offers: Vec<Offer>,
    ) -> Result<Vec<Offer>, StorageError> {
        self.read(move |connection| lacking(connection, org, &held, offers)).await
    }

    async fn row(&self, org: OrgId, doc: DocId) -> Result<Option<Row>, StorageError> {
        self.read(move |connection| rows::one(connection, org, doc)).await
    }

    async fn rows_of_customer(
        &self,
        org: OrgId,
        customer: DocId,
    ) -> Result<Vec<Row>, StorageError> {
        self.read(move |connection| {
            let mut found = Vec::new();
            let customers = aliases::merged_with(connection, org, customer)?;
            let wanted = [DocKind::Deal, DocKind::Visit, DocKind::Case].into_iter();
            for (kind, customer) in
                wanted.flat_map(|kind| customers.iter().map(move |customer| (kind, customer)))
            {
                let sql = format!(
                    "select {} from doc d join {} r on r.org = d.org and r.doc = d.doc
                     where d.org = ?1 and d.customer = ?2 and d.kind = ?3
                     order by d.first_seq desc",
                    rows::COLUMNS,
                    rows::table(kind)
                );
                let mut statement = connection.prepare_cached(&sql)?;
                let wanted = params![org.as_bytes(), customer.as_bytes(), kind.as_str()];
                found.extend(rows::read_all(&mut statement, wanted, org)?);
            }
            Ok(found)
        })
        .await
    }

    async fn log(&self, org: OrgId, doc: DocId) -> Result<Vec<DocRow>, StorageError> {
        self.read(move |connection| log(connection, org, doc)).await
    }

    async fn logs(
        &self,
        org: OrgId,
        docs: Vec<DocId>,
    ) -> Result<BTreeMap<DocId, Vec<DocRow>>, StorageError> {
        self.read(move |connection| {
            docs.into_iter().map(|doc| Ok((doc, log(connection, org, doc)?))).collect()
        })
        .await
    }

    async fn keep_command(
        &self,
        org: OrgId,
        command: NewCommand,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.write(move |connection| {
            let added = connection
                .prepare_cached(
                    "insert into command (org, id, user, device, kind, body, refused, received_at)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     on conflict (org, id) do nothing",
                )?
                .execute(params![
                    org.as_bytes(),
                    command.id.as_bytes(),
                    command.user.as_bytes(),
                    command.device.as_bytes(),
                    command.kind,
                    command.body,
                    command.refused,
                    at.millis(),
                ])?;
            Ok(added == 1)
        })
        .await
    }

    async fn command_answer(
        &self,
        org: OrgId,
        id: CommandId,
    ) -> Result<Option<Option<String>>, StorageError> {
        self.read(move |connection| {
            Ok(connection
                .prepare_cached("select refused from command where org = ?1 and id = ?2")?
                .query_row(params![org.as_bytes(), id.as_bytes()], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    async fn device_says(
        &self,
        org: OrgId,
        device: DeviceId,
        says: DeviceSays,
    ) -> Result<(), StorageError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "update device set waiting = ?3, clock_ahead_ms = ?4
                     where org = ?1 and device = ?2",
                )?
                .execute(params![
                    org.as_bytes(),
                    device.as_bytes(),
                    says.waiting,
                    says.clock_ahead_ms
                ])?;
            Ok(())
        })
        .await
    }

    async fn heard_from(
        &self,
        org: OrgId,
        device: DeviceId,
        pushed: bool,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| heard(connection, org, device, pushed, at)).await
    }
}

/// The log of a document, oldest first.
fn log(connection: &Connection, org: OrgId, doc: DocId) -> Result<Vec<DocRow>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select hash, actor, user, device, seq, received_at, bytes, replica from change
         where org = ?1 and doc = ?2 order by seq, place",
    )?;
    let rows = statement.query_map(params![org.as_bytes(), doc.as_bytes()], |row| {
        Ok(DocRow {
            hash: hash(row, 0)?,
            actor: id(row, 1, ActorId::from_bytes)?,
            user: id(row, 2, UserId::from_bytes)?,
            device: id(row, 3, DeviceId::from_bytes)?,
            replica: id(row, 7, ReplicaId::from_bytes)?,
            seq: row.get(4)?,
            received_at: time(row, 5)?,
            bytes: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn lacking(
    connection: &Connection,
    org: OrgId,
    held: &[Scope],
    offers: Vec<Offer>,
) -> Result<Vec<Offer>, StorageError> {
    let mut stored = connection
        .prepare_cached("select heads, generation from doc where org = ?1 and doc = ?2")?;
    let mut known = connection
        .prepare_cached("select 1 from change where org = ?1 and doc = ?2 and hash = ?3")?;
    let mut has = |doc: DocId, heads: &Heads| {
        for head in heads.as_slice() {
            if !known.exists(params![org.as_bytes(), doc.as_bytes(), head.0])? {
                return Ok::<_, StorageError>(false);
            }
        }
        Ok(true)
    };
    let mut lacking = Vec::new();
    for Offer { doc, heads: offered, generation } in offers {
        let here = stored
            .query_row(params![org.as_bytes(), doc.as_bytes()], |row| {
                Ok((heads(row, 0)?, row.get::<_, u32>(1)?))
            })
            .optional()?;
        let Some((here, current)) = here else {
            lacking.push(Offer { doc, heads: Heads::default(), generation });
            continue;
        };
        if here == offered || has(doc, &offered)? {
            continue;
        }
        let heads = match current.cmp(&generation.0) {
            // A history that ended here, with all of it, is told to the phone and not taken.
            Ordering::Greater if had(connection, org, doc, &offered)? => continue,
            Ordering::Equal if !feed_tail::held(connection, org, doc, held)?.is_empty() => here,
            // Of another history nothing is here.
            Ordering::Greater | Ordering::Equal | Ordering::Less => Heads::default(),
        };
        lacking.push(Offer { doc, heads, generation });
    }
    Ok(lacking)
}

/// Whether nothing of an earlier history is lacking up to some heads: it ended here with
/// them. A later one that came back may have begun before the life that began it had
/// everything of this one.
fn had(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    offered: &Heads,
) -> Result<bool, StorageError> {
    let former = erasures::former(connection, org, doc)?;
    let names: Vec<_> = former.ended.iter().map(|one| one.changes.names()).collect();
    Ok(offered.as_slice().iter().all(|head| names.iter().any(|names| names.holds(head))))
}

/// Notes in the commit itself that the devices which pushed were heard from: a
/// commit of its own would be a second wait for the disk.
fn note_pushes(
    connection: &Connection,
    org: OrgId,
    commits: &[(&DocCommit, &CommitOutcome)],
) -> Result<(), StorageError> {
    let mut pushed: BTreeMap<DeviceId, (Seq, Timestamp)> = BTreeMap::new();
    for (commit, outcome) in commits {
        // What is given back was stored by its author in another life of this data.
        let CommitOutcome::Committed(seq) = outcome else { continue };
        if commit.origin.replica != Origin::GIVEN_BACK {
            let last = pushed.entry(commit.origin.device).or_insert((*seq, commit.at));
            last.0 = last.0.max(*seq);
        }
    }
    for (device, (seq, at)) in pushed {
        heard(connection, org, device, true, at)?;
        connection
            .prepare_cached("update device set stored_seq = ?3 where org = ?1 and device = ?2")?
            .execute(params![org.as_bytes(), device.as_bytes(), seq])?;
    }
    Ok(())
}

fn heard(
    connection: &Connection,
    org: OrgId,
    device: DeviceId,
    pushed: bool,
    at: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "update device set seen_at = max(seen_at, ?3),
                 pushed_at = case when ?4 then ?3 else pushed_at end
             where org = ?1 and device = ?2",
        )?
        .execute(params![org.as_bytes(), device.as_bytes(), at.millis(), pushed])?;
    Ok(())
}

fn loaded(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    known: Option<u64>,
) -> Result<Option<LoadedDoc>, StorageError> {
    let known = known.and_then(|known| i64::try_from(known).ok());
    let found = connection
        .prepare_cached(
            "select doc, kind, author, coalesce(moved_from, customer), generation, revision, length(snapshot),
                 case when revision is ?3 then null else snapshot end,
                 exists (select 1 from quarantine q where q.org = doc.org and q.doc = doc.doc)
             from doc where org = ?1 and doc = ?2",
        )?
        .query_row(params![org.as_bytes(), doc.as_bytes(), known], |row| {
            Ok(LoadedDoc {
                header: header(row, 0, org)?,
                revision: row.get::<_, i64>(5)?.unsigned_abs(),
                scopes: Vec::new(),
                bytes: usize::try_from(row.get::<_, i64>(6)?).unwrap_or(usize::MAX),
                snapshot: row.get(7)?,
                aside: row.get(8)?,
            })
        })
        .optional()?;
    let Some(mut found) = found else { return Ok(None) };
    found.scopes = membership::of(connection, org, doc)?.into_iter().collect();
    if let Some(stored) = found.snapshot.take() {
        found.snapshot = Some(histories::checked(connection, &found.header, stored)?);
    }
    Ok(Some(found))
}
