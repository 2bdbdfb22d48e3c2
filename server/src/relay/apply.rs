//! One group of changes against one document: pure, and kept apart from panics.
//!
//! Automerge trusts its input. What passed the screen may still panic in it, so
//! every change is applied to a clone inside `catch_unwind`; after a panic the
//! clone is thrown away and built again from what was good before.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use client_core::docs::{Applied, Document};
use client_core::guard::{Limits, Rejection, ScreenedChange};
use client_core::id::ActorId;
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, RejectCode};
use serde_bytes::ByteBuf;

use crate::storage::model::NewLogChange;

/// What a group came to.
pub(super) struct Judged {
    /// One per change, in order. `Stored` is a promise until the commit.
    pub(super) results: Vec<ChangeResult>,
    /// The document with everything new in it; none if nothing is new.
    pub(super) new: Option<NewState>,
    /// Bytes for a person to look at, with the reason.
    pub(super) quarantined: Vec<(Vec<u8>, String)>,
}

/// The state after a group.
pub(super) struct NewState {
    pub(super) document: Document,
    pub(super) changes: Vec<NewLogChange>,
    pub(super) snapshot: Vec<u8>,
    pub(super) state: DocState,
}

/// The same answer for every change of a group.
pub(super) fn all(changes: &[ByteBuf], result: &ChangeResult) -> Vec<ChangeResult> {
    changes.iter().map(|_change| result.clone()).collect()
}

/// Judges and applies a group.
pub(super) fn group(
    base: &Document,
    base_bytes: usize,
    changes: &[ByteBuf],
    actor: ActorId,
    limits: &Limits,
) -> Judged {
    let mut applying = Applying {
        base,
        document: base.clone(),
        bytes: base_bytes,
        actor,
        limits,
        good: Vec::new(),
        refused: BTreeSet::new(),
        quarantined: Vec::new(),
    };
    let results: Vec<ChangeResult> = changes.iter().map(|change| applying.one(change)).collect();
    if applying.good.is_empty() {
        return Judged { results, new: None, quarantined: applying.quarantined };
    }
    match applying.finish() {
        Ok(new) => Judged { results, new: Some(new), quarantined: applying.quarantined },
        Err(reason) => {
            let result = ChangeResult::Quarantined { detail: reason.clone() };
            let all_bytes =
                changes.iter().map(|change| (change.to_vec(), reason.clone())).collect();
            Judged { results: all(changes, &result), new: None, quarantined: all_bytes }
        }
    }
}

struct Applying<'a> {
    base: &'a Document,
    document: Document,
    bytes: usize,
    actor: ActorId,
    limits: &'a Limits,
    good: Vec<ScreenedChange>,
    refused: BTreeSet<client_core::docs::ChangeHash>,
    quarantined: Vec<(Vec<u8>, String)>,
}

fn rejected(code: RejectCode, detail: String) -> ChangeResult {
    ChangeResult::Rejected { code, detail }
}

impl Applying<'_> {
    fn one(&mut self, bytes: &[u8]) -> ChangeResult {
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
        if matches!(result, ChangeResult::Rejected { .. } | ChangeResult::Quarantined { .. }) {
            self.refused.insert(change.hash());
        }
        result
    }

    fn screened(&mut self, change: &ScreenedChange) -> ChangeResult {
        if self.document.contains(&change.hash()) {
            return ChangeResult::Duplicate;
        }
        if change.actor() != self.actor {
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
        if change.deps().iter().any(|dep| self.refused.contains(dep)) {
            let detail = "it builds on a change of this push that was not taken".to_owned();
            return rejected(RejectCode::DependsOnRejected, detail);
        }
        if let Some(detail) = self.too_large(change) {
            return rejected(RejectCode::TooLarge, detail);
        }
        let applied = catch_unwind(AssertUnwindSafe(|| self.document.apply(change)));
        match applied {
            Ok(Ok(Applied::New)) => {
                self.bytes += change.bytes().len();
                self.good.push(change.clone());
                ChangeResult::Stored
            }
            Ok(Ok(Applied::Duplicate)) => ChangeResult::Duplicate,
            Ok(Ok(Applied::MissingDeps(missing))) => ChangeResult::MissingDeps(missing),
            Ok(Err(error)) => rejected(RejectCode::Malformed, error.to_string()),
            Err(_panic) => {
                self.start_over();
                let detail = "reading it failed in a way that needs a person".to_owned();
                self.quarantined.push((change.bytes().to_vec(), detail.clone()));
                ChangeResult::Quarantined { detail }
            }
        }
    }

    fn too_large(&self, change: &ScreenedChange) -> Option<String> {
        let limits = self.limits;
        let bytes = self.bytes + change.bytes().len();
        if bytes > limits.document_bytes {
            return Some(format!(
                "the document would hold {bytes} bytes, the limit is {}",
                limits.document_bytes
            ));
        }
        let operations = self.document.operations().saturating_add(change.operations());
        if operations > limits.document_operations {
            return Some(format!(
                "the document would hold {operations} operations, the limit is {}",
                limits.document_operations
            ));
        }
        let writes_here = self.document.last_seq(change.actor()) > 0;
        if !writes_here && self.document.actors().len() >= limits.document_actors {
            return Some(format!(
                "the document would have more than {} actors",
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
    fn finish(&mut self) -> Result<NewState, String> {
        let document = self.document.clone();
        let read =
            catch_unwind(AssertUnwindSafe(|| (DocState::read(&document), document.snapshot())));
        let (state, snapshot) = read.map_err(|_panic| "its state could not be read".to_owned())?;
        let changes = self.good.drain(..).map(|change| NewLogChange {
            hash: change.hash(),
            actor: change.actor(),
            seq: change.seq(),
            bytes: change.bytes().to_vec(),
        });
        Ok(NewState { changes: changes.collect(), snapshot, state, document })
    }
}
