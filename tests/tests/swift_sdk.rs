//! The Swift package against the real library and a real server process: the contract
//! that every language keeps, the sample's view models, and a rep's day in a terminal.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::company::PASSWORD;
use tests::stage::{Stage, assert_held, library, script};
use tests::tools;

/// What the package is compiled in, kept for the next run; the package itself is `/src` to
/// Swift. Server and people are fresh each time.
struct Workshop {
    work: PathBuf,
    stage: Stage,
}

impl Workshop {
    async fn open() -> Self {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("swift");
        let (data, bin) = (work.join("package/server"), work.join("package/bin"));
        for gone in [&data, &bin] {
            drop(std::fs::remove_dir_all(gone));
        }
        std::fs::create_dir_all(&bin).expect("a folder");
        let (relay, program) = (env!("CARGO_BIN_EXE_relay"), bin.join("fieldsync"));
        std::fs::hard_link(relay, &program)
            .or_else(|_other_disk| std::fs::copy(relay, &program).map(drop))
            .expect("the server's program is where Swift finds it");
        let stage = Stage::set(&data, relay).await.expect("the stage is set");
        Self { work, stage }
    }

    /// Runs `mobile/scripts/swift-test` with what the tests look for. What it says goes to
    /// `said.txt` beside the package while it runs: compiling and testing take minutes.
    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=10", "1500"]).arg(script("swift-test"));
        command.arg("--library").arg(library()).arg("--work").arg(&self.work).args(arguments);
        command.env("FIELDSYNC_BINDGEN", env!("CARGO_BIN_EXE_bindgen"));
        self.stage.show(&mut command).await.expect("it finds the stage");
        command
            .env("FIELDSYNC_TEST_PROGRAM", "/src/bin/fieldsync")
            .env("FIELDSYNC_TEST_DATA", "/src/server")
            .env("FIELDSYNC_TEST_SMALL", "/small");
        let said = self.work.join("said.txt");
        let file = File::create(&said).expect("a file");
        command.stdout(file.try_clone().expect("a file")).stderr(file);
        let ended = tokio::task::spawn_blocking(move || command.status());
        let status = ended.await.expect("it is waited for").expect("the script runs");
        Output { status, stdout: std::fs::read(said).expect("what it said"), stderr: Vec::new() }
    }

    /// Where the server is, for programs that are told.
    async fn url(&self) -> String {
        let mut command = Command::new("true");
        self.stage.show(&mut command).await.expect("it finds the stage");
        let url = command.get_envs().find(|(name, _value)| *name == "FIELDSYNC_TEST_URL");
        let url = url.and_then(|(_name, value)| value).expect("an address");
        url.to_string_lossy().into_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_swift_package_keeps_the_contract_and_its_sample_plays_a_day() {
    if !cfg!(target_os = "linux") || !tools::have_swift() {
        return;
    }
    let workshop = Workshop::open().await;
    assert_held(&workshop.run(&[]).await);

    let url = workshop.url().await;
    let told = ["--server", &url, "--login", "xenia", "--password", PASSWORD, "--dir", "/tmp/day"];
    let day = ["--run", "fieldsync-day"].into_iter().chain(told).chain(["--language", "zh-TW"]);
    let played = workshop.run(&day.collect::<Vec<_>>()).await;
    let said = String::from_utf8_lossy(&played.stdout);
    println!("{said}");
    assert!(played.status.success(), "{}", played.status);
    assert!(said.contains("今日工作結束"), "the day did not end");
}
