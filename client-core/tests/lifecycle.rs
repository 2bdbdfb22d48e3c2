//! Pausing, closing and wiping: what is open then, what is said, and who hears of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client_core::docs::visit::VisitMode;
use client_core::engine::{
    Client, ClientError, Config, DeviceInfo, ManualClock, NewCustomer, NewVisit, Observation,
    Query, ReadError, SecretStore, SecretStoreError, SeededRandom, SignInError, SignedIn,
    TimelineItem, Turn, WipeError,
};
use client_core::id::{DocId, OrgId, UserId};
use client_core::records::Role;
use client_core::sync::Fault;
use client_core::time::Timestamp;

const MORNING: Timestamp = Timestamp::from_millis(1_791_424_800_000);

/// A keychain that can be locked.
#[derive(Default)]
struct Keychain {
    locked: AtomicBool,
    kept: Mutex<std::collections::BTreeMap<String, Vec<u8>>>,
}

impl Keychain {
    fn asked(&self) -> Result<(), SecretStoreError> {
        match self.locked.load(Ordering::SeqCst) {
            true => Err(SecretStoreError { reason: "locked".into() }),
            false => Ok(()),
        }
    }
}

impl SecretStore for Keychain {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretStoreError> {
        self.asked()?;
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        self.asked()?;
        self.kept.lock().unwrap().insert(name.into(), secret.into());
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), SecretStoreError> {
        self.asked()?;
        self.kept.lock().unwrap().remove(name);
        Ok(())
    }
}

struct Phone {
    client: Client,
    config: Config,
    keychain: Arc<Keychain>,
    dir: tempfile::TempDir,
}

fn anna() -> SignedIn {
    SignedIn {
        org: OrgId::from_bytes([1; 16]),
        org_name: "Acme".into(),
        user: UserId::from_bytes([2; 16]),
        user_name: "Anna".into(),
        role: Role::Rep,
    }
}

impl Phone {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let device = DeviceInfo {
            name: "Anna's phone".into(),
            platform: "test".into(),
            app_version: "0.1.0".into(),
        };
        let keychain = Arc::new(Keychain::default());
        let mut config = Config::new(dir.path(), "http://127.0.0.1:1", device);
        config.clock = Arc::new(ManualClock::at(MORNING));
        config.random = Arc::new(SeededRandom::new(7));
        config.secrets = Some(Arc::clone(&keychain) as _);
        config.alone = true;
        let client = Client::open(config.clone()).unwrap();
        client.open_offline(anna()).unwrap();
        Self { client, config, keychain, dir }
    }

    fn tokens(&self) {
        let tokens = client_core::protocol::Tokens {
            access_token: "fsa_".into(),
            access_expires_at: MORNING.plus_millis(60_000),
            refresh_token: "fsr_".into(),
        };
        let bytes = serde_json::to_vec(&tokens).unwrap();
        let who = anna();
        self.keychain.keep(&format!("{}_{}.token", who.org, who.user), &bytes).unwrap();
    }

    fn customer(&self) -> DocId {
        let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
        self.client.create_customer(new).unwrap().id
    }

    fn fault(&self) -> Fault {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.client.sync_once()).unwrap_err().fault
    }

    fn hears(&self, query: Query) -> (Observation, mpsc::Receiver<()>) {
        let (told, heard) = mpsc::channel();
        let seen = self.client.observe(query, move |_stale| {
            let _nobody = told.send(());
        });
        (seen, heard)
    }
}

fn soon(heard: &mpsc::Receiver<()>) -> bool {
    heard.recv_timeout(Duration::from_secs(20)).is_ok()
}

#[test]
fn the_lock_goes_with_the_last_open_file() {
    let phone = Phone::new();
    phone.tokens();
    phone.customer();
    let (run, turn) = phone.client.exchange().unwrap();
    assert!(matches!(turn, Turn::Post(_)), "{turn:?}");
    phone.client.pause();
    let beside = Client::open(phone.config.clone());
    assert!(matches!(beside, Err(ClientError::InUse { .. })), "the run has the file open");
    drop(run);
    let beside = Client::open(phone.config.clone()).unwrap();
    assert!(matches!(phone.client.resume(), Err(ClientError::InUse { .. })));
    beside.close();
    phone.client.resume().unwrap();
}

#[test]
fn pausing_closes_what_a_running_sync_has_open() {
    let phone = Phone::new();
    phone.tokens();
    phone.customer();
    for _ in 0..10 {
        let job = phone.client.start_sync();
        phone.client.pause();
        let beside = Client::open(phone.config.clone()).unwrap();
        beside.close();
        phone.client.resume().unwrap();
        drop(job);
    }
}

#[test]
fn a_paused_or_closed_client_or_a_locked_keychain_is_called_by_its_name() {
    let phone = Phone::new();
    assert_eq!(phone.fault(), Fault::SignInNeeded);
    phone.tokens();
    phone.keychain.locked.store(true, Ordering::SeqCst);
    assert!(matches!(phone.fault(), Fault::Keychain { .. }));
    phone.keychain.locked.store(false, Ordering::SeqCst);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    phone.client.pause();
    assert_eq!(phone.fault(), Fault::Paused);
    assert_eq!(runtime.block_on(phone.client.listen().wait()), Fault::Paused);
    let refused = runtime.block_on(phone.client.sign_in("anna", "x"));
    assert!(matches!(refused, Err(SignInError::Paused)), "{refused:?}");
    assert!(phone.client.check_open().is_ok());
    phone.client.close();
    assert_eq!(phone.fault(), Fault::Closed);
    assert_eq!(runtime.block_on(phone.client.listen().wait()), Fault::Closed);
    let refused = runtime.block_on(phone.client.sign_in("anna", "x"));
    assert!(matches!(refused, Err(SignInError::Closed)), "{refused:?}");
    assert!(matches!(phone.client.check_open(), Err(ReadError::Closed)));
}

#[test]
fn a_wipe_that_fails_keeps_the_person_and_a_keychain_that_refuses_is_told() {
    let phone = Phone::new();
    phone.customer();
    // Nothing can be sealed: this phone never received a key for it.
    let failed = phone.client.wipe();
    assert!(matches!(failed, Err(WipeError::Store(_))), "{failed:?}");
    assert_eq!(phone.client.signed_in(), Some(anna()));
    assert_eq!(phone.client.pending().unwrap().saved, 1);

    let empty = Phone::new();
    empty.keychain.locked.store(true, Ordering::SeqCst);
    let told = empty.client.wipe();
    assert!(matches!(told, Err(WipeError::Keychain { .. })), "{told:?}");
    assert_eq!(empty.client.signed_in(), None, "the data are gone all the same");
    let left = std::fs::read_dir(empty.dir.path()).unwrap();
    let names = left.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert!(!names.into_iter().any(|name| name.ends_with(".fieldsync")));
}

#[test]
fn every_screen_hears_of_a_sign_out_and_the_pill_of_a_pause() {
    let phone = Phone::new();
    let (_pill, pill) = phone.hears(Query::Sync);
    phone.client.pause();
    assert!(soon(&pill));
    phone.client.resume().unwrap();
    assert!(soon(&pill));
    let (_deals, deals) = phone.hears(Query::Deals);
    phone.client.sign_out();
    assert!(soon(&deals), "its rows are nobody's now");
}

#[test]
fn who_ended_their_notices_hears_nothing_after_that() {
    let phone = Phone::new();
    let ended: Arc<Mutex<Option<Observation>>> = Arc::default();
    let (ends, (told, heard)) = (Arc::clone(&ended), mpsc::channel());
    let _first = phone.client.observe(Query::Customers, move |_stale| {
        ends.lock().unwrap().take();
        let _nobody = told.send(());
    });
    let after = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&after);
    *ended.lock().unwrap() = Some(phone.client.observe(Query::Customers, move |_stale| {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    phone.customer();
    assert!(soon(&heard));
    phone.customer();
    assert!(soon(&heard), "a second round");
    assert_eq!(after.load(Ordering::SeqCst), 0);
}

#[test]
fn a_timeline_in_parts_loses_nothing_that_happened_at_one_instant() {
    let phone = Phone::new();
    let acme = phone.customer();
    let visit = || phone.client.log_visit(NewVisit::at(acme, VisitMode::Phone)).unwrap();
    let logged: std::collections::BTreeSet<DocId> = (0..5).map(|_| visit()).collect();
    let (mut before, mut seen) = (None, std::collections::BTreeSet::new());
    loop {
        let part = phone.client.timeline(acme, before, 2).unwrap();
        let Some(last) = part.last() else { break };
        before = Some(last.at());
        for item in &part {
            let TimelineItem::Visit(visit) = item else { panic!("{item:?}") };
            assert!(seen.insert(visit.id), "twice");
        }
    }
    assert_eq!(seen, logged);
}
