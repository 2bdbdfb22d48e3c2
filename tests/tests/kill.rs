//! kill -9, a hundred times each, with real processes: nothing confirmed is lost,
//! nothing is doubled. `FIELDSYNC_KILLS=1000` is the longer mode.

use std::collections::BTreeSet;
use std::path::Path;

use client_core::engine::ItemStatus;
use client_core::id::DocId;
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, customer, open, visits};
use tests::process::{Relay, Reporter, spin_for};

const PHONE: &str = env!("CARGO_BIN_EXE_phone");
const RELAY: &str = env!("CARGO_BIN_EXE_relay");
/// Kills of each loop, if the environment does not say another number.
const KILLS: u64 = 100;
const SEED: u64 = 20_261_122;

fn kills() -> u64 {
    let said = std::env::var("FIELDSYNC_KILLS").ok();
    said.map_or(KILLS, |said| said.parse().expect("FIELDSYNC_KILLS is a number"))
}

/// A repeatable number below `limit` for the `n`th kill.
fn chance(n: u64, limit: u64) -> u64 {
    let mut x = SEED.wrapping_add(n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    x.wrapping_mul(0xBF58_476D_1CE4_E5B9) % limit
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// A company, a phone of its rep that has signed in, and a customer.
async fn stage(dir: &Path) -> (Company, Relay, DocId) {
    println!("seed {SEED}");
    let company = Company::found(&dir.join("server"), &["anna"]).await.expect("founded");
    let relay = Relay::start(RELAY, &company.data).expect("the server listens");
    let client = open(&dir.join("phone"), &relay.url()).expect("the phone opens");
    client.sign_in("anna", PASSWORD).await.expect("anna signs in");
    let customer = customer(&client, "Acme").expect("saved");
    client.sync_once().await.expect("the first sync works");
    client.close();
    (company, relay, customer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_killed_while_saving_keeps_every_confirmed_visit_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (_company, relay, customer) = stage(dir.path()).await;
    let phone = dir.path().join("phone");
    let mut confirmed = BTreeSet::new();
    for kill in 0..kills() {
        let args = ["save", text(&phone), &relay.url(), &customer.to_string()];
        let mut process = Reporter::start(PHONE, &args).expect("the phone starts");
        assert_eq!(process.next_line().expect("a line").as_deref(), Some("ready"));
        spin_for(500 + chance(kill, 40_000));
        for line in process.kill().expect("its last lines") {
            if let Some(id) = line.strip_prefix("saved ").and_then(|id| id.parse().ok()) {
                confirmed.insert(id);
            }
        }
        let client = open(&phone, &relay.url()).expect("the file opens after a kill");
        let kept = visits(&client);
        client.close();
        let lost: Vec<_> = confirmed.difference(&kept).collect();
        assert!(lost.is_empty(), "kill {kill} lost {lost:?}");
        // A save that had committed and not yet reported is the only surplus.
        assert!(kept.len() <= confirmed.len() + 1 + kill as usize, "kill {kill} doubled visits");
    }
    println!("{} visits confirmed over {} kills", confirmed.len(), kills());
    assert!(!confirmed.is_empty(), "every kill came before the first save");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_killed_while_syncing_sends_every_visit_exactly_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, relay, customer) = stage(dir.path()).await;
    let phone = dir.path().join("phone");
    let mut saved = BTreeSet::new();
    for kill in 0..kills() {
        let client = open(&phone, &relay.url()).expect("the file opens after a kill");
        for _ in 0..8 {
            saved.insert(complete_visit(&client, customer).expect("saved"));
        }
        client.close();
        let args = ["sync", text(&phone), &relay.url()];
        let mut process = Reporter::start(PHONE, &args).expect("the phone starts");
        assert_eq!(process.next_line().expect("a line").as_deref(), Some("ready"));
        spin_for(chance(kill, 25_000));
        process.kill().expect("killed");
    }
    let client = open(&phone, &relay.url()).expect("the file opens after a kill");
    client.sync_once().await.expect("the last sync works");
    assert_eq!(visits(&client), saved);
    for visit in &saved {
        assert_eq!(client.status(*visit).expect("a status"), ItemStatus::Stored);
    }
    client.close();
    relay.kill();
    assert_eq!(company.visits().await, saved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_mid_push_keeps_what_it_confirmed_and_doubles_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, mut relay, customer) = stage(dir.path()).await;
    let phone = dir.path().join("phone");
    let mut saved = BTreeSet::new();
    for kill in 0..kills() {
        let client = open(&phone, &relay.url()).expect("the phone opens");
        for _ in 0..8 {
            saved.insert(complete_visit(&client, customer).expect("saved"));
        }
        let job = client.start_sync();
        let wait = chance(kill, 30_000);
        tokio::task::spawn_blocking(move || spin_for(wait)).await.expect("time passes");
        let addr = relay.addr.clone();
        relay.kill();
        job.cancel();
        // Whether it got through is what is being tested; what it said must hold.
        let _outcome = job.wait().await;
        let stored: BTreeSet<DocId> = saved
            .iter()
            .copied()
            .filter(|visit| client.status(*visit).expect("a status") == ItemStatus::Stored)
            .collect();
        client.close();
        let kept = company.visits().await;
        let lost: Vec<_> = stored.difference(&kept).collect();
        assert!(lost.is_empty(), "kill {kill}: confirmed and lost: {lost:?}");
        relay = Relay::start_on(RELAY, &company.data, &addr)
            .or_else(|_busy| Relay::start(RELAY, &company.data))
            .expect("the server starts again on its data");
    }
    let client = open(&phone, &relay.url()).expect("the phone opens");
    client.sync_once().await.expect("the last sync works");
    assert_eq!(visits(&client), saved);
    client.close();
    relay.kill();
    assert_eq!(company.visits().await, saved);
}
