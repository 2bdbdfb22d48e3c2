//! Does what the sync machine says: HTTP here, the store there, no decisions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::client::Inner;
use super::job::{Outcome, SyncReport};
use super::random::chance;
use super::session::SignedIn;
use super::transport::{Cost, Outbound};
use super::{Config, SyncError};
use crate::guard::Limits;
use crate::protocol::{
    MEDIA_TYPE, REFRESH_PATH, RefreshRequest, SYNC_PATH, SyncRequest, SyncResponse, Tokens, codec,
};
use crate::store::{self, Applied, Incoming, Key, Store, StoreError, Touched};
use crate::sync::{
    Effect, Ended, Event, Fault, Machine, Manifest, Outgoing, Settings, Stored, TransportFault,
};

/// Documents of a last page after which the log is folded into the file; the pages
/// before it leave that to SQLite, which does it every 32 MiB.
const LONG_PAGE: usize = 16;

/// The machine, and who may run it: one sync at a time.
pub(super) struct Driver {
    gate: Semaphore,
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
        let settings =
            Settings { app: Some(config.device.app_version.clone()), ..Settings::default() };
        let machine = Machine::new(settings);
        let state = State { machine, syncing: false, last_error: None, running: Vec::new() };
        Self { gate: Semaphore::new(1), state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a sync runs, and how the last one failed.
    pub(super) fn state(&self) -> (bool, Option<SyncError>) {
        let state = self.lock();
        (state.syncing, state.last_error.clone())
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
        turn = inner.driver.gate.acquire() => turn,
        () = cancel.cancelled() => return Err(cancelled),
    };
    if turn.is_err() {
        return Err(cancelled);
    }
    inner.driver.lock().syncing = true;
    inner.touched(&Touched { sync: true, ..Touched::default() });
    let outcome = exchange(inner, cancel).await;
    {
        let mut state = inner.driver.lock();
        state.syncing = false;
        state.last_error = outcome.as_ref().err().cloned();
        state.running.retain(|token| !token.is_cancelled());
    }
    inner.touched(&Touched { sync: true, ..Touched::default() });
    outcome
}

/// What a run works with.
struct Run<'a> {
    inner: &'a Arc<Inner>,
    cancel: &'a CancellationToken,
    who: SignedIn,
    store: Arc<Store>,
    tokens: Tokens,
    cost: Cost,
    report: SyncReport,
}

async fn exchange(inner: &Arc<Inner>, cancel: &CancellationToken) -> Outcome {
    let stopped = |fault: Fault| SyncError { fault, retry_at: None };
    let (who, store) = inner.replica().map_err(|_error| stopped(Fault::SignInNeeded))?;
    let tokens =
        inner.tokens.load(who.org, who.user).ok_or_else(|| stopped(Fault::SignInNeeded))?;
    let mut run = Run {
        inner,
        cancel,
        who,
        store,
        tokens,
        cost: Cost::default(),
        report: SyncReport::default(),
    };
    let mut effects: VecDeque<Effect> = run.tell(Event::Begin).into();
    while let Some(effect) = effects.pop_front() {
        if let Effect::End(ended) = effect {
            return run.end(ended);
        }
        if let Some(event) = run.perform(effect).await {
            effects.extend(run.tell(event));
        }
    }
    // The machine always ends a run; being here means that it had nothing to do.
    run.end(Ended::UpToDate)
}

impl Run<'_> {
    fn tell(&self, event: Event) -> Vec<Effect> {
        let config = &self.inner.config;
        let (now, chance) = (config.clock.now(), chance(&*config.random));
        self.inner.driver.lock().machine.handle(now, chance, event)
    }

    fn end(mut self, ended: Ended) -> Outcome {
        self.report.requests = self.cost.requests;
        self.report.bytes_up = self.cost.up;
        self.report.bytes_down = self.cost.down;
        match ended {
            Ended::UpToDate => Ok(self.report),
            Ended::Failed { fault, retry_at } => {
                if fault == Fault::Revoked {
                    self.inner.tokens.forget(self.who.org, self.who.user);
                }
                tracing::info!(%fault, "sync did not finish");
                Err(SyncError { fault, retry_at })
            }
        }
    }

    async fn perform(&mut self, effect: Effect) -> Option<Event> {
        if self.cancel.is_cancelled() {
            return Some(Event::Cancel);
        }
        match effect {
            Effect::Collect { bytes } => Some(self.collect(bytes).await),
            Effect::CollectNothing => Some(self.collect_nothing().await),
            Effect::Send(request) => Some(self.send(&request).await),
            Effect::Refresh => Some(self.refresh().await),
            Effect::KeepTokens(tokens) => {
                if let Err(error) = self.inner.tokens.keep(self.who.org, self.who.user, &tokens) {
                    // Unused they take nothing away: the old ones stay good until then.
                    return Some(Event::StoreFailed(Fault::Store { reason: error.to_string() }));
                }
                self.tokens = tokens;
                None
            }
            Effect::ForgetCursor => {
                let done = self.blocking(|store, _now, _who| {
                    store.write(|tx| store::meta::clear(tx, Key::Cursor))
                });
                done.await.err().map(store_failed)
            }
            Effect::Store(response, manifest) => Some(self.keep(*response, *manifest).await),
            Effect::End(_) => None,
        }
    }

    async fn collect(&self, bytes: usize) -> Event {
        let collected = self.blocking(move |store, now, _who| {
            let replica = store.identity().replica;
            // A sync with nothing to send must not write: a write costs an fsync.
            let waiting = store.read(store::outbox::waiting_count)?;
            if waiting == 0 {
                return store.read(|conn| store::outbox::collect(conn, replica, 0));
            }
            let marked = store.write_again(|tx| {
                let outgoing = store::outbox::collect(tx, replica, bytes)?;
                store::outbox::mark_sent(tx, &outgoing.manifest, now)?;
                Ok(outgoing)
            });
            match marked {
                // A full phone can still bring its work into safety.
                Err(StoreError::Full) => {
                    store.read(|conn| store::outbox::collect(conn, replica, bytes))
                }
                marked => marked,
            }
        });
        collected_event(collected.await)
    }

    async fn collect_nothing(&self) -> Event {
        let collected = self.blocking(|store, _now, _who| {
            let replica = store.identity().replica;
            store.read(|conn| store::outbox::collect_nothing(conn, replica))
        });
        collected_event(collected.await)
    }

    async fn send(&mut self, request: &SyncRequest) -> Event {
        let (body, encoding) = codec::encode(request, codec::Encoding::PREFERRED);
        let token = self.tokens.access_token.clone();
        let outbound = Outbound {
            path: SYNC_PATH,
            token: Some(&token),
            content_type: MEDIA_TYPE,
            encoding,
            body,
        };
        self.post(outbound).await
    }

    async fn refresh(&mut self) -> Event {
        let request = RefreshRequest { refresh_token: self.tokens.refresh_token.clone() };
        match Outbound::json(REFRESH_PATH, &request) {
            Ok(outbound) => self.post(outbound).await,
            Err(_error) => Event::Unanswered(TransportFault::Broken),
        }
    }

    async fn post(&mut self, outbound: Outbound<'_>) -> Event {
        let answered = tokio::select! {
            answered = self.inner.transport.post(outbound, &mut self.cost) => answered,
            () = self.cancel.cancelled() => return Event::Cancel,
        };
        match answered {
            Ok(answer) => Event::Answered(Box::new(answer)),
            Err(fault) => Event::Unanswered(fault),
        }
    }

    async fn keep(&mut self, response: SyncResponse, manifest: Manifest) -> Event {
        let applied = self.blocking(move |store, now, who| {
            let limits = Limits::default();
            let incoming = Incoming {
                me: who.user,
                manifest: &manifest,
                response: &response,
                limits: &limits,
                now,
            };
            let applied = store.write_again(|tx| store::apply(tx, &incoming))?;
            if !response.more && applied.touched.docs.len() >= LONG_PAGE {
                store.checkpoint()?;
            }
            Ok(applied)
        });
        match applied.await {
            Ok(applied) => {
                self.count(&applied);
                self.inner.touched(&applied.touched);
                Event::Stored(Stored { waiting: applied.waiting, progressed: applied.progressed })
            }
            Err(error) => store_failed(error),
        }
    }

    const fn count(&mut self, applied: &Applied) {
        self.report.pushed += applied.confirmed;
        self.report.refused += applied.refused;
        self.report.pulled += applied.pulled;
        self.report.faults += applied.faults;
        self.report.remaining = applied.waiting;
    }

    /// Store work, on the blocking pool.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, crate::time::Timestamp, &SignedIn) -> Result<T, StoreError>
        + Send
        + 'static,
    ) -> Result<T, StoreError> {
        let (store, who) = (Arc::clone(&self.store), self.who.clone());
        let now = self.inner.config.clock.now();
        let task = self
            .inner
            .tracker
            .spawn_blocking_on(move || work(&store, now, &who), self.inner.runtime());
        task.await.unwrap_or_else(|_panic| {
            Err(StoreError::Damaged {
                table: "doc",
                reason: "the store's code panicked; nothing was kept".to_owned(),
            })
        })
    }
}

fn collected_event(collected: Result<Outgoing, StoreError>) -> Event {
    match collected {
        Ok(outgoing) => Event::Collected(Box::new(outgoing)),
        Err(error) => store_failed(error),
    }
}

fn store_failed(error: StoreError) -> Event {
    Event::StoreFailed(match error {
        StoreError::Full => Fault::PhoneFull,
        error => Fault::Store { reason: error.to_string() },
    })
}
