//! What every handler and job shares.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use client_core::guard::Limits;
use client_core::id::{DeviceId, DocId, OrgId};
use client_core::time::Timestamp;

use crate::auth::{AuthError, Cost, Passwords, ThrottleConfig, Throttles};
use crate::edge::{Clock, Random, random_bytes};
use crate::http::{Admission, AdmissionConfig};
use crate::live::{Hub, LiveConfig};
use crate::metrics::Metrics;
use crate::office::Hands;
use crate::relay::outgrown::Outgrown;
use crate::relay::{DocumentCache, QuotaBook, Quotas};
use crate::scoring::{KeptMilestones, KeptReached};
use crate::storage::model::{DeviceSays, OrgRow, RedactedDoc, Room};
use crate::storage::onlooker::Onlooker;
use crate::storage::{AnyStorage, Erasures, Records, StorageError};

/// What was erased of each document of which something was.
pub(crate) type RedactedDocs = BTreeMap<DocId, Vec<RedactedDoc>>;

/// What can be set.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// What one change and one document may cost.
    pub limits: Limits,
    /// What one device and one person may bring within an hour and a day.
    pub quotas: Quotas,
    /// How often somebody may try.
    pub throttles: ThrottleConfig,
    /// What a new password hash costs.
    pub password_cost: Cost,
    /// Bytes of documents kept loaded.
    pub cache_bytes: usize,
    /// Milliseconds after a reassignment in which work done before it is still taken.
    pub grace_ms: i64,
    /// How much late work may wait for decisions.
    pub room: Room,
    /// The oldest app that may pull.
    pub minimum_app: Option<String>,
    /// Milliseconds in which an invitation (its code and its password) must be used.
    pub invitation_ms: i64,
    /// Where phones and browsers reach this server, such as `https://sales.example.com`;
    /// what the browser of whoever invites used if absent.
    pub public_url: Option<String>,
    /// Live hints.
    pub live: LiveConfig,
    /// Syncs at the same time.
    pub admission: AdmissionConfig,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            quotas: Quotas::default(),
            throttles: ThrottleConfig::default(),
            password_cost: Cost::STANDARD,
            cache_bytes: 32 * 1024 * 1024,
            grace_ms: 30 * 24 * 3600 * 1000,
            room: Room::default(),
            minimum_app: None,
            invitation_ms: 7 * 24 * 3600 * 1000,
            public_url: None,
            live: LiveConfig::default(),
            admission: AdmissionConfig::default(),
        }
    }
}

/// The running server's state; cheap to clone.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

struct Parts {
    config: AppConfig,
    storage: AnyStorage,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    passwords: Passwords,
    throttles: Throttles,
    documents: DocumentCache,
    quotas: QuotaBook,
    hands: Hands,
    orgs: RwLock<HashMap<OrgId, Arc<OrgRow>>>,
    redacted: RwLock<HashMap<OrgId, Arc<RedactedDocs>>>,
    heard_from: Mutex<HashMap<DeviceId, Timestamp>>,
    said: Mutex<HashMap<DeviceId, DeviceSays>>,
    metrics: Arc<Metrics>,
    live: Arc<Hub>,
    admission: Admission,
    outgrown: Outgrown,
    reached: KeptReached,
    milestones: KeptMilestones,
    ready: Mutex<Option<Timestamp>>,
}

/// How long the server may know of a device's sign of life without writing it down.
const HEARD_EVERY_MS: i64 = 60_000;

impl App {
    /// The state over an open storage.
    pub fn new(
        storage: AnyStorage,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        config: AppConfig,
    ) -> Result<Self, AuthError> {
        let passwords = Passwords::new(config.password_cost, &*random)?;
        let throttles = Throttles::new(config.throttles);
        let documents = DocumentCache::new(config.cache_bytes);
        let quotas = QuotaBook::new(config.quotas);
        let started_s = clock.now().millis() as f64 / 1e3;
        let metrics = Arc::new(Metrics::new(started_s));
        let live = Arc::new(Hub::new(config.live, Arc::clone(&metrics)));
        storage.tell(Arc::clone(&live) as Arc<dyn Onlooker>);
        let admission = Admission::new(config.admission);
        let parts = Parts {
            config,
            storage,
            clock,
            random,
            passwords,
            throttles,
            documents,
            quotas,
            hands: Hands::default(),
            orgs: RwLock::default(),
            redacted: RwLock::default(),
            heard_from: Mutex::default(),
            said: Mutex::default(),
            metrics,
            live,
            admission,
            outgrown: Outgrown::default(),
            reached: KeptReached::default(),
            milestones: KeptMilestones::default(),
            ready: Mutex::default(),
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// What can be set.
    pub fn config(&self) -> &AppConfig {
        &self.parts.config
    }

    /// What is kept.
    pub fn storage(&self) -> &AnyStorage {
        &self.parts.storage
    }

    /// The time, which a demo may run faster than life.
    pub fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    /// Chance.
    pub fn random(&self) -> &dyn Random {
        &*self.parts.random
    }

    /// Hashes and compares passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.parts.passwords
    }

    /// How often somebody may try.
    pub fn throttles(&self) -> &Throttles {
        &self.parts.throttles
    }

    /// Documents kept loaded.
    pub(crate) fn documents(&self) -> &DocumentCache {
        &self.parts.documents
    }

    /// What everybody brought lately.
    pub(crate) fn quotas(&self) -> &QuotaBook {
        &self.parts.quotas
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.parts.metrics
    }

    /// Who listens.
    pub(crate) fn live(&self) -> &Arc<Hub> {
        &self.parts.live
    }

    /// Documents that have grown nearly to their limit.
    pub(crate) fn outgrown(&self) -> &Outgrown {
        &self.parts.outgrown
    }

    /// What reps reached, as it was counted lately.
    pub(crate) fn reached(&self) -> &KeptReached {
        &self.parts.reached
    }

    /// How far the milestones of a year are, as it was counted lately.
    pub(crate) fn milestones(&self) -> &KeptMilestones {
        &self.parts.milestones
    }

    /// Who may sync now.
    pub(crate) fn admission(&self) -> &Admission {
        &self.parts.admission
    }

    /// When a write was last seen to work.
    pub(crate) fn ready(&self) -> &Mutex<Option<Timestamp>> {
        &self.parts.ready
    }

    /// A random number up to and with `most`.
    pub(crate) fn chance(&self, most: u32) -> u32 {
        let drawn = u32::from_be_bytes(random_bytes(self.random()));
        drawn % most.saturating_add(1)
    }

    /// What the office writes with.
    pub(crate) fn hands(&self) -> &Hands {
        &self.parts.hands
    }

    /// An org's secrets, which never change while the server runs.
    pub async fn org(&self, org: OrgId) -> Result<Arc<OrgRow>, StorageError> {
        let known =
            self.parts.orgs.read().unwrap_or_else(PoisonError::into_inner).get(&org).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let rows = self.parts.storage.orgs().await?;
        let found = rows.into_iter().find(|row| row.id == org).map(Arc::new);
        let found = found.ok_or(StorageError::Missing { what: "the org" })?;
        let mut orgs = self.parts.orgs.write().unwrap_or_else(PoisonError::into_inner);
        orgs.insert(org, Arc::clone(&found));
        Ok(found)
    }

    /// Documents of an org of which something was erased. What another process erases
    /// meanwhile stands in its documents; this is about those that a file lost.
    pub(crate) async fn redacted(&self, org: OrgId) -> Result<Arc<RedactedDocs>, StorageError> {
        let known = &self.parts.redacted;
        if let Some(known) = known.read().unwrap_or_else(PoisonError::into_inner).get(&org) {
            return Ok(Arc::clone(known));
        }
        let mut docs = RedactedDocs::new();
        for redacted in self.parts.storage.redacted(org).await? {
            docs.entry(redacted.doc).or_default().push(redacted);
        }
        let docs = Arc::new(docs);
        let mut all = known.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(org, Arc::clone(&docs));
        Ok(docs)
    }

    /// Something was erased: the documents are looked up again.
    pub(crate) fn forget_redacted(&self, org: OrgId) {
        self.parts.redacted.write().unwrap_or_else(PoisonError::into_inner).remove(&org);
    }

    /// Whether a device's sign of life should be written down now. Once a minute is
    /// enough for "known up to", and keeps a sync with nothing to do free of writes.
    pub(crate) fn note_heard_from(&self, device: DeviceId, at: Timestamp) -> bool {
        let mut heard = self.parts.heard_from.lock().unwrap_or_else(PoisonError::into_inner);
        let due = heard.get(&device).is_none_or(|last| at.since(*last) >= HEARD_EVERY_MS);
        if due {
            heard.insert(device, at);
        }
        due
    }

    /// Whether a device says something else of itself than it did before. Of one that is
    /// `on_the_way` with a backlog, how much of it still waits is nothing else.
    pub(crate) fn note_said(&self, device: DeviceId, says: DeviceSays, on_the_way: bool) -> bool {
        let mut said = self.parts.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = said.get(&device).copied();
        let so_far = known.filter(|known| {
            on_the_way && known.waiting > 0 && known.clock_ahead_ms == says.clock_ahead_ms
        });
        if so_far.is_some() || known == Some(says) {
            return false;
        }
        said.insert(device, says);
        true
    }
}
