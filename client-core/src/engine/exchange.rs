//! One run of sync without its network.
//!
//! What to send next is the machine's decision and what an answer does is the
//! store's work; neither cares how bytes travel. So a run is a conversation: it says
//! what to post, and is told what came back. The driver carries over HTTP. The
//! simulation carries over a network that loses, doubles and cuts, and so tests this
//! very code; an app with an HTTP stack of its own may do the same.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::alone::Opened;
use super::client::{Client, Inner};
use super::job::{Outcome, SyncReport};
use super::random::chance;
use super::session::SignedIn;
use super::transport::Outbound;
use super::{ReadError, SyncError, TokenStoreError, installation, revoked};
use crate::faults::{Fault as Mistake, injected};
use crate::guard::Limits;
use crate::protocol::{
    DeviceClaim, MEDIA_TYPE, PhoneSays, REFRESH_PATH, RENEW_PATH, RefreshRequest, SYNC_PATH,
    SyncRequest, SyncResponse, Tokens, codec,
};
use crate::store::{self, Applied, Incoming, Key, Store, StoreError, Touched};
use crate::sync::{Answer, Effect, Ended, Event, Fault, Manifest, Stored, TransportFault};
use crate::time::Timestamp;

/// Documents of a last page after which the log is folded into the file; the pages
/// before it leave that to SQLite, which does it every 32 MiB.
const LONG_PAGE: usize = 16;

/// What a run wants next.
#[derive(Debug)]
pub enum Turn {
    /// Post this, and tell what came back.
    Post(Outbound),
    /// The run is over.
    Over(Outcome),
}

/// A run of sync, to be carried on until it is over. Dropping it before that is a
/// broken connection: nothing is lost.
pub struct Exchange {
    inner: Arc<Inner>,
    who: SignedIn,
    store: Arc<Opened>,
    tokens: Tokens,
    report: SyncReport,
    /// Changes and requests that wait, counted once and then reckoned from the answers.
    waiting: Option<u64>,
    effects: VecDeque<Effect>,
    over: bool,
    /// One run at a time.
    _turn: OwnedSemaphorePermit,
}

impl Client {
    /// Begins a sync whose requests the caller carries, beside
    /// [`Client::start_sync`], which carries them itself. The steps block for store
    /// work.
    ///
    /// # Errors
    /// [`SyncError`]: nobody is signed in, or another sync runs
    /// ([`Fault::Cancelled`]).
    pub fn exchange(&self) -> Result<(Exchange, Turn), SyncError> {
        let busy = SyncError { fault: Fault::Cancelled, retry_at: None };
        let turn =
            Arc::clone(&self.inner.driver.gate).try_acquire_owned().map_err(|_taken| busy)?;
        Exchange::begin(&self.inner, turn)
    }
}

impl Exchange {
    pub(super) fn begin(
        inner: &Arc<Inner>,
        turn: OwnedSemaphorePermit,
    ) -> Result<(Self, Turn), SyncError> {
        let begun = Self::ready(inner, turn);
        if let Err(error) = &begun {
            inner.driver.ended(Some(error.clone()));
            inner.touched(&Touched { sync: true, ..Touched::default() });
        }
        let mut exchange = begun?;
        inner.driver.began();
        inner.touched(&Touched { sync: true, ..Touched::default() });
        let turn = exchange.tell(Event::Begin);
        Ok((exchange, turn))
    }

    fn ready(inner: &Arc<Inner>, turn: OwnedSemaphorePermit) -> Result<Self, SyncError> {
        let stopped = |fault: Fault| SyncError { fault, retry_at: None };
        let (who, store) = inner.replica().map_err(|error| stopped(error.into()))?;
        let kept = inner.tokens.load(who.org, who.user).map_err(|error| stopped(error.into()))?;
        let tokens = kept.ok_or_else(|| stopped(Fault::SignInNeeded))?;
        Ok(Self {
            inner: Arc::clone(inner),
            who,
            store,
            tokens,
            report: SyncReport::default(),
            waiting: None,
            effects: VecDeque::new(),
            over: false,
            _turn: turn,
        })
    }

    /// What was posted was answered, or was not.
    pub fn answered(&mut self, came: Result<Answer, TransportFault>) -> Turn {
        self.tell(match came {
            Ok(answer) => Event::Answered(Box::new(answer)),
            Err(fault) => Event::Unanswered(fault),
        })
    }

    /// What it did so far.
    pub(super) const fn report(&self) -> SyncReport {
        self.report
    }

    /// Ends the run.
    pub fn cancel(&mut self) -> Turn {
        self.effects.clear();
        self.tell(Event::Cancel)
    }

    /// Goes on until something has to leave the phone.
    fn tell(&mut self, event: Event) -> Turn {
        let mut event = Some(event);
        loop {
            if let Some(event) = event.take() {
                let config = &self.inner.config;
                let (now, chance) = (config.clock.now(), chance(&*config.random));
                self.effects.extend(self.inner.driver.handle(now, chance, event));
            }
            match self.effects.pop_front() {
                Some(Effect::End(ended)) => return Turn::Over(self.end(ended)),
                Some(Effect::Send(request)) => return Turn::Post(self.sync_request(*request)),
                Some(Effect::Refresh) => match self.refresh_request() {
                    Ok(post) => return Turn::Post(post),
                    Err(_error) => event = Some(Event::Unanswered(TransportFault::Broken)),
                },
                Some(Effect::Bind) => match self.bind_request() {
                    Ok(post) => return Turn::Post(post),
                    Err(_error) => event = Some(Event::Unanswered(TransportFault::Broken)),
                },
                Some(effect) => event = self.perform(effect),
                // The machine always ends a run; being here means that it had nothing to do.
                None => return Turn::Over(self.end(Ended::UpToDate)),
            }
        }
    }

    fn end(&mut self, ended: Ended) -> Outcome {
        self.over = true;
        // Counted once: after each answer it is only asked whether anything is due.
        let due =
            self.work(|store, now, _who| store.read(|conn| store::outbox::due_count(conn, now)));
        self.report.remaining = due.unwrap_or_default();
        let outcome = match ended {
            Ended::UpToDate => Ok(self.report),
            Ended::Failed { fault, retry_at } => {
                if fault == Fault::Revoked {
                    self.let_go();
                }
                tracing::info!(%fault, "sync did not finish");
                Err(SyncError { fault, retry_at })
            }
        };
        self.inner.driver.ended(outcome.as_ref().err().cloned());
        self.inner.touched(&Touched { sync: true, ..Touched::default() });
        outcome
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Collect { bytes } => Some(self.collect(bytes)),
            Effect::CollectNothing => Some(self.collect_nothing()),
            Effect::NameTheRest(manifest) => {
                let named = self.work(|store, _now, _who| {
                    store.read(|conn| store::outbox::left(conn, &manifest))
                });
                Some(named.map_or_else(store_failed, Event::Named))
            }
            Effect::KeepTokens(tokens) => {
                if let Err(error) = self.inner.tokens.keep(self.who.org, self.who.user, &tokens) {
                    // Unused they take nothing away: the old ones stay good until then.
                    return Some(Event::StoreFailed(Fault::Store { reason: error.to_string() }));
                }
                self.tokens = tokens;
                None
            }
            Effect::Renew => {
                let inner = Arc::clone(&self.inner);
                let done = self.work(|store, _now, _who| {
                    installation::renew_here(&inner.config, &*inner.tokens, store)
                });
                done.err().map(store_failed)
            }
            Effect::KeepBound(tokens) => {
                if let Err(error) = self.inner.tokens.keep(self.who.org, self.who.user, &tokens) {
                    // The server gives others for the same device when it is asked again.
                    return Some(Event::StoreFailed(Fault::Store { reason: error.to_string() }));
                }
                self.tokens = tokens;
                let done = self.work(|store, _now, _who| {
                    store.write(|tx| store::meta::clear(tx, Key::Unbound))
                });
                done.err().map(store_failed)
            }
            Effect::ForgetCursor => {
                let done = self.work(|store, _now, _who| {
                    store.write(|tx| store::meta::clear(tx, Key::Cursor))
                });
                done.err().map(store_failed)
            }
            Effect::Store(response, manifest) => Some(self.keep(&response, &manifest)),
            Effect::Send(_) | Effect::Refresh | Effect::Bind | Effect::End(_) => None,
        }
    }

    fn collect(&self, bytes: usize) -> Event {
        let collected = self.work(move |store, now, _who| {
            let replica = store.identity().replica;
            // A sync with nothing to send must not write: a write costs an fsync.
            if !store.read(|conn| store::outbox::any_due(conn, now))? {
                return store.read(|conn| store::outbox::collect(conn, replica, 0, now));
            }
            let marked = store.write_again(|tx| {
                let outgoing = store::outbox::collect(tx, replica, bytes, now)?;
                store::outbox::mark_sent(tx, &outgoing.manifest, now)?;
                if injected(Mistake::ConfirmedWhenSent) {
                    store::outbox::forget(tx, &outgoing.manifest)?;
                }
                Ok(outgoing)
            });
            match marked {
                // A full phone can still bring its work into safety.
                Err(StoreError::Full) => {
                    store.read(|conn| store::outbox::collect(conn, replica, bytes, now))
                }
                marked => marked,
            }
        });
        collected.map_or_else(store_failed, |outgoing| Event::Collected(Box::new(outgoing)))
    }

    fn collect_nothing(&self) -> Event {
        let collected = self.work(|store, _now, _who| {
            let replica = store.identity().replica;
            store.read(|conn| store::outbox::collect_nothing(conn, replica))
        });
        collected.map_or_else(store_failed, |outgoing| Event::Collected(Box::new(outgoing)))
    }

    fn keep(&mut self, response: &SyncResponse, manifest: &Manifest) -> Event {
        self.inner.driver.heard_clock(response.server_time, self.inner.config.clock.now());
        let applied = self.work(|store, now, who| {
            let limits = Limits::default();
            let incoming = Incoming { me: who.user, manifest, response, limits: &limits, now };
            if injected(Mistake::CursorBeforePage)
                && let Some(cursor) = &response.cursor
            {
                store.write_again(|tx| store::meta::set(tx, Key::Cursor, cursor))?;
            }
            let applied = store.write_again(|tx| store::apply(tx, &incoming))?;
            // § A phone that forgets in a power cut what it sent looks like an older copy
            // of itself: what was written anew is on the disk before it is sent.
            if applied.forgot {
                store.forget()?;
            } else if applied.purged > 0 {
                store.cut_log()?;
            } else if applied.rewrote || (!response.more && applied.touched.docs.len() >= LONG_PAGE)
            {
                store.checkpoint()?;
            }
            Ok(applied)
        });
        match applied {
            Ok(applied) => {
                self.count(&applied);
                self.reckon(&applied, response, manifest);
                self.inner.touched(&applied.touched);
                let Applied { due, progressed, repairing, forked, aside, .. } = applied;
                Event::Stored(Stored { due, progressed, repairing, forked, aside })
            }
            Err(error) => store_failed(error),
        }
    }

    const fn count(&mut self, applied: &Applied) {
        self.report.pushed += applied.confirmed;
        self.report.refused += applied.refused;
        self.report.pulled += applied.pulled;
        self.report.faults += applied.faults;
    }

    /// What waits after an answer. What is given back to a server that lost it, and what
    /// was written anew, is not in the count: then it is counted again.
    fn reckon(&mut self, applied: &Applied, response: &SyncResponse, manifest: &Manifest) {
        let gives = manifest.offered.as_ref().is_some_and(|offered| !offered.is_empty());
        let other = gives || response.hand_back.is_some() || applied.rewrote || applied.forgot;
        let answered = u64::try_from(response.commands.len()).unwrap_or(u64::MAX);
        let done = applied.confirmed.saturating_add(applied.refused).saturating_add(answered);
        self.waiting = self.waiting.filter(|_| !other).map(|waiting| waiting.saturating_sub(done));
    }

    fn sync_request(&mut self, mut request: SyncRequest) -> Outbound {
        request.says = self.says(&request);
        let (body, encoding) = codec::encode(&request, codec::Encoding::PREFERRED);
        Outbound {
            path: SYNC_PATH,
            token: Some(self.tokens.access_token.clone()),
            content_type: MEDIA_TYPE,
            encoding,
            body,
        }
    }

    /// What the office is told with a request: what waits beyond what it brings, and how
    /// the clock goes as far as an earlier answer told.
    fn says(&mut self, request: &SyncRequest) -> PhoneSays {
        let waiting = match self.waiting {
            Some(waiting) => waiting,
            None => self.store.read(store::outbox::pending).unwrap_or_default().waiting(),
        };
        self.waiting = Some(waiting);
        let changes: usize = request.groups.iter().map(|group| group.changes.len()).sum();
        let brought = u64::try_from(changes + request.commands.len()).unwrap_or(u64::MAX);
        let left = waiting.saturating_sub(brought);
        let off = self.inner.driver.clock_off_ms().unwrap_or_default() / 60_000;
        PhoneSays {
            waiting: u32::try_from(left).unwrap_or(u32::MAX),
            minutes_ahead: i32::try_from(off).unwrap_or_default(),
        }
    }

    fn refresh_request(&self) -> Result<Outbound, serde_json::Error> {
        let request = RefreshRequest { refresh_token: self.tokens.refresh_token.clone() };
        Outbound::json(REFRESH_PATH, &request)
    }

    fn bind_request(&self) -> Result<Outbound, serde_json::Error> {
        let (own, device) = (self.store.identity(), &self.inner.config.device);
        let claim = DeviceClaim {
            id: own.device,
            actor: own.actor,
            name: device.name.clone(),
            platform: device.platform.clone(),
            app_version: device.app_version.clone(),
        };
        let token = Some(self.tokens.access_token.clone());
        Ok(Outbound { token, ..Outbound::json(RENEW_PATH, &claim)? })
    }

    /// The server ended this access: the phone lets go of what is not its own any more.
    fn let_go(&self) {
        let inner = Arc::clone(&self.inner);
        // What a keychain keeps of a revoked phone opens nothing any more.
        let done = self.work(|store, now, who| revoked::let_go(&inner, who, store, now));
        if let Err(error) = done {
            // The tokens are still here: the next sync hears the same and finishes.
            tracing::error!(%error, "the replica of a revoked device could not be removed yet");
        }
    }

    /// Store work. A fault of ours in it must not leave the machine in mid-run.
    fn work<T>(
        &self,
        work: impl FnOnce(&Store, Timestamp, &SignedIn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = self.inner.config.clock.now();
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.store, now, &self.who)));
        done.unwrap_or_else(|_panic| {
            Err(StoreError::Damaged {
                table: "doc",
                reason: "the store's code panicked; nothing was kept".to_owned(),
            })
        })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // After a panic the driver ends the run: what panicked may do so again.
        if !self.over && !std::thread::panicking() {
            let _ended = self.cancel();
        }
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("who", &self.who).finish_non_exhaustive()
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotSignedIn | ReadError::NotYetSynced { .. } => Self::SignInNeeded,
            ReadError::Paused => Self::Paused,
            ReadError::Closed => Self::Closed,
            ReadError::Store(StoreError::Full) => Self::PhoneFull,
            ReadError::Store(error) => Self::Store { reason: error.to_string() },
        }
    }
}

impl From<TokenStoreError> for Fault {
    fn from(TokenStoreError { reason }: TokenStoreError) -> Self {
        Self::Keychain { reason }
    }
}

fn store_failed(error: StoreError) -> Event {
    Event::StoreFailed(match error {
        StoreError::Full => Fault::PhoneFull,
        error => Fault::Store { reason: error.to_string() },
    })
}
