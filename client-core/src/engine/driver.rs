//! Carries a run of sync over HTTP. What is sent and what becomes of the answer is
//! [`Exchange`]'s to say; here is who runs when, and how a run is cancelled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::client::Inner;
use super::exchange::{Exchange, Turn};
use super::job::Outcome;
use super::transport::Cost;
use super::{Config, SyncError};
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
}

impl Driver {
    pub(super) fn new(config: &Config) -> Self {
        let settings = Settings {
            page_budget: config.page_budget,
            push_limit: config.push_limit,
            app: Some(config.device.app_version.clone()),
        };
        let machine = Machine::new(settings);
        let state = State { machine, syncing: false, last_error: None, running: Vec::new() };
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

    /// Remembers a job, so that pausing can cancel it.
    pub(super) fn follow(&self, cancel: &CancellationToken) {
        let mut state = self.lock();
        state.running.retain(|token| !token.is_cancelled());
        state.running.push(cancel.clone());
    }

    /// Cancels every job.
    pub(super) fn cancel(&self) {
        for token in self.lock().running.drain(..) {
            token.cancel();
        }
    }
}

/// One run, from the first request to the last page.
pub(super) async fn run(inner: &Arc<Inner>, cancel: &CancellationToken) -> Outcome {
    let cancelled = SyncError { fault: Fault::Cancelled, retry_at: None };
    let turn = tokio::select! {
        turn = Arc::clone(&inner.driver.gate).acquire_owned() => turn,
        () = cancel.cancelled() => return Err(cancelled),
    };
    match turn {
        Ok(turn) => carry(inner, cancel, turn).await.unwrap_or(Err(cancelled)),
        Err(_closed) => Err(cancelled),
    }
}

/// The whole conversation; none if the runtime ended under it.
async fn carry(
    inner: &Arc<Inner>,
    cancel: &CancellationToken,
    turn: OwnedSemaphorePermit,
) -> Option<Outcome> {
    let mut cost = Cost::default();
    let begin = Arc::clone(inner);
    let begun = blocking(inner, move || Exchange::begin(&begin, turn)).await?;
    let (mut exchange, mut turn) = match begun {
        Ok(begun) => begun,
        Err(error) => return Some(Err(error)),
    };
    loop {
        let post = match turn {
            Turn::Post(post) => post,
            Turn::Over(outcome) => {
                return Some(outcome.map(|mut report| {
                    report.requests = cost.requests;
                    report.bytes_up = cost.up;
                    report.bytes_down = cost.down;
                    report
                }));
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
) -> Option<T> {
    inner.tracker.spawn_blocking_on(work, inner.runtime()).await.ok()
}
