use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::client::Client;
use super::driver;
use crate::sync::Fault;

/// What a sync did and cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// HTTP requests, token renewals included.
    pub requests: u64,
    /// Bytes sent, HTTP headers included.
    pub bytes_up: u64,
    /// Bytes received, HTTP headers included.
    pub bytes_down: u64,
    /// Changes the server stored.
    pub pushed: u64,
    /// Changes the server did not take; see [`Client::refused_changes`].
    pub refused: u64,
    /// Documents and records that arrived.
    pub pulled: u64,
    /// Entries that could not be used; kept as faults.
    pub faults: u64,
    /// Changes that still wait.
    pub remaining: u64,
}

/// How a sync went.
pub type Outcome = Result<SyncReport, SyncError>;

/// A sync that runs by itself: dropping this does not end it.
#[derive(Debug, Clone)]
pub struct SyncJob {
    pub(super) cancel: CancellationToken,
    pub(super) done: watch::Receiver<Option<Outcome>>,
}

impl SyncJob {
    /// Ends the sync as soon as it can be ended without losing anything.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.done.borrow().is_some()
    }

    /// Waits for the end. Giving up waiting does not end the sync; waiting again works.
    ///
    /// # Errors
    /// [`SyncError`]; everything saved is still here then.
    pub async fn wait(&self) -> Outcome {
        let mut done = self.done.clone();
        let cancelled = SyncError { fault: Fault::Cancelled, retry_at: None };
        match done.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(cancelled)),
            // The client's runtime is gone and the sync with it.
            Err(_closed) => Err(cancelled),
        }
    }
}

impl Client {
    /// Starts a sync: sends what waits, fetches what is new, page by page until
    /// nothing is left. While one runs, a second waits for it.
    pub fn start_sync(&self) -> SyncJob {
        let cancel = CancellationToken::new();
        let (report, done) = watch::channel(None);
        self.inner.driver.follow(&cancel);
        let (inner, token) = (std::sync::Arc::clone(&self.inner), cancel.clone());
        let task = async move {
            let outcome = driver::run(&inner, &token).await;
            // Nobody waiting is fine: the outcome is in the status too.
            let _nobody = report.send(Some(outcome));
        };
        self.inner.tracker.spawn_on(task, self.inner.runtime());
        SyncJob { cancel, done }
    }

    /// Starts a sync and waits for it.
    ///
    /// # Errors
    /// [`SyncError`]; everything saved is still here then.
    pub async fn sync_once(&self) -> Result<SyncReport, SyncError> {
        self.start_sync().wait().await
    }
}
