use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_bytes::ByteBuf;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::alone::{Alone, Opened};
use super::cards::Cards;
use super::driver::Driver;
use super::observe::Observers;
use super::random::id_bytes;
use super::secrets::Keychain;
use super::session::{self, SignedIn};
use super::transport::Transport;
use super::{
    ClientError, ClockFarOff, Config, LiveJob, ReadError, SaveError, TokenFiles, TokenStore,
    installation, secrets,
};
use crate::docs::{DocKind, Document, Header};
use crate::id::{CommandId, DocId, ItemId};
use crate::protocol::Command;
use crate::store::{self, Identity, OpenError, Saving, StoreError, Touched, Unit};
use crate::time::{CapturedAt, Timestamp};

/// A replica on a phone: everything an app calls.
///
/// Cheap to clone; all clones are the same client. Methods that are not `async`
/// work on the phone alone, need no signal, and have written durably when they
/// return. They block for a disk write (about a millisecond), so apps call them
/// off the main thread.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub config: Config,
    pub tokens: Arc<dyn TokenStore>,
    pub transport: Transport,
    pub observers: Observers,
    pub cards: Cards,
    pub driver: Driver,
    pub tracker: TaskTracker,
    runtime: OwnRuntime,
    session: Mutex<Option<Session>>,
    /// Rises with every save: the job that keeps in step sends what was saved.
    pub saves: watch::Sender<u64>,
    /// The job that keeps in step, if one was ever asked for.
    pub listening: Mutex<Option<LiveJob>>,
    pub alone: Alone,
    /// Pausing, resuming, closing and signing in or out, one after the other.
    lifecycle: Mutex<()>,
    paused: AtomicBool,
    closed: AtomicBool,
}

impl Drop for Inner {
    /// Nobody is left who could want what runs.
    fn drop(&mut self) {
        self.driver.cancel();
    }
}

/// An open replica.
#[derive(Clone)]
pub(super) struct Session {
    pub who: SignedIn,
    /// None while paused.
    pub store: Option<Arc<Opened>>,
}

/// A clock further away than this is set wrong (DOMAIN R13).
const FAR_OFF_MS: u64 = 10 * 60 * 1000;

/// A runtime of the client's own, or somebody else's.
struct OwnRuntime {
    own: Option<tokio::runtime::Runtime>,
    handle: tokio::runtime::Handle,
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        // Dropping a runtime waits, which is not allowed inside another one.
        if let Some(own) = self.own.take() {
            own.shutdown_background();
        }
    }
}

/// A command waits in the outbox; see [`Client::command_state`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandQueued {
    /// Its id.
    pub id: CommandId,
}

/// One moment of saving: the clock read once.
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    pub who: &'a SignedIn,
    config: &'a Config,
}

impl Moment<'_> {
    pub fn doc_id(&self) -> DocId {
        DocId::new(self.at, id_bytes(&*self.config.random))
    }

    pub fn item_id(&self) -> ItemId {
        ItemId::new(self.at, id_bytes(&*self.config.random))
    }

    /// `at` as this device captures it.
    pub fn captured(&self, at: Timestamp) -> CapturedAt {
        super::clock::captured(&*self.config.clock, at)
    }

    pub fn header(&self, doc: DocId, kind: DocKind, customer: Option<DocId>) -> Header {
        Header {
            doc,
            kind,
            org: self.who.org,
            author: self.who.user,
            customer,
            generation: crate::docs::Generation::default(),
        }
    }
}

impl Client {
    /// Opens the client and, if somebody signed in here before, their replica:
    /// an app without signal shows the last user's work at once.
    ///
    /// # Errors
    /// [`ClientError`]; a replica that is not ours or is newer is left untouched.
    pub fn open(config: Config) -> Result<Self, ClientError> {
        std::fs::create_dir_all(&config.dir).map_err(|error| ClientError::Folder {
            dir: config.dir.clone(),
            reason: error.to_string(),
        })?;
        let runtime = OwnRuntime::new(config.runtime.clone())?;
        let transport = Transport::new(&config)?;
        let alone = Alone::default();
        alone.take(&config)?;
        let tokens: Arc<dyn TokenStore> = match (&config.tokens, &config.secrets) {
            (Some(tokens), _) => Arc::clone(tokens),
            (None, Some(secrets)) => Arc::new(Keychain(Arc::clone(secrets))),
            (None, None) => Arc::new(TokenFiles::new(&config.dir)),
        };
        let tracker = TaskTracker::new();
        let session = match session::last_session(&config.dir) {
            Some(who) => Some(open_known(&config, &*tokens, &alone, who)?),
            None => None,
        };
        let inner = Inner {
            observers: Observers::new(),
            cards: Cards::default(),
            driver: Driver::new(&config),
            tokens,
            transport,
            tracker,
            runtime,
            session: Mutex::new(session),
            saves: watch::Sender::new(0),
            listening: Mutex::new(None),
            alone,
            lifecycle: Mutex::new(()),
            paused: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the replica of a user whom the app knows by other means, without a
    /// sign-in: everything local works, sync asks for a sign-in. For provisioned
    /// phones, previews and tests.
    ///
    /// # Errors
    /// [`ClientError`]; who was here before stays then.
    pub fn open_offline(&self, who: SignedIn) -> Result<(), ClientError> {
        let _turn = self.inner.turn();
        let session = self.inner.open_known(who.clone())?;
        session::remember_session(&self.inner.config.dir, &who).map_err(|error| {
            ClientError::Folder { dir: self.inner.config.dir.clone(), reason: error.to_string() }
        })?;
        *self.inner.lock() = Some(session);
        self.inner.everything_touched();
        Ok(())
    }

    /// How the process that has this client open ends; none while no file is open.
    #[cfg(feature = "simulation")]
    pub fn doom(&self) -> Option<crate::faults::Doom> {
        let session = self.inner.lock();
        let store = session.as_ref().and_then(|session| session.store.as_ref());
        store.map(|store| store.doom().clone())
    }

    /// Who is signed in here, also without signal.
    pub fn signed_in(&self) -> Option<SignedIn> {
        self.inner.lock().as_ref().map(|session| session.who.clone())
    }

    /// Closes the files, for a system that is about to suspend the app (iOS ends
    /// apps that hold a lock then). Running syncs and sign-ins are cancelled, and their
    /// files are closed when this returns. Safe to repeat.
    pub fn pause(&self) {
        self.shut();
        self.inner.touched(&Touched { sync: true, ..Touched::default() });
    }

    fn shut(&self) {
        {
            let _turn = self.inner.turn();
            self.inner.paused.store(true, Ordering::SeqCst);
            self.inner.driver.cancel();
            let store = self.inner.lock().as_mut().and_then(|session| session.store.take());
            drop(store);
            self.inner.alone.leave();
        }
        // Outside the turn: a sign-in that waits for its turn has a file open.
        self.inner.alone.left();
    }

    /// Refuses on a client that was closed: what never touches the replica has no other
    /// way to say it.
    ///
    /// # Errors
    /// [`ReadError::Closed`].
    pub fn check_open(&self) -> Result<(), ReadError> {
        if self.inner.closed.load(Ordering::SeqCst) { Err(ReadError::Closed) } else { Ok(()) }
    }

    /// Opens what [`Client::pause`] closed. Safe to repeat.
    ///
    /// # Errors
    /// [`ClientError`]; the client stays paused then.
    pub fn resume(&self) -> Result<(), ClientError> {
        let _turn = self.inner.turn();
        if self.inner.closed.load(Ordering::SeqCst) {
            return Err(ClientError::Closed);
        }
        self.inner.alone.take(&self.inner.config)?;
        let shut = self.inner.lock().as_ref().filter(|session| session.store.is_none()).cloned();
        let opened = shut.map(|session| self.inner.open_known(session.who)).transpose();
        match opened {
            Ok(Some(session)) => *self.inner.lock() = Some(session),
            Ok(None) => {}
            Err(error) => {
                self.inner.alone.leave();
                return Err(error.into());
            }
        }
        self.inner.paused.store(false, Ordering::SeqCst);
        self.inner.touched(&Touched { sync: true, ..Touched::default() });
        Ok(())
    }

    /// Refuses where this phone's clock was more than ten minutes away from the server's
    /// when the server last answered. Work goes on: times are claims, and the server
    /// keeps its own beside them.
    ///
    /// # Errors
    /// [`ClockFarOff`].
    pub fn check_clock(&self) -> Result<(), ClockFarOff> {
        match self.inner.driver.clock_off_ms() {
            Some(off_ms) if off_ms.unsigned_abs() > FAR_OFF_MS => Err(ClockFarOff { off_ms }),
            _ => Ok(()),
        }
    }

    /// Ends everything: cancels sync, stops notices, closes the files.
    pub fn close(&self) {
        self.inner.closed.store(true, Ordering::SeqCst);
        self.shut();
        self.inner.observers.clear();
        self.inner.tracker.close();
    }

    /// Queues a request to the server (a review, a contested score line). It is
    /// sent with the next sync and answered by a record; repeating it is harmless.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn queue_command(&self, kind: &str, body: Vec<u8>) -> Result<CommandQueued, SaveError> {
        let (_who, store) = self.inner.replica()?;
        let at = self.inner.config.clock.now();
        let id = CommandId::new(at, id_bytes(&*self.inner.config.random));
        let command = Command { id, kind: kind.to_owned(), body: ByteBuf::from(body) };
        store.write(|tx| store::command::queue(tx, &command, at))?;
        self.inner.touched(&Touched { sync: true, ..Touched::default() });
        self.inner.to_be_sent();
        Ok(CommandQueued { id })
    }

    /// How far a command has come.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn command_state(&self, id: CommandId) -> Result<store::CommandState, ReadError> {
        let (_who, store) = self.inner.replica()?;
        Ok(store.read(|conn| store::command::state(conn, id))?)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

/// Opens the replica of somebody who was here before.
fn open_known(
    config: &Config,
    tokens: &dyn TokenStore,
    alone: &Alone,
    who: SignedIn,
) -> Result<Session, OpenError> {
    let path = session::replica_path(&config.dir, who.org, who.user);
    let missing = !path.exists();
    // The file has its own identity; this one is only for a file that went missing.
    let at = config.clock.now();
    let identity = Identity {
        org: who.org,
        user: who.user,
        device: crate::id::DeviceId::new(at, id_bytes(&*config.random)),
        actor: crate::id::ActorId::new(at, id_bytes(&*config.random)),
        replica: crate::id::ReplicaId::new(at, id_bytes(&*config.random)),
    };
    let store = secrets::open_file(config, &path, &identity)?;
    installation::recognise(config, tokens, &store)?;
    if missing {
        // The tokens are the lost file's device's, and the server refuses for good
        // what another one writes under them. A sign-in enrols the new device.
        if let Err(error) = tokens.forget(who.org, who.user) {
            tracing::warn!(%error, "the tokens of a lost replica could not be forgotten");
        }
    }
    Ok(Session { who, store: Some(Arc::new(alone.counting(store))) })
}

impl OwnRuntime {
    fn new(shared: Option<tokio::runtime::Handle>) -> Result<Self, ClientError> {
        if let Some(handle) = shared {
            return Ok(Self { own: None, handle });
        }
        let own = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fieldsync")
            .enable_all()
            .build()
            .map_err(|error| ClientError::Setup { reason: error.to_string() })?;
        Ok(Self { handle: own.handle().clone(), own: Some(own) })
    }
}

impl Inner {
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn of whoever changes which files are open.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.lifecycle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether files may be opened now.
    pub(super) fn awake(&self) -> Result<(), ReadError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(ReadError::Closed);
        }
        if self.paused.load(Ordering::SeqCst) { Err(ReadError::Paused) } else { Ok(()) }
    }

    fn open_known(&self, who: SignedIn) -> Result<Session, OpenError> {
        open_known(&self.config, &*self.tokens, &self.alone, who)
    }

    /// Who is here, and their open file.
    pub(super) fn replica(&self) -> Result<(SignedIn, Arc<Opened>), ReadError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(ReadError::Closed);
        }
        let session = self.lock();
        let session = session.as_ref().ok_or(ReadError::NotSignedIn)?;
        let store = session.store.clone().ok_or_else(|| {
            // Closing takes the file away too, and says so before it does.
            let closed = self.closed.load(Ordering::SeqCst);
            if closed { ReadError::Closed } else { ReadError::Paused }
        })?;
        Ok((session.who.clone(), store))
    }

    pub(super) fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime.handle
    }

    /// Tells observers, after a commit.
    pub(super) fn touched(self: &Arc<Self>, touched: &Touched) {
        self.observers.mark(touched, &self.tracker, self.runtime());
    }

    /// Tells every observer: somebody else is here, or nobody.
    pub(super) fn everything_touched(self: &Arc<Self>) {
        self.observers.mark_all(&self.tracker, self.runtime());
    }

    /// One unit of work, durable when this returns.
    pub(super) fn save<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Unit<'_>, &Moment<'_>) -> Result<T, SaveError>,
    ) -> Result<T, SaveError> {
        let (who, store) = self.replica()?;
        let moment = Moment { at: self.config.clock.now(), who: &who, config: &self.config };
        let saving = Saving { actor: store.identity().actor, at: moment.at };
        let saved = store.write(|tx| {
            let mut unit = Unit::begin(tx, saving)?;
            let value = work(&mut unit, &moment)?;
            Ok::<_, SaveError>((value, unit.touched))
        });
        if let Err(SaveError::Store(StoreError::Unreadable { doc, .. })) = &saved {
            store.write_again(|tx| store::repair::want(tx, *doc, "damaged"))?;
        }
        let (value, touched) = saved?;
        self.touched(&touched);
        if !touched.docs.is_empty() {
            self.to_be_sent();
        }
        Ok(value)
    }

    /// Something waits to be sent: whoever keeps in step hears of it.
    fn to_be_sent(&self) {
        self.saves.send_modify(|saves| *saves = saves.wrapping_add(1));
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&rusqlite::Connection, &SignedIn) -> Result<T, StoreError>,
    ) -> Result<T, ReadError> {
        let (who, store) = self.replica()?;
        Ok(store.read(|conn| work(conn, &who))?)
    }
}

/// Loads a document to edit it.
pub(super) fn load(unit: &Unit<'_>, doc: DocId) -> Result<Document, SaveError> {
    let stored = store::document::load(unit.conn(), doc)?;
    stored.map(|stored| stored.document).ok_or(SaveError::NotFound { doc })
}
