//! Taking a push.
//!
//! Groups are read together, judged together off the async threads, and committed
//! together, a batch at a time: fifty visits cost one wait for the disk, and a
//! request that names ten thousand documents never has them all in memory. A
//! document that somebody else wrote in between is judged again on what is there
//! then. § One bad document never fails the request.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use client_core::docs::{ChangeHash, Document, Header};
use client_core::faults::{Fault, injected};
use client_core::guard::ScreenedChange;
use client_core::id::{DocId, ReplicaId};
use client_core::protocol::{
    ChangeResult, GroupResult, NameSet, PushGroup, RejectCode, Scope, hand_back,
};
use client_core::records::Cause;
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::apply::{self, Beginning, Kept, NewState, TakenUp};
use super::judge::{Candidate, Pending, Verdict, judge};
use super::receipt::Vouched;
use super::{SyncError, late_history, redact};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::office::written_by_the_server;
use crate::storage::model::{
    AsideOutcome, AwaitedDoc, CommitOutcome, DocCommit, DocRow, Former, NewGeneration, Origin,
    Room, SetAside, WrittenAgain,
};
use crate::storage::{Accounts, Documents, Erasures, Quarantine, StorageError};

/// How often a document is judged again because somebody else wrote it.
const ROUNDS: usize = 64;
/// Groups of one batch: bounds the documents that are loaded at the same time.
const BATCH: usize = 128;
/// What a push came to.
pub(super) struct Ingested {
    pub(super) results: Vec<GroupResult>,
    pub(super) stored_any: bool,
    /// Documents that this push was about and that its sender may not see any more, or
    /// made and has through others only: a phone takes what it made to be its user's.
    pub(super) not_mine: BTreeSet<DocId>,
}

/// Takes every group of a push; results in order.
pub(super) async fn take(
    app: &App,
    from: &SignedDevice,
    replica: ReplicaId,
    groups: Vec<PushGroup>,
    vouched: &Vouched,
    now: Timestamp,
) -> Result<Ingested, SyncError> {
    let mut ingested = Ingested {
        results: groups
            .iter()
            .map(|group| GroupResult { doc: group.header.doc, changes: Vec::new() })
            .collect(),
        stored_any: false,
        not_mine: BTreeSet::new(),
    };
    if groups.is_empty() {
        return Ok(ingested);
    }
    let origin = Origin { user: from.signed.user, device: from.device, replica };
    let access = app.storage().access(from.signed.org, from.signed.user).await?;
    let held: Arc<[Scope]> = access.map_or_else(Vec::new, |access| access.scopes).into();
    let mut waiting: VecDeque<Pending> = groups
        .into_iter()
        .enumerate()
        .map(|(index, group)| {
            let vouched = vouched.of_group(index, &group);
            Pending { index, rounds: 0, counted: false, group, vouched }
        })
        .collect();
    while !waiting.is_empty() {
        let batch = admit(app, from, batch(&mut waiting)?, &mut ingested, now);
        let candidates = load(app, from, batch, &held).await?;
        let me = from.signed.user;
        let not_mine = candidates.iter().filter_map(|candidate| candidate.loaded.as_ref());
        let not_mine = not_mine.filter(|loaded| {
            let seen = loaded.scopes.iter().any(|it| held.contains(it));
            !seen || (loaded.header.author == me && !loaded.scopes.contains(&Scope::User(me)))
        });
        ingested.not_mine.extend(not_mine.map(|loaded| loaded.header.doc));
        let (verdicts, later) = judge(app, from, candidates, now).await?;
        let again = settle(app, from, origin, verdicts, &mut ingested, now).await?;
        for pending in again.into_iter().chain(later).rev() {
            waiting.push_front(pending);
        }
    }
    Ok(ingested)
}

/// The next groups, each about another document: a later group of the same one
/// builds on what the earlier one came to.
fn batch(waiting: &mut VecDeque<Pending>) -> Result<Vec<Pending>, SyncError> {
    let (mut batch, mut docs) = (Vec::new(), BTreeSet::new());
    while batch.len() < BATCH
        && let Some(mut pending) = waiting.pop_front()
    {
        if !docs.insert(pending.group.header.doc) {
            waiting.push_front(pending);
            break;
        }
        if pending.rounds == ROUNDS {
            let reason = format!("a document was written {ROUNDS} times in between");
            return Err(StorageError::Unavailable { reason }.into());
        }
        pending.rounds += 1;
        batch.push(pending);
    }
    Ok(batch)
}

/// Answers what is above a quota, and gives what is not.
fn admit(
    app: &App,
    from: &SignedDevice,
    batch: Vec<Pending>,
    ingested: &mut Ingested,
    now: Timestamp,
) -> Vec<Pending> {
    // What is judged again was counted the first time.
    let (mut admitted, first): (Vec<_>, Vec<_>) =
        batch.into_iter().partition(|pending| pending.counted);
    for mut pending in first {
        let changes = &pending.group.changes;
        let bytes = changes.iter().map(|change| change.len() as u64).sum();
        match app.quotas().admit(from, changes.len() as u64, bytes, now) {
            Ok(()) => {
                pending.counted = true;
                admitted.push(pending);
            }
            Err(above) => {
                let (code, detail) = (RejectCode::QuotaReached, above.to_string());
                let result = ChangeResult::Rejected { code, detail };
                put_result(ingested, pending.index, apply::all(&pending.group.changes, &result));
            }
        }
    }
    admitted
}

/// Reads what the groups are about, in one transaction.
async fn load(
    app: &App,
    from: &SignedDevice,
    waiting: Vec<Pending>,
    held: &Arc<[Scope]>,
) -> Result<Vec<Candidate>, SyncError> {
    let org = from.signed.org;
    // Copied before the read: while it runs, somebody else may put a later
    // revision into the cache or push this one out of it.
    let cached: Vec<Option<(u64, Document)>> =
        waiting.iter().map(|pending| app.documents().get(org, pending.group.header.doc)).collect();
    let wanted = waiting
        .iter()
        .zip(&cached)
        .map(|(pending, cached)| {
            (pending.group.header.doc, cached.as_ref().map(|(revision, _document)| *revision))
        })
        .collect();
    let loaded = app.storage().load_all(org, wanted).await?;
    let redacted = app.redacted(org).await?;
    let new = waiting.iter().zip(&loaded).filter(|(_pending, loaded)| loaded.is_none());
    let new = new.map(|(pending, _loaded)| &pending.group.header);
    let new: Vec<_> = new.map(|header| (header.doc, header.customer)).collect();
    let mut awaited = match new.is_empty() {
        true => Vec::new(),
        false => app.storage().awaited(org, new).await?,
    }
    .into_iter();
    let candidates = waiting.into_iter().zip(loaded).zip(cached);
    Ok(candidates
        .map(|((pending, loaded), cached)| {
            let current = loaded.as_ref().is_some_and(|loaded| loaded.snapshot.is_none());
            let base = cached.map(|(_revision, document)| document).filter(|_base| current);
            let header = &pending.group.header;
            let missed = redact::missed(header, redacted.get(&header.doc));
            let awaited = match loaded {
                Some(_) => AwaitedDoc::default(),
                None => awaited.next().unwrap_or_default(),
            };
            let held = Arc::clone(held);
            let (ended, kept, log) = (NameSet::default(), Vec::new(), Vec::new());
            let former = Former::default();
            Candidate { pending, loaded, awaited, base, held, ended, kept, missed, log, former }
        })
        .collect())
}

/// Commits what is new; gives back the groups that have to be judged again.
async fn settle(
    app: &App,
    from: &SignedDevice,
    origin: Origin,
    verdicts: Vec<Verdict>,
    ingested: &mut Ingested,
    now: Timestamp,
) -> Result<Vec<Pending>, SyncError> {
    let org = from.signed.org;
    let mut again = Vec::new();
    let mut committing: Vec<(Pending, Vec<ChangeResult>, u64, Document, usize)> = Vec::new();
    let (mut commits, mut begun) = (Vec::new(), Vec::new());
    for Verdict { pending, revision, mut judged } in verdicts {
        let header = pending.group.header;
        let origin = match pending.vouched.is_empty() {
            true => origin,
            false => written_by(app, from, &pending.group).await?,
        };
        if !judged.quarantined.is_empty() && !injected(Fault::QuarantineDropped) {
            let kept = std::mem::take(&mut judged.quarantined);
            let changes = &pending.group.changes;
            set_aside(app, from, origin, header, changes, kept, &mut judged.results, now).await?;
            forget_refused(&mut judged.again, changes, &judged.results);
        }
        if judged.results.iter().any(is_too_large) {
            app.outgrown().name(org, header.doc);
        }
        match judged.new {
            None => {
                if let Some(again) = judged.again {
                    app.storage().write_again(org, header.doc, again, None).await?;
                }
                put_result(ingested, pending.index, judged.results);
            }
            Some(NewState { document, changes, bytes: length, state, conflicts, beginning }) => {
                let by_the_server = |replica| Origin { replica, ..written_by_the_server() };
                let origin = match &beginning {
                    Beginning::None => origin,
                    // It is the server's own, and everybody is told.
                    Beginning::Left => by_the_server(Origin::LEFT_AGAIN),
                    Beginning::TakenUp(_) => by_the_server(Origin::TAKEN_UP),
                };
                let commit = DocCommit {
                    header: *document.header(),
                    expected: revision,
                    changes,
                    heads: document.heads(),
                    snapshot: Vec::new(),
                    operations: document.operations(),
                    conflicts,
                    state,
                    origin,
                    at: now,
                    placement: None,
                };
                let committed = (pending, judged.results, revision, document, length);
                if let Beginning::TakenUp(taken_up) = beginning {
                    let TakenUp { stood, things, of, left_out } = *taken_up;
                    let commit = DocCommit { snapshot: committed.3.snapshot(), ..commit };
                    let (erased, came_back) = (false, Some(of));
                    let aside = left_out.into_iter().map(|row| waiting(stood, row)).collect();
                    let generation = NewGeneration { commit, things, erased, came_back, aside };
                    let outcome = app.storage().restart(org, generation).await?;
                    begun.push((committed, outcome));
                } else if let Some(again) = judged.again {
                    let doc = header.doc;
                    let outcome = app.storage().write_again(org, doc, again, Some(commit)).await?;
                    begun.push((committed, outcome.unwrap_or(CommitOutcome::Stale)));
                } else {
                    commits.push(commit);
                    committing.push(committed);
                }
            }
        }
    }
    let outcomes = match commits.is_empty() {
        true => Vec::new(),
        false => app.storage().commit_all(org, commits).await?,
    };
    let committed = committing.into_iter().zip(outcomes).chain(begun);
    for ((pending, results, revision, document, length), outcome) in committed {
        match outcome {
            CommitOutcome::Committed(_) => {
                app.outgrown().weigh(&document, length, &app.config().limits);
                app.documents().put(org, document, revision + 1, length);
                ingested.stored_any = true;
                put_result(ingested, pending.index, results);
            }
            CommitOutcome::Stale => again.push(pending),
            CommitOutcome::Failed => {
                let detail = "the server could not store it".to_owned();
                let result = ChangeResult::Quarantined { detail: detail.clone() };
                let PushGroup { header, changes, .. } = pending.group;
                let mut results = apply::all(&changes, &result);
                let kept = changes.iter().map(|bytes| Kept {
                    bytes: bytes.to_vec(),
                    left_of: None,
                    cause: Cause::NotStored,
                    detail: detail.clone(),
                });
                let kept = kept.collect();
                set_aside(app, from, origin, header, &changes, kept, &mut results, now).await?;
                put_result(ingested, pending.index, results);
            }
        }
    }
    Ok(again)
}

/// Who wrote what is given back. Nobody's replica: whoever brings it is told of it too,
/// with the scopes it came into.
async fn written_by(
    app: &App,
    from: &SignedDevice,
    group: &PushGroup,
) -> Result<Origin, SyncError> {
    let org = from.signed.org;
    let actor = group
        .changes
        .first()
        .and_then(|bytes| ScreenedChange::screen(bytes, &app.config().limits).ok())
        .map(|change| change.actor());
    let owner = match actor {
        Some(actor) => app.storage().actor_owner(org, actor).await?,
        None => None,
    };
    let unknown = (group.header.author, from.device);
    let (user, device) = owner.map_or(unknown, |owner| (owner.user, owner.device));
    Ok(Origin { user, device, replica: Origin::GIVEN_BACK })
}

/// What was written on a history that gave way, and fits into the one that took its place
/// no more, for a person. It was taken once, so there is always room for it.
fn waiting(header: Header, row: DocRow) -> SetAside {
    let room = Room { device_changes: u64::MAX, device_bytes: u64::MAX, org_bytes: u64::MAX };
    let DocRow { hash, bytes, user, device, replica, .. } = row;
    let origin = Origin { user, device, replica };
    let (cause, reason) = (Cause::CameBack, late_history::OTHERWISE.to_owned());
    SetAside { header, origin, reason, cause, changes: vec![(hash, bytes)], room }
}

/// What found no room to wait is brought again: it must not be called known then.
fn forget_refused(again: &mut Option<WrittenAgain>, changes: &[ByteBuf], results: &[ChangeResult]) {
    let Some(again) = again else { return };
    let refused = changes.iter().zip(results).filter_map(|(bytes, result)| match result {
        ChangeResult::Rejected { .. } => hand_back::hash_of(bytes),
        _ => None,
    });
    let refused: BTreeSet<ChangeHash> = refused.collect();
    again.changes.retain(|change| !refused.contains(change));
}

/// Keeps changes for a person. Where no more may wait, they are refused instead, and
/// the phone keeps them.
#[expect(clippy::too_many_arguments, reason = "a push with what became of it")]
pub(super) async fn set_aside(
    app: &App,
    from: &SignedDevice,
    origin: Origin,
    header: Header,
    changes: &[ByteBuf],
    kept: Vec<Kept>,
    results: &mut [ChangeResult],
    now: Timestamp,
) -> Result<(), SyncError> {
    let org = from.signed.org;
    let (reason, cause) =
        kept.first().map(|kept| (kept.detail.clone(), kept.cause)).unwrap_or_default();
    tracing::warn!(%org, doc = %header.doc, device = %from.device, reason, changes = kept.len(),
        "changes were quarantined");
    // The beginning of a history may be longer than what a phone writes at once.
    let limits = &hand_back::limits(&app.config().limits);
    // Only what passed the screen gets here, but for a document of ours that is damaged.
    let named = kept.iter().filter_map(|kept| {
        let screened = ScreenedChange::screen(&kept.bytes, limits).ok()?;
        Some((kept.left_of.unwrap_or(screened.hash()), kept.bytes.clone()))
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let room = app.config().room;
    let aside = SetAside { header, origin, reason, cause, changes: named, room };
    if let AsideOutcome::Full { whose } = app.storage().set_aside(org, aside, now).await? {
        let detail = format!(
            "{whose} work that waits for decisions takes all the room there is for it: ask your \
             manager to decide; this stays on the phone and is sent again by itself"
        );
        let code = RejectCode::QuarantineFull;
        for (result, bytes) in results.iter_mut().zip(changes) {
            let is = |kept: &Kept| match kept.left_of {
                Some(change) => hand_back::hash_of(bytes) == Some(change),
                None => kept.bytes == bytes.as_slice(),
            };
            if kept.iter().any(is) {
                *result = ChangeResult::Rejected { code, detail: detail.clone() };
            }
        }
    }
    Ok(())
}

const fn is_too_large(result: &ChangeResult) -> bool {
    matches!(result, ChangeResult::Rejected { code: RejectCode::TooLarge, .. })
}

fn put_result(ingested: &mut Ingested, index: usize, changes: Vec<ChangeResult>) {
    if let Some(result) = ingested.results.get_mut(index) {
        result.changes = changes;
    }
}
