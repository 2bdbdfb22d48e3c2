use std::sync::Arc;

use crate::error::FieldError;

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
    /// Changes that still wait.
    pub remaining: u64,
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
