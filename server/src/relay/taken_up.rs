//! Histories that a former life of the data began.
//!
//! A server that was restored to before a history began anew holds an older one than its
//! phones do, or what an erasure that was done again left of that. What phones then give
//! back goes into neither. So the history they bring takes the place of the one that
//! stands: each change of it was signed here once, and what stood when it began is in it.
//! What the one that stands received since is not, and is written again on top of it, as a
//! phone writes again what it had not sent. The result is of a generation above both, so
//! everybody starts from it; what other phones hold of that history goes on there.
//!
//! What came since is told by our own clock: it was received after the history that comes
//! back began, and is nothing that was given back itself. Where it was written into things
//! that are not in that one any more, it waits for a person.

use std::collections::BTreeSet;

use client_core::docs::{ChangeHash, Document, EditContext, Header, Heads, NewChange};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::ActorId;
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, hand_back};
use client_core::time::Timestamp;

use super::apply::{self, Authors, Beginning, Judged, NewState, TakenUp};
use super::judge::{Candidate, Pending, base_of};
use crate::storage::model::{DocRow, NewLogChange, Origin};

/// Judges a group that is given back of another history than the one that stands; none
/// where it cannot be taken up.
pub(super) fn judge(
    candidate: &Candidate,
    actor: ActorId,
    limits: &Limits,
    hand: &EditContext,
) -> Option<Judged> {
    if !is_of_another(candidate) || !candidate.missed.is_empty() {
        return None;
    }
    let Pending { group, vouched, .. } = &candidate.pending;
    let stored = candidate.loaded.as_ref()?.header;
    let limits = hand_back::limits(limits);
    let screened = group.changes.iter().map(|bytes| ScreenedChange::screen(bytes, &limits).ok());
    let screened: Vec<ScreenedChange> = screened.collect::<Option<_>>()?;
    let (stands, bytes) = base_of(candidate, &stored).ok()?;
    let authors = Authors { actor, vouched };
    let empty = Document::create(Header {
        generation: stored.generation.max(group.header.generation).next(hand.at),
        ..stored
    });
    let begins = screened.iter().any(|change| {
        !stands.contains(&change.hash()) && change.deps().iter().all(|dep| empty.contains(dep))
    });
    if !begins {
        let judged = apply::group_with(&stands, bytes, &group.changes, &authors, &limits);
        return all_stored(&judged).then_some(judged);
    }
    let began = screened.first()?.claimed_at();
    if group.header.generation < stored.generation && !is_older(&candidate.log, began) {
        return None;
    }
    let judged = apply::group_with(&empty, 0, &group.changes, &authors, &limits);
    if !all_stored(&judged) {
        return None;
    }
    let Judged { results, new, quarantined, operations, again } = judged;
    let NewState { mut document, mut changes, .. } = new?;
    let (written, left_out) = written_again(candidate, &stands, began, &mut document, hand);
    changes.extend(written);
    let (state, conflicts) = (DocState::read(&document), document.written_concurrently());
    let bytes = document.snapshot().len();
    let (things, of) = (stands.things(), group.header.generation);
    let beginning = Beginning::TakenUp(Box::new(TakenUp { stood: stored, things, of, left_out }));
    let new = Some(NewState { document, changes, bytes, state, conflicts, beginning });
    Some(Judged { results, new, quarantined, operations, again })
}

/// Whether a group that is given back is of another history of the document that is here.
pub(super) fn is_of_another(candidate: &Candidate) -> bool {
    let Pending { group, vouched, .. } = &candidate.pending;
    let here = candidate.loaded.as_ref().map(|loaded| loaded.header);
    !vouched.is_empty()
        && here.is_some_and(|here| {
            here.generation != group.header.generation
                && here == Header { generation: here.generation, ..group.header }
        })
}

fn all_stored(judged: &Judged) -> bool {
    let stored = |it: &ChangeResult| matches!(it, ChangeResult::Stored | ChangeResult::Duplicate);
    judged.results.iter().all(stored)
}

/// Whether what stands is of before another history began, whatever its generation: what
/// an erasure that was done again left of a backup, or what came back of an earlier one.
fn is_older(log: &[DocRow], began: Timestamp) -> bool {
    let Some(first) = log.first() else { return false };
    match first.replica {
        Origin::LEFT_AGAIN => true,
        Origin::TAKEN_UP => {
            let limits = hand_back::limits(&Limits::default());
            let change = ScreenedChange::screen(&first.bytes, &limits);
            change.is_ok_and(|change| change.claimed_at() < began)
        }
        _ => false,
    }
}

/// Writes what the history that stands received since into the one that comes back. Also
/// gives what does not fit into that any more, of which a part may be written.
fn written_again(
    candidate: &Candidate,
    stands: &Document,
    began: Timestamp,
    document: &mut Document,
    hand: &EditContext,
) -> (Vec<NewLogChange>, Vec<DocRow>) {
    let first = candidate.log.first().map(|row| row.actor);
    let came_back = |row: &DocRow| match row.replica {
        Origin::GIVEN_BACK | Origin::LEFT_AGAIN => true,
        // Its beginning; beside that stands what was written again when it came.
        Origin::TAKEN_UP => Some(row.actor) == first,
        _ => false,
    };
    let (since, before): (Vec<&DocRow>, Vec<&DocRow>) =
        candidate.log.iter().partition(|row| row.received_at > began && !came_back(row));
    let unsent: Vec<Vec<u8>> = since.iter().map(|row| row.bytes.clone()).collect();
    let rebased = document.rebase(Some(stands), &tips(&before), &unsent, hand.actor);
    let left_out = rebased.iter().zip(&since).filter_map(|(one, row)| {
        let whole = one.erased.is_empty() && one.impossible.is_empty();
        (!whole).then(|| DocRow::clone(row))
    });
    let left_out = left_out.collect();
    let log = |NewChange { hash, bytes, seq }: NewChange| NewLogChange {
        hash,
        actor: hand.actor,
        seq,
        bytes,
    };
    (rebased.into_iter().filter_map(|one| one.new).map(log).collect(), left_out)
}

/// The heads of what a log held.
fn tips(rows: &[&DocRow]) -> Heads {
    let mut tips: BTreeSet<ChangeHash> = rows.iter().map(|row| row.hash).collect();
    let limits = hand_back::limits(&Limits::default());
    for row in rows {
        if let Ok(change) = ScreenedChange::screen(&row.bytes, &limits) {
            for dep in change.deps() {
                tips.remove(dep);
            }
        }
    }
    Heads::new(tips.into_iter().collect())
}
