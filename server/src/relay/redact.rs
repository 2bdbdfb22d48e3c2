//! Taking back what something was erased of.
//!
//! A restored server lacks documents that came after its backup, and phones give them
//! back as they have them: one that was not heard of since an erasure gives back what was
//! erased. The visit still counts, so it is taken; but what reaches the disk is what the
//! erasure left of it, in the next generation, and its phone forgets the rest when it
//! is told of that.

use client_core::docs::{Document, EditContext, Header};
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, RejectCode};

use super::apply::{Beginning, Judged, NewState};
use crate::storage::model::{NewLogChange, RedactedDoc};

/// What was erased of a document since the generation of `header`.
pub(crate) fn missed(header: &Header, known: Option<&Vec<RedactedDoc>>) -> Vec<RedactedDoc> {
    let all = known.map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter(|one| one.doc == header.doc && one.generation > header.generation)
        .copied()
        .collect()
}

/// Leaves out what was erased; the pusher is told that its history ended.
pub(super) fn without_the_erased(
    judged: Judged,
    missed: &[RedactedDoc],
    context: &EditContext,
) -> Judged {
    let Some(newest) = missed.iter().map(|one| one.generation).max() else { return judged };
    let detail = "something of this document was erased before it came back";
    let told = |result: ChangeResult| match result {
        ChangeResult::Rejected { .. } => result,
        _ => ChangeResult::Rejected { code: RejectCode::OldGeneration, detail: detail.to_owned() },
    };
    let new = judged.new.and_then(|new| {
        let mut generation = newest;
        let mut left: Option<(Document, Vec<NewLogChange>)> = None;
        for RedactedDoc { redaction, .. } in missed {
            // Phones may hold the generation that the erasure began.
            generation = generation.next(context.at);
            let before = left.as_ref().map_or(&new.document, |(document, _changes)| document);
            let made = before.restart(generation, *redaction, context).ok()?;
            let log = |change: client_core::docs::NewChange| NewLogChange {
                hash: change.hash,
                actor: context.actor,
                seq: change.seq,
                bytes: change.bytes,
            };
            left = Some((made.document, made.changes.into_iter().map(log).collect()));
        }
        let (document, changes) = left?;
        let (state, conflicts) = (DocState::read(&document), document.written_concurrently());
        let (bytes, beginning) = (document.snapshot().len(), Beginning::Left);
        Some(NewState { bytes, document, changes, state, conflicts, beginning })
    });
    Judged {
        results: judged.results.into_iter().map(told).collect(),
        new,
        quarantined: Vec::new(),
        operations: judged.operations,
        again: None,
    }
}
