//! Judging a group of a push: what of it may go into its document.
//!
//! Everything that costs time happens here, off the async threads and by turns, and
//! nothing is written: what is judged is committed by [`ingest`](super::ingest), and judged
//! again where somebody else was faster.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use client_core::docs::{ChangeHash, Document, EditContext, Header};
use client_core::faults::{Fault, injected};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::ActorId;
use client_core::projection::DocState;
use client_core::protocol::hand_back::{self, hash_of};
use client_core::protocol::{ChangeResult, NameSet, PushGroup, RejectCode, Scope};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;
use tokio::sync::Semaphore;

use super::apply::{self, Judged};
use super::aside::{self, Known};
use super::authority::{self, Ruling};
use super::{SyncError, late_history, redact, stamp, taken_up};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::edge::random_bytes;
use crate::storage::model::{AwaitedDoc, DocRow, Former, KeptChange, LoadedDoc, RedactedDoc};
use crate::storage::{Documents, Erasures, Placing, Quarantine};

/// Pushes judged at the same time: more would only take turns on the cores.
static JUDGES: Semaphore = Semaphore::const_new(4);
/// Operations that are applied in one turn, about a tenth of a second: two hundred
/// bytes can hold five thousand of them, and others wait for their turn.
const TURN: u64 = 100_000;

/// A group of a push on its way.
pub(super) struct Pending {
    /// Its place among the results.
    pub(super) index: usize,
    /// How often it was judged.
    pub(super) rounds: usize,
    /// Whether it was counted against the quotas.
    pub(super) counted: bool,
    pub(super) group: PushGroup,
    /// What we signed once and lost: it is taken whoever brings it. Empty for all else.
    pub(super) vouched: BTreeSet<ChangeHash>,
}

/// A group with what it is about.
pub(super) struct Candidate {
    pub(super) pending: Pending,
    pub(super) loaded: Option<LoadedDoc>,
    /// What is known of it, where it is not here.
    pub(super) awaited: AwaitedDoc,
    pub(super) base: Option<Document>,
    pub(super) held: Arc<[Scope]>,
    /// What there was of the history that the group is of, where that is over.
    pub(super) ended: NameSet,
    /// Changes of it that were kept aside.
    pub(super) kept: Vec<KeptChange>,
    /// What was erased of it since the history that the group is of.
    pub(super) missed: Vec<RedactedDoc>,
    /// The log of the history that stands, where the group is given back of another one.
    pub(super) log: Vec<DocRow>,
    /// Its histories that are over, where the group is given back of one.
    pub(super) former: Former,
}

/// A group with what it came to.
pub(super) struct Verdict {
    pub(super) pending: Pending,
    pub(super) revision: u64,
    pub(super) judged: Judged,
}

/// Judges what fits into one turn; gives the rest back untried.
pub(super) async fn judge(
    app: &App,
    from: &SignedDevice,
    candidates: Vec<Candidate>,
    now: Timestamp,
) -> Result<(Vec<Verdict>, Vec<Pending>), SyncError> {
    let work = |reason: String| SyncError::Work { reason };
    let writes =
        |candidate: &Candidate| !candidate.missed.is_empty() || taken_up::is_of_another(candidate);
    let hand = candidates
        .iter()
        .any(writes)
        .then(|| EditContext { actor: ActorId::new(now, random_bytes(app.random())), at: now });
    let mut ready = Vec::with_capacity(candidates.len());
    for mut candidate in candidates {
        let aside = candidate.loaded.as_ref().map_or(candidate.awaited.aside, |it| it.aside);
        if aside {
            let doc = candidate.pending.group.header.doc;
            candidate.kept = app.storage().kept_of(from.signed.org, doc).await?;
        }
        let header = candidate.pending.group.header;
        let over = |loaded: &LoadedDoc| header.generation < loaded.header.generation;
        if candidate.loaded.as_ref().is_some_and(over) {
            let org = from.signed.org;
            let ended = app.storage().ended(org, header.doc, header.generation).await?;
            candidate.ended = ended.names();
        }
        if taken_up::is_of_another(&candidate) {
            candidate.log = app.storage().log(from.signed.org, header.doc).await?;
            candidate.former = app.storage().former(from.signed.org, header.doc).await?;
        }
        ready.push((was_allowed(app, from, &candidate).await?, candidate));
    }
    let _turn = JUDGES.acquire().await.map_err(|error| work(error.to_string()))?;
    let (limits, actor, signed) = (app.config().limits.clone(), from.actor, from.signed.clone());
    let judging = move || {
        let (mut verdicts, mut later, mut operations) = (Vec::new(), Vec::new(), 0_u64);
        for (late, candidate) in ready {
            if operations >= TURN {
                // It was not tried, so this was no round.
                let Pending { rounds, .. } = candidate.pending;
                later.push(Pending { rounds: rounds.saturating_sub(1), ..candidate.pending });
                continue;
            }
            let revision = candidate.loaded.as_ref().map_or(0, |loaded| loaded.revision);
            let one = || {
                let Some(hand) = &hand else {
                    return judge_one(&candidate, &late, &signed, actor, &limits);
                };
                let judged = taken_up::judge(&candidate, actor, &limits, hand)
                    .or_else(|| late_history::judge(&candidate, &limits, hand))
                    .unwrap_or_else(|| judge_one(&candidate, &late, &signed, actor, &limits));
                match candidate.loaded {
                    Some(_) => judged,
                    None => redact::without_the_erased(judged, &candidate.missed, hand),
                }
            };
            // What is stored is read here too: a fault in it is this document's alone.
            let judged = catch_unwind(AssertUnwindSafe(one)).unwrap_or_else(|_panic| {
                apply::set_aside(&candidate.pending.group.changes, "reading the document failed")
            });
            operations = operations.saturating_add(judged.operations);
            verdicts.push(Verdict { pending: candidate.pending, revision, judged });
        }
        (verdicts, later)
    };
    let (verdicts, later) =
        tokio::task::spawn_blocking(judging).await.map_err(|error| work(error.to_string()))?;
    for Verdict { revision, judged, .. } in &verdicts {
        let new = *revision == 0 && judged.new.is_some();
        app.quotas().spend(from, judged.operations, u64::from(new), now);
    }
    Ok((verdicts, later))
}

/// What a stamp says about work that is not allowed any more.
enum Late {
    /// No stamp of ours, or it gave no access.
    NoProof,
    /// Allowed when it was written, and within grace.
    InGrace,
    /// Allowed when it was written; grace is over.
    AfterGrace,
}

/// A new document was allowed while its customer was the author's: nobody can see it yet.
async fn was_allowed(
    app: &App,
    from: &SignedDevice,
    candidate: &Candidate,
) -> Result<Late, SyncError> {
    let PushGroup { header, stamp: Some(stamp), .. } = &candidate.pending.group else {
        return Ok(Late::NoProof);
    };
    let (subject, scopes) = match (&candidate.loaded, header.customer) {
        (Some(loaded), _) => (header.doc, &loaded.scopes),
        (None, Some(customer)) => (customer, &candidate.awaited.customer),
        (None, None) => return Ok(Late::NoProof),
    };
    if scopes.iter().any(|scope| candidate.held.contains(scope)) {
        return Ok(Late::NoProof);
    }
    if injected(Fault::StampIgnored) {
        return Ok(Late::NoProof);
    }
    let org = app.org(from.signed.org).await?;
    let Some(version) = stamp::read(&org, from.signed.user, stamp) else {
        return Ok(Late::NoProof);
    };
    let user = from.signed.user;
    let ended = app.storage().access_ended(org.id, user, subject, version).await?;
    let now = app.clock().now();
    Ok(match ended {
        None => Late::NoProof,
        Some(ended) if now.since(ended) <= app.config().grace_ms => Late::InGrace,
        Some(_) => Late::AfterGrace,
    })
}

/// Judges a group. What a person decided about stays decided; the rest is judged as
/// if it had come alone.
fn judge_one(
    candidate: &Candidate,
    late: &Late,
    signed: &crate::auth::Signed,
    actor: ActorId,
    limits: &Limits,
) -> Judged {
    let group = &candidate.pending.group;
    let known = Known::of(&candidate.kept);
    if known.is_empty() {
        return judge_rest(candidate, &group.changes, late, known, signed, actor, limits);
    }
    let answers: Vec<Option<ChangeResult>> =
        group.changes.iter().map(|bytes| known.answer(bytes, limits)).collect();
    let open = group.changes.iter().zip(&answers).filter(|(_bytes, answer)| answer.is_none());
    let rest: Vec<ByteBuf> = open.map(|(bytes, _answer)| bytes.clone()).collect();
    let judged = judge_rest(candidate, &rest, late, known, signed, actor, limits);
    let mut results = judged.results.into_iter();
    let merged = answers.into_iter().map(|answer| answer.or_else(|| results.next()));
    Judged { results: merged.flatten().collect(), ..judged }
}

fn judge_rest(
    candidate: &Candidate,
    changes: &[ByteBuf],
    late: &Late,
    known: Known,
    signed: &crate::auth::Signed,
    actor: ActorId,
    limits: &Limits,
) -> Judged {
    let header = &candidate.pending.group.header;
    let stored = candidate.loaded.as_ref().map(|loaded| &loaded.header);
    let author_counts = stored.is_some() || candidate.pending.vouched.is_empty();
    if author_counts
        && let Ruling::Refused(code, detail) = authority::header(header, stored, signed)
    {
        // A server that was restored lost the document, or knows an older history of it: what
        // the change builds on has to be given back first.
        let lost = match stored {
            None => header.generation.0 > 0 || authority::is_anothers(header, signed),
            Some(stored) => authority::is_of_a_later_history(header, stored),
        };
        let code = if lost && stored.is_some() { RejectCode::OldGeneration } else { code };
        let looked_at = lost || code == RejectCode::OldGeneration;
        let here = looked_at.then(|| base_of(candidate, header).ok()).flatten();
        let here = here.map(|(here, _bytes)| here);
        // What was taken of a history that is over was taken: it is in the new one as far
        // as it stood then, and is not to be written there again.
        let taken = |hash: ChangeHash| {
            candidate.ended.holds(&hash) || here.as_ref().is_some_and(|it| it.contains(&hash))
        };
        let results = changes.iter().map(|bytes| {
            if hash_of(bytes).is_some_and(taken) {
                return ChangeResult::Duplicate;
            }
            let from = here.as_ref().filter(|_here| lost);
            let missing = from.map(|here| missing(here, bytes, limits)).unwrap_or_default();
            if !missing.is_empty() {
                return ChangeResult::MissingDeps(missing);
            }
            ChangeResult::Rejected { code, detail: detail.clone() }
        });
        let judged = Judged {
            results: results.collect(),
            new: None,
            quarantined: Vec::new(),
            operations: 0,
            again: None,
        };
        // Whoever reads it is told of the new history and writes there. Others would never
        // hear of it.
        let theirs = matches!(late, Late::InGrace | Late::AfterGrace)
            && candidate.missed.is_empty()
            && candidate.pending.vouched.is_empty();
        return if code == RejectCode::OldGeneration && theirs {
            aside::keep_former(judged, changes, actor, limits)
        } else {
            judged
        };
    }
    let vouched = &candidate.pending.vouched;
    let wide = hand_back::limits(limits);
    let limits = if vouched.is_empty() { limits } else { &wide };
    let (base, base_bytes) = match base_of(candidate, header) {
        Ok(base) => base,
        Err(reason) => {
            return apply::set_aside(changes, &reason);
        }
    };
    // § Repeating an exchange changes nothing: an answer that was lost is given again,
    // whoever holds the document by now.
    let refused = |code: RejectCode, detail: String| Judged {
        results: changes
            .iter()
            .map(|bytes| {
                let known = ScreenedChange::screen(bytes, limits)
                    .is_ok_and(|change| base.contains(&change.hash()));
                let detail = detail.clone();
                if known {
                    ChangeResult::Duplicate
                } else {
                    ChangeResult::Rejected { code, detail }
                }
            })
            .collect(),
        new: None,
        quarantined: Vec::new(),
        operations: 0,
        again: None,
    };
    let new = candidate.loaded.is_none() && vouched.is_empty();
    let mut too_late = new && matches!(late, Late::AfterGrace);
    let before = candidate.loaded.as_ref().map(|_loaded| DocState::read(&base));
    if let (Some(loaded), Some(state)) = (&candidate.loaded, &before)
        && vouched.is_empty()
    {
        let ruling = authority::existing(header, state, &loaded.scopes, &candidate.held, signed);
        match (ruling, late) {
            (Ruling::Allowed, _) | (Ruling::NotNow, Late::InGrace) => {}
            (Ruling::Refused(code, detail), _) => return refused(code, detail),
            (Ruling::NotNow, Late::AfterGrace) => too_late = true,
            (Ruling::NotNow, Late::NoProof) => {
                return refused(RejectCode::NotAllowed, "the document is not yours".to_owned());
            }
        }
    }
    let authors = apply::Authors { actor, vouched };
    let judged = apply::group_with(&base, base_bytes, changes, &authors, limits);
    if let Some(new) = &judged.new {
        let ruling = match &before {
            None => authority::first_state(header, &new.state),
            Some(before) if vouched.is_empty() => {
                authority::next_state(header, before, &new.state, signed.user)
            }
            Some(_given_back) => Ruling::Allowed,
        };
        if let Ruling::Refused(code, detail) = ruling {
            return refused(code, detail);
        }
    }
    aside::divert(judged, changes, too_late, known, limits)
}

/// What a change builds on that is not here. A server that was restored lost a colleague's
/// document, and who wrote into it learns that before its phone gives the document back:
/// the work waits for that.
fn missing(here: &Document, bytes: &[u8], limits: &Limits) -> Vec<ChangeHash> {
    let Ok(change) = ScreenedChange::screen(bytes, limits) else { return Vec::new() };
    change.deps().iter().filter(|dep| !here.contains(dep)).copied().collect()
}

/// The document as it stands, with the bytes of its history; an empty one of `header` where
/// there is none.
pub(super) fn base_of(candidate: &Candidate, header: &Header) -> Result<(Document, usize), String> {
    match (&candidate.base, &candidate.loaded) {
        (Some(base), Some(loaded)) => Ok((base.clone(), loaded.bytes)),
        (None, Some(loaded)) => {
            let snapshot = loaded.snapshot.as_deref().unwrap_or_default();
            // Our own bytes; what cannot be loaded is a fault of ours to be looked at.
            let base = Document::load(loaded.header, snapshot).map_err(|error| {
                tracing::error!(doc = %loaded.header.doc, %error, "a stored document is damaged");
                "the stored document could not be loaded".to_owned()
            })?;
            Ok((base, loaded.bytes))
        }
        (_, None) => Ok((Document::create(*header), 0)),
    }
}
