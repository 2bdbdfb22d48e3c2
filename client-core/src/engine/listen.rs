//! Staying in step by itself, as a job that Rust owns.
//!
//! What to do is decided by [`crate::sync::Listen`]; here is the stream, the sync and
//! the waiting, each of which can be cancelled at any point without losing anything.

use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::client::{Client, Inner};
use super::hints::LiveStream;
use super::job::{Outcome, SyncJob};
use super::random::chance;
use super::session::SignedIn;
use crate::protocol::LiveHint;
use crate::sync::{Fault, Heard, Listen, Lost, Pace, Step};

/// Headers and the opening hint must be here by then; a proxy that holds them back
/// holds back everything.
const OPENING: Duration = Duration::from_secs(15);

/// How far a [`LiveJob`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveState {
    /// No stream now: it is being opened, or polling goes on without one.
    Polling,
    /// The server tells when there is something.
    Listening,
    /// It is over: cancelled, paused, or a person has to act first.
    Ended(Fault),
}

/// What a [`LiveJob`] has done so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveProgress {
    /// Where it stands.
    pub state: LiveState,
    /// Syncs that it ran and that worked.
    pub syncs: u64,
}

/// Keeps this replica in step until it is cancelled. Dropping this does not end it.
#[derive(Debug, Clone)]
pub struct LiveJob {
    cancel: CancellationToken,
    progress: watch::Receiver<LiveProgress>,
}

impl LiveJob {
    /// Ends it as soon as it can be ended without losing anything.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// What it has done so far.
    pub fn progress(&self) -> LiveProgress {
        self.progress.borrow().clone()
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        matches!(self.progress().state, LiveState::Ended(_))
    }

    /// Waits until the progress is another than `known`. Giving up waiting changes
    /// nothing; waiting again works.
    pub async fn changed_from(&self, known: &LiveProgress) -> LiveProgress {
        let mut progress = self.progress.clone();
        match progress.wait_for(|now| now != known).await {
            Ok(now) => now.clone(),
            // The client's runtime is gone and the job with it.
            Err(_closed) => {
                LiveProgress { state: LiveState::Ended(Fault::Cancelled), ..known.clone() }
            }
        }
    }

    /// Waits for the end, and says why it ended.
    pub async fn wait(&self) -> Fault {
        let mut progress = self.progress.clone();
        let over = |now: &LiveProgress| matches!(now.state, LiveState::Ended(_));
        match progress.wait_for(over).await.map(|now| now.state.clone()) {
            Ok(LiveState::Ended(fault)) => fault,
            _ => Fault::Cancelled,
        }
    }
}

impl Client {
    /// Stays in step: syncs whenever something was saved here, whenever the server says
    /// that there is something, and every now and then where it cannot say so. Ends with [`Client::pause`], with a
    /// sign-out, and when a person has to act. While it runs, a second call gives the
    /// same job.
    pub fn listen(&self) -> LiveJob {
        let inner = &self.inner;
        let mut listening = inner.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) =
            listening.as_ref().filter(|job| !job.is_finished() && !job.cancel.is_cancelled())
        {
            return job.clone();
        }
        let cancel = CancellationToken::new();
        inner.driver.follow(&cancel);
        let begun = LiveProgress { state: LiveState::Polling, syncs: 0 };
        let (report, progress) = watch::channel(begun);
        let job = LiveJob { cancel: cancel.clone(), progress };
        *listening = Some(job.clone());
        let begun = Running::of(inner, &cancel);
        let task = async move {
            let fault = match begun {
                Ok(running) => running.run(&report).await,
                Err(fault) => fault,
            };
            report.send_modify(|progress| progress.state = LiveState::Ended(fault));
            cancel.cancel();
        };
        inner.tracker.spawn_on(task, inner.runtime());
        job
    }
}

/// What goes on at the same time. It does not keep the client alive: when the last
/// clone is dropped, it ends.
struct Running {
    inner: Weak<Inner>,
    cancel: CancellationToken,
    who: SignedIn,
    poll_every: Duration,
    saves: watch::Receiver<u64>,
    stream: Option<LiveStream>,
    rest: Option<Pin<Box<Sleep>>>,
    sync: Option<SyncJob>,
}

impl Running {
    fn of(inner: &Arc<Inner>, cancel: &CancellationToken) -> Result<Self, Fault> {
        let (who, _store) = inner.replica()?;
        Ok(Self {
            inner: Arc::downgrade(inner),
            cancel: cancel.clone(),
            who,
            poll_every: inner.config.poll_every,
            saves: inner.saves.subscribe(),
            stream: None,
            rest: None,
            sync: None,
        })
    }

    async fn run(mut self, report: &watch::Sender<LiveProgress>) -> Fault {
        let poll_every_ms = i64::try_from(self.poll_every.as_millis()).unwrap_or(i64::MAX);
        let mut listen = Listen::new(Pace { poll_every_ms });
        let mut heard = Heard::Begin;
        let fault = loop {
            // Whoever was revoked has let go of everything by now.
            if let Heard::SyncFailed { fault: fault @ Fault::Revoked, .. } = heard {
                break fault;
            }
            let Some(inner) = self.still_ours() else { break Fault::Cancelled };
            if heard == Heard::Synced {
                report.send_modify(|progress| progress.syncs += 1);
            }
            let (now, luck) = (inner.config.clock.now(), chance(&*inner.config.random));
            let steps = listen.handle(now, luck, heard);
            let state =
                if listen.is_listening() { LiveState::Listening } else { LiveState::Polling };
            report.send_if_modified(|progress| {
                std::mem::replace(&mut progress.state, state.clone()) != state
            });
            match self.take(inner, steps).await {
                Ok(None) => {}
                Ok(Some(next)) => {
                    heard = next;
                    continue;
                }
                Err(fault) => break fault,
            }
            heard = match self.next().await {
                Some(next) => next,
                None => break Fault::Cancelled,
            };
        };
        if let Some(sync) = self.sync {
            sync.cancel();
        }
        fault
    }

    /// The client, if it is still there and the same person is signed in.
    fn still_ours(&self) -> Option<Arc<Inner>> {
        let inner = self.inner.upgrade().filter(|_inner| !self.cancel.is_cancelled())?;
        let same = inner.replica().is_ok_and(|(who, _store)| who == self.who);
        same.then_some(inner)
    }

    /// Sets going what is to be done; what came of it, if that is known at once.
    async fn take(&mut self, inner: Arc<Inner>, steps: Vec<Step>) -> Result<Option<Heard>, Fault> {
        let mut heard = None;
        for step in steps {
            match step {
                Step::Connect => heard = Some(self.open(&inner).await.ok_or(Fault::Cancelled)?),
                Step::Rest { millis } => {
                    self.rest = Some(Box::pin(sleep(Duration::from_millis(millis.unsigned_abs()))));
                }
                Step::Sync => {
                    let client = Client { inner: Arc::clone(&inner) };
                    self.rest = None;
                    // What was saved before it begins goes with it.
                    self.saves.mark_unchanged();
                    self.sync = Some(client.start_sync());
                }
                Step::Stop(fault) => return Err(fault),
            }
        }
        Ok(heard)
    }

    /// Opens a stream; none if it is to end.
    async fn open(&mut self, inner: &Inner) -> Option<Heard> {
        self.stream = None;
        let opening = async {
            let replica = inner.replica().ok().map(|(_who, store)| store.identity().replica);
            let tokens = inner.tokens.load(self.who.org, self.who.user);
            let (Some(replica), Ok(Some(tokens))) = (replica, tokens) else {
                return Err(Lost::TokenExpired);
            };
            let mut stream =
                LiveStream::open(&inner.transport, &tokens.access_token, replica).await?;
            let hint = stream.next().await?;
            Ok((stream, hint))
        };
        let opened = tokio::select! {
            opened = timeout(OPENING.min(self.poll_every), opening) => opened,
            () = self.cancel.cancelled() => return None,
        };
        Some(match opened {
            Ok(Ok((stream, hint))) => {
                self.stream = Some(stream);
                Heard::Hint(hint)
            }
            Ok(Err(lost)) => Heard::Lost(lost),
            Err(_late) => Heard::Lost(Lost::Silent),
        })
    }

    /// Waits for the first of what goes on; none if it is to end.
    async fn next(&mut self) -> Option<Heard> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => None,
            hint = said(&mut self.stream) => Some(match hint {
                Ok(hint) => Heard::Hint(hint),
                Err(lost) => {
                    self.stream = None;
                    Heard::Lost(lost)
                }
            }),
            outcome = finished(&self.sync) => {
                self.sync = None;
                Some(match outcome {
                    Ok(_report) => Heard::Synced,
                    Err(SyncError { fault, retry_at }) => Heard::SyncFailed { fault, retry_at },
                })
            }
            () = rested(&mut self.rest) => {
                self.rest = None;
                Some(Heard::Rested)
            }
            () = saved(&mut self.saves) => Some(Heard::Saved),
        }
    }
}

async fn said(stream: &mut Option<LiveStream>) -> Result<LiveHint, Lost> {
    match stream {
        Some(stream) => stream.next().await,
        None => pending().await,
    }
}

async fn finished(sync: &Option<SyncJob>) -> Outcome {
    match sync {
        Some(sync) => sync.wait().await,
        None => pending().await,
    }
}

async fn saved(saves: &mut watch::Receiver<u64>) {
    // Without a sender the client is gone, and the job is cancelled with it.
    if saves.changed().await.is_err() {
        pending().await
    }
}

async fn rested(rest: &mut Option<Pin<Box<Sleep>>>) {
    match rest {
        Some(rest) => rest.await,
        None => pending().await,
    }
}
