//! The generated Python binding: what Kotlin and Swift are made of, without their wrappers.
//! It keeps the contract of every language and plays a day from offline to score.

use std::process::{Command, Output};

use tests::stage::{Stage, assert_held, generate, library};
use tests::tools;

/// Plays a script of `tests/python` in a folder of its own.
async fn play(script: &str) -> Option<Output> {
    if !cfg!(target_os = "linux") || !tools::have(&["python3"]) {
        return None;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let bindings = dir.path().join("bindings");
    generate(&bindings, env!("CARGO_BIN_EXE_bindgen"));
    let python = bindings.join("python");
    std::fs::copy(library(), python.join("libfieldsync_mobile.so")).expect("copied");
    let data = dir.path().join("server");
    let stage = Stage::set(&data, env!("CARGO_BIN_EXE_relay")).await.expect("the stage is set");
    let mut command = Command::new("python3");
    command
        .arg(format!("{}/python/{script}", env!("CARGO_MANIFEST_DIR")))
        .arg(dir.path().join("phones"))
        .env("PYTHONPATH", &python);
    stage.show(&mut command).await.expect("it finds the stage");
    std::fs::create_dir(dir.path().join("phones")).expect("a folder");
    let played = tokio::task::spawn_blocking(move || command.output());
    Some(played.await.expect("it is waited for").expect("python runs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_binding_keeps_the_contract_of_every_language() {
    if let Some(played) = play("contract.py").await {
        assert_held(&played);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_binding_plays_a_day_from_offline_to_score() {
    if let Some(played) = play("offline_sync_score.py").await {
        println!("{}", String::from_utf8_lossy(&played.stdout));
        assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    }
}
