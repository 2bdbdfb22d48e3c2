//! An office over a fresh data file, with a clock that stands still: for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use client_core::id::{DocId, UnitId, UserId};
use client_core::time::Timestamp;
use tempfile::TempDir;

use super::{CreateOrg, NewContent, NewDocument, Office};
use crate::app::{App, AppConfig};
use crate::auth::Cost;
use crate::edge::{Clock, Random, random_bytes};
use crate::storage::AnyStorage;
use crate::storage::sqlite::SqliteStorage;

/// 2026-10-08T02:00:00Z, ten in the morning in Shanghai.
pub(crate) const MORNING: i64 = 1_791_424_800_000;

/// Goes when it is told to.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance_ms(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A fixed sequence that does not repeat within a test.
struct Sequence(AtomicU64);

impl Random for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let step = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            *byte = step.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        }
    }
}

/// An office with an empty org.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) office: Office,
    pub(crate) root: UnitId,
    _dir: TempDir,
}

pub(crate) async fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::create(&dir.path().join("test.db")).unwrap();
    let clock = Arc::new(HandClock(AtomicI64::new(MORNING)));
    let random = Sequence(AtomicU64::new(0));
    let shared: Arc<HandClock> = Arc::clone(&clock);
    let config = AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() };
    let app = App::new(AnyStorage::Sqlite(storage), shared, Arc::new(random), config).unwrap();
    let created = Office::create_org(&app, CreateOrg::default()).await.unwrap();
    let office = Office::of(app.clone(), created.id);
    Desk { app, clock, office, root: created.root, _dir: dir }
}

impl Desk {
    /// A customer that `author` found.
    pub(crate) async fn customer(&self, author: UserId) -> DocId {
        let doc = DocId::new(self.app.clock().now(), random_bytes(self.app.random()));
        let hand = self.office.hand(author).await.unwrap();
        let content = NewContent::Customer(Box::new(|edit| edit.set_name(Some("Acme"))));
        let new = NewDocument { doc, author, content, placement: None };
        self.office.create_documents(&hand, vec![new]).await.unwrap().pop().unwrap().unwrap();
        doc
    }
}
