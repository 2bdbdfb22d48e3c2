//! What the server counts, for Prometheus.
//!
//! Counters live where things happen and cost an atomic addition each; whatever has to
//! be asked for (sessions, marks that wait, room on the disk) is asked when somebody
//! reads, so that nobody pays for figures that nobody looks at. Labels have few values,
//! all ours: never a login, a device or a path, because each value is a series for ever.

mod process;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client_core::protocol::{ChangeResult, RejectCode};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::relay::CacheFigures;
use crate::storage::model::Census;
use crate::storage::onlooker::Group;

/// The media type of what [`Metrics::text`] gives.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Label<const N: usize> = [(&'static str, &'static str); N];
type Gauge64 = Gauge<u64, AtomicU64>;
type GaugeSeconds = Gauge<f64, AtomicU64>;

/// How one sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncResult {
    /// Answered.
    Answered,
    /// Put off: too much to do.
    Busy,
    /// Not signed in, or not any more.
    SignedOut,
    /// The request was wrong.
    Refused,
    /// No room on the disk.
    Full,
    /// A fault of ours.
    Failed,
}

impl SyncResult {
    /// By the status of the answer.
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Answered,
            401 => Self::SignedOut,
            429 | 503 => Self::Busy,
            507 => Self::Full,
            500.. => Self::Failed,
            _ => Self::Refused,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Busy => "busy",
            Self::SignedOut => "signed_out",
            Self::Refused => "refused",
            Self::Full => "storage_full",
            Self::Failed => "failed",
        }
    }
}

/// What has to be asked for when somebody reads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) census: Census,
    pub(crate) cache: CacheFigures,
    pub(crate) disk_free: Option<u64>,
}

/// Everything that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    syncs: Family<Label<1>, Counter>,
    sync_seconds: Histogram,
    bodies: Family<Label<1>, Counter>,
    pages: Counter,
    changes: Family<Label<2>, Counter>,
    live_streams: Gauge64,
    hints: Counter,
    commits: Family<Label<1>, Counter>,
    commit_seconds: Histogram,
    commit_jobs: Histogram,
    writer_waiting: Gauge64,
    scorecards: Counter,
    sign_ins_refused: Family<Label<1>, Counter>,
    dirty: Gauge64,
    quarantined: Gauge64,
    sessions: Gauge64,
    cache_bytes: Gauge64,
    cache_documents: Gauge64,
    cache_reads: Family<Label<1>, Counter>,
    disk_free: Gauge64,
    cpu: Counter<f64, AtomicU64>,
    memory: Gauge64,
    files: Gauge64,
    started: GaugeSeconds,
}

/// From a fast answer over loopback to a phone that brings a month: 1 ms to 16 s.
fn seconds() -> impl Iterator<Item = f64> {
    (0..15).map(|step| 0.001 * f64::from(1_u32 << step))
}

impl Metrics {
    /// Counts from nothing. `started_s` is when the process began, seconds since 1970.
    pub(crate) fn new(started_s: f64) -> Self {
        let mut registry = Registry::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("fieldsync_build", "The program that runs", Info::new(version));
        let metrics = Self {
            registry,
            syncs: Family::default(),
            sync_seconds: Histogram::new(seconds()),
            bodies: Family::default(),
            pages: Counter::default(),
            changes: Family::default(),
            live_streams: Gauge64::default(),
            hints: Counter::default(),
            commits: Family::default(),
            commit_seconds: Histogram::new(seconds().map(|step| step / 4.0)),
            commit_jobs: Histogram::new((0..9).map(|step| f64::from(1_u32 << step))),
            writer_waiting: Gauge64::default(),
            scorecards: Counter::default(),
            sign_ins_refused: Family::default(),
            dirty: Gauge64::default(),
            quarantined: Gauge64::default(),
            sessions: Gauge64::default(),
            cache_bytes: Gauge64::default(),
            cache_documents: Gauge64::default(),
            cache_reads: Family::default(),
            disk_free: Gauge64::default(),
            cpu: Counter::default(),
            memory: Gauge64::default(),
            files: Gauge64::default(),
            started: GaugeSeconds::default(),
        };
        metrics.started.set(started_s);
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let all = &mut self.registry;
        all.register("fieldsync_syncs", "Syncs, by how they ended", self.syncs.clone());
        all.register_with_unit(
            "fieldsync_sync",
            "From the head of a sync's request until its answer is ready",
            Unit::Seconds,
            self.sync_seconds.clone(),
        );
        all.register_with_unit(
            "fieldsync_sync_body",
            "Bodies of syncs as they travel, up from phones and down to them",
            Unit::Bytes,
            self.bodies.clone(),
        );
        all.register("fieldsync_pages", "Pages with something in them", self.pages.clone());
        all.register(
            "fieldsync_changes",
            "Changes that phones sent, by what became of them",
            self.changes.clone(),
        );
        all.register("fieldsync_live_streams", "Phones that listen", self.live_streams.clone());
        all.register("fieldsync_live_hints", "Hints that went out", self.hints.clone());
        all.register(
            "fieldsync_commits",
            "Transactions of the writer, by whether they were kept",
            self.commits.clone(),
        );
        all.register_with_unit(
            "fieldsync_commit",
            "From the beginning of a transaction until it was durable",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        all.register(
            "fieldsync_commit_jobs",
            "Jobs that shared a transaction",
            self.commit_jobs.clone(),
        );
        all.register(
            "fieldsync_writer_waiting",
            "Jobs that waited for the writer when its last transaction ended",
            self.writer_waiting.clone(),
        );
        all.register("fieldsync_scorecards", "Scorecards published", self.scorecards.clone());
        all.register(
            "fieldsync_sign_ins_refused",
            "Sign-ins and enrolments that were refused, by why",
            self.sign_ins_refused.clone(),
        );
        self.register_asked()
    }

    fn register_asked(mut self) -> Self {
        let all = &mut self.registry;
        all.register(
            "fieldsync_periods_dirty",
            "Periods of reps that wait to be scored",
            self.dirty.clone(),
        );
        all.register(
            "fieldsync_quarantined",
            "Changes that wait for a person's decision",
            self.quarantined.clone(),
        );
        all.register("fieldsync_sessions", "Sessions that are open", self.sessions.clone());
        all.register_with_unit(
            "fieldsync_cache",
            "Documents kept loaded, as they are weighed",
            Unit::Bytes,
            self.cache_bytes.clone(),
        );
        all.register(
            "fieldsync_cache_documents",
            "Documents kept loaded",
            self.cache_documents.clone(),
        );
        all.register(
            "fieldsync_cache_reads",
            "Documents looked for among the loaded ones since the start",
            self.cache_reads.clone(),
        );
        all.register_with_unit(
            "fieldsync_disk_free",
            "Room on the disk of the data directory",
            Unit::Bytes,
            self.disk_free.clone(),
        );
        all.register_with_unit(
            "process_resident_memory",
            "Resident memory of the process",
            Unit::Bytes,
            self.memory.clone(),
        );
        all.register_with_unit(
            "process_cpu",
            "CPU time of the process since its start",
            Unit::Seconds,
            self.cpu.clone(),
        );
        all.register("process_open_fds", "Open file descriptors", self.files.clone());
        all.register_with_unit(
            "process_start_time",
            "When the process began, since 1970",
            Unit::Seconds,
            self.started.clone(),
        );
        self
    }

    /// Everything as text, with what was asked for.
    pub(crate) fn text(&self, asked: &Asked) -> String {
        self.dirty.set(asked.census.dirty);
        self.quarantined.set(asked.census.quarantined);
        self.sessions.set(asked.census.sessions);
        self.cache_bytes.set(asked.cache.bytes);
        self.cache_documents.set(asked.cache.documents);
        for (label, count) in [("hit", asked.cache.hits), ("miss", asked.cache.misses)] {
            self.cache_reads
                .get_or_create(&[("found", label)])
                .inner()
                .store(count, Ordering::Relaxed);
        }
        if let Some(free) = asked.disk_free {
            self.disk_free.set(free);
        }
        let own = process::read();
        self.memory.set(own.memory);
        self.cpu.inner().store(own.cpu.as_secs_f64().to_bits(), Ordering::Relaxed);
        self.files.set(own.files);
        let mut text = String::new();
        // Writing to memory cannot fail.
        let written = encode(&mut text, &self.registry);
        debug_assert!(written.is_ok());
        text
    }

    pub(crate) fn synced(&self, result: SyncResult, took: Duration) {
        self.syncs.get_or_create(&[("result", result.label())]).inc();
        self.sync_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn bodies(&self, up: usize, down: usize) {
        self.bodies.get_or_create(&[("direction", "up")]).inc_by(up as u64);
        self.bodies.get_or_create(&[("direction", "down")]).inc_by(down as u64);
    }

    pub(crate) fn page(&self) {
        self.pages.inc();
    }

    pub(crate) fn change(&self, result: &ChangeResult) {
        let (result, code) = match result {
            ChangeResult::Stored => ("stored", ""),
            ChangeResult::Duplicate => ("duplicate", ""),
            ChangeResult::MissingDeps(_) => ("missing_deps", ""),
            ChangeResult::Quarantined { .. } => ("quarantined", ""),
            ChangeResult::Rejected { code, .. } => ("rejected", code_label(*code)),
        };
        self.changes.get_or_create(&[("result", result), ("code", code)]).inc();
    }

    pub(crate) fn live_streams(&self, open: usize) {
        self.live_streams.set(open as u64);
    }

    pub(crate) fn hint(&self) {
        self.hints.inc();
    }

    pub(crate) fn group(&self, group: Group) {
        let kept = if group.kept { "yes" } else { "no" };
        self.commits.get_or_create(&[("kept", kept)]).inc();
        self.commit_seconds.observe(group.took.as_secs_f64());
        self.commit_jobs.observe(group.jobs as f64);
        self.writer_waiting.set(group.waiting as u64);
    }

    pub(crate) fn scorecards(&self, published: usize) {
        self.scorecards.inc_by(published as u64);
    }

    pub(crate) fn sign_in_refused(&self, why: &'static str) {
        self.sign_ins_refused.get_or_create(&[("why", why)]).inc();
    }
}

const fn code_label(code: RejectCode) -> &'static str {
    match code {
        RejectCode::Malformed => "malformed",
        RejectCode::TooLarge => "too_large",
        RejectCode::ForeignActor => "foreign_actor",
        RejectCode::ForkedActor => "forked_actor",
        RejectCode::HeaderMismatch => "header_mismatch",
        RejectCode::NotAllowed => "not_allowed",
        RejectCode::OldGeneration => "old_generation",
        RejectCode::DependsOnRejected => "depends_on_rejected",
        // Codes that this list does not name yet are counted together.
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
