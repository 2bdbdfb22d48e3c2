//! The Kotlin SDK against the real library and a real server process: the contract that
//! every language keeps, the sample's view models, and a rep's day in a terminal.

use std::path::Path;
use std::process::Command;

use tests::stage::{Stage, assert_held, generate, library, script};
use tests::tools;

#[tokio::test(flavor = "multi_thread")]
async fn the_kotlin_sdk_keeps_the_contract_and_its_sample_plays_a_day() {
    if !cfg!(target_os = "linux") || !tools::have(&["java", "mvn"]) {
        return;
    }
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kotlin");
    let bindings = work.join("bindings");
    generate(&bindings, env!("CARGO_BIN_EXE_bindgen"));
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path().join("server");
    let stage = Stage::set(&data, env!("CARGO_BIN_EXE_relay")).await.expect("the stage is set");
    let mut command = Command::new(script("kotlin-test"));
    command.arg("--library").arg(library()).arg("--bindings").arg(bindings);
    command.arg("--work").arg(&work);
    stage.show(&mut command).await.expect("it finds the stage");
    let ended = tokio::task::spawn_blocking(move || command.output());
    assert_held(&ended.await.expect("it is waited for").expect("Maven runs"));
}
