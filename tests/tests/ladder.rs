//! The status ladder: saved, sent, stored, counted or not counted with the reason,
//! and never a step further than what is so.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use client_core::docs::visit::VisitMode;
use client_core::engine::{
    Client, Config, Counting, DeviceInfo, ItemStatus, Judgement, NewCustomer, NewVisit,
};
use client_core::id::DocId;
use client_core::records::Metric;
use client_core::sync::Fault;
use server::RunningServer;
use tests::company::{Company, PASSWORD};
use tests::courier::Courier;
use tests::phone::complete_visit;

struct World {
    server: RunningServer,
    courier: Arc<Courier>,
    client: Client,
    customer: DocId,
}

impl World {
    async fn new(dir: &Path) -> Self {
        let company = Company::found(&dir.join("server"), &["anna"]).await.unwrap();
        let server = company.serve().await.unwrap();
        let courier = Courier::to(&format!("http://{}", server.addr())).unwrap();
        let device = DeviceInfo {
            name: "phone".into(),
            platform: "test".into(),
            app_version: "0.1.0".into(),
        };
        let mut config = Config::new(dir.join("phone"), "http://courier.invalid", device);
        config.carrier = Some(Arc::clone(&courier) as _);
        let client = Client::open(config).unwrap();
        client.sign_in("anna", PASSWORD).await.unwrap();
        let acme = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
        let customer = client.create_customer(acme).unwrap().id;
        Self { server, courier, client, customer }
    }

    fn judged(&self, visit: DocId) -> Judgement {
        match self.client.ladder(visit).unwrap().counting {
            Counting::Judged(judgement) => judgement,
            other => panic!("{other:?}"),
        }
    }

    /// Syncs until the server's card of what is there has come.
    async fn settle(&self) {
        server::scoring::recompute_dirty(self.server.app()).await.unwrap();
        for _ in 0..20 {
            if self.client.sync_once().await.unwrap().pulled == 0 {
                return;
            }
        }
        panic!("something always comes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_shows_as_stored_before_the_server_has_committed_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(dir.path()).await;
    let visit = complete_visit(&world.client, world.customer).unwrap();
    let status = |client: &Client| client.status(visit).unwrap();
    assert_eq!(status(&world.client), ItemStatus::Saved);

    let seen = Arc::new(Mutex::new(Vec::new()));
    let (looking, keep) = (world.client.clone(), Arc::clone(&seen));
    world.courier.before_each(move |_carried| {
        keep.lock().unwrap().push(looking.status(visit).unwrap());
    });
    // No signal; then a proxy that swallows the answer though the server has it.
    world.courier.allow(0);
    assert!(world.client.sync_once().await.is_err());
    assert_ne!(status(&world.client), ItemStatus::Stored);
    world.courier.allow(u64::MAX / 2);
    world.courier.lose(1);
    let failed = world.client.sync_once().await.unwrap_err();
    assert!(matches!(failed.fault, Fault::Garbled { .. }), "{failed:?}");
    assert_eq!(status(&world.client), ItemStatus::Sent, "nobody has confirmed it");
    let waiting = world.client.sync_status().unwrap();
    assert_eq!(waiting.pending.waiting(), 2, "{waiting:?}");
    let last = waiting.last_error.expect("why it did not work");
    assert!(last.retry_at.is_some(), "and when to try again");

    world.client.sync_once().await.unwrap();
    assert_eq!(status(&world.client), ItemStatus::Stored);
    let after = world.client.sync_status().unwrap();
    assert_eq!((after.pending.waiting(), after.last_error), (0, None));
    let seen = seen.lock().unwrap().clone();
    assert!(seen.iter().all(|status| *status != ItemStatus::Stored), "{seen:?}");
    world.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_climbs_from_saved_to_counted_and_a_poor_one_says_why_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(dir.path()).await;
    let good = complete_visit(&world.client, world.customer).unwrap();
    let mut hasty = NewVisit::at(world.customer, VisitMode::Phone);
    hasty.submit = true;
    let hasty = world.client.log_visit(hasty).unwrap();
    let first = world.client.ladder(good).unwrap();
    assert_eq!(first.status, ItemStatus::Saved);
    assert!(matches!(first.counting, Counting::NotKnown { .. }), "{first:?}");

    world.client.sync_once().await.unwrap();
    let stored = world.judged(good);
    assert!(stored.counts && stored.lines.contains(&Metric::EffectiveVisits), "{stored:?}");
    assert!(!stored.official, "the server has not said so yet");

    world.settle().await;
    assert_eq!(world.client.ladder(good).unwrap().status, ItemStatus::Stored);
    let counted = world.judged(good);
    assert!(counted.counts && counted.official, "{counted:?}");
    assert_eq!(counted.reasons, []);
    let left_out = world.judged(hasty);
    assert!(!left_out.counts && left_out.official, "{left_out:?}");
    let codes = left_out.reason_codes();
    assert!(codes.contains(&"visit.no_outcome".to_owned()), "{codes:?}");
    assert_eq!(world.client.ladder(world.customer).unwrap().counting, Counting::NotScored);

    // Edited again, it is this phone's word alone until the server has that too.
    world.client.amend_visit(good, "forgotten", "they want two").unwrap();
    let amended = world.client.ladder(good).unwrap();
    assert_eq!(amended.status, ItemStatus::Saved);
    assert!(matches!(amended.counting, Counting::Judged(Judgement { official: false, .. })));
    world.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_came_after_the_official_card_says_why_it_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(dir.path()).await;
    let good = complete_visit(&world.client, world.customer).unwrap();
    world.client.sync_once().await.unwrap();
    world.settle().await;
    assert!(world.judged(good).official, "the server's card is here");

    let mut hasty = NewVisit::at(world.customer, VisitMode::Phone);
    hasty.submit = true;
    let hasty = world.client.log_visit(hasty).unwrap();
    let left_out = world.judged(hasty);
    assert!(!left_out.counts && !left_out.official, "{left_out:?}");
    let codes = left_out.reason_codes();
    assert!(codes.contains(&"visit.no_outcome".to_owned()), "{codes:?}");
    world.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_panics_is_a_fault_of_ours_and_the_next_one_works() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(dir.path()).await;
    let visit = complete_visit(&world.client, world.customer).unwrap();
    world.courier.before_each(|_carried| panic!("provoked"));
    let broken = world.client.sync_once().await.unwrap_err();
    assert_eq!((broken.fault, broken.retry_at), (Fault::Internal, None));
    let after = world.client.sync_status().unwrap();
    assert!(!after.syncing, "nothing runs");
    assert_eq!(after.last_error.map(|error| error.fault), Some(Fault::Internal));

    world.courier.before_each(|_carried| {});
    world.client.sync_once().await.unwrap();
    assert_eq!(world.client.status(visit).unwrap(), ItemStatus::Stored);
    world.server.shutdown().await;
}
