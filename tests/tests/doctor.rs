//! The doctor as an administrator meets it: a program, its words and how it ends.

use std::path::Path;
use std::process::{Command, Output};

use client_core::engine::NewCustomer;
use serde_json::Value;
use tempfile::TempDir;
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open};

const RELAY: &str = env!("CARGO_BIN_EXE_relay");

fn doctor(data: &Path, args: &[&str]) -> Output {
    Command::new(RELAY).arg("doctor").arg("--data").arg(data).args(args).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    })
}

fn codes(report: &Value) -> Vec<String> {
    let found = report["found"].as_array().unwrap();
    found.iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_named_with_what_to_do_and_healed_while_the_server_is_stopped() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna"]).await.unwrap();
    let data = &company.data;
    #[cfg(unix)]
    std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let server = company.serve().await.unwrap();
    let anna = open(&dir.path().join("anna"), &format!("http://{}", server.addr())).unwrap();
    anna.sign_in("anna", PASSWORD).await.unwrap();
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    let customer = anna.create_customer(new).unwrap().id;
    for _ in 0..3 {
        complete_visit(&anna, customer).unwrap();
    }
    anna.sync_once().await.unwrap();

    // Beside a running server it looks, and rebuilds nothing.
    let looked = doctor(data, &["--json"]);
    assert_eq!(looked.status.code(), Some(0), "{looked:?}");
    let report = json(&looked);
    assert_eq!(report["healthy"], true);
    assert_eq!(report["documents"], 4);
    let busy = doctor(data, &["--rebuild"]);
    assert_eq!(busy.status.code(), Some(5), "{busy:?}");
    assert!(String::from_utf8_lossy(&busy.stderr).contains("Stop the server"), "{busy:?}");
    server.shutdown().await;

    let file = rusqlite::Connection::open(data.join(server::DATA_FILE)).unwrap();
    let changed = file
        .execute_batch(
            "update doc set snapshot = zeroblob(50) where kind = 'visit';
             update customer_row set name = 'Nobody';
             delete from member;",
        )
        .map(|()| file.changes());
    assert!(changed.unwrap() > 0);
    drop(file);

    let words = doctor(data, &[]);
    assert_eq!(words.status.code(), Some(4), "{words:?}");
    let said = String::from_utf8(words.stdout).unwrap();
    for expected in ["document_differs", "row_differs", "membership_differs", "What to do:"] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
    assert!(said.contains("fieldsync doctor --rebuild"), "{said}");

    let healed = doctor(data, &["--rebuild", "--json"]);
    assert_eq!(healed.status.code(), Some(0), "{healed:?}");
    let report = json(&healed);
    assert!(
        codes(&report).iter().all(|code| code == "scores_wait"
            || code == "nobody_administers"
            || code == "disk_low"),
        "{report}"
    );
    assert!(report["found_before"].as_array().unwrap().len() >= 3, "{report}");

    // A phone that holds everything and one that starts agree with what was rebuilt.
    let server = company.serve().await.unwrap();
    let url = format!("http://{}", server.addr());
    for name in ["anna", "anna-2"] {
        let phone = open(&dir.path().join(name), &url).unwrap();
        phone.sign_in("anna", PASSWORD).await.unwrap();
        phone.sync_once().await.unwrap();
        let page = phone.visits(&client_core::engine::VisitQuery::default()).unwrap();
        assert_eq!(page.items.len(), 3, "{name}");
        assert_eq!(phone.customer(customer).unwrap().unwrap().state.name.unwrap(), "Acme");
        for tally in phone.scopes().unwrap() {
            assert!(tally.matches, "{name}: {tally:?}");
        }
    }
    server.shutdown().await;
}

#[test]
fn a_missing_directory_and_a_file_of_another_program_are_told_apart() {
    let dir = TempDir::new().unwrap();
    let missing = doctor(&dir.path().join("nowhere"), &[]);
    assert_eq!(missing.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("fieldsync init"), "{missing:?}");
    std::fs::write(dir.path().join(server::DATA_FILE), "no database".repeat(1000)).unwrap();
    let other = doctor(dir.path(), &["--json"]);
    assert_eq!(other.status.code(), Some(4));
    assert!(codes(&json(&other)).contains(&"not_a_database".to_owned()), "{other:?}");
}
