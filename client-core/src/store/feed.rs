//! Storing an answer: results, page and cursor in one transaction.
//!
//! What comes from the server is trusted and still may be damaged or newer. One
//! bad document never blocks the page: it becomes a row of `fault`, everything
//! else goes in, and the cursor moves on.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::merge::{EntryError, Unusable, enter, extend, restart, stay};
use super::tally::{self, Ledger};
use super::{
    StoreError, alias, decision, document, hand_back, meta, moved, orphan, outbox, receipt, record,
    renew, repair, results,
};
use crate::docs::{DocKind, Header};
use crate::faults::{Fault, injected};
use crate::guard::Limits;
use crate::id::{DocId, UserId};
use crate::protocol::{DocAnswer, FeedEntry, Scope, SyncResponse};
use crate::records::{Record, RecordKind};
use crate::sync::Manifest;
use crate::time::Timestamp;

/// What a write changed, for telling observers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Documents.
    pub docs: BTreeSet<(DocKind, DocId)>,
    /// Kinds of record.
    pub records: BTreeSet<RecordKind>,
    /// The outbox or the state of sync.
    pub sync: bool,
}

impl Touched {
    pub(crate) fn doc(&mut self, kind: DocKind, doc: DocId) {
        self.docs.insert((kind, doc));
        self.sync = true;
    }
}

/// What storing an answer did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// What changed.
    pub touched: Touched,
    /// Changes the server has now.
    pub confirmed: u64,
    /// Changes it did not take.
    pub refused: u64,
    /// Documents and records that arrived.
    pub pulled: u64,
    /// Entries that could not be used and were kept as faults.
    pub faults: u64,
    /// Something is to be sent now.
    pub due: bool,
    /// A history was forgotten: nothing of it may stay readable in the file.
    pub forgot: bool,
    /// What waits was written anew: other changes than those that the file on the disk
    /// holds may be sent next.
    pub rewrote: bool,
    /// The answer moved something: results, a page, a cursor.
    pub progressed: bool,
    /// Something differs from the server's and is to be asked for.
    pub repairing: bool,
    /// The page was left aside until what waits here has its answer.
    pub aside: bool,
    /// Documents and records that left this phone: what they held has to leave its files
    /// too.
    pub purged: u64,
    /// The server knows another life of this replica: it has to become a device of its
    /// own before it goes on.
    pub forked: bool,
}

/// An answer with what it answers.
pub(crate) struct Incoming<'a> {
    pub me: UserId,
    pub manifest: &'a Manifest,
    pub response: &'a SyncResponse,
    pub limits: &'a Limits,
    pub now: Timestamp,
}

/// Stores an answer.
pub(crate) fn apply(conn: &Connection, incoming: &Incoming<'_>) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    let mut ledger = Ledger::open(conn)?;
    let response = incoming.response;
    let told = receipt::read(conn, incoming.manifest, response);
    results::settle(conn, incoming, &mut applied, &mut ledger)?;
    // A former life may have stored what comes in the page: it is left aside until each
    // change that waits here has its answer, and asked for again. So is a history that
    // begins anew, which may hold what was sent to the former one.
    let early = begins_too_early(conn, response)?;
    applied.aside = early || renew::answers_wait(conn)?;
    let usable = !applied.aside;
    let (offered, answer) = (incoming.manifest.offered.as_deref(), response.hand_back.as_deref());
    // A new life of the data is taken up with its first page. What is left aside says it
    // again, and each time what waits for a person there would be sent again.
    let untaken = answer.is_some_and(|answer| answer.another_life) && !usable;
    if !untaken {
        // What is given back goes with the next request of this run.
        applied.progressed |= hand_back::take(conn, offered, answer, incoming.now, &mut ledger)?;
    }
    if usable {
        page(conn, incoming, &mut applied, &mut ledger)?;
        if response.more {
            tally::open(conn, &entered(&response.feed))?;
        }
        if let Some(answer) = &response.repair {
            repair::take(conn, incoming, answer, &mut applied, &mut ledger)?;
        }
    }
    receipt::keep(conn, &told, response)?;
    if usable && !response.more {
        hand_back::drop_stale(conn, &response.feed, &mut ledger)?;
    }
    if !untaken {
        purge_left(conn, &mut applied, &mut ledger)?;
    }
    ledger.settle(conn)?;
    repair::agreed_since(conn)?;
    meta::set(conn, meta::Key::ServerSeen, &response.server_time)?;
    if let Some(cursor) = response.cursor.as_ref().filter(|_cursor| usable) {
        meta::set(conn, meta::Key::Cursor, cursor)?;
        applied.progressed = true;
    }
    if let Some(pushed) = &response.pushed {
        meta::set(conn, meta::Key::Pushed, pushed)?;
    }
    if let Some(stamp) = &response.stamp {
        meta::set(conn, meta::Key::Stamp, stamp)?;
    }
    if let Some(app) = &response.minimum_app {
        meta::set(conn, meta::Key::MinimumApp, app)?;
    }
    if usable && !response.more {
        meta::set(conn, meta::Key::KnownUpTo, &response.server_time)?;
    }
    applied.due = outbox::any_due(conn, incoming.now)?;
    applied.repairing = repair::waiting(conn)? > 0;
    applied.progressed |= applied.pulled + applied.confirmed + applied.refused > 0;
    // Each change that is sent has an answer or another one goes next: this ends.
    applied.progressed |= early && applied.due;
    if hand_back::goes_on(conn)? {
        applied.due = true;
        applied.progressed = true;
    }
    applied.touched.sync = true;
    Ok(applied)
}

/// Whether a history begins anew of which something was written here whose answer is
/// not here yet: it is to be sent first, because the server says what it had of it.
fn begins_too_early(conn: &Connection, response: &SyncResponse) -> Result<bool, StoreError> {
    let told = response.feed.iter().filter_map(|entry| match entry {
        FeedEntry::Reset { doc, generation, .. } => Some((*doc, *generation)),
        FeedEntry::Enter { header, .. } => Some((header.doc, header.generation)),
        _ => None,
    });
    let asked = response.repair.iter().flat_map(|repair| &repair.docs);
    let asked = asked.filter_map(|answer| match answer {
        DocAnswer::Held { header, .. } => Some((header.doc, header.generation)),
        DocAnswer::NotYours(_) | DocAnswer::Unknown(_) => None,
    });
    let mut early = false;
    for (doc, generation) in told.chain(asked).filter(|(_doc, generation)| generation.0 > 0) {
        if outbox::unheard_before(conn, doc, generation)? {
            outbox::hurry(conn, Some(doc))?;
            early = true;
        }
    }
    Ok(early)
}

/// Applies the page, entry by entry.
fn page(
    conn: &Connection,
    incoming: &Incoming<'_>,
    applied: &mut Applied,
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    for entry in &incoming.response.feed {
        let mut taken = take(conn, incoming, entry, applied, ledger);
        if matches!(taken, Err(EntryError::Unusable(_)))
            && let FeedEntry::Enter { header: Header { doc, .. }, .. }
            | FeedEntry::Changes { doc, .. } = entry
            && !renew::former_actors(conn)?.is_empty()
        {
            // What a former life wrote here and nobody will take stands in the way.
            renew::write_anew(conn, *doc, incoming.limits, incoming.now)?;
            applied.rewrote = true;
            taken = take(conn, incoming, entry, applied, ledger);
        }
        match taken {
            Ok(()) => applied.pulled += 1,
            Err(EntryError::Store(error)) => return Err(error),
            Err(EntryError::Unusable(reason)) => {
                applied.faults += 1;
                note_fault(conn, incoming.now, entry, &reason)?;
            }
        }
    }
    Ok(())
}

fn take(
    conn: &Connection,
    incoming: &Incoming<'_>,
    entry: &FeedEntry,
    applied: &mut Applied,
    ledger: &mut Ledger,
) -> Result<(), EntryError> {
    match entry {
        FeedEntry::Enter { header, .. } => ledger.touch(conn, header.doc)?,
        FeedEntry::Changes { doc, .. }
        | FeedEntry::Leave { doc, .. }
        | FeedEntry::Reset { doc, .. } => ledger.touch(conn, *doc)?,
        FeedEntry::Complete(_) => ledger.settle(conn)?,
        FeedEntry::Record { .. } => {}
    }
    if let FeedEntry::Enter { header: Header { doc, .. }, .. } | FeedEntry::Changes { doc, .. } =
        entry
    {
        outbox::hurry(conn, Some(*doc))?;
    }
    match entry {
        FeedEntry::Enter { header, scopes, .. }
            if repair::comes_later(conn, header.doc, header.generation)? =>
        {
            join(conn, header.doc, scopes)?;
            stay(conn, header.doc)?;
        }
        FeedEntry::Changes { doc, .. } if repair::is_to_come(conn, *doc)? => {}
        FeedEntry::Reset { doc, generation, .. }
            if repair::comes_later(conn, *doc, *generation)? => {}
        FeedEntry::Enter { header, scopes, snapshot } => {
            applied.forgot |= enter(conn, incoming, header, snapshot)?;
            join(conn, header.doc, scopes)?;
            applied.touched.doc(header.kind, header.doc);
            if !orphan::waiting(conn, header.doc)?.is_empty() {
                let (_kind, left) = extend(conn, incoming, header.doc, std::iter::empty())?;
                waits(left)?;
            }
        }
        FeedEntry::Changes { doc, changes } => {
            let changes = changes.iter().map(|bytes| bytes.as_slice());
            let (kind, left) = extend(conn, incoming, *doc, changes)?;
            applied.touched.doc(kind, *doc);
            waits(left)?;
        }
        FeedEntry::Leave { doc, scope, reason: _ } => {
            conn.prepare_cached("delete from membership where doc = ?1 and scope = ?2")?
                .execute(params![doc.as_bytes(), scope.to_string()])?;
            conn.prepare_cached(
                "update doc set leaving = 1 where id = ?1
                 and not exists (select 1 from membership where doc = ?1)",
            )?
            .execute(params![doc.as_bytes()])?;
            // What came of it when it was not here any more is not kept for it either.
            if document::header(conn, *doc)?.is_none() {
                orphan::forget(conn, *doc)?;
            }
        }
        FeedEntry::Record { kind, id, version, body } if body.is_empty() => {
            if record::leave(conn, *kind, *id, *version)? {
                applied.touched.records.insert(*kind);
                applied.purged += 1;
            }
        }
        FeedEntry::Record { kind, id, version, body } => {
            if record::put(conn, *kind, *id, *version, body)? {
                let known = Record::decode(*kind, *id, body)
                    .map_err(|error| Unusable(error.to_string()))?;
                if let Record::Placement(placement) = &known {
                    record::hold(conn, placement)?;
                    applied.touched.doc(placement.kind, placement.subject);
                }
                if let Record::Alias(merged) = &known {
                    alias::refresh(conn)?;
                    for customer in [merged.from, merged.into] {
                        applied.touched.doc(DocKind::Customer, customer);
                    }
                }
                if let Record::Moved(moved) = &known {
                    moved::follow(conn, moved.visit)?;
                    applied.touched.doc(DocKind::Visit, moved.visit);
                }
                if let Record::Decision(decided) = &known
                    && decision::answer(conn, incoming, decided, ledger)?
                {
                    applied.touched.doc(decided.kind, decided.subject);
                }
                applied.touched.records.insert(*kind);
            }
        }
        FeedEntry::Reset { doc, generation, snapshot, .. } => {
            // One that is not here has nothing to be forgotten, and nothing to build on.
            if let Some(held) = document::header(conn, *doc)?.filter(|h| h.generation < *generation)
            {
                let header = Header { generation: *generation, ..held };
                restart(conn, &header, snapshot)?;
                orphan::forget(conn, *doc)?;
                applied.forgot = true;
                applied.touched.doc(header.kind, *doc);
            }
        }
        FeedEntry::Complete(digest) => tally::complete(conn, digest, incoming.now)?,
    }
    Ok(())
}

/// What waits is looked at by whoever looks at faults.
fn waits(left: usize) -> Result<(), Unusable> {
    if left == 0 { Ok(()) } else { Err(Unusable(format!("{left} changes wait for others"))) }
}

/// The scopes that documents of a page came into.
fn entered(feed: &[FeedEntry]) -> BTreeSet<Scope> {
    feed.iter()
        .filter_map(|entry| match entry {
            FeedEntry::Enter { scopes, .. } => Some(scopes),
            _ => None,
        })
        .flatten()
        .copied()
        .collect()
}

/// A document that was asked for whole, and whether an older history was forgotten for
/// it; the inner error says why it cannot be used.
pub(super) fn whole(
    conn: &Connection,
    incoming: &Incoming<'_>,
    header: &Header,
    scopes: &[Scope],
    snapshot: &[u8],
) -> Result<Result<bool, String>, StoreError> {
    let forgot = match enter(conn, incoming, header, snapshot) {
        Ok(forgot) => forgot,
        Err(EntryError::Unusable(reason)) => return Ok(Err(reason)),
        Err(EntryError::Store(error)) => return Err(error),
    };
    join(conn, header.doc, scopes)?;
    Ok(Ok(forgot))
}

/// A document is not this user's any more: it goes when nothing of it waits.
pub(super) fn unhold(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    for sql in ["delete from membership where doc = ?1", "update doc set leaving = 1 where id = ?1"]
    {
        conn.prepare_cached(sql)?.execute(params![doc.as_bytes()])?;
    }
    Ok(())
}

/// The scopes of the reader's that a document is in.
pub(super) fn join(conn: &Connection, doc: DocId, scopes: &[Scope]) -> Result<(), StoreError> {
    conn.prepare_cached("delete from membership where doc = ?1")?
        .execute(params![doc.as_bytes()])?;
    let mut statement =
        conn.prepare_cached("insert or ignore into membership (doc, scope) values (?1, ?2)")?;
    for scope in scopes {
        statement.execute(params![doc.as_bytes(), scope.to_string()])?;
    }
    Ok(())
}

/// § A document with unsent edits is never purged before every edit has a final answer,
/// and none before a server that lost something was offered what is here of it.
fn purge_left(
    conn: &Connection,
    applied: &mut Applied,
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    if hand_back::goes_on(conn)? {
        return Ok(());
    }
    let leaving: Vec<Header> = {
        let mut statement = conn.prepare_cached("select header from doc where leaving = 1")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|row| document::decode_header(&row?)).collect::<Result<_, _>>()?
    };
    for header in leaving {
        if injected(Fault::PurgedWithUnsentEdits) || !outbox::unanswered(conn, header.doc)? {
            ledger.touch(conn, header.doc)?;
            document::purge(conn, header.doc, header.kind)?;
            applied.purged += 1;
            applied.touched.doc(header.kind, header.doc);
        }
    }
    Ok(())
}

fn note_fault(
    conn: &Connection,
    now: Timestamp,
    entry: &FeedEntry,
    reason: &str,
) -> Result<(), StoreError> {
    let (what, subject, bytes): (&str, Option<&[u8]>, Option<&[u8]>) = match entry {
        FeedEntry::Enter { header, snapshot, .. } => {
            ("enter", Some(header.doc.as_bytes()), Some(snapshot))
        }
        FeedEntry::Changes { doc, changes } => {
            ("changes", Some(doc.as_bytes()), changes.first().map(|bytes| bytes.as_slice()))
        }
        FeedEntry::Leave { doc, .. } => ("leave", Some(doc.as_bytes()), None),
        FeedEntry::Record { id, body, .. } => ("record", Some(id.as_bytes()), Some(body)),
        FeedEntry::Reset { doc, snapshot, .. } => ("reset", Some(doc.as_bytes()), Some(snapshot)),
        FeedEntry::Complete(_) => ("complete", None, None),
    };
    conn.prepare_cached(
        "insert into fault (at, subject, what, reason, bytes) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![now.millis(), subject, what, reason, bytes])?;
    // A newer server may send what this app cannot read for months.
    conn.prepare_cached(
        "delete from fault where position <= (select max(position) from fault) - 500",
    )?
    .execute([])?;
    Ok(())
}
