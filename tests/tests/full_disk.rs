//! A full disk, on the server and on the phone: a typed error, reading goes on, and
//! work resumes when there is room. Real processes, real files on a small tmpfs.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use client_core::engine::{Client, CustomerQuery, SaveError, SignInError};
use client_core::id::DocId;
use client_core::store::StoreError;
use client_core::sync::Fault;
use reqwest::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open, visits};
use tests::process::Relay;
use tests::small_disk::SmallDisk;

const RELAY: &str = env!("CARGO_BIN_EXE_relay");
/// Room that a data directory needs at first, and then some.
const DISK_KIB: u32 = 12 << 10;
/// Visits until any log that was reserved before is used up.
const MANY: usize = 2_000;

fn new_customer(client: &Client, name: &str) -> DocId {
    tests::phone::customer(client, name).expect("saved")
}

fn relay(args: &[&str], data: &Path) -> Output {
    Command::new(RELAY).args(args).arg("--data").arg(data).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

async fn phone(dir: &Path, relay: &Relay, login: &str) -> Client {
    let client = open(dir, &relay.url()).expect("the phone opens");
    client.sign_in(login, PASSWORD).await.expect("signs in");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_work_serves_reading_and_resumes_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(DISK_KIB) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let data = disk.path().join("data");
    let company = Company::found(&data, &["anna", "boris", "clara"]).await.expect("founded");
    let relay = Relay::start(RELAY, &data).expect("the server listens");
    let http = tests::tools::http();
    let anna = phone(&dir.path().join("anna"), &relay, "anna").await;
    let boris = phone(&dir.path().join("boris"), &relay, "boris").await;
    let (acme, beta) = (new_customer(&anna, "Acme"), new_customer(&boris, "Beta 贝塔"));
    for client in [&anna, &boris] {
        client.sync_once().await.expect("the first sync works");
    }
    let signed_in = http
        .post(format!("{}/sign-in", relay.url()))
        .header("origin", relay.url())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("login=manager&password={}&next=/board", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .expect("answered");
    let cookie = signed_in.headers()[SET_COOKIE].to_str().expect("text").to_owned();
    // What anna has not pulled yet when the disk is full.
    let id = beta.to_string();
    let placed = self::relay(&["place", &id, "--owner", "boris", "--collaborator", "anna"], &data);
    assert!(placed.status.success(), "{}", said(&placed));

    let filler = disk.fill().expect("filled");
    let known_before = anna.known_up_to().expect("known");
    let error = loop {
        for _ in 0..20 {
            complete_visit(&anna, acme).expect("a phone saves whatever the server has");
        }
        match anna.sync_once().await {
            Ok(_) => assert!(visits(&anna).len() < MANY, "the disk is not full"),
            Err(error) => break error,
        }
    };
    // The phone keeps its work, says why, and knows when to try again.
    assert_eq!(error.fault, Fault::ServerFull);
    assert!(error.retry_at.is_some());
    assert_eq!(
        error.to_string(),
        "the server has no room to store: everything stays saved on this phone and is sent when \
         there is room"
    );
    let status = anna.sync_status().expect("read");
    assert_eq!(status.last_error, Some(error));
    assert!(status.pending.saved + status.pending.sent > 0, "{status:?}");
    assert!(anna.refused_changes().expect("read").is_empty());
    // What others wrote arrives all the same.
    assert!(anna.known_up_to().expect("known") > known_before);
    assert!(anna.customer(beta).expect("read").is_some(), "boris shared it before");
    boris.sync_once().await.expect("a phone that only pulls works on");

    let get = |path: &str| {
        http.get(format!("{}{path}", relay.url())).header(COOKIE, cookie.clone()).send()
    };
    assert_eq!(get("/livez").await.expect("answered").status(), 200);
    let not_ready = get("/readyz").await.expect("answered");
    assert_eq!(not_ready.status(), 507);
    assert_eq!(not_ready.headers()[RETRY_AFTER], "60");
    let problem: serde_json::Value =
        serde_json::from_str(&not_ready.text().await.expect("read")).expect("JSON");
    assert_eq!(problem["code"], "storage_full");
    assert!(problem["detail"].as_str().expect("text").contains("disk is full"), "{problem}");
    for path in ["/board", "/customers", &format!("/customers/{acme}")] {
        assert_eq!(get(path).await.expect("answered").status(), 200, "{path}");
    }
    // Signing in writes a session, so it waits; nobody is told that a password is wrong.
    let clara = open(&dir.path().join("clara"), &relay.url()).expect("the phone opens");
    let refused = clara.sign_in("clara", PASSWORD).await.err();
    assert!(matches!(refused, Some(SignInError::Fault(Fault::ServerFull))), "{refused:?}");
    let form = http
        .post(format!("{}/sign-in", relay.url()))
        .header("origin", relay.url())
        .header("accept-language", "en")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("login=manager&password={}&next=/board", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .expect("answered");
    assert_eq!(form.status(), 507);
    let page = form.text().await.expect("read");
    assert!(page.contains("disk is full") || page.contains("磁盘已满"), "{page}");

    filler.remove().expect("room again");
    assert_eq!(get("/readyz").await.expect("answered").status(), 200);
    while anna.sync_once().await.expect("work resumes").remaining > 0 {}
    clara.sign_in("clara", PASSWORD).await.expect("signs in");
    let saved = visits(&anna);
    relay.kill();
    assert_eq!(company.visits().await, saved);
    println!("{} visits arrived", saved.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_on_a_full_disk_say_so_and_change_nothing() {
    let Some(disk) = SmallDisk::mount(DISK_KIB) else { return };
    let data = disk.path().join("data");
    let empty = disk.path().join("new");
    std::fs::create_dir(&empty).expect("made");
    assert!(relay(&["init"], &data).status.success());
    let before = relay(&["user", "list"], &data).stdout;

    let filler = disk.fill().expect("filled");
    let user = ["user", "add", "anna", "--name", "Anna", "--role", "rep"];
    for (args, at) in
        [(&["init"][..], &empty), (&user, &data), (&["serve", "--bind", "127.0.0.1:0"], &data)]
    {
        let failed = relay(args, at);
        assert_eq!(failed.status.code(), Some(5), "{args:?} {}", said(&failed));
        let said = said(&failed);
        assert!(said.contains("error: the disk is full\n"), "{args:?} {said}");
        assert!(
            said.ends_with("Make room on the disk of the data directory, then run it again.\n"),
            "{args:?} {said}"
        );
    }
    assert_eq!(std::fs::read_dir(&empty).expect("listed").count(), 0, "half a data file stayed");

    filler.remove().expect("room again");
    assert_eq!(relay(&["user", "list"], &data).stdout, before);
    for (args, at) in [(&["init"][..], &empty), (&user, &data)] {
        let done = relay(args, at);
        assert!(done.status.success(), "{args:?} {}", said(&done));
    }
}

/// Rows that one transaction of an import holds.
const BATCH: u64 = 256;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_on_a_full_disk_keeps_whole_batches_and_is_completed_when_there_is_room() {
    const ROWS: u64 = 2_000;
    let Some(disk) = SmallDisk::mount(32 << 10) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let data = disk.path().join("data");
    assert!(relay(&["init"], &data).status.success());
    let file = dir.path().join("customers.csv");
    let rows: String = (0..ROWS).map(|row| format!("{row},Customer {row},Shanghai\n")).collect();
    std::fs::write(&file, format!("key,name,region\n{rows}")).expect("written");
    let import = ["import", "customers", file.to_str().expect("UTF-8"), "--json"];

    let filler = disk.fill().expect("filled");
    // Without any room at all, and with room for a part of it.
    for room in [0, 1 << 20] {
        filler.give_back(room).expect("given back");
        let failed = relay(&import, &data);
        let said = said(&failed);
        assert_eq!(failed.status.code(), Some(5), "{said}");
        assert!(said.contains("error: the disk is full\n"), "{said}");
        assert!(
            said.ends_with("Make room on the disk of the data directory, then run it again.\n"),
            "{said}"
        );
    }
    filler.remove().expect("room again");
    let count = |output: &Output| -> serde_json::Value {
        assert!(output.status.success(), "{}", said(output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let done = count(&relay(&import, &data));
    let kept = done["unchanged"].as_u64().expect("a number");
    println!("{kept} of {ROWS} customers were in when the disk was full");
    assert_eq!(kept % BATCH, 0, "{done}");
    assert!(kept < ROWS, "the disk was not full: {done}");
    assert_eq!((&done["created"], &done["changed"]), (&(ROWS - kept).into(), &0.into()), "{done}");
    let again = count(&relay(&import, &data));
    assert_eq!((&again["unchanged"], &again["changes"]), (&ROWS.into(), &0.into()), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_phone_reads_on_brings_its_work_to_safety_and_saves_again_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(4 << 10) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let company =
        Company::found(&dir.path().join("data"), &["anna", "boris"]).await.expect("founded");
    let relay = Relay::start(RELAY, &company.data).expect("the server listens");
    let home = disk.path().join("phone");
    let anna = phone(&home, &relay, "anna").await;
    let acme = new_customer(&anna, "上海华联超市");
    anna.sync_once().await.expect("the first sync works");
    let boris = phone(&dir.path().join("boris"), &relay, "boris").await;
    let beta = new_customer(&boris, "Beta");
    boris.sync_once().await.expect("synced");
    let id = beta.to_string();
    let placed =
        self::relay(&["place", &id, "--owner", "boris", "--collaborator", "anna"], &company.data);
    assert!(placed.status.success(), "{}", said(&placed));

    let filler = disk.fill().expect("filled");
    let mut saved = BTreeSet::new();
    let error = loop {
        match complete_visit(&anna, acme) {
            Ok(visit) => assert!(saved.insert(visit) && saved.len() < MANY),
            Err(error) => break error.downcast::<SaveError>().expect("typed"),
        }
    };
    assert!(matches!(error, SaveError::Store(StoreError::Full)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "this phone's storage is full and nothing was saved: make room, then save again"
    );
    // Nothing half-saved; reading and searching go on.
    let pending = |client: &Client| {
        let pending = client.pending().expect("read");
        pending.saved + pending.sent
    };
    let waiting = pending(&anna);
    assert!(waiting >= saved.len() as u64);
    assert_eq!(visits(&anna), saved);
    assert_eq!(anna.search("华联", 10).expect("searched").len(), 1);
    assert_eq!(anna.customers(&CustomerQuery::default()).expect("listed").items.len(), 1);
    anna.agenda(10).expect("the agenda is read");

    // What was saved before still reaches the server. What the server sends cannot be
    // kept, so the phone goes on asking for it.
    let known = anna.known_up_to().expect("read");
    let failed = anna.sync_once().await.expect_err("the answer cannot be kept");
    assert_eq!(failed.fault, Fault::PhoneFull);
    assert!(failed.retry_at.is_some());
    assert_eq!(anna.known_up_to().expect("read"), known);
    assert_eq!(pending(&anna), waiting);
    assert!(anna.customer(beta).expect("read").is_none());
    assert_eq!(company.visits().await, saved);

    // The app is closed and opened while the phone is full.
    anna.close();
    let anna = open(&home, &relay.url()).expect("a full phone opens its file");
    assert_eq!(visits(&anna), saved);

    filler.remove().expect("room again");
    saved.insert(complete_visit(&anna, acme).expect("saving works again"));
    while anna.sync_once().await.expect("synced").remaining > 0 {}
    assert!(anna.customer(beta).expect("read").is_some());
    assert_eq!(visits(&anna), saved);
    relay.kill();
    assert_eq!(company.visits().await, saved);
    println!("{} visits on a phone of 4 MiB", saved.len());
}
