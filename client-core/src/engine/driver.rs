//! Carries a run of sync over HTTP. What is sent and what becomes of the answer is
//! [`Exchange`]'s to say; here is who runs when, and how a run is cancelled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::client::Inner;
use super::exchange::{Exchange, Turn};
use super::job::{Outcome, SyncReport};
use super::transport::Cost;
use super::{Config, SyncError};
use crate::store::Touched;
use crate::sync::{Chance, Effect, Event, Fault, Machine, Settings};
use crate::time::Timestamp;

/// The machine, and who may run it: one sync at a time.
pub(super) struct Driver {
    pub(super) gate: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    machine: Machine,
    syncing: bool,
    last_error: Option<SyncError>,
    running: Vec<CancellationToken>,
    clock_off_ms: Option<i64>,
}

impl Driver {
    pub(super) fn new(config: &Config) -> Self {
        let settings = Settings {
            page_budget: config.page_budget,
            push_limit: config.push_limit,
            app: Some(config.device.app_version.clone()),
        };
        let machine = Machine::new(settings);
        let state = State {
            machine,
            syncing: false,
            last_error: None,
            running: Vec::new(),
            clock_off_ms: None,
        };
        Self { gate: Arc::new(Semaphore::new(1)), state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a sync runs, and how the last one failed.
    pub(super) fn state(&self) -> (bool, Option<SyncError>) {
        let state = self.lock();
        (state.syncing, state.last_error.clone())
    }

    /// Tells the machine what happened.
    pub(super) fn handle(&self, now: Timestamp, chance: Chance, event: Event) -> Vec<Effect> {
        self.lock().machine.handle(now, chance, event)
    }

    pub(super) fn began(&self) {
        self.lock().syncing = true;
    }

    pub(super) fn ended(&self, error: Option<SyncError>) {
        let mut state = self.lock();
        state.syncing = false;
        state.last_error = error;
        state.running.retain(|token| !token.is_cancelled());
    }

    /// A run panicked: the machine begins anew, and the next run with it.
    pub(super) fn broke(&self, now: Timestamp) -> SyncError {
        let error = SyncError { fault: Fault::Internal, retry_at: None };
        let _ended = self.handle(now, Chance(0), Event::Cancel);
        self.ended(Some(error.clone()));
        error
    }

    /// The server told its time.
    pub(super) fn heard_clock(&self, server: Timestamp, own: Timestamp) {
        self.lock().clock_off_ms = Some(own.millis().saturating_sub(server.millis()));
    }

    /// How far this phone's clock was ahead of the server's then.
    pub(super) fn clock_off_ms(&self) -> Option<i64> {
        self.lock().clock_off_ms
    }

    /// Remembers a job, so that pausing can cancel it.
    pub(super) fn follow(&self, cancel: &CancellationToken) {
        let mut state = self.lock();
        state.running.retain(|token| !token.is_cancelled());
        state.running.push(cancel.clone());
    }

    /// A job is over: there is nothing of it left to cancel, nor to remember.
    pub(super) fn leave(&self, cancel: &CancellationToken) {
        cancel.cancel();
        self.lock().running.retain(|token| !token.is_cancelled());
    }

    /// How many jobs are remembered.
    #[cfg(test)]
    pub(super) fn followed(&self) -> usize {
        self.lock().running.len()
    }

    /// Cancels every job.
    pub(super) fn cancel(&self) {
        for token in self.lock().running.drain(..) {
            token.cancel();
        }
    }
}

/// How a run ended, and what it did until then.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    /// What it did, also where it failed.
    pub report: SyncReport,
    /// Why it failed.
    pub error: Option<SyncError>,
}

impl Ran {
    /// What it did, or why it failed.
    pub(super) fn outcome(&self) -> Outcome {
        self.error.clone().map_or(Ok(self.report), Err)
    }

    pub(super) fn cancelled() -> Self {
        let error = SyncError { fault: Fault::Cancelled, retry_at: None };
        Self { report: SyncReport::default(), error: Some(error) }
    }
}

/// One run, from the first request to the last page.
pub(super) async fn run(inner: &Arc<Inner>, cancel: &CancellationToken) -> Ran {
    let turn = tokio::select! {
        turn = Arc::clone(&inner.driver.gate).acquire_owned() => turn,
        () = cancel.cancelled() => return Ran::cancelled(),
    };
    match turn {
        Ok(turn) => match carry(inner, cancel, turn).await {
            Ok(ran) => ran,
            Err(broken) if broken.is_panic() => panicked(inner),
            Err(_runtime_gone) => Ran::cancelled(),
        },
        Err(_closed) => Ran::cancelled(),
    }
}

/// A run panicked: says so, and the next one begins anew.
pub(super) fn panicked(inner: &Arc<Inner>) -> Ran {
    tracing::error!("a sync panicked; everything saved is still here");
    let error = inner.driver.broke(Timestamp::from_millis(0));
    inner.touched(&Touched { sync: true, ..Touched::default() });
    Ran { report: SyncReport::default(), error: Some(error) }
}

/// The whole conversation; an error if the runtime ended under it, or if it panicked.
async fn carry(
    inner: &Arc<Inner>,
    cancel: &CancellationToken,
    turn: OwnedSemaphorePermit,
) -> Result<Ran, JoinError> {
    let mut cost = Cost::default();
    let begin = Arc::clone(inner);
    let begun = blocking(inner, move || Exchange::begin(&begin, turn)).await?;
    let (mut exchange, mut turn) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            return Ok(Ran { report: SyncReport::default(), error: Some(error) });
        }
    };
    loop {
        let post = match turn {
            Turn::Post(post) => post,
            Turn::Over(outcome) => {
                let report = SyncReport {
                    requests: cost.requests,
                    bytes_up: cost.up,
                    bytes_down: cost.down,
                    ..exchange.report()
                };
                return Ok(Ran { report, error: outcome.err() });
            }
        };
        let came = tokio::select! {
            came = inner.transport.post(post, &mut cost) => Some(came),
            () = cancel.cancelled() => None,
        };
        let ended = cancel.is_cancelled();
        (exchange, turn) = blocking(inner, move || {
            let turn = match came {
                Some(came) if !ended => exchange.answered(came),
                _ => exchange.cancel(),
            };
            (exchange, turn)
        })
        .await?;
    }
}

/// Store work, on the blocking pool.
async fn blocking<T: Send + 'static>(
    inner: &Inner,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    inner.tracker.spawn_blocking_on(work, inner.runtime()).await
}
