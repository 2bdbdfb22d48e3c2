//! Changes that a person has to decide on.
//!
//! They stay outside of the document. What builds on them cannot be applied either,
//! and must not make the phone send the same bytes for ever: it is kept aside with
//! them. Once somebody has decided, a repeated push gets that answer.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::ChangeHash;
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::ActorId;
use client_core::protocol::{ChangeResult, RejectCode};
use client_core::records::{Cause, Verdict};
use serde_bytes::ByteBuf;

use super::apply::{Judged, Kept};
use crate::storage::model::KeptChange;

/// What is told to phones and kept with what came after its grace.
pub(super) const LATE: &str = "written while it was yours, and received after the time for that \
                               had passed: it waits for your manager's decision";
const FORMER: &str = "written while it was yours, on a history that began anew since: it waits \
                      for your manager's decision";
const BUILDS_ON: &str = "it builds on work that waits for your manager's decision";
const DECLINED: &str = "your manager decided against it";

/// What is known of a document's changes that were kept aside.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What waits, with what was told of it.
    waiting: BTreeMap<ChangeHash, String>,
    declined: BTreeSet<ChangeHash>,
    accepted: BTreeSet<ChangeHash>,
}

impl Known {
    pub(super) fn of(kept: &[KeptChange]) -> Self {
        let mut known = Self::default();
        for change in kept {
            match change.verdict {
                None => drop(known.waiting.insert(change.hash, change.reason.clone())),
                Some(Verdict::Rejected) => drop(known.declined.insert(change.hash)),
                // In the document, where a repeated push finds it, unless it was written
                // again there.
                Some(Verdict::Accepted | Verdict::HandedOver) => {
                    known.accepted.insert(change.hash);
                }
            }
        }
        known
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.declined.is_empty()
    }

    /// The answer that a change has already.
    pub(super) fn answer(&self, bytes: &[u8], limits: &Limits) -> Option<ChangeResult> {
        if self.is_empty() {
            return None;
        }
        self.answer_to(&ScreenedChange::screen(bytes, limits).ok()?.hash())
    }

    /// The same by its name.
    pub(super) fn answer_to(&self, hash: &ChangeHash) -> Option<ChangeResult> {
        if self.declined.contains(hash) {
            return Some(declined());
        }
        let detail = self.waiting.get(hash)?.clone();
        Some(ChangeResult::Quarantined { detail })
    }

    /// Whether somebody accepted it.
    pub(super) fn is_accepted(&self, hash: &ChangeHash) -> bool {
        self.accepted.contains(hash)
    }

    /// A change waits from now on.
    pub(super) fn wait(&mut self, hash: ChangeHash, reason: &str) {
        self.waiting.insert(hash, reason.to_owned());
    }
}

fn declined() -> ChangeResult {
    ChangeResult::Rejected { code: RejectCode::Declined, detail: DECLINED.to_owned() }
}

/// Keeps what was written on a history that is over by somebody who does not see the
/// document any more: a person decides, and it is written again on the new one.
pub(super) fn keep_former(
    mut judged: Judged,
    changes: &[ByteBuf],
    actor: ActorId,
    limits: &Limits,
) -> Judged {
    for (result, bytes) in judged.results.iter_mut().zip(changes) {
        let refused = matches!(result, ChangeResult::Rejected { .. });
        let own = ScreenedChange::screen(bytes, limits).is_ok_and(|it| it.actor() == actor);
        if refused && own {
            let detail = FORMER.to_owned();
            let (bytes, cause) = (bytes.to_vec(), Cause::Late);
            judged.quarantined.push(Kept { bytes, left_of: None, cause, detail });
            *result = ChangeResult::Quarantined { detail: FORMER.to_owned() };
        }
    }
    judged
}

/// Turns what would be stored into what waits, where the group came too late, and what
/// builds on waiting work into waiting work.
pub(super) fn divert(
    mut judged: Judged,
    changes: &[ByteBuf],
    late: bool,
    mut known: Known,
    limits: &Limits,
) -> Judged {
    if late {
        judged.new = None;
    }
    for (result, bytes) in judged.results.iter_mut().zip(changes) {
        let (cause, reason) = match result {
            ChangeResult::Stored if late => (Cause::Late, LATE),
            ChangeResult::MissingDeps(deps) => {
                if deps.iter().any(|dep| known.declined.contains(dep)) {
                    let detail = "it builds on work that your manager decided against".to_owned();
                    let code = RejectCode::DependsOnRejected;
                    *result = ChangeResult::Rejected { code, detail };
                    continue;
                }
                if !deps.iter().all(|dep| known.waiting.contains_key(dep)) {
                    continue;
                }
                (Cause::BuildsOn, BUILDS_ON)
            }
            _ => continue,
        };
        let Ok(screened) = ScreenedChange::screen(bytes, limits) else { continue };
        known.waiting.insert(screened.hash(), reason.to_owned());
        let detail = reason.to_owned();
        judged.quarantined.push(Kept { bytes: bytes.to_vec(), left_of: None, cause, detail });
        *result = ChangeResult::Quarantined { detail: reason.to_owned() };
    }
    judged
}
