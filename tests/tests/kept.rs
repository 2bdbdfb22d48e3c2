//! § A reassignment does not break last month's score: what a card looked at stays with
//! whoever it is about, until no open card looks at it any more.

use std::path::Path;

use client_core::engine::{Client as Phone, Clock as _, Comparison};
use client_core::id::DocId;
use client_core::period::Period;
use rusqlite::Connection;
use server::office::{By, Office, Place};
use server::scoring;
use server::storage::{Records, Scores};
use tempfile::TempDir;
use tests::evening::{Evening, day};

const DAY: i64 = 24 * 3_600_000;

struct Story {
    evening: Evening,
    office: Office,
    dir: TempDir,
    chen: Phone,
}

impl Story {
    async fn begin() -> Self {
        let dir = TempDir::new().unwrap();
        let evening = Evening::play(dir.path()).await.unwrap();
        let app = evening.server.app();
        let org = app.storage().orgs().await.unwrap()[0].id;
        let office = Office::of(app.clone(), org);
        let chen = evening.phone(dir.path(), "chen").await.unwrap();
        Self { evening, office, dir, chen }
    }

    /// Lets days pass, and everything that follows from it.
    async fn pass(&self, days: i64) {
        let now = self.evening.clock.now();
        self.evening.clock.set(now.plus_millis(days * DAY));
        self.settle().await;
        self.chen.sign_in("chen", tests::evening::PASSWORD).await.unwrap();
        self.chen.sync_once().await.unwrap();
    }

    async fn settle(&self) {
        let (app, org) = (self.evening.server.app(), self.office.org());
        // The server asks about odd visits by itself, now or a moment later.
        scoring::look_for_signals(app, org).await.unwrap();
        let today = Period::month_of(
            self.office.calendar().await.unwrap().zone.date(self.evening.clock.now()),
        );
        for month in [today.previous(), today] {
            scoring::refresh(app, org, month).await.unwrap();
        }
        scoring::let_go(app, org).await.unwrap();
        scoring::recompute_dirty(app).await.unwrap();
    }

    /// The official card of October on the server, and both as the phone has them.
    async fn october(&self) -> (Vec<u8>, Vec<u8>, Vec<u8>, Comparison) {
        let october = Period::month_of(day());
        let storage = self.evening.server.app().storage();
        let stored = storage.scorecard(self.office.org(), self.evening.chen, october).await;
        let card = self.chen.official_scorecard(october).unwrap().unwrap();
        let official = client_core::records::Record::Scorecard(card.official).encode();
        let own = card.own.map(|own| own.to_bytes()).unwrap_or_default();
        (stored.unwrap().unwrap().outcome, official, own, card.comparison)
    }

    async fn give_to_anna(&self) {
        let registrar = self.office.registrar(By::CommandLine).await.unwrap();
        let give = Place { owner: Some(self.evening.anna), ..Place::default() };
        registrar.place(self.evening.customer, give).await.unwrap();
        self.settle().await;
        self.chen.sync_once().await.unwrap();
    }
}

/// Whether the phone's file holds the placement of a customer.
fn holds_placement(dir: &Path, customer: DocId) -> bool {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let replicas = files.filter(|path| path.extension().is_some_and(|kind| kind == "fieldsync"));
    let holds = |path: std::path::PathBuf| {
        let file = Connection::open(path).unwrap();
        let found = "select 1 from record where kind = 'placement' and id = ?1";
        file.prepare(found).unwrap().exists([customer.as_bytes()]).unwrap()
    };
    replicas.map(holds).collect::<Vec<_>>().contains(&true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reassignment_leaves_last_months_card_unchanged() {
    let story = Story::begin().await;
    let customer = story.evening.customer;
    story.pass(28).await;
    let before = story.october().await;
    assert_eq!(before.3, Comparison::Same);
    assert!(!before.2.is_empty());

    story.give_to_anna().await;
    assert!(story.chen.customer(customer).unwrap().is_none(), "it is Anna's now");
    assert_eq!(story.october().await, before);

    // What becomes of it there is nothing of Chen's October.
    let anna = story.evening.phone(story.dir.path(), "anna").await.unwrap();
    anna.edit_customer(customer, |edit| edit.set_name(Some("Pujiang Holding"))).unwrap();
    anna.sync_once().await.unwrap();
    story.pass(1).await;
    assert_eq!(story.october().await, before);
    // Computed again from its facts, the official card says the same too.
    let (app, org) = (story.evening.server.app(), story.office.org());
    let october = Period::month_of(day());
    app.storage().mark_dirty(org, story.evening.chen, october).await.unwrap();
    story.pass(1).await;
    assert_eq!(story.october().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_placement_leaves_the_phone_when_the_period_after_next_has_closed() {
    let story = Story::begin().await;
    let customer = story.evening.customer;
    let dir = story.dir.path().join("chen");
    story.pass(28).await;
    let before = story.october().await;
    story.give_to_anna().await;
    // Given in November: January closes in February, whatever its holidays.
    story.pass(70).await;
    assert!(holds_placement(&dir, customer), "14 January");
    story.pass(50).await;
    assert!(!holds_placement(&dir, customer), "5 March");
    let after = story.october().await;
    assert_eq!((&after.0, &after.1), (&before.0, &before.1), "the official card stays");
    assert_eq!(after.3, Comparison::NoLongerHere, "and the phone says why it has no own one");
    let march = Period::month_of(day()).first_day().plus_months(5);
    let current = story.chen.official_scorecard(Period::month_of(march)).unwrap().unwrap();
    assert_eq!(current.comparison, Comparison::Same);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_got_everything_in_another_order_computes_the_same_bytes() {
    let story = Story::begin().await;
    story.pass(1).await;
    let (stored, _official, own, comparison) = story.october().await;
    assert_eq!(comparison, Comparison::Same);
    assert_eq!(stored, own, "server and phone");
    // A new phone gets what matters today first, then the rest newest first.
    let other = story.dir.path().join("second");
    let second = story.evening.phone(&other, "chen").await.unwrap();
    let card = second.official_scorecard(Period::month_of(day())).unwrap().unwrap();
    assert_eq!(card.comparison, Comparison::Same);
    assert_eq!(card.own.unwrap().to_bytes(), own);
}
