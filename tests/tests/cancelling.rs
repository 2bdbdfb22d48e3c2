//! A sync that is cancelled, in whatever state it is, loses nothing and doubles nothing:
//! before its turn, before a request, while one is away, with the answer in its hand,
//! between pages, and after its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use client_core::engine::{Carried, Carrier, Client, ItemStatus, Outbound};
use client_core::id::DocId;
use client_core::sync::Fault;
use tests::company::{Company, PASSWORD};
use tests::courier::Courier;
use tests::phone::{complete_visit, customer, open, open_with, visits};
use tokio::sync::{Semaphore, mpsc};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A network that stops at one of a sync's requests, says so, and waits to be let on.
struct Barrier {
    courier: Arc<Courier>,
    /// Requests until it stops.
    until: AtomicU64,
    /// It stops with the answer in its hand; otherwise before anything is sent.
    answered: AtomicBool,
    reached: mpsc::UnboundedSender<()>,
    on: Arc<Semaphore>,
}

impl Barrier {
    fn stop(&self, at: u64, answered: bool) {
        // Whoever was cancelled before it took its permit left it here.
        self.on.forget_permits(Semaphore::MAX_PERMITS);
        self.answered.store(answered, Ordering::SeqCst);
        self.until.store(at + 1, Ordering::SeqCst);
    }
}

impl Carrier for Barrier {
    fn carry(&self, post: Outbound) -> Carried {
        let left = self.until.load(Ordering::SeqCst);
        self.until.store(left.saturating_sub(1), Ordering::SeqCst);
        if left != 1 {
            return self.courier.carry(post);
        }
        let (reached, on) = (self.reached.clone(), Arc::clone(&self.on));
        let carried = self.answered.load(Ordering::SeqCst).then(|| self.courier.carry(post));
        Box::pin(async move {
            let answer = match carried {
                Some(carried) => Some(carried.await),
                None => None,
            };
            reached.send(()).unwrap();
            match answer {
                Some(answer) => {
                    on.acquire().await.unwrap().forget();
                    answer
                }
                // Nobody waits for what was never sent.
                None => std::future::pending().await,
            }
        })
    }
}

struct Scene {
    client: Client,
    barrier: Arc<Barrier>,
    reached: mpsc::UnboundedReceiver<()>,
    at: DocId,
    saved: BTreeSet<DocId>,
}

impl Scene {
    /// Some visits more, a sync that stops there and is cancelled, and everything is here.
    /// Whether it came as far as that.
    async fn cancelled_at(&mut self, request: u64, answered: bool) -> bool {
        for _ in 0..8 {
            self.saved.insert(complete_visit(&self.client, self.at).unwrap());
        }
        self.barrier.stop(request, answered);
        let job = self.client.start_sync();
        let stopped = tokio::select! {
            Some(()) = self.reached.recv() => true,
            _ended = job.wait() => false,
        };
        job.cancel();
        job.cancel();
        self.barrier.on.add_permits(usize::from(stopped && answered));
        let outcome = job.wait().await;
        match (stopped, &outcome) {
            (true, Err(error)) => assert_eq!(error.fault, Fault::Cancelled, "{request}"),
            (false, Ok(_report)) => {}
            other => panic!("request {request}, answered {answered}: {other:?}"),
        }
        assert!(job.is_finished() && !self.client.sync_status().unwrap().syncing);
        assert_eq!(visits(&self.client), self.saved, "request {request}, answered {answered}");
        stopped
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_in_every_state_loses_nothing_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let company = Company::found(&dir.path().join("server"), &["anna"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let url = format!("http://{}", server.addr());
    let (tell, reached) = mpsc::unbounded_channel();
    let barrier = Arc::new(Barrier {
        courier: Courier::to(&url).unwrap(),
        until: AtomicU64::new(0),
        answered: AtomicBool::new(false),
        reached: tell,
        on: Arc::new(Semaphore::new(0)),
    });
    let carrier = Arc::clone(&barrier);
    let client = open_with(&dir.path().join("phone"), "http://courier.invalid", |config| {
        config.carrier = Some(carrier as _);
        // Small enough that a sync is made of several requests, up and down.
        (config.push_limit, config.page_budget) = (1_000, 2_000);
    });
    let client = client.unwrap();
    client.sign_in("anna", PASSWORD).await.unwrap();
    client.sync_once().await.unwrap();
    let at = customer(&client, "Acme").unwrap();
    let mut scene = Scene { client, barrier, reached, at, saved: BTreeSet::new() };

    let stories = async {
        let mut stopped = 0;
        for answered in [false, true] {
            for request in 0..5 {
                stopped += u32::from(scene.cancelled_at(request, answered).await);
            }
        }
        assert!(stopped >= 5, "only {stopped} syncs came as far as to be cancelled");

        // While another one has its turn: at once, and the other one goes on.
        scene.barrier.stop(0, true);
        let (first, second) = (scene.client.start_sync(), scene.client.start_sync());
        scene.reached.recv().await.unwrap();
        second.cancel();
        assert_eq!(second.wait().await.unwrap_err().fault, Fault::Cancelled);
        assert!(!first.is_finished());
        scene.barrier.on.add_permits(1);
        first.wait().await.unwrap();
        // After its end there is nothing to cancel.
        first.cancel();
        first.wait().await.unwrap();
    };
    tokio::time::timeout(PATIENCE, stories).await.unwrap();

    scene.client.sync_once().await.unwrap();
    assert_eq!(scene.client.pending().unwrap().waiting(), 0);
    for visit in &scene.saved {
        assert_eq!(scene.client.status(*visit).unwrap(), ItemStatus::Stored);
    }
    let other = open(&dir.path().join("other"), &url).unwrap();
    other.sign_in("anna", PASSWORD).await.unwrap();
    other.sync_once().await.unwrap();
    assert_eq!(visits(&other), scene.saved, "each is there once");
    server.shutdown().await;
}
