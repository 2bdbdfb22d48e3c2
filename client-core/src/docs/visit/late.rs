//! Writes that did not come before the submit.
//!
//! A submitted visit is evidence: pay rests on it. So whatever was written
//! after the submit, or beside it on another device, must be visible as such.
//! Times are claims, so only causality decides: a change is in time if the
//! submit builds on it, directly or through others. The submit is the first
//! change that ever wrote into the submit map; submitting again, or deleting
//! the submit and making a new one, does not move it. Of two first submits
//! that do not know each other, the one with the lower hash counts and the
//! other is late, so that every replica says the same.
//!
//! Cost: nothing for a visit of one change, submitted or not. Otherwise every
//! change of the document is rebuilt and decoded, about 0.1 ms for a full one in
//! a test build; a visit has a handful.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::Op;
use automerge::{Change, ChangeHash, ReadDoc};

use super::layout::{AMENDMENTS, NOTES, SUBMIT};
use crate::docs::genesis::{self, Root};
use crate::docs::written::{object, path};
use crate::docs::{DocKind, Document};

/// Paths that were written late and outside amendments and notes, sorted.
pub(crate) fn writes(document: &Document) -> BTreeSet<String> {
    let history = document.automerge();
    let genesis = genesis::hash(DocKind::Visit);
    // Two changes are genesis and one more: nothing can be after or beside.
    if history.stats().num_changes <= 2 {
        return BTreeSet::new();
    }
    let changes: Vec<Change> = history
        .get_changes(&[])
        .into_iter()
        .filter(|change| change.hash().0 != genesis.0)
        .collect();
    let deps: BTreeMap<ChangeHash, &[ChangeHash]> =
        changes.iter().map(|change| (change.hash(), change.deps())).collect();
    let Some(submit) = first_submit(&changes, &deps) else {
        return BTreeSet::new();
    };
    let mut in_time = ancestors(submit, &deps);
    in_time.insert(submit);
    changes
        .iter()
        .filter(|change| !in_time.contains(&change.hash()))
        .flat_map(|change| change.decode().operations)
        .filter(|operation| !is_in(operation, AMENDMENTS) && !is_in(operation, NOTES))
        .map(|operation| path(history, DocKind::Visit, &operation))
        .collect()
}

/// Of the changes that wrote into the submit map, one without such an ancestor.
fn first_submit(
    changes: &[Change],
    deps: &BTreeMap<ChangeHash, &[ChangeHash]>,
) -> Option<ChangeHash> {
    let submits: BTreeSet<ChangeHash> = changes
        .iter()
        .filter(|change| change.decode().operations.iter().any(|op| is_in(op, SUBMIT)))
        .map(Change::hash)
        .collect();
    submits.iter().find(|submit| ancestors(**submit, deps).is_disjoint(&submits)).copied()
}

fn ancestors(
    change: ChangeHash,
    deps: &BTreeMap<ChangeHash, &[ChangeHash]>,
) -> BTreeSet<ChangeHash> {
    let mut found = BTreeSet::new();
    let mut open = vec![change];
    while let Some(change) = open.pop() {
        for dep in deps.get(&change).copied().unwrap_or_default() {
            if found.insert(*dep) {
                open.push(*dep);
            }
        }
    }
    found
}

fn is_in(operation: &Op, root: Root) -> bool {
    object(operation) == root.id()
}
