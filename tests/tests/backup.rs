//! `fieldsync backup` and `restore` as processes, beside a server under load.

use std::path::Path;
use std::process::Command;

use client_core::engine::{Client, CustomerQuery, NewCustomer, VisitQuery};
use client_core::id::DocId;
use serde_json::Value;
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open};
use tests::process::Relay;

const RELAY: &str = env!("CARGO_BIN_EXE_relay");

fn run(args: &[&str], paths: &[(&str, &Path)]) -> (i32, Value) {
    let mut command = Command::new(RELAY);
    command.args(args).arg("--json");
    for (name, path) in paths {
        if !name.is_empty() {
            command.arg(name);
        }
        command.arg(path);
    }
    let done = command.output().expect("the binary runs");
    let out = String::from_utf8(done.stdout).expect("UTF-8");
    let json = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out:?}"));
    (done.status.code().expect("it ended"), json)
}

fn visits(client: &Client) -> usize {
    let query = VisitQuery { limit: 500, ..VisitQuery::default() };
    client.visits(&query).expect("listed").items.len()
}

async fn stage(dir: &Path) -> (Company, Relay, Client, DocId) {
    let company = Company::found(&dir.join("server"), &["anna"]).await.expect("founded");
    let relay = Relay::start(RELAY, &company.data).expect("it listens");
    let anna = open(&dir.join("phone"), &relay.url()).expect("it opens");
    anna.sign_in("anna", PASSWORD).await.expect("signed in");
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    let customer = anna.create_customer(new).expect("saved").id;
    anna.sync_once().await.expect("synced");
    (company, relay, anna, customer)
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_taken_under_load_are_each_of_one_instant_and_come_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, relay, anna, customer) = stage(dir.path()).await;
    let mut confirmed = Vec::new();
    let mut stored = 0;
    for round in 0..4 {
        let file = dir.path().join(format!("{round}.tar"));
        let (data, to) = (company.data.clone(), file.clone());
        let copying = tokio::task::spawn_blocking(move || {
            run(&["backup"], &[("--data", &data), ("--to", &to)])
        });
        for _ in 0..5 {
            complete_visit(&anna, customer).expect("saved");
            anna.sync_once().await.expect("nobody waits for a backup");
            stored += 1;
        }
        let (code, said) = copying.await.expect("it ran");
        assert_eq!(code, 0, "{said}");
        assert_eq!(said["manifest"]["files"][0]["name"], "fieldsync.db");
        confirmed.push((file, stored));
    }
    anna.close();
    relay.kill();
    for (file, at_most) in confirmed {
        let data = file.with_extension("restored");
        let (code, said) = run(&["restore"], &[("", &file), ("--data", &data)]);
        assert_eq!(code, 0, "{said}");
        let relay = Relay::start(RELAY, &data).expect("it serves what was restored");
        let fresh = open(&file.with_extension("phone"), &relay.url()).expect("it opens");
        fresh.sign_in("anna", PASSWORD).await.expect("signed in");
        fresh.sync_once().await.expect("synced");
        let found = visits(&fresh);
        assert!(found <= at_most && found + 5 >= at_most, "{found} of {at_most}");
        assert!(fresh.scopes().expect("read").iter().all(|scope| scope.matches));
        fresh.close();
        // The phone that wrote them brings the rest.
        let anna = open(&dir.path().join("phone"), &relay.url()).expect("it opens");
        for _ in 0..3 {
            anna.sync_once().await.expect("synced");
        }
        anna.close();
        let fresh = open(&file.with_extension("phone"), &relay.url()).expect("it opens");
        fresh.sync_once().await.expect("synced");
        assert_eq!(visits(&fresh), stored);
        fresh.close();
        relay.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_says_why_and_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, relay, anna, _customer) = stage(dir.path()).await;
    anna.close();
    let file = dir.path().join("backup.tar");
    let (code, _) = run(&["backup"], &[("--data", &company.data), ("--to", &file)]);
    assert_eq!(code, 0);
    let (code, said) = run(&["backup"], &[("--data", &company.data), ("--to", &file)]);
    assert_eq!((code, said["code"].as_i64()), (2, Some(2)), "{said}");
    let (code, said) = run(&["backup"], &[("--data", dir.path()), ("--to", &dir.path().join("b"))]);
    assert_eq!(code, 4, "{said}");
    let (code, said) = run(&["restore"], &[("", &file), ("--data", &company.data)]);
    assert_eq!(code, 4, "{said}");
    assert!(said["advice"].as_str().expect("advice").contains("--force"));
    let (code, said) = run(&["restore", "--force"], &[("", &file), ("--data", &company.data)]);
    assert_eq!(code, 5, "a server runs on it: {said}");
    let letter = dir.path().join("letter");
    std::fs::write(&letter, "Dear Anna, ".repeat(100)).expect("written");
    let (code, said) = run(&["restore"], &[("", &letter), ("--data", &dir.path().join("new"))]);
    assert_eq!(code, 4, "{said}");
    relay.kill();
    let (code, said) = run(&["restore", "--force"], &[("", &file), ("--data", &company.data)]);
    assert_eq!(code, 0, "{said}");
    assert!(Path::new(said["set_aside"].as_str().expect("a folder")).join("fieldsync.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_since_a_backup_does_not_come_back_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, relay, anna, _customer) = stage(dir.path()).await;
    let new = NewCustomer { name: "Geheimwerk".into(), ..NewCustomer::default() };
    let erased = anna.create_customer(new).expect("saved").id.to_string();
    anna.sync_once().await.expect("synced");
    anna.close();
    let file = dir.path().join("backup.tar");
    let (code, said) = run(&["backup"], &[("--data", &company.data), ("--to", &file)]);
    assert_eq!(code, 0, "{said}");
    relay.kill();
    let (code, said) = run(&["erase", "customer", &erased], &[("--data", &company.data)]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&["restore", "--force"], &[("", &file), ("--data", &company.data)]);
    assert_eq!((code, said["erased_again"].as_u64()), (0, Some(1)), "{said}");

    let relay = Relay::start(RELAY, &company.data).expect("it serves what was restored");
    let fresh = open(&dir.path().join("fresh"), &relay.url()).expect("it opens");
    fresh.sign_in("anna", PASSWORD).await.expect("signed in");
    fresh.sync_once().await.expect("synced");
    // Nor does the phone that still holds it bring it back.
    let anna = open(&dir.path().join("phone"), &relay.url()).expect("it opens");
    for _ in 0..3 {
        anna.sync_once().await.expect("synced");
    }
    fresh.sync_once().await.expect("synced");
    for phone in [&anna, &fresh] {
        let found = phone.customers(&CustomerQuery::default()).expect("listed").items;
        let names: Vec<_> = found.into_iter().filter_map(|entry| entry.state.name).collect();
        assert!(!names.iter().any(|name| name == "Geheimwerk"), "{names:?}");
    }
    relay.kill();
}
