//! What no commit of this process tells: that another one wrote, and that it is time
//! to stop.
//!
//! `fieldsync place`, `user` and `import` write the same file beside the server. So
//! it is looked, once a second, where the feed of each org stands: one row of a table
//! with one row.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::storage::{Feed, Records, StorageError};

/// A commit of our own is told of within microseconds. What is still unheard of after
/// this was written by somebody else.
const OURS_BY_THEN: Duration = Duration::from_millis(50);

/// Looks until `token` is cancelled, then ends every stream.
pub(crate) fn spawn(app: App, tracker: &TaskTracker, token: CancellationToken) {
    tracker.spawn(async move {
        let look = app.live().config().look;
        loop {
            tokio::select! {
                () = token.cancelled() => break,
                () = tokio::time::sleep(look) => {}
            }
            if let Err(error) = round(&app).await {
                tracing::debug!(%error, "it could not be looked for what others wrote");
            }
        }
        app.live().close();
    });
}

async fn round(app: &App) -> Result<(), StorageError> {
    for org in app.storage().orgs().await? {
        let head = app.storage().head(org.id).await?;
        if app.live().heard_of(org.id).is_none_or(|heard| heard < head) {
            tokio::time::sleep(OURS_BY_THEN).await;
            app.live().stands_at(org.id, head);
        }
    }
    Ok(())
}
