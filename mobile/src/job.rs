use std::sync::Arc;

use client_core::engine::LiveState as CoreState;
use client_core::sync::Fault;
use client_core::time::Timestamp;

use crate::error::{FieldError, of_fault};

/// A sync that Rust owns. Dropping this, or giving up waiting, does not end it.
#[derive(Debug, uniffi::Object)]
pub struct SyncJob {
    job: client_core::engine::SyncJob,
}

impl SyncJob {
    pub(crate) fn new(job: client_core::engine::SyncJob) -> Arc<Self> {
        Arc::new(Self { job })
    }
}

/// What a sync did and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// HTTP requests.
    pub requests: u64,
    /// Bytes sent, headers included.
    pub bytes_up: u64,
    /// Bytes received, headers included.
    pub bytes_down: u64,
    /// Changes the server stored.
    pub pushed: u64,
    /// Documents and records that arrived.
    pub pulled: u64,
    /// Changes that still wait on this phone; requests are counted by `pending`.
    pub remaining: u64,
}

/// What a sync in the background did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct BackgroundReport {
    /// Changes the server stored.
    pub pushed: u64,
    /// Documents and records that arrived.
    pub pulled: u64,
    /// Changes and requests that still wait on this phone.
    pub remaining: u64,
    /// When another sync makes sense, milliseconds since 1970 UTC: at once where the time
    /// given was over, later where there is no way to the server. None if there is
    /// nothing left to do.
    pub retry_at_ms: Option<i64>,
}

#[uniffi::export(async_runtime = "tokio")]
impl SyncJob {
    /// Ends the sync as soon as that loses nothing.
    pub fn cancel(&self) -> Result<(), FieldError> {
        self.job.cancel();
        Ok(())
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> Result<bool, FieldError> {
        Ok(self.job.is_finished())
    }

    /// Waits for the end, for work in the background: having no way to the server is no
    /// error then. May be cancelled and called again.
    pub async fn background_report(&self) -> Result<BackgroundReport, FieldError> {
        let report = self.job.background_report().await?;
        Ok(BackgroundReport {
            pushed: report.pushed,
            pulled: report.pulled,
            remaining: report.remaining,
            retry_at_ms: report.retry_at.map(Timestamp::millis),
        })
    }

    /// Waits for the end. May be cancelled and called again.
    pub async fn wait(&self) -> Result<SyncReport, FieldError> {
        let report = self.job.wait().await?;
        Ok(SyncReport {
            requests: report.requests,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            pushed: report.pushed,
            pulled: report.pulled,
            remaining: report.remaining,
        })
    }
}

/// Where a [`LiveJob`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LiveState {
    /// No stream now; the phone asks every now and then.
    Polling,
    /// The server tells when there is something.
    Listening,
    /// It is over.
    Ended,
}

/// Keeps this phone in step by itself; Rust owns it. Dropping this, or giving up
/// waiting, does not end it.
#[derive(Debug, uniffi::Object)]
pub struct LiveJob {
    job: client_core::engine::LiveJob,
}

impl LiveJob {
    pub(crate) fn new(job: client_core::engine::LiveJob) -> Arc<Self> {
        Arc::new(Self { job })
    }
}

fn state(state: &CoreState) -> LiveState {
    match state {
        CoreState::Polling => LiveState::Polling,
        CoreState::Listening => LiveState::Listening,
        CoreState::Ended(_) => LiveState::Ended,
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl LiveJob {
    /// Ends it as soon as that loses nothing.
    pub fn cancel(&self) -> Result<(), FieldError> {
        self.job.cancel();
        Ok(())
    }

    /// Where it stands.
    pub fn state(&self) -> Result<LiveState, FieldError> {
        Ok(state(&self.job.progress().state))
    }

    /// Waits until it stands elsewhere than at `known`. May be cancelled and called again.
    pub async fn state_other_than(&self, known: LiveState) -> Result<LiveState, FieldError> {
        let mut progress = self.job.progress();
        while state(&progress.state) == known && known != LiveState::Ended {
            progress = self.job.changed_from(&progress).await;
        }
        Ok(state(&progress.state))
    }

    /// Waits for the end: fine if the app cancelled it, or what a person has to act on.
    /// May be cancelled and called again.
    pub async fn wait(&self) -> Result<(), FieldError> {
        match self.job.wait().await {
            Fault::Cancelled => Ok(()),
            fault => Err(of_fault(&fault, None)),
        }
    }
}
