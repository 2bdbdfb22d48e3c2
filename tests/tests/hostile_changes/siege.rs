//! A server process under attack, with an honest rep beside it and scales under it.

use std::time::Duration;

use client_core::docs::{DocKind, Document, Header};
use client_core::engine::{Client, Clock as _, SystemClock};
use client_core::id::DocId;
use client_core::protocol::{ChangeResult, PushGroup, RejectCode};
use client_core::time::Timestamp;
use tempfile::TempDir;
use tests::company::{Company, PASSWORD};
use tests::fleet::meter::ProcessMeter;
use tests::intruder::{Intruder, group};
use tests::phone::{complete_visit, customer, open, visits};
use tests::process::Relay;

const RELAY: &str = env!("CARGO_BIN_EXE_relay");
/// § What any one hostile message may cost, in a debug build too.
const CPU: Duration = Duration::from_millis(250);
const MEMORY: u64 = 64 << 20;

/// A server under attack, and an honest rep beside it.
pub struct Siege {
    _dir: TempDir,
    relay: Relay,
    pub meter: ProcessMeter,
    pub mallory: Intruder,
    anna: Client,
    acme: DocId,
    worst: (Duration, u64),
    messages: u64,
}

pub fn now() -> Timestamp {
    SystemClock::default().now()
}

impl Siege {
    /// Where the server is.
    pub fn url(&self) -> String {
        self.relay.url()
    }

    pub async fn lay() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let company =
            Company::found(&dir.path().join("data"), &["anna", "mallory"]).await.expect("founded");
        let relay = Relay::start(RELAY, &company.data).expect("the server listens");
        let anna = open(&dir.path().join("anna"), &relay.url()).expect("the phone opens");
        anna.sign_in("anna", PASSWORD).await.expect("anna signs in");
        let acme = customer(&anna, "Acme").expect("saved");
        complete_visit(&anna, acme).expect("saved");
        anna.sync_once().await.expect("synced");
        let mallory = Intruder::sign_in(&relay.url(), "mallory", 42).await.expect("signs in");
        let meter = ProcessMeter::of(relay.id());
        let worst = (Duration::ZERO, 0);
        Self { _dir: dir, relay, meter, mallory, anna, acme, worst, messages: 0 }
    }

    /// Weighs one message by what the server process takes for it.
    pub async fn weigh<T>(&mut self, what: &str, message: impl Future<Output = T>) -> T {
        self.meter.reset_peak();
        let (cpu, memory) = (self.meter.cpu(), self.meter.peak());
        let answer = message.await;
        let cpu = self.meter.cpu().saturating_sub(cpu);
        let memory = self.meter.peak().saturating_sub(memory);
        assert!(cpu <= CPU, "{what}: {cpu:?} of CPU");
        assert!(memory <= MEMORY, "{what}: {} KiB more", memory >> 10);
        self.worst = (self.worst.0.max(cpu), self.worst.1.max(memory));
        self.messages += 1;
        answer
    }

    pub async fn push(&mut self, what: &str, groups: Vec<PushGroup>) -> Vec<ChangeResult> {
        let mallory = self.mallory.sender();
        self.weigh(what, mallory.push(groups)).await.expect(what)
    }

    pub async fn push_to(
        &mut self,
        what: &str,
        header: Header,
        changes: Vec<Vec<u8>>,
    ) -> Vec<ChangeResult> {
        self.push(what, vec![group(header, changes)]).await
    }

    /// A customer of the intruder's that is stored.
    pub async fn foothold(&mut self) -> (Header, Document) {
        let header = self.mallory.header(DocKind::Customer, None);
        let mut document = Document::create(header);
        let context = self.mallory.context(now());
        let change = document.edit_customer(&context, |edit| edit.set_name(Some("Mallory AG")));
        let results = self.push_to("an honest change", header, vec![bytes(change)]).await;
        assert_eq!(results, [ChangeResult::Stored]);
        (header, document)
    }

    /// The honest rep works on as if nothing had been, and has what was there before.
    pub async fn holds(mut self, what: &str) {
        let before = visits(&self.anna);
        let visit = complete_visit(&self.anna, self.acme).expect("saved");
        let report = self.anna.sync_once().await.expect("the server goes on");
        assert_eq!((report.pushed, report.refused, report.faults), (1, 0, 0));
        let after = visits(&self.anna);
        assert_eq!(after.difference(&before).collect::<Vec<_>>(), [&visit]);
        assert!(self.anna.scopes().expect("read").iter().all(|scope| scope.matches));
        let (cpu, memory) = self.worst;
        println!(
            "{what}: {} messages, the worst took {cpu:?} of CPU and {} KiB",
            self.messages,
            memory >> 10
        );
        // Still the same process, and its data are sound after a restart.
        let _cpu = self.meter.cpu();
        assert!(self.meter.peak() > 0, "the process lives");
        self.anna.close();
        self.relay.kill();
    }
}

pub fn bytes<E: std::fmt::Debug>(
    change: Result<Option<client_core::docs::NewChange>, E>,
) -> Vec<u8> {
    change.expect("an edit").expect("a change").bytes
}

pub fn code(result: &ChangeResult) -> RejectCode {
    match result {
        ChangeResult::Rejected { code, .. } => *code,
        other => panic!("taken: {other:?}"),
    }
}
