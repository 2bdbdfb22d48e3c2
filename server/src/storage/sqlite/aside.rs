//! Work that waits for a person: kept once, bounded, and answered for good.

use client_core::docs::{ChangeHash, Header};
use client_core::id::{DeviceId, DocId, OrgId, RecordId, UserId};
use client_core::records::{DecisionRecord, Record, RecordKind, Verdict};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::codec::{corrupt, hash, id, odd, time};
use super::commit;
use super::{SqliteStorage, audit, membership, records, write_records};
use crate::storage::model::{
    AsideOutcome, AuditEntry, AwaitedDoc, CommitOutcome, DecideOutcome, Decided, KeptChange, Room,
    SetAside,
};
use crate::storage::{Quarantine, StorageError};
use client_core::protocol::Scope;

/// Changes of one case: bounds its record. More work of the same hand begins another.
const CASE: usize = 256;

impl Quarantine for SqliteStorage {
    async fn set_aside(
        &self,
        org: OrgId,
        aside: SetAside,
        at: Timestamp,
    ) -> Result<AsideOutcome, StorageError> {
        self.write(move |connection| keep(connection, org, &aside, at)).await
    }

    async fn awaited(
        &self,
        org: OrgId,
        docs: Vec<(DocId, Option<DocId>)>,
    ) -> Result<Vec<AwaitedDoc>, StorageError> {
        self.read(move |connection| {
            let known =
                docs.iter().map(|(doc, customer)| awaited(connection, org, *doc, *customer));
            known.collect()
        })
        .await
    }

    async fn kept_of(&self, org: OrgId, doc: DocId) -> Result<Vec<KeptChange>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT} where org = ?1 and doc = ?2 order by id");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![org.as_bytes(), doc.as_bytes()], change)?;
            rows.map(|row| kept(row?)).collect()
        })
        .await
    }

    async fn kept_in(&self, org: OrgId, case: RecordId) -> Result<Vec<KeptChange>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT} where org = ?1 and decision = ?2 order by id");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![org.as_bytes(), case.as_bytes()], change)?;
            rows.map(|row| kept(row?)).collect()
        })
        .await
    }

    async fn decide(
        &self,
        org: OrgId,
        decided: Decided,
        at: Timestamp,
    ) -> Result<DecideOutcome, StorageError> {
        self.write(move |connection| decide(connection, org, &decided, at)).await
    }
}

const SELECT: &str = "select hash, change, decision, header, user, reason, bytes, received_at,
     verdict from quarantine";

/// A row whose envelope is not read yet.
type Bare = (KeptChange, Vec<u8>);

fn change(row: &Row<'_>) -> rusqlite::Result<Bare> {
    let verdict: Option<String> = row.get(8)?;
    let verdict = verdict
        .map(|code| Verdict::parse(&code).ok_or_else(|| odd(8, "an unknown verdict")))
        .transpose()?;
    let unread = Header {
        doc: DocId::from_bytes([0; 16]),
        kind: client_core::docs::DocKind::Customer,
        org: OrgId::from_bytes([0; 16]),
        author: UserId::from_bytes([0; 16]),
        customer: None,
        generation: client_core::docs::Generation(0),
    };
    let kept = KeptChange {
        hash: hash(row, 1)?,
        case: id(row, 2, RecordId::from_bytes)?,
        header: unread,
        user: id(row, 4, UserId::from_bytes)?,
        reason: row.get(5)?,
        bytes: row.get(6)?,
        received_at: time(row, 7)?,
        verdict,
    };
    Ok((kept, row.get(3)?))
}

fn kept((mut kept, envelope): Bare) -> Result<KeptChange, StorageError> {
    kept.header = ciborium::from_reader(envelope.as_slice())
        .map_err(|error| corrupt("quarantined change", error.to_string()))?;
    Ok(kept)
}

fn awaited(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    customer: Option<DocId>,
) -> Result<AwaitedDoc, StorageError> {
    let aside = connection
        .prepare_cached("select 1 from quarantine where org = ?1 and doc = ?2")?
        .exists(params![org.as_bytes(), doc.as_bytes()])?;
    let customer = match customer {
        Some(customer) => membership::of(connection, org, customer)?.into_iter().collect(),
        None => Vec::new(),
    };
    Ok(AwaitedDoc { customer, aside })
}

/// Keeps changes for a person, within the transaction of whoever calls.
pub(super) fn keep(
    connection: &Connection,
    org: OrgId,
    aside: &SetAside,
    at: Timestamp,
) -> Result<AsideOutcome, StorageError> {
    let doc = aside.header.doc;
    let digest = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
    let mut known = None;
    let mut new = Vec::new();
    for (change, bytes) in &aside.changes {
        let case: Option<[u8; 16]> = connection
            .prepare_cached(
                "select decision from quarantine where org = ?1 and doc = ?2 and hash = ?3",
            )?
            .query_row(params![org.as_bytes(), doc.as_bytes(), digest(bytes)], |row| row.get(0))
            .optional()?;
        match case {
            Some(case) => known = known.or(Some(RecordId::from_bytes(case))),
            None => new.push((*change, bytes)),
        }
    }
    let Some((_change, first)) = new.first() else {
        return known.map(AsideOutcome::Kept).ok_or(StorageError::Missing { what: "the changes" });
    };
    let fresh = || case_id(org, doc, aside.origin.device, &digest(first));
    if let Some(whose) = room(connection, org, aside, &new)? {
        return Ok(AsideOutcome::Full { whose });
    }
    let open = open_case(connection, org, doc, aside.origin.device, new.len())?;
    // What only needs a decision must not wait for whoever mends the server.
    let alike = |open: &DecisionRecord| open.cause.is_technical() == aside.cause.is_technical();
    let mut record = match open.filter(alike) {
        Some(open) => open,
        None => begin(connection, aside, fresh(), at)?,
    };
    let mut envelope = Vec::new();
    let written = ciborium::into_writer(&aside.header, &mut envelope);
    debug_assert!(written.is_ok());
    for (change, bytes) in &new {
        connection
            .prepare_cached(
                "insert into quarantine (org, doc, hash, user, device, reason, header, bytes,
                     received_at, change, decision)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                org.as_bytes(),
                doc.as_bytes(),
                digest(bytes),
                aside.origin.user.as_bytes(),
                aside.origin.device.as_bytes(),
                aside.reason,
                envelope,
                bytes,
                at.millis(),
                change.0,
                record.id.as_bytes(),
            ])?;
        record.changes.push(*change);
    }
    let case = record.id;
    write_records::one(connection, org, &Record::Decision(record), at)?;
    let entry = AuditEntry {
        at,
        user: Some(aside.origin.user),
        device: Some(aside.origin.device),
        what: "quarantined".to_owned(),
        subject: Some(RecordId::from_bytes(*doc.as_bytes())),
        detail: Some(format!("{} changes: {}; case {case}", new.len(), aside.reason)),
    };
    audit::write(connection, org, &entry)?;
    Ok(AsideOutcome::Kept(case))
}

/// Whose room is used up, if anybody's.
fn room(
    connection: &Connection,
    org: OrgId,
    aside: &SetAside,
    new: &[(ChangeHash, &Vec<u8>)],
) -> Result<Option<&'static str>, StorageError> {
    let Room { device_changes, device_bytes, org_bytes } = aside.room;
    let count = |row: &Row<'_>| -> rusqlite::Result<(u64, u64)> {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
    };
    let (changes, bytes) = connection
        .prepare_cached(
            "select count(*), coalesce(sum(length(bytes)), 0) from quarantine
             where org = ?1 and device = ?2 and verdict is null",
        )?
        .query_row(params![org.as_bytes(), aside.origin.device.as_bytes()], count)?;
    let (_changes, all_bytes) = connection
        .prepare_cached(
            "select count(*), coalesce(sum(length(bytes)), 0) from quarantine
             where org = ?1 and verdict is null",
        )?
        .query_row(params![org.as_bytes()], count)?;
    let more = new.iter().map(|(_change, bytes)| bytes.len() as u64).sum::<u64>();
    let device = device_changes < changes + new.len() as u64 || device_bytes < bytes + more;
    Ok(if device {
        Some("this phone's")
    } else if org_bytes < all_bytes + more {
        Some("the organisation's")
    } else {
        None
    })
}

/// The same bytes pushed to a restored server open the same case.
fn case_id(org: OrgId, doc: DocId, device: DeviceId, first: &[u8; 32]) -> RecordId {
    let mut hash = Sha256::new();
    hash.update(b"fieldsync late work 1");
    hash.update(org.as_bytes());
    hash.update(doc.as_bytes());
    hash.update(device.as_bytes());
    hash.update(first);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(hash.finalize().get(..16).unwrap_or(&[0; 16]));
    RecordId::from_bytes(bytes)
}

/// The case of this document and device that waits and has room for `more` changes.
fn open_case(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    device: DeviceId,
    more: usize,
) -> Result<Option<DecisionRecord>, StorageError> {
    let case: Option<[u8; 16]> = connection
        .prepare_cached(
            "select decision from quarantine
             where org = ?1 and doc = ?2 and device = ?3 and verdict is null
               and decision is not null
             order by id desc limit 1",
        )?
        .query_row(params![org.as_bytes(), doc.as_bytes(), device.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(case) = case else { return Ok(None) };
    let record = decision(connection, org, RecordId::from_bytes(case))?;
    Ok(record.filter(|record| record.verdict.is_none() && record.changes.len() + more <= CASE))
}

fn begin(
    connection: &Connection,
    aside: &SetAside,
    case: RecordId,
    at: Timestamp,
) -> Result<DecisionRecord, StorageError> {
    let (org, header) = (aside.header.org, &aside.header);
    let own = records::placement(connection, org, header.doc)?;
    let followed = match header.customer {
        Some(customer) => records::placement(connection, org, customer)?,
        None => None,
    };
    let held = own.as_ref().or(followed.as_ref()).and_then(|placement| placement.current());
    // Whoever leads a unit the document is in sees the case.
    let scopes = membership::of(connection, org, header.doc)?;
    let unit = scopes.into_iter().find_map(|scope| match scope {
        Scope::Unit(unit) => Some(unit),
        Scope::Org | Scope::User(_) => None,
    });
    Ok(DecisionRecord {
        id: case,
        subject: header.doc,
        kind: header.kind,
        author: aside.origin.user,
        device: aside.origin.device,
        unit: held.map(|span| span.unit).or(unit),
        changes: Vec::new(),
        received_at: at,
        verdict: None,
        by: None,
        at: None,
        note: None,
        to: None,
        cause: aside.cause,
        left_out: Vec::new(),
    })
}

fn decision(
    connection: &Connection,
    org: OrgId,
    case: RecordId,
) -> Result<Option<DecisionRecord>, StorageError> {
    let row = records::one(connection, org, RecordKind::Decision, case)?;
    Ok(row.and_then(|row| match row.decode() {
        Ok(Record::Decision(decision)) => Some(decision),
        _ => None,
    }))
}

/// Takes changes out of a case and into one of their own, which waits as it did.
fn wait_on(
    connection: &Connection,
    org: OrgId,
    record: &mut DecisionRecord,
    changes: &[ChangeHash],
) -> Result<DecisionRecord, StorageError> {
    let (rest, decided): (Vec<ChangeHash>, Vec<ChangeHash>) =
        record.changes.iter().partition(|change| changes.contains(change));
    let first = rest.first().ok_or(StorageError::Missing { what: "the changes" })?;
    // Another one than what was made of the same changes before.
    let case = case_id(org, record.subject, record.device, &first.0);
    let mut hash = Sha256::new();
    hash.update(record.id.as_bytes());
    hash.update(case.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(hash.finalize().get(..16).unwrap_or(&[0; 16]));
    let case = RecordId::from_bytes(bytes);
    for change in &rest {
        connection
            .prepare_cached(
                "update quarantine set decision = ?4
                 where org = ?1 and decision = ?2 and change = ?3",
            )?
            .execute(params![org.as_bytes(), record.id.as_bytes(), change.0, case.as_bytes()])?;
    }
    record.changes = decided;
    Ok(DecisionRecord { id: case, changes: rest, ..record.clone() })
}

fn decide(
    connection: &Connection,
    org: OrgId,
    decided: &Decided,
    at: Timestamp,
) -> Result<DecideOutcome, StorageError> {
    let Some(mut record) = decision(connection, org, decided.case)? else {
        return Ok(DecideOutcome::Unknown);
    };
    if record.verdict.is_some() {
        return Ok(DecideOutcome::Already(record));
    }
    if record.changes.len() != decided.seen {
        return Ok(DecideOutcome::Stale);
    }
    if let Some(accepted) = &decided.commit {
        match commit::document(connection, org, accepted)? {
            CommitOutcome::Committed(_) => {}
            CommitOutcome::Stale | CommitOutcome::Failed => return Ok(DecideOutcome::Stale),
        }
    }
    if !decided.waits_on.is_empty() {
        let rest = wait_on(connection, org, &mut record, &decided.waits_on)?;
        write_records::one(connection, org, &Record::Decision(rest), at)?;
    }
    record.verdict = Some(decided.verdict);
    record.left_out.clone_from(&decided.left_out);
    record.by = decided.by;
    record.at = Some(at);
    record.note.clone_from(&decided.note);
    record.to = decided.to;
    connection
        .prepare_cached("update quarantine set verdict = ?3 where org = ?1 and decision = ?2")?
        .execute(params![org.as_bytes(), record.id.as_bytes(), decided.verdict.as_str()])?;
    write_records::one(connection, org, &Record::Decision(record.clone()), at)?;
    let to = decided.to.map(|to| format!(" to {to}")).unwrap_or_default();
    let note = decided.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    let entry = AuditEntry {
        at,
        user: decided.by,
        device: None,
        what: "decided".to_owned(),
        subject: Some(RecordId::from_bytes(*record.subject.as_bytes())),
        detail: Some(format!(
            "{}{to}: {} changes by {}; case {}{note}",
            decided.verdict.as_str(),
            record.changes.len(),
            record.author,
            record.id
        )),
    };
    audit::write(connection, org, &entry)?;
    Ok(DecideOutcome::Done(record))
}
