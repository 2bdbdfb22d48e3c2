//! The generated Python binding plays offline → sync → score against a real
//! server: what keeps the phone API honest until Kotlin and Swift do the same.

use std::path::PathBuf;
use std::process::Command;

use server::office::{By, Office};
use tests::company::{Company, PASSWORD};
use tests::tools;

/// The library that this test run built.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("this program has a path");
    let deps = test.parent().expect("it lies in a folder");
    [deps, deps.parent().expect("target/debug")]
        .iter()
        .map(|dir| dir.join("libfieldsync_mobile.so"))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("no libfieldsync_mobile.so beside {}", test.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_binding_plays_a_day_from_offline_to_score() {
    if !cfg!(target_os = "linux") || !tools::have(&["python3"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let bindings = dir.path().join("bindings");
    let library = library();
    let made = Command::new(env!("CARGO_BIN_EXE_bindgen"))
        .args(["generate", "--language", "python", "--no-format", "--out-dir"])
        .arg(&bindings)
        .arg(&library)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the generator runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::copy(&library, bindings.join("libfieldsync_mobile.so")).expect("copied");

    let company = Company::found(&dir.path().join("server"), &["anna"]).await.expect("founded");
    let server = company.serve().await.expect("the server starts");
    let url = format!("http://{}", server.addr());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/offline_sync_score.py");
    let phone = dir.path().join("phone");
    let app = server.app().clone();
    let office = Office::of(app.clone(), company.org);
    let registrar = office.registrar(By::CommandLine).await.expect("the office is open");
    let invited = registrar.invite(company.reps[0]).await.expect("anna is invited");
    let invitation = invited.address(Some(&url));
    let played = tokio::task::spawn_blocking(move || {
        Command::new("python3")
            .arg(script)
            .args([url.as_str(), "anna", PASSWORD])
            .arg(phone)
            .arg(invitation)
            .env("PYTHONPATH", bindings)
            .output()
            .expect("python runs")
    })
    .await
    .expect("python ends");
    println!("{}", String::from_utf8_lossy(&played.stdout));
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    let rows = server::storage::Scores::rows_for_rep(app.storage(), company.org, company.reps[0])
        .await
        .expect("rows are read");
    assert_eq!(rows.len(), 3, "one customer and two visits reached the server");
    server.shutdown().await;
}
