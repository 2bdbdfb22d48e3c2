//! Documents that have grown nearly to their limit.
//!
//! A history only grows: a customer that ten people edit for years comes to the limit
//! of what one document may hold, and from then on nobody's work would be taken. So
//! whoever commits names a document of which four fifths are used, and a job begins its
//! history anew with everything that stands in it. What phones had not sent they write
//! again on the new one. Nothing is asked of a person, and nothing happens where what
//! stands is itself so much that little would be gained.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use client_core::docs::{Document, EditContext, Generation, Redaction};
use client_core::guard::Limits;
use client_core::id::{ActorId, DocId, OrgId};
use client_core::time::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::written;
use crate::app::App;
use crate::office::{EraseError, Office};
use crate::storage::{Quarantine, StorageError};

/// After a round that failed.
const PAUSE: Duration = Duration::from_secs(5);

/// Documents to be looked at. Each is there once, so there are never more than were
/// written since the last round.
#[derive(Debug, Default)]
pub(crate) struct Outgrown {
    docs: Mutex<BTreeSet<(OrgId, DocId)>>,
    bell: Notify,
}

impl Outgrown {
    /// Names a document if it has outgrown its limits by what it holds now.
    pub(super) fn weigh(&self, document: &Document, bytes: usize, limits: &Limits) {
        if share(document, bytes, limits) >= ENOUGH {
            let header = document.header();
            self.name(header.org, header.doc);
        }
    }

    /// Names a document to be looked at.
    pub(super) fn name(&self, org: OrgId, doc: DocId) {
        self.docs.lock().unwrap_or_else(PoisonError::into_inner).insert((org, doc));
        self.bell.notify_one();
    }

    fn take(&self) -> BTreeSet<(OrgId, DocId)> {
        std::mem::take(&mut *self.docs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Hundredths of a limit at which a history begins anew.
const ENOUGH: u64 = 80;

/// The largest share of a limit that a document uses, in hundredths.
fn share(document: &Document, bytes: usize, limits: &Limits) -> u64 {
    let hundredths = |used: u64, most: u64| used.saturating_mul(100) / most.max(1);
    let actors = document.actors().len() as u64;
    hundredths(bytes as u64, limits.document_bytes as u64)
        .max(hundredths(document.operations(), limits.document_operations))
        .max(hundredths(actors, limits.document_actors as u64))
}

/// Runs the job until `token` is cancelled.
pub(crate) fn spawn(app: App, tracker: &TaskTracker, token: CancellationToken) {
    tracker.spawn(async move {
        loop {
            tokio::select! {
                () = token.cancelled() => return,
                () = app.outgrown().bell.notified() => {}
            }
            if let Err(error) = pass(&app).await {
                tracing::warn!(%error, "a history did not begin anew this time");
                tokio::select! {
                    () = token.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Begins the histories anew that have grown too long; how many those were.
pub(crate) async fn pass(app: &App) -> Result<u64, StorageError> {
    let mut begun = 0;
    let mut failed = None;
    for (org, doc) in app.outgrown().take() {
        match begin_anew(app, org, doc).await {
            Ok(anew) => begun += u64::from(anew),
            Err(EraseError::Storage(error)) => {
                app.outgrown().name(org, doc);
                failed = Some(error);
            }
            Err(error) => tracing::error!(%doc, %error, "a history could not begin anew"),
        }
    }
    failed.map_or(Ok(begun), Err)
}

async fn begin_anew(app: &App, org: OrgId, doc: DocId) -> Result<bool, EraseError> {
    let Some(held) = written::held(app, org, doc).await? else { return Ok(false) };
    let limits = app.config().limits.clone();
    let used = share(&held.document, held.bytes, &limits);
    if used < ENOUGH {
        return Ok(false);
    }
    // Work that waits for a decision goes into the history that it was written on. The
    // decision writes the document, and then it is named again.
    let kept = app.storage().kept_of(org, doc).await?;
    if kept.iter().any(|change| change.verdict.is_none()) {
        return Ok(false);
    }
    let trying = tokio::task::spawn_blocking(move || {
        let trying = || left(&held.document, &limits);
        catch_unwind(AssertUnwindSafe(trying)).ok().flatten()
    });
    let left =
        trying.await.map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
    if left.is_none_or(|left| left > used / 4 * 3) {
        tracing::warn!(%org, %doc, used, "a document is nearly full of what stands in it");
        return Ok(false);
    }
    let generation = Office::of(app.clone(), org).begin_history_anew(doc).await?;
    tracing::info!(%org, %doc, used, generation = generation.0, "a long history began anew");
    Ok(true)
}

/// What a fresh history would use of the limits.
fn left(document: &Document, limits: &Limits) -> Option<u64> {
    let generation = Generation(document.header().generation.0 + 1);
    let nobody = EditContext { actor: ActorId::from_bytes([0; 16]), at: Timestamp::default() };
    let made = document.restart(generation, Redaction::Nothing, &nobody).ok()?;
    let bytes = made.document.snapshot().len();
    Some(share(&made.document, bytes, limits))
}
