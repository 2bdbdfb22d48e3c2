//! The bells of everybody who listens, by scope.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use client_core::id::{DeviceId, OrgId, ReplicaId, UserId};
use client_core::protocol::Scope;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{LiveConfig, spread_ms};
use crate::metrics::Metrics;
use crate::storage::model::Seq;
use crate::storage::onlooker::{Group, Moved, Onlooker};

/// Who wants to listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    /// Its own pushes are no news to it.
    pub(crate) replica: Option<ReplicaId>,
}

/// Why somebody may not listen now. Polling goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Hints are switched off.
    Off,
    /// Everybody who may is listening.
    Full,
    /// This user listens on too many devices.
    TooMany,
    /// The server is stopping.
    Closing,
}

/// What a listener waits for.
#[derive(Debug, Default)]
pub(super) struct Bell {
    up_to: AtomicU64,
    access_moved: AtomicBool,
    rung: Notify,
    replaced: CancellationToken,
}

impl Bell {
    fn ring(&self, seq: Seq) {
        self.up_to.fetch_max(seq.get(), Ordering::SeqCst);
        self.rung.notify_one();
    }

    /// Waits until somebody rings; a ring while nobody waited counts.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }

    /// Waits until a newer stream of the same device takes over.
    pub(super) async fn replaced(&self) {
        self.replaced.cancelled().await;
    }

    pub(super) fn up_to(&self) -> Seq {
        Seq::from_wire(self.up_to.load(Ordering::SeqCst))
    }

    /// Whether what the reader may read has changed; asking takes the mark away.
    pub(super) fn access_moved(&self) -> bool {
        self.access_moved.swap(false, Ordering::SeqCst)
    }
}

struct Listening {
    reader: Reader,
    scopes: Vec<Scope>,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct State {
    next: u64,
    listening: HashMap<u64, Listening>,
    by_scope: HashMap<(OrgId, Scope), BTreeSet<u64>>,
    by_user: HashMap<(OrgId, UserId), BTreeSet<u64>>,
    /// The last position heard of, by org.
    heads: HashMap<OrgId, Seq>,
}

/// Everybody who listens. The lock is held for a few lookups at a time.
pub(crate) struct Hub {
    config: LiveConfig,
    metrics: Arc<Metrics>,
    closing: CancellationToken,
    state: Mutex<State>,
}

/// A place among the listeners, given back when dropped.
pub(crate) struct Seat {
    hub: Arc<Hub>,
    id: u64,
    pub(super) bell: Arc<Bell>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.lock().leave(self.id);
        self.hub.count();
    }
}

impl Seat {
    /// From now on, these are what the reader may read.
    pub(super) fn reads(&self, scopes: Vec<Scope>) {
        self.hub.lock().reads(self.id, scopes);
    }
}

impl Hub {
    pub(crate) fn new(config: LiveConfig, metrics: Arc<Metrics>) -> Self {
        Self { config, metrics, closing: CancellationToken::new(), state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn config(&self) -> &LiveConfig {
        &self.config
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Takes a place; an older stream of the same device ends.
    pub(super) fn join(self: &Arc<Self>, reader: Reader) -> Result<Seat, Refused> {
        if !self.config.enabled {
            return Err(Refused::Off);
        }
        if self.closing.is_cancelled() {
            return Err(Refused::Closing);
        }
        let bell = Arc::new(Bell::default());
        let id = {
            let mut state = self.lock();
            let of_user = state.by_user.get(&(reader.org, reader.user));
            let older = of_user.into_iter().flatten().find(|id| {
                state.listening.get(id).is_some_and(|other| other.reader.device == reader.device)
            });
            match older.copied() {
                Some(older) => {
                    if let Some(older) = state.leave(older) {
                        older.bell.replaced.cancel();
                    }
                }
                None if of_user.is_some_and(|streams| streams.len() >= self.config.per_user) => {
                    return Err(Refused::TooMany);
                }
                None if state.listening.len() >= self.config.streams => return Err(Refused::Full),
                None => {}
            }
            state.join(reader, Arc::clone(&bell))
        };
        self.count();
        Ok(Seat { hub: Arc::clone(self), id, bell })
    }

    fn count(&self) {
        self.metrics.live_streams(self.listening());
    }

    /// How many listen.
    pub(crate) fn listening(&self) -> usize {
        self.lock().listening.len()
    }

    /// How widely pulls should be spread now, in milliseconds.
    pub(crate) fn spread_ms(&self) -> u32 {
        spread_ms(self.listening())
    }

    /// Ends every stream and lets nobody in any more.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Waits for [`Hub::close`].
    pub(super) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Takes note of where an org's feed stands in the file. Beyond what was heard of,
    /// another process wrote; what, nobody knows, so everybody of the org is rung.
    pub(super) fn stands_at(&self, org: OrgId, head: Seq) {
        self.lock().stands_at(org, head);
    }

    /// The last position heard of.
    pub(super) fn heard_of(&self, org: OrgId) -> Option<Seq> {
        self.lock().heads.get(&org).copied()
    }
}

impl Onlooker for Hub {
    fn committed(&self, mut moved: Vec<Moved>) {
        // A job may take a position before it writes the row of an earlier one.
        moved.sort_by_key(|moved| match moved {
            Moved::Feed { seq, .. } => *seq,
            Moved::Access { .. } => Seq(i64::MAX),
        });
        let mut state = self.lock();
        for moved in moved {
            match moved {
                Moved::Feed { org, seq, scopes, origin } => {
                    state.written(org, seq, &scopes, origin);
                }
                Moved::Access { org, user } => state.access_moved(org, user),
            }
        }
    }

    fn group(&self, group: Group) {
        self.metrics.group(group);
    }
}

impl State {
    fn join(&mut self, reader: Reader, bell: Arc<Bell>) -> u64 {
        let id = self.next;
        self.next += 1;
        self.by_user.entry((reader.org, reader.user)).or_default().insert(id);
        self.listening.insert(id, Listening { reader, scopes: Vec::new(), bell });
        id
    }

    fn leave(&mut self, id: u64) -> Option<Listening> {
        let gone = self.listening.remove(&id)?;
        self.unhear(id, gone.reader.org, &gone.scopes);
        let user = (gone.reader.org, gone.reader.user);
        if let Some(streams) = self.by_user.get_mut(&user) {
            streams.remove(&id);
            if streams.is_empty() {
                self.by_user.remove(&user);
            }
        }
        Some(gone)
    }

    fn unhear(&mut self, id: u64, org: OrgId, scopes: &[Scope]) {
        for scope in scopes {
            if let Some(ids) = self.by_scope.get_mut(&(org, *scope)) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_scope.remove(&(org, *scope));
                }
            }
        }
    }

    fn reads(&mut self, id: u64, scopes: Vec<Scope>) {
        let Some(listening) = self.listening.get_mut(&id) else { return };
        let org = listening.reader.org;
        let before = std::mem::replace(&mut listening.scopes, scopes.clone());
        self.unhear(id, org, &before);
        for scope in scopes {
            self.by_scope.entry((org, scope)).or_default().insert(id);
        }
    }

    fn written(
        &mut self,
        org: OrgId,
        seq: Seq,
        scopes: &BTreeSet<Scope>,
        origin: Option<ReplicaId>,
    ) {
        // Positions of one file have no gaps: before one, somebody else wrote.
        let before = Seq(seq.0.saturating_sub(1));
        if self.heads.contains_key(&org) {
            self.stands_at(org, before);
        }
        let head = self.heads.entry(org).or_default();
        *head = (*head).max(seq);
        for scope in scopes {
            for id in self.by_scope.get(&(org, *scope)).into_iter().flatten() {
                let Some(listening) = self.listening.get(id) else { continue };
                if origin.is_none() || listening.reader.replica != origin {
                    listening.bell.ring(seq);
                }
            }
        }
    }

    fn stands_at(&mut self, org: OrgId, head: Seq) {
        let known = self.heads.insert(org, head);
        match known {
            Some(known) if known >= head => drop(self.heads.insert(org, known)),
            Some(_) => {
                for listening in self.listening.values().filter(|one| one.reader.org == org) {
                    listening.bell.access_moved.store(true, Ordering::SeqCst);
                    listening.bell.ring(head);
                }
            }
            None => {}
        }
    }

    fn access_moved(&self, org: OrgId, user: UserId) {
        for id in self.by_user.get(&(org, user)).into_iter().flatten() {
            if let Some(listening) = self.listening.get(id) {
                listening.bell.access_moved.store(true, Ordering::SeqCst);
                listening.bell.rung.notify_one();
            }
        }
    }
}
