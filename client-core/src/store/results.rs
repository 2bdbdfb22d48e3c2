//! What the server said to a push, change by change.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::document::{self, StoredDoc};
use super::feed::{Applied, Incoming};
use super::merge::undamaged;
use super::renew::{self, Whose};
use super::tally::Ledger;
use super::{ItemStatus, StoreError, command, decision, hand_back, outbox};
use crate::docs::{ChangeHash, Heads};
use crate::faults::{Fault, injected};
use crate::guard::ScreenedChange;
use crate::id::DocId;
use crate::protocol::{ChangeResult, RejectCode, Scope};
use crate::time::Timestamp;

/// What the author of a change reads that waits for somebody else's.
const BUILDS_ON_LOST: &str = "it builds on a colleague's work that the server lost: it goes on \
                              by itself once their phone has given it back";

/// Applies the results of the push.
pub(super) fn settle(
    conn: &Connection,
    incoming: &Incoming<'_>,
    applied: &mut Applied,
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    for doc in &incoming.manifest.purged {
        conn.prepare_cached("delete from purged where doc = ?1")?
            .execute(params![doc.as_bytes()])?;
    }
    for result in &incoming.response.commands {
        command::settle(conn, result)?;
        applied.progressed = true;
    }
    let shift = usize::from(injected(Fault::ResultsShifted));
    let results = incoming.response.results.iter().cycle().skip(shift);
    let sent = incoming.manifest.groups.iter().zip(results);
    let mut anew: BTreeSet<DocId> = BTreeSet::new();
    let mut refused_for_good: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
    for ((doc, hashes), result) in sent {
        let mut confirmed = Vec::new();
        for (hash, outcome) in hashes.iter().zip(&result.changes) {
            let refused = match outcome {
                ChangeResult::Duplicate if injected(Fault::DuplicateRefused) => {
                    ItemStatus::Rejected { code: String::new(), reason: String::new() }
                }
                ChangeResult::Stored | ChangeResult::Duplicate => {
                    confirmed.push(*hash);
                    continue;
                }
                ChangeResult::Rejected {
                    code: RejectCode::ForeignActor | RejectCode::ForkedActor,
                    ..
                } if let Some(whose) = renew::is_own(conn, hash)?
                    && whose != Whose::Others
                    && !injected(Fault::SequenceReused) =>
                {
                    // Written in another life of this replica, or beside one.
                    applied.forked |= whose == Whose::Own;
                    anew.extend((whose == Whose::Former).then_some(*doc));
                    ItemStatus::Saved
                }
                ChangeResult::Rejected { code: RejectCode::DependsOnRejected, .. }
                | ChangeResult::MissingDeps(_)
                    if anew.contains(doc) =>
                {
                    ItemStatus::Saved
                }
                ChangeResult::Rejected { .. }
                    if hand_back::is_given(conn, hash)?
                        && renew::is_own(conn, hash)? == Some(Whose::Others) =>
                {
                    // Somebody else's, without proof: the document here keeps it.
                    outbox::withdraw(conn, hash)?;
                    continue;
                }
                ChangeResult::Quarantined { .. } if hand_back::is_given(conn, hash)? => {
                    // It is in safety there, and what a person decides comes with the feed.
                    outbox::confirm(conn, hash)?;
                    continue;
                }
                ChangeResult::MissingDeps(deps) if outbox::any_rejected(conn, deps)? => {
                    let code = outbox::reject_code(RejectCode::DependsOnRejected);
                    let reason = "it builds on a change that the server did not take".to_owned();
                    ItemStatus::Rejected { code, reason }
                }
                // The colleague's phone gives its work back itself; until then this waits.
                ChangeResult::MissingDeps(deps) if outbox::any_withdrawn(conn, deps)? => {
                    ItemStatus::Waiting { reason: BUILDS_ON_LOST.to_owned() }
                }
                ChangeResult::MissingDeps(deps) => {
                    applied.progressed |= resend(conn, *doc, deps, incoming.now)?;
                    ItemStatus::Saved
                }
                // § A quota delays and never loses.
                ChangeResult::Rejected { code: RejectCode::QuotaReached, .. } => ItemStatus::Saved,
                // § Nor does want of room: it is sent again when there may be some.
                ChangeResult::Rejected { code: RejectCode::QuarantineFull, detail } => {
                    ItemStatus::Waiting { reason: detail.clone() }
                }
                ChangeResult::Rejected { code, detail } => {
                    if is_final(*code) {
                        refused_for_good.entry(*doc).or_default().push(*hash);
                    }
                    let (code, reason) = (outbox::reject_code(*code), detail.clone());
                    ItemStatus::Rejected { code, reason }
                }
                ChangeResult::Quarantined { detail } => {
                    ItemStatus::Quarantined { reason: detail.clone() }
                }
            };
            outbox::refuse(conn, hash, &refused)?;
            match refused {
                ItemStatus::Saved => {}
                ItemStatus::Waiting { .. } => outbox::hold(conn, hash, incoming.now)?,
                _ => applied.refused += 1,
            }
        }
        if !confirmed.is_empty() {
            ledger.touch(conn, *doc)?;
            confirm(conn, incoming, *doc, &confirmed)?;
            applied.confirmed += confirmed.len() as u64;
        }
        if let Some(header) = document::header(conn, *doc)? {
            applied.touched.doc(header.kind, *doc);
        }
    }
    for (doc, hashes) in refused_for_good {
        // What the server never had stays as it is here: there is nothing to go back to.
        if document::is_acknowledged(conn, doc)? {
            ledger.touch(conn, doc)?;
            decision::rewind(conn, incoming.limits, doc, &hashes)?;
        }
    }
    for doc in anew {
        if renew::builds_on_former(conn, doc)? {
            // It has its numbers already, and what it builds on would need them.
            applied.forked = true;
            continue;
        }
        ledger.touch(conn, doc)?;
        renew::write_anew(conn, doc, incoming.limits, incoming.now)?;
        applied.rewrote = true;
        applied.progressed = true;
    }
    Ok(())
}

/// Whether a change will not be taken whatever happens. What the history had no room for
/// is written again on an emptier one, as is what was written on a former one.
const fn is_final(code: RejectCode) -> bool {
    matches!(
        code,
        RejectCode::Malformed
            | RejectCode::HeaderMismatch
            | RejectCode::NotAllowed
            | RejectCode::Declined
            | RejectCode::Other
    )
}

/// The server has these changes: they leave the outbox and move the acknowledged heads.
pub(super) fn confirm(
    conn: &Connection,
    incoming: &Incoming<'_>,
    doc: DocId,
    hashes: &[ChangeHash],
) -> Result<(), StoreError> {
    let sent: Vec<Option<Vec<u8>>> =
        hashes.iter().map(|hash| outbox::bytes(conn, hash)).collect::<Result<_, _>>()?;
    for hash in hashes {
        outbox::confirm(conn, hash)?;
    }
    let Some(header) = document::header(conn, doc)? else { return Ok(()) };
    if outbox::holds(conn, doc)? {
        let Some(stored) = undamaged(conn, doc)? else { return Ok(()) };
        let screened: Vec<ScreenedChange> = sent
            .into_iter()
            .flatten()
            .filter_map(|bytes| ScreenedChange::screen(&bytes, incoming.limits).ok())
            .collect();
        document::set_acked(conn, doc, &acknowledge(&stored, &screened))?;
    } else if let Some(heads) = document::heads(conn, doc)? {
        // Everything here came from the server or was confirmed by it: what the
        // server is known to hold is what is here, and nothing has to be loaded.
        document::set_acked(conn, doc, &heads)?;
    }
    // Until the server says where the document belongs: its author keeps it.
    if header.author == incoming.me {
        let mine = Scope::User(incoming.me).to_string();
        conn.prepare_cached(
            "insert into membership (doc, scope) select ?1, ?2
             where not exists (select 1 from membership where doc = ?1)",
        )?
        .execute(params![doc.as_bytes(), mine])?;
    }
    Ok(())
}

/// The server's heads after it took `changes`, which are in causal order.
pub(super) fn acknowledge(stored: &StoredDoc, changes: &[ScreenedChange]) -> Heads {
    let before = stored.acked.clone().unwrap_or_default();
    let unknown: BTreeSet<ChangeHash> =
        stored.document.changes_since(&before).into_iter().map(|change| change.hash).collect();
    let mut heads: BTreeSet<ChangeHash> = before.as_slice().iter().copied().collect();
    for change in changes.iter().filter(|change| unknown.contains(&change.hash())) {
        for dep in change.deps() {
            heads.remove(dep);
        }
        heads.insert(change.hash());
    }
    Heads::new(heads.into_iter().collect())
}

/// What the server had of a document, as far as is known here.
fn had(stored: &StoredDoc) -> BTreeSet<ChangeHash> {
    let acked = stored.acked.clone().unwrap_or_default();
    let mut all: BTreeSet<ChangeHash> =
        stored.document.changes_since(&Heads::default()).into_iter().map(|it| it.hash).collect();
    if !acked.as_slice().is_empty() {
        for change in stored.document.changes_since(&acked) {
            all.remove(&change.hash);
        }
    }
    all
}

/// Puts changes that the server lacks back into the outbox, as far as they are here.
fn resend(
    conn: &Connection,
    doc: DocId,
    deps: &[ChangeHash],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(stored) = undamaged(conn, doc)? else { return Ok(false) };
    let before = outbox::waiting_count(conn)?;
    let mut lacking: BTreeSet<ChangeHash> = deps.iter().copied().collect();
    if stored.document.header().generation.0 > 0 {
        // It may know nothing of this history, and takes it up from its beginning alone.
        lacking.extend(had(&stored));
    }
    hand_back::give_too(conn, &stored.document, lacking, now)?;
    Ok(outbox::waiting_count(conn)? > before)
}
