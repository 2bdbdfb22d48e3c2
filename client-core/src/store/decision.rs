//! Final answers to work that waited for a person.
//!
//! The server kept an edit aside; days later somebody decided, and the decision comes
//! as a record. Only then may the outbox let go of the edit, and only then may a
//! document that left be dropped: § never before every edit has a final answer.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::feed::Incoming;
use super::tally::Ledger;
use super::{ItemStatus, StoreError, document, merge, outbox, results};
use crate::docs::{ChangeHash, Document, Heads};
use crate::guard::{Limits, ScreenedChange};
use crate::id::DocId;
use crate::projection::DocState;
use crate::protocol::RejectCode;
use crate::records::{DecisionRecord, Verdict};

/// What the author reads if the decider said nothing.
const NO_NOTE: &str = "your manager decided against it";

/// Gives this phone's edits the answer that a decision is; true if there were any.
pub(super) fn answer(
    conn: &Connection,
    incoming: &Incoming<'_>,
    decision: &DecisionRecord,
    ledger: &mut Ledger,
) -> Result<bool, StoreError> {
    let Some(verdict) = decision.verdict else { return Ok(false) };
    // One case fewer waits: there may be room for another.
    outbox::hurry(conn, None)?;
    let waiting = waiting(conn, &decision.changes)?;
    if waiting.is_empty() {
        return Ok(false);
    }
    match verdict {
        Verdict::Accepted | Verdict::HandedOver => {
            ledger.touch(conn, decision.subject)?;
            results::confirm(conn, incoming, decision.subject, &waiting)?;
        }
        Verdict::Rejected => {
            for hash in &waiting {
                let note = decision.note.as_deref().unwrap_or(NO_NOTE);
                refuse(conn, hash, RejectCode::Declined, note)?;
            }
            // What the server never had stays as it is here: there is nothing to go back to.
            if document::is_acknowledged(conn, decision.subject)? {
                ledger.touch(conn, decision.subject)?;
                rewind(conn, incoming.limits, decision.subject, &waiting)?;
            }
        }
    }
    Ok(true)
}

/// Those of the changes that have no final answer here.
fn waiting(conn: &Connection, changes: &[ChangeHash]) -> Result<Vec<ChangeHash>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select 1 from change where hash = ?1 and state in ('saved', 'sent', 'quarantined')",
    )?;
    let mut found = Vec::new();
    for hash in changes {
        if statement.exists(params![hash.0])? {
            found.push(*hash);
        }
    }
    Ok(found)
}

fn refuse(
    conn: &Connection,
    hash: &ChangeHash,
    code: RejectCode,
    reason: &str,
) -> Result<(), StoreError> {
    let (code, reason) = (outbox::reject_code(code), reason.to_owned());
    outbox::refuse(conn, hash, &ItemStatus::Rejected { code, reason })
}

/// Takes what will never be taken out of the document again, with what was built on
/// it: the document is as everybody else has it, and the next edit is taken. All of it
/// stays in the outbox, where a person can see it.
pub(super) fn rewind(
    conn: &Connection,
    limits: &Limits,
    doc: DocId,
    declined: &[ChangeHash],
) -> Result<(), StoreError> {
    let Some(stored) = merge::undamaged(conn, doc)? else { return Ok(()) };
    let mut fresh = Document::create(*stored.document.header());
    let mut out: BTreeSet<ChangeHash> = declined.iter().copied().collect();
    for change in stored.document.changes_since(&Heads::default()) {
        // What is in a document passed the screen when it came in.
        let Ok(screened) = ScreenedChange::screen(&change.bytes, limits) else { return Ok(()) };
        if out.contains(&change.hash) {
            continue;
        }
        if screened.deps().iter().any(|dep| out.contains(dep)) {
            out.insert(change.hash);
            let reason = "it builds on a change that was not taken";
            refuse(conn, &change.hash, RejectCode::DependsOnRejected, reason)?;
        } else if fresh.apply(&screened).is_err() {
            return Ok(());
        }
    }
    let state = DocState::read(&fresh);
    document::put(conn, &fresh, &state, &fresh.snapshot(), stored.acked.as_ref())
}
