use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::client::{Client, Inner};
use super::driver::{self, Ran};
use crate::sync::Fault;
use crate::time::Timestamp;

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

/// What a sync in the background did: all that the system's next decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackgroundReport {
    /// Changes the server stored.
    pub pushed: u64,
    /// Documents and records that arrived.
    pub pulled: u64,
    /// Changes that still wait on this phone.
    pub remaining: u64,
    /// When another sync makes sense: at once where the time given was over before
    /// everything was exchanged, later where there is no way to the server. None if
    /// there is nothing left to do.
    pub retry_at: Option<Timestamp>,
}

/// A sync that runs by itself: dropping this does not end it.
#[derive(Debug, Clone)]
pub struct SyncJob {
    pub(super) cancel: CancellationToken,
    pub(super) done: watch::Receiver<Option<Ended>>,
    pub(super) client: Weak<Inner>,
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
        self.ended().await.ran.outcome()
    }

    /// Waits for the end, for work in the background: only what a person or the app has
    /// to act on is an error.
    ///
    /// # Errors
    /// [`SyncError`] that no later try mends; everything saved is still here then.
    pub async fn background_report(&self) -> Result<BackgroundReport, SyncError> {
        let Ended { ran: Ran { report, error }, out_of_time } = self.ended().await;
        let client = self.client.upgrade().map(|inner| Client { inner });
        let retry_at = match error {
            None => None,
            Some(error) if out_of_time && error.fault == Fault::Cancelled => {
                client.as_ref().map(|client| client.inner.config.clock.now())
            }
            Some(error) => Some(error.retry_at.ok_or(error)?),
        };
        // A client that was paused meanwhile cannot be asked; it counted what it heard last.
        let waiting = client.and_then(|client| client.pending().ok());
        let waiting = waiting.map(|pending| pending.waiting());
        Ok(BackgroundReport {
            pushed: report.pushed,
            pulled: report.pulled,
            remaining: waiting.unwrap_or(report.remaining),
            retry_at,
        })
    }

    async fn ended(&self) -> Ended {
        let mut done = self.done.clone();
        let ended = done.wait_for(Option::is_some).await.map(|ended| ended.clone());
        // Without an answer the client's runtime is gone and the sync with it.
        ended.ok().flatten().unwrap_or_else(Ended::cancelled)
    }
}

/// How it ended, and whether the time given was over.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    ran: Ran,
    out_of_time: bool,
}

impl Ended {
    fn cancelled() -> Self {
        Self { ran: Ran::cancelled(), out_of_time: false }
    }
}

impl Client {
    /// Starts a sync: sends what waits, fetches what is new, page by page until
    /// nothing is left. While one runs, a second waits for it.
    pub fn start_sync(&self) -> SyncJob {
        self.start(None)
    }

    /// The same for so long at most, as systems give background work: then it is ended
    /// as by [`SyncJob::cancel`], and the next one goes on from there.
    pub fn start_sync_within(&self, budget: Duration) -> SyncJob {
        self.start(Some(budget))
    }

    fn start(&self, budget: Option<Duration>) -> SyncJob {
        let cancel = CancellationToken::new();
        let (report, done) = watch::channel(None);
        self.inner.driver.follow(&cancel);
        let (inner, token) = (Arc::clone(&self.inner), cancel.clone());
        let run = async move { within(budget, driver::run(&inner, &token), &token).await };
        let run = self.inner.tracker.spawn_on(run, self.inner.runtime());
        let (inner, over) = (Arc::clone(&self.inner), cancel.clone());
        let task = async move {
            let ended = match run.await {
                Ok(ended) => ended,
                Err(broken) if broken.is_panic() => {
                    Ended { ran: driver::panicked(&inner), out_of_time: false }
                }
                Err(_runtime_gone) => Ended::cancelled(),
            };
            inner.driver.leave(&over);
            // Nobody waiting is fine: the outcome is in the status too.
            let _nobody = report.send(Some(ended));
        };
        self.inner.tracker.spawn_on(task, self.inner.runtime());
        SyncJob { cancel, done, client: Arc::downgrade(&self.inner) }
    }

    /// Starts a sync and waits for it.
    ///
    /// # Errors
    /// [`SyncError`]; everything saved is still here then.
    pub async fn sync_once(&self) -> Result<SyncReport, SyncError> {
        self.start_sync().wait().await
    }
}

async fn within(
    budget: Option<Duration>,
    run: impl Future<Output = Ran>,
    cancel: &CancellationToken,
) -> Ended {
    let Some(budget) = budget else { return Ended { ran: run.await, out_of_time: false } };
    let mut run = std::pin::pin!(run);
    tokio::select! {
        biased;
        ran = &mut run => Ended { ran, out_of_time: false },
        () = tokio::time::sleep(budget) => {
            cancel.cancel();
            Ended { ran: run.await, out_of_time: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, DeviceInfo};
    use super::*;

    #[tokio::test]
    async fn nothing_is_remembered_of_a_sync_that_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let device = DeviceInfo { name: "t".into(), platform: "t".into(), app_version: "1".into() };
        let client = Client::open(Config::new(dir.path(), "http://127.0.0.1:1", device)).unwrap();
        for _each in 0..3 {
            drop(client.sync_once().await);
        }
        assert_eq!(client.inner.driver.followed(), 0);
        let held = client.inner.driver.gate.clone().acquire_owned().await;
        let waiting = client.start_sync();
        assert_eq!(client.inner.driver.followed(), 1, "it can be cancelled while it waits");
        drop(held);
        drop(waiting.wait().await);
        assert_eq!(client.inner.driver.followed(), 0);
    }
}
