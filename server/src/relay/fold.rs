//! Keeping histories short, in the background.
//!
//! A commit puts its changes behind the stored history: a document of one or two
//! changes is never longer than that, and most documents are. One that is written
//! again and again would make every new reader replay it. So a job folds what has grown:
//! the history is loaded, saved whole, loaded again and compared, and only what came out
//! the same takes its place. The log is never touched; where the stored history is
//! damaged, the fold is made from the log, which is the truth.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use client_core::docs::{Document, Heads};
use client_core::id::OrgId;
use client_core::projection::DocState;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::storage::model::Unfolded;
use crate::storage::{Histories, Records, StorageError};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(5);
/// Documents of one round and org.
const MOST: u32 = 64;

/// Runs the job until `token` is cancelled.
pub(crate) fn spawn(app: App, tracker: &TaskTracker, token: CancellationToken) {
    tracker.spawn(async move {
        loop {
            if let Err(error) = round(&app).await {
                tracing::warn!(%error, "histories were not folded this time");
            }
            tokio::select! {
                () = token.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    });
}

async fn round(app: &App) -> Result<(), StorageError> {
    for org in app.storage().orgs().await? {
        pass(app, org.id).await?;
    }
    Ok(())
}

/// Folds what has grown; how many histories that were.
pub(crate) async fn pass(app: &App, org: OrgId) -> Result<u64, StorageError> {
    let mut folded = 0;
    for grown in app.storage().unfolded(org, MOST).await? {
        let logged = app.storage().logged(org, grown.stored.header.doc).await?;
        let (doc, revision) = (grown.stored.header.doc, grown.stored.revision);
        let work = tokio::task::spawn_blocking(move || {
            let folded = fold(&grown, &logged);
            (grown.stored.snapshot, folded)
        });
        let (stored, outcome) = work.await.map_err(|error| StorageError::Unavailable {
            reason: format!("a history could not be folded: {error}"),
        })?;
        let Some(history) = outcome else {
            tracing::error!(%doc, "neither the stored history nor the log leads to its heads");
            // Kept as it is, and not looked at again until it is written again.
            app.storage().fold(org, doc, revision, stored, 0).await?;
            continue;
        };
        folded += u64::from(app.storage().fold(org, doc, revision, history, 0).await?);
    }
    Ok(folded)
}

/// The history as one, made from what is stored or, if that is not what its heads say,
/// from the log; `None` if neither is.
fn fold(grown: &Unfolded, logged: &[u8]) -> Option<Vec<u8>> {
    [grown.stored.snapshot.as_slice(), logged].into_iter().find_map(|history| {
        let folding = || {
            let document = Document::load(grown.stored.header, history).ok()?;
            let whole = document.snapshot();
            let again = Document::load(grown.stored.header, &whole).ok()?;
            let same = document.heads() == grown.heads
                && again.heads() == grown.heads
                && again.changes_since(&Heads::default())
                    == document.changes_since(&Heads::default())
                && DocState::read(&again) == DocState::read(&document);
            same.then_some(whole)
        };
        // Automerge may panic on what a disk made of its bytes.
        catch_unwind(AssertUnwindSafe(folding)).ok().flatten()
    })
}
