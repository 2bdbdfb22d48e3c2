//! The outbox: what was saved here and is not confirmed by the server.
//!
//! A row lives from the save until the server says "stored". A failed connection
//! changes nothing; a refusal turns the row into something a person can see.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use serde_bytes::ByteBuf;

use super::{StoreError, command, document, hand_back, meta, repair};
use crate::docs::{ChangeHash, Generation, Header, NewChange};
use crate::faults::{Fault, injected};
use crate::guard::{Limits, ScreenedChange};
use crate::id::{ActorId, DocId, ReplicaId};
use crate::protocol::hand_back::limits;
use crate::protocol::{AccessStamp, ChangeNames, PushGroup, RejectCode};
use crate::sync::{Manifest, Outgoing};
use crate::time::Timestamp;

/// How far an item has come (the status ladder). Counting in a score is the
/// scorecard's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemStatus {
    /// Durable on this phone, not sent yet.
    Saved,
    /// Handed to the network, not confirmed.
    Sent,
    /// Committed on the server.
    Stored,
    /// The server did not take it; it is kept here.
    Rejected {
        /// The code of [`RejectCode`], for example `not_allowed`.
        code: String,
        /// For people.
        reason: String,
    },
    /// A person on the server's side has to decide.
    Quarantined {
        /// For people.
        reason: String,
    },
    /// The document's history started anew before this was sent; it is kept here.
    SetAside {
        /// For people: which fields.
        reason: String,
    },
    /// Durable on this phone; it cannot go on now, and is sent again by itself.
    Waiting {
        /// For people: for what.
        reason: String,
    },
}

/// What waits in the outbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pending {
    /// Changes saved and not sent.
    pub saved: u64,
    /// Changes sent and not confirmed.
    pub sent: u64,
    /// Changes the server did not take.
    pub rejected: u64,
    /// Changes a person has to decide on.
    pub quarantined: u64,
    /// Changes of a history that started anew.
    pub set_aside: u64,
    /// Requests not answered.
    pub commands: u64,
    /// Requests the server refused.
    pub refused: u64,
}

impl Pending {
    /// What still has to travel.
    pub const fn waiting(&self) -> u64 {
        self.saved + self.sent + self.commands
    }

    /// What a person has to look at.
    pub const fn needs_a_look(&self) -> u64 {
        self.rejected + self.quarantined + self.set_aside + self.refused
    }
}

/// A change that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedChange {
    /// The document.
    pub doc: DocId,
    /// The change.
    pub change: ChangeHash,
    /// Why.
    pub status: ItemStatus,
    /// When it was saved here.
    pub saved_at: Timestamp,
}

/// The longest that a change is held back, in milliseconds: five hours. What the clock
/// says to be further away was written by another clock.
const LONGEST_HOLD_MS: i64 = 5 * 3_600_000;

/// Framing of a change inside a request, generously.
const OVERHEAD: usize = 96;

/// Puts a change into the outbox. A change that is there already stays as it is.
pub(super) fn add(
    conn: &Connection,
    header: &Header,
    change: &NewChange,
    stamp: Option<&AccessStamp>,
    at: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into change (doc, hash, actor_seq, bytes, header, stamp, state, saved_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, 'saved', ?7) on conflict (hash) do nothing",
    )?
    .execute(params![
        header.doc.as_bytes(),
        change.hash.0,
        i64::try_from(change.seq).unwrap_or(i64::MAX),
        change.bytes,
        document::encode_header(header),
        stamp.filter(|_stamp| !injected(Fault::StampForgotten)).map(|stamp| stamp.0.to_vec()),
        at.millis(),
    ])?;
    Ok(())
}

/// Puts a change that the server had and lost into the outbox, whoever wrote it. One
/// that waits there already goes its own way.
pub(super) fn add_given(
    conn: &Connection,
    header: &Header,
    change: &NewChange,
    stamp: Option<&AccessStamp>,
    at: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into change (doc, hash, actor_seq, bytes, header, stamp, state, saved_at, given)
         values (?1, ?2, ?3, ?4, ?5, ?6, 'saved', ?7, 1) on conflict (hash) do nothing",
    )?
    .execute(params![
        header.doc.as_bytes(),
        change.hash.0,
        i64::try_from(change.seq).unwrap_or(i64::MAX),
        change.bytes,
        document::encode_header(header),
        stamp.map(|stamp| stamp.0.to_vec()),
        at.millis(),
    ])?;
    Ok(())
}

struct Waiting {
    doc: DocId,
    hash: ChangeHash,
    /// What the server had comes before what was written on top of it, in the order in
    /// which it was put here; own changes by their sequence number.
    order: (bool, i64),
    given: Option<ActorId>,
    bytes: Vec<u8>,
    header: Header,
    stamp: Option<AccessStamp>,
}

/// Collects at most `limit` bytes of changes, oldest first and at least one if
/// there is any.
pub(crate) fn collect(
    conn: &Connection,
    replica: ReplicaId,
    limit: usize,
    now: Timestamp,
) -> Result<Outgoing, StoreError> {
    let waiting = waiting(conn, limit, now)?;
    let mut manifest = Manifest::default();
    let (groups, given) = group(waiting, &mut manifest);
    let hand_back = hand_back::collect(conn, &groups, given)?;
    let offers = hand_back.iter().flat_map(|hand_back| &hand_back.offers);
    manifest.offered = Some(offers.map(|offer| offer.doc).collect());
    let commands = command::collect(conn)?;
    manifest.commands = commands.iter().map(|command| command.id).collect();
    manifest.purged = purged(conn)?;
    let purged = manifest.purged.clone();
    Ok(Outgoing {
        replica,
        cursor: meta::get(conn, meta::Key::Cursor)?,
        groups,
        commands,
        purged,
        repair: repair::ask(conn, now)?,
        pushed: Some(meta::get(conn, meta::Key::Pushed)?.unwrap_or(0)),
        unbound: meta::get::<bool>(conn, meta::Key::Unbound)?.unwrap_or(false),
        hand_back,
        manifest,
    })
}

/// Collects nothing but the cursor, for a server that can only give.
pub(crate) fn collect_nothing(
    conn: &Connection,
    replica: ReplicaId,
) -> Result<Outgoing, StoreError> {
    Ok(Outgoing {
        replica,
        cursor: meta::get(conn, meta::Key::Cursor)?,
        groups: Vec::new(),
        commands: Vec::new(),
        purged: Vec::new(),
        repair: None,
        // What is not sent now would look as if this copy had never written it.
        pushed: None,
        unbound: meta::get::<bool>(conn, meta::Key::Unbound)?.unwrap_or(false),
        hand_back: None,
        manifest: Manifest::default(),
    })
}

/// Remembers that what was collected is on its way.
pub(crate) fn mark_sent(
    conn: &Connection,
    manifest: &Manifest,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut mark = conn.prepare_cached(
        "update change set state = 'sent', sent_at = ?2 where hash = ?1 and state = 'saved'",
    )?;
    for hash in manifest.groups.iter().flat_map(|(_doc, hashes)| hashes) {
        mark.execute(params![hash.0, at.millis()])?;
    }
    Ok(())
}

/// Forgets what was collected.
pub(crate) fn forget(conn: &Connection, manifest: &Manifest) -> Result<(), StoreError> {
    manifest
        .groups
        .iter()
        .flat_map(|(_doc, hashes)| hashes)
        .try_for_each(|hash| confirm(conn, hash))
}

/// What is to be sent now: nothing of a document of which something is held back,
/// because the rest builds on it.
const DUE: &str = "state in ('saved', 'sent') and doc not in
     (select doc from change where retry_at > ?1 and retry_at <= ?2)";

fn waiting(conn: &Connection, limit: usize, now: Timestamp) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "select doc, hash, actor_seq, bytes, header, stamp, given, position from change
         where {DUE} order by position"
    ))?;
    let mut rows = statement.query(held(now))?;
    let limits = limits(&Limits::default());
    let (mut found, mut size) = (Vec::<Waiting>::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let doc = doc_id(&row.get::<_, Vec<u8>>(0)?)?;
        let bytes: Vec<u8> = row.get(3)?;
        let given: bool = row.get(6)?;
        size += bytes.len() + OVERHEAD;
        // The last change of what is given back of a document may be what vouches for all
        // of it.
        let vouches =
            found.last().is_some_and(|last| given && last.given.is_some() && last.doc == doc);
        if size > limit && !found.is_empty() && !vouches {
            break;
        }
        let stamp: Option<Vec<u8>> = row.get(5)?;
        let order = if given { (false, row.get(7)?) } else { (true, row.get(2)?) };
        let author = || ScreenedChange::screen(&bytes, &limits).ok();
        found.push(Waiting {
            doc,
            hash: change_hash(&row.get::<_, Vec<u8>>(1)?)?,
            order,
            given: if given { author().map(|change| change.actor()) } else { None },
            bytes,
            header: document::decode_header(&row.get::<_, Vec<u8>>(4)?)?,
            stamp: stamp.map(|stamp| AccessStamp(ByteBuf::from(stamp))),
        });
    }
    Ok(found)
}

/// Groups by document, in the order of each document's first change; within a
/// document by sequence number, which is causal order because one actor wrote all.
/// What is given back goes before, a group for each run of one author's. Also gives
/// the places of the groups that are given back.
fn group(waiting: Vec<Waiting>, manifest: &mut Manifest) -> (Vec<PushGroup>, Vec<u32>) {
    let mut order: Vec<DocId> = Vec::new();
    let mut by_doc: std::collections::BTreeMap<DocId, Vec<Waiting>> =
        std::collections::BTreeMap::new();
    for change in waiting {
        if !by_doc.contains_key(&change.doc) {
            order.push(change.doc);
        }
        by_doc.entry(change.doc).or_default().push(change);
    }
    let mut groups: Vec<PushGroup> = Vec::new();
    let mut given: Vec<u32> = Vec::new();
    for doc in order {
        let mut changes = by_doc.remove(&doc).unwrap_or_default();
        changes.sort_by_key(|change| change.order);
        let mut open: Option<(PushGroup, Vec<ChangeHash>)> = None;
        let mut author = None;
        for change in changes {
            let fits = open.as_ref().is_some_and(|(group, _)| {
                group.stamp == change.stamp
                    && group.header == change.header
                    && author == change.given
            });
            if !fits && let Some((group, hashes)) = open.take() {
                manifest.headers.push(group.header);
                groups.push(group);
                manifest.groups.push((doc, hashes));
            }
            author = change.given;
            if !fits && author.is_some() {
                given.push(u32::try_from(groups.len()).unwrap_or(u32::MAX));
            }
            let (group, hashes) = open.get_or_insert_with(|| {
                let group = PushGroup {
                    header: change.header,
                    stamp: change.stamp.clone(),
                    changes: Vec::new(),
                };
                (group, Vec::new())
            });
            group.changes.push(ByteBuf::from(change.bytes));
            hashes.push(change.hash);
        }
        if let Some((group, hashes)) = open {
            manifest.headers.push(group.header);
            groups.push(group);
            manifest.groups.push((doc, hashes));
        }
    }
    (groups, given)
}

/// What waits for its answer beside what is sent now. What a former life wrote is sent as
/// another device's.
pub(crate) fn left(conn: &Connection, manifest: &Manifest) -> Result<ChangeNames, StoreError> {
    let sent: BTreeSet<&ChangeHash> =
        manifest.groups.iter().flat_map(|(_doc, hashes)| hashes).collect();
    let mut statement = conn.prepare_cached(
        "select hash from change where state in ('saved', 'sent') and former = 0
         order by position",
    )?;
    let mut rows = statement.query([])?;
    let mut left = Vec::new();
    while let Some(row) = rows.next()? {
        let hash = change_hash(&row.get::<_, Vec<u8>>(0)?)?;
        if !sent.contains(&hash) {
            left.push(hash);
        }
    }
    Ok(ChangeNames::of(left))
}

/// Whether anything may have reached the server without its answer having come: it was
/// sent, or a power cut took back that it was. Until then sums say nothing.
pub(super) fn unheard(conn: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let sql = format!(
        "select exists (select 1 from change where {DUE} and (state = 'sent' or sent_at is null))"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(held(now), |row| row.get(0))?)
}

/// Whether that may be so of a change of a document in an older history than this one.
pub(super) fn unheard_before(
    conn: &Connection,
    doc: DocId,
    generation: Generation,
) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "select header from change where doc = ?1 and given = 0
             and (state = 'sent' or (state = 'saved' and sent_at is null))",
    )?;
    let mut rows = statement.query(params![doc.as_bytes()])?;
    while let Some(row) = rows.next()? {
        if document::decode_header(&row.get::<_, Vec<u8>>(0)?)?.generation < generation {
            return Ok(true);
        }
    }
    Ok(false)
}

fn purged(conn: &Connection) -> Result<Vec<DocId>, StoreError> {
    let mut statement = conn.prepare_cached("select doc from purged order by doc limit 1000")?;
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| doc_id(&row?)).collect()
}

/// The bytes of a waiting change.
pub(super) fn bytes(conn: &Connection, hash: &ChangeHash) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(conn
        .prepare_cached("select bytes from change where hash = ?1")?
        .query_row(params![hash.0], |row| row.get(0))
        .optional()?)
}

/// What of a document has no answer yet, in causal order.
pub(super) fn unsent(conn: &Connection, doc: DocId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select bytes from change where doc = ?1 and state in ('saved', 'sent')
         order by actor_seq",
    )?;
    let rows = statement.query_map(params![doc.as_bytes()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The stretch of time in which something is held back.
pub(super) const fn held(now: Timestamp) -> [i64; 2] {
    [now.millis(), now.plus_millis(LONGEST_HOLD_MS).millis()]
}

/// Whether one of these changes is kept here because the server did not take it.
pub(super) fn any_rejected(conn: &Connection, hashes: &[ChangeHash]) -> Result<bool, StoreError> {
    any(conn, hashes, "state = 'rejected' or (state = 'set_aside' and given = 0)")
}

/// Whether one of these changes is a colleague's that the server lost and that it does
/// not take from this phone. It comes back from the colleague's.
pub(super) fn any_withdrawn(conn: &Connection, hashes: &[ChangeHash]) -> Result<bool, StoreError> {
    any(conn, hashes, "state = 'set_aside' and given = 1")
}

fn any(conn: &Connection, hashes: &[ChangeHash], wanted: &str) -> Result<bool, StoreError> {
    let sql = format!("select 1 from change where hash = ?1 and ({wanted})");
    let mut statement = conn.prepare_cached(&sql)?;
    for hash in hashes {
        if statement.exists(params![hash.0])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The server has it.
pub(super) fn confirm(conn: &Connection, hash: &ChangeHash) -> Result<(), StoreError> {
    conn.prepare_cached("delete from change where hash = ?1")?.execute(params![hash.0])?;
    Ok(())
}

/// Somebody else's work that a restored server did not take back: nobody has to look
/// at it here, and what builds on it cannot be taken either.
pub(super) fn withdraw(conn: &Connection, hash: &ChangeHash) -> Result<(), StoreError> {
    conn.prepare_cached("update change set state = 'set_aside' where hash = ?1 and given = 1")?
        .execute(params![hash.0])?;
    Ok(())
}

/// Not taken: kept, with the reason.
pub(super) fn refuse(
    conn: &Connection,
    hash: &ChangeHash,
    status: &ItemStatus,
) -> Result<(), StoreError> {
    let (state, code, reason) = match status {
        ItemStatus::Rejected { code, reason } => ("rejected", Some(code.as_str()), Some(reason)),
        ItemStatus::Quarantined { reason } => ("quarantined", None, Some(reason)),
        ItemStatus::SetAside { reason } => ("set_aside", None, Some(reason)),
        ItemStatus::Waiting { reason } => ("saved", Some(HELD), Some(reason)),
        ItemStatus::Saved | ItemStatus::Sent | ItemStatus::Stored => ("saved", None, None),
    };
    conn.prepare_cached(
        "update change set state = ?2, code = ?3, reason = ?4, retry_at = null where hash = ?1",
    )?
    .execute(params![hash.0, state, code, reason])?;
    Ok(())
}

/// The code of what is held back.
const HELD: &str = "held";

/// Holds a change back that cannot go on now: after the first time for a minute, then
/// for twice as long each time, up to four hours. Other documents go on meanwhile.
pub(super) fn hold(conn: &Connection, hash: &ChangeHash, now: Timestamp) -> Result<(), StoreError> {
    conn.prepare_cached(
        "update change set tries = tries + 1, retry_at = ?2 + (60000 << min(tries, 8))
         where hash = ?1",
    )?
    .execute(params![hash.0, now.millis()])?;
    Ok(())
}

/// What was held back may go on: something came that it may have waited for. Without a
/// document everything.
pub(super) fn hurry(conn: &Connection, doc: Option<DocId>) -> Result<(), StoreError> {
    conn.prepare_cached(
        "update change set retry_at = null
         where retry_at is not null and (?1 is null or doc = ?1)",
    )?
    .execute(params![doc.as_ref().map(DocId::as_bytes)])?;
    Ok(())
}

/// Whether the outbox holds anything of a document, whatever its state.
pub(super) fn holds(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("select exists (select 1 from change where doc = ?1)")?
        .query_row(params![doc.as_bytes()], |row| row.get(0))?)
}

/// Whether a document has edits without a final answer.
pub(super) fn unanswered(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "select exists (select 1 from change
             where doc = ?1 and state in ('saved', 'sent', 'quarantined'))",
        )?
        .query_row(params![doc.as_bytes()], |row| row.get(0))?)
}

/// Whether any change is to be sent now.
pub(crate) fn any_due(conn: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached(&any_due_sql())?.query_row(held(now), |row| row.get(0))?)
}

pub(super) fn any_due_sql() -> String {
    format!("select exists (select 1 from change where {DUE})")
}

/// Changes that are to be sent now. It reads all of them, so it is asked once a run.
pub(crate) fn due_count(conn: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let count: i64 = conn
        .prepare_cached(&format!("select count(*) from change where {DUE}"))?
        .query_row(held(now), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Changes that still have to travel.
pub(crate) fn waiting_count(conn: &Connection) -> Result<u64, StoreError> {
    let count: i64 = conn
        .prepare_cached("select count(*) from change where state in ('saved', 'sent')")?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Counts by state.
pub(crate) fn pending(conn: &Connection) -> Result<Pending, StoreError> {
    let (commands, refused) = (command::waiting_count(conn)?, command::refused_count(conn)?);
    let mut pending = Pending { commands, refused, ..Pending::default() };
    let mut statement =
        conn.prepare_cached("select state, count(*) from change where given = 0 group by state")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
        let count = count.unsigned_abs();
        match state.as_str() {
            "saved" => pending.saved = count,
            "sent" => pending.sent = count,
            "rejected" => pending.rejected = count,
            "quarantined" => pending.quarantined = count,
            _ => pending.set_aside = count,
        }
    }
    Ok(pending)
}

/// How far a document has come: its worst change decides.
pub(crate) fn status(conn: &Connection, doc: DocId) -> Result<ItemStatus, StoreError> {
    let row: Option<(String, Option<String>, Option<String>)> = conn
        .prepare_cached(
            "select state, code, reason from change where doc = ?1 and given = 0
             order by case state when 'rejected' then 0 when 'quarantined' then 1
                      when 'set_aside' then 2 when 'saved' then 3 else 4 end,
                 code is null, position
             limit 1",
        )?
        .query_row(params![doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(row.map_or(ItemStatus::Stored, |(state, code, reason)| item_status(&state, code, reason)))
}

/// Lets go of a change that was refused for good.
pub(crate) fn dismiss(conn: &Connection, hash: &ChangeHash) -> Result<bool, StoreError> {
    let gone = conn
        .prepare_cached(
            "delete from change where hash = ?1 and state in ('rejected', 'set_aside')",
        )?
        .execute(params![hash.0])?;
    Ok(gone > 0)
}

/// Everything a person has to look at, oldest first; what is held back too, although it
/// goes on by itself.
pub(crate) fn refused(conn: &Connection) -> Result<Vec<RejectedChange>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select doc, hash, state, code, reason, saved_at from change
         where (state in ('rejected', 'quarantined', 'set_aside')
             or (state = 'saved' and code = 'held')) and given = 0
         order by position limit 500",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(RejectedChange {
            doc: doc_id(&row.get::<_, Vec<u8>>(0)?)?,
            change: change_hash(&row.get::<_, Vec<u8>>(1)?)?,
            status: item_status(&row.get::<_, String>(2)?, row.get(3)?, row.get(4)?),
            saved_at: Timestamp::from_millis(row.get(5)?),
        });
    }
    Ok(found)
}

fn item_status(state: &str, code: Option<String>, reason: Option<String>) -> ItemStatus {
    let reason = reason.unwrap_or_default();
    match state {
        "saved" if code.as_deref() == Some(HELD) => ItemStatus::Waiting { reason },
        "saved" => ItemStatus::Saved,
        "sent" => ItemStatus::Sent,
        "rejected" => ItemStatus::Rejected { code: code.unwrap_or_default(), reason },
        "quarantined" => ItemStatus::Quarantined { reason },
        _ => ItemStatus::SetAside { reason },
    }
}

/// The stable code of a refusal.
pub(super) fn reject_code(code: RejectCode) -> String {
    match code {
        RejectCode::Malformed => "malformed",
        RejectCode::TooLarge => "too_large",
        RejectCode::ForeignActor => "foreign_actor",
        RejectCode::ForkedActor => "forked_actor",
        RejectCode::HeaderMismatch => "header_mismatch",
        RejectCode::NotAllowed => "not_allowed",
        RejectCode::OldGeneration => "old_generation",
        RejectCode::DependsOnRejected => "depends_on_rejected",
        RejectCode::QuotaReached => "quota_reached",
        RejectCode::Declined => "declined",
        RejectCode::QuarantineFull => "quarantine_full",
        RejectCode::Other => "other",
    }
    .to_owned()
}

pub(super) fn doc_id(bytes: &[u8]) -> Result<DocId, StoreError> {
    DocId::from_slice(bytes).ok_or_else(|| StoreError::damaged("doc", "an id is not 16 bytes"))
}

pub(super) fn change_hash(bytes: &[u8]) -> Result<ChangeHash, StoreError> {
    ChangeHash::from_slice(bytes)
        .ok_or_else(|| StoreError::damaged("change", "a hash is not 32 bytes"))
}
