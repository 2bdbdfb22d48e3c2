//! One group of changes against one document: pure, and kept apart from panics.
//!
//! Automerge trusts its input. What passed the screen may still panic in it, so
//! every change is applied to a clone inside `catch_unwind`; after a panic the
//! clone is thrown away and built again from what was good before. What follows in
//! the group is set aside with it: one device wrote all of it, each on top of the
//! one before, and trying on would let a group of thousands start over each time.
//!
//! § A change whose dependencies are missing never enters the document. Within a
//! group at most [`ORPHANS`] of them wait for one that comes later in it; nothing
//! waits from one request to the next, because the phone keeps what was answered
//! `missing_deps` and sends it again after what was missing.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use client_core::docs::{Applied, ChangeHash, Conflict, Document, Generation, Header, Things};
use client_core::guard::{Limits, Rejection, ScreenedChange};
use client_core::id::ActorId;
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, RejectCode};
use client_core::records::Cause;
use serde_bytes::ByteBuf;

use crate::storage::model::{DocRow, NewLogChange, WrittenAgain};

/// Changes of one group that wait, outside the document, for others of it.
const ORPHANS: usize = 32;

/// A change that says it was written then makes applying it panic: the fault that
/// tests put where Automerge's own would be.
#[cfg(test)]
pub(super) const PANICS: client_core::time::Timestamp =
    client_core::time::Timestamp::from_millis(-1_313_131_313);

/// Notes that say they were written then make looking for conflicts panic.
#[cfg(test)]
pub(super) const PANICS_COMPARED: client_core::time::Timestamp =
    client_core::time::Timestamp::from_millis(-1_414_141_414);

/// What a group came to.
pub(super) struct Judged {
    /// One per change, in order. `Stored` is a promise until the commit.
    pub(super) results: Vec<ChangeResult>,
    /// The document with everything new in it; none if nothing is new.
    pub(super) new: Option<NewState>,
    /// Bytes for a person to look at, with the reason.
    pub(super) quarantined: Vec<Kept>,
    /// Operations that were applied, whatever became of them.
    pub(super) operations: u64,
    /// What of a history that is over is in the new state, written again.
    pub(super) again: Option<WrittenAgain>,
}

/// Bytes that a person has to look at, and why.
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    /// The change that they were, where they are what an erasure left of one.
    pub(super) left_of: Option<ChangeHash>,
    pub(super) cause: Cause,
    pub(super) detail: String,
}

/// The state after a group.
pub(super) struct NewState {
    pub(super) document: Document,
    pub(super) changes: Vec<NewLogChange>,
    /// Bytes of the stored history.
    pub(super) bytes: usize,
    pub(super) state: DocState,
    /// What was written without seeing each other.
    pub(super) conflicts: Vec<Conflict>,
    /// Whether a history begins with it.
    pub(super) beginning: Beginning,
}

/// How a state comes to be.
#[derive(Debug, Clone)]
pub(super) enum Beginning {
    /// The history that stands goes on, or the document is new.
    None,
    /// What an erasure left of a document that was not here any more.
    Left,
    /// Another history takes the place of the one that stands.
    TakenUp(Box<TakenUp>),
}

/// A history that takes the place of the one that stood.
#[derive(Debug, Clone)]
pub(super) struct TakenUp {
    /// What stood.
    pub(super) stood: Header,
    /// Where its things were.
    pub(super) things: Things,
    /// Of which generation the other one was in the life that began it.
    pub(super) of: Generation,
    /// What was written on what stood, and does not fit into the other one any more.
    pub(super) left_out: Vec<DocRow>,
}

/// The same answer for every change of a group.
pub(super) fn all(changes: &[ByteBuf], result: &ChangeResult) -> Vec<ChangeResult> {
    changes.iter().map(|_change| result.clone()).collect()
}

/// Keeps every change of a group for a person to decide.
pub(super) fn set_aside(changes: &[ByteBuf], detail: &str) -> Judged {
    let result = ChangeResult::Quarantined { detail: detail.to_owned() };
    let kept = |change: &ByteBuf| Kept {
        bytes: change.to_vec(),
        left_of: None,
        cause: Cause::Unreadable,
        detail: detail.to_owned(),
    };
    let quarantined = changes.iter().map(kept).collect();
    let results = all(changes, &result);
    Judged { results, new: None, quarantined, operations: 0, again: None }
}

/// Whose changes are taken.
pub(super) struct Authors<'a> {
    /// The pushing device's actor.
    pub(super) actor: ActorId,
    /// Changes of anybody's that were stored here once.
    pub(super) vouched: &'a BTreeSet<ChangeHash>,
}

/// Judges and applies a group of one actor's.
pub(super) fn group(
    base: &Document,
    base_bytes: usize,
    changes: &[ByteBuf],
    actor: ActorId,
    limits: &Limits,
) -> Judged {
    let authors = Authors { actor, vouched: &BTreeSet::new() };
    group_with(base, base_bytes, changes, &authors, limits)
}

/// Judges and applies a group.
pub(super) fn group_with(
    base: &Document,
    base_bytes: usize,
    changes: &[ByteBuf],
    authors: &Authors<'_>,
    limits: &Limits,
) -> Judged {
    let mut applying = Applying {
        base,
        document: base.clone(),
        bytes: base_bytes,
        authors,
        limits,
        good: Vec::new(),
        refused: BTreeSet::new(),
        orphans: Vec::new(),
        panicked: false,
        quarantined: Vec::new(),
        operations: 0,
    };
    let mut results: Vec<ChangeResult> =
        changes.iter().enumerate().map(|(index, change)| applying.one(index, change)).collect();
    applying.take_up_orphans(&mut results);
    let operations = applying.operations;
    let quarantined = std::mem::take(&mut applying.quarantined);
    let finished = (!applying.good.is_empty()).then(|| applying.finish()).transpose();
    match finished {
        Ok(new) => Judged { results, new, quarantined, operations, again: None },
        Err(reason) => Judged { operations, ..set_aside(changes, &reason) },
    }
}

struct Applying<'a> {
    base: &'a Document,
    document: Document,
    bytes: usize,
    authors: &'a Authors<'a>,
    limits: &'a Limits,
    good: Vec<ScreenedChange>,
    refused: BTreeSet<ChangeHash>,
    /// What waits for a later change of the group, with its place in it.
    orphans: Vec<(usize, ScreenedChange)>,
    panicked: bool,
    quarantined: Vec<Kept>,
    operations: u64,
}

/// What to do about a document that is full.
const START_ANEW: &str = "ask your manager to let its history start anew";

fn rejected(code: RejectCode, detail: String) -> ChangeResult {
    ChangeResult::Rejected { code, detail }
}

impl Applying<'_> {
    fn one(&mut self, index: usize, bytes: &[u8]) -> ChangeResult {
        let change = match ScreenedChange::screen(bytes, self.limits) {
            Ok(change) => change,
            Err(rejection) => {
                let code = match rejection {
                    Rejection::Malformed { .. } => RejectCode::Malformed,
                    _ => RejectCode::TooLarge,
                };
                return rejected(code, rejection.to_string());
            }
        };
        let result = self.screened(&change);
        if matches!(result, ChangeResult::MissingDeps(_)) && self.orphans.len() < ORPHANS {
            self.orphans.push((index, change));
        }
        result
    }

    /// Applies what came before what it builds on, as long as that helps.
    fn take_up_orphans(&mut self, results: &mut [ChangeResult]) {
        let mut before = usize::MAX;
        while !self.orphans.is_empty() && self.orphans.len() < before {
            before = self.orphans.len();
            for (index, change) in std::mem::take(&mut self.orphans) {
                let result = self.screened(&change);
                if matches!(result, ChangeResult::MissingDeps(_)) {
                    self.orphans.push((index, change));
                } else if let Some(place) = results.get_mut(index) {
                    *place = result;
                }
            }
        }
    }

    fn screened(&mut self, change: &ScreenedChange) -> ChangeResult {
        let result = self.judged(change);
        if matches!(result, ChangeResult::Rejected { .. } | ChangeResult::Quarantined { .. }) {
            self.refused.insert(change.hash());
        }
        result
    }

    fn judged(&mut self, change: &ScreenedChange) -> ChangeResult {
        if self.document.contains(&change.hash()) {
            return ChangeResult::Duplicate;
        }
        let Authors { actor, vouched } = self.authors;
        if change.actor() != *actor && !vouched.contains(&change.hash()) {
            let detail = format!("actor {} is not this device's", change.actor());
            return rejected(RejectCode::ForeignActor, detail);
        }
        if change.seq() <= self.document.last_seq(change.actor()) {
            let detail = format!(
                "sequence number {} was used for another change: this copy of the data was \
                 restored or cloned",
                change.seq()
            );
            return rejected(RejectCode::ForkedActor, detail);
        }
        if self.panicked {
            let detail = "it was sent behind a change that could not be read".to_owned();
            self.keep(change, &detail);
            return ChangeResult::Quarantined { detail };
        }
        if change.deps().iter().any(|dep| self.refused.contains(dep)) {
            let detail = "it builds on a change of this push that was not taken".to_owned();
            return rejected(RejectCode::DependsOnRejected, detail);
        }
        if let Some(detail) = self.too_large(change) {
            return rejected(RejectCode::TooLarge, detail);
        }
        let applied = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            assert!(change.claimed_at() != PANICS, "the fault of a test");
            self.document.apply(change)
        }));
        match applied {
            Ok(Ok(Applied::New)) => {
                self.bytes += change.bytes().len();
                self.operations += change.operations();
                self.good.push(change.clone());
                ChangeResult::Stored
            }
            Ok(Ok(Applied::Duplicate)) => ChangeResult::Duplicate,
            Ok(Ok(Applied::MissingDeps(missing))) => ChangeResult::MissingDeps(missing),
            Ok(Err(error)) => rejected(RejectCode::Malformed, error.to_string()),
            Err(_panic) => {
                self.start_over();
                self.panicked = true;
                let detail = "reading it failed in a way that needs a person".to_owned();
                self.keep(change, &detail);
                ChangeResult::Quarantined { detail }
            }
        }
    }

    fn keep(&mut self, change: &ScreenedChange, detail: &str) {
        let (bytes, cause) = (change.bytes().to_vec(), Cause::Unreadable);
        let detail = detail.to_owned();
        self.quarantined.push(Kept { bytes, left_of: None, cause, detail });
    }

    fn too_large(&self, change: &ScreenedChange) -> Option<String> {
        let limits = self.limits;
        let bytes = self.bytes + change.bytes().len();
        if bytes > limits.document_bytes {
            return Some(format!(
                "the document would hold {bytes} bytes, the limit is {}: {START_ANEW}",
                limits.document_bytes
            ));
        }
        let operations = self.document.operations().saturating_add(change.operations());
        if operations > limits.document_operations {
            return Some(format!(
                "the document would hold {operations} operations, the limit is {}: {START_ANEW}",
                limits.document_operations
            ));
        }
        let writes_here = self.document.last_seq(change.actor()) > 0;
        if !writes_here && self.document.actors().len() >= limits.document_actors {
            return Some(format!(
                "the document would have more than {} actors: {START_ANEW}",
                limits.document_actors
            ));
        }
        None
    }

    /// A clone that panicked may be half changed: builds it again.
    fn start_over(&mut self) {
        self.document = self.base.clone();
        for change in &self.good {
            // It went well a moment ago on the same document.
            drop(self.document.apply(change));
        }
    }

    /// Reads the state, which is total but still ours to be careful with.
    fn finish(self) -> Result<NewState, String> {
        let Self { base, document, good, bytes, .. } = self;
        let hashes = good.iter().map(ScreenedChange::hash).collect();
        let read = catch_unwind(AssertUnwindSafe(|| {
            let whole = document.gives_back(&base.heads(), hashes);
            whole.then(|| (DocState::read(&document), compared(&document)))
        }));
        let (state, conflicts) = read
            .map_err(|_panic| "its state could not be read".to_owned())?
            .ok_or("the document could not be loaded again with it")?;
        let changes = good.iter().map(|change| NewLogChange {
            hash: change.hash(),
            actor: change.actor(),
            seq: change.seq(),
            bytes: change.bytes().to_vec(),
        });
        let (changes, beginning) = (changes.collect(), Beginning::None);
        Ok(NewState { changes, bytes, state, conflicts, document, beginning })
    }
}

/// What was written without seeing each other.
fn compared(document: &Document) -> Vec<Conflict> {
    #[cfg(test)]
    assert!(
        document.last_written("about/notes").is_none_or(|notes| notes.at != PANICS_COMPARED),
        "the fault of a test"
    );
    document.written_concurrently()
}
