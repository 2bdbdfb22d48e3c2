//! Tools that some suites need and some machines lack.

use std::io::Write as _;
use std::path::PathBuf;

/// Finds a program on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|found| found.is_file())
}

/// Says on the terminal that a suite did not run and what it needs. Past the capture of the
/// test runner, which keeps what a test that passes prints: a skipped one would look held.
pub fn say_skipped(needs: &str) {
    drop(writeln!(std::io::stderr().lock(), "skipped: needs {needs}"));
}

/// Whether a suite may run. Without its tools it says `skipped: needs …` and
/// passes; under `CI_REQUIRE_ALL=1` it fails instead.
pub fn have(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "needs {missing:?}");
    say_skipped(&format!("{missing:?}"));
    false
}

/// Whether the Swift package can be compiled and run: on Linux in a folder that
/// `mobile/scripts/swift-root` makes. Without it this says `skipped: needs …`; under
/// `CI_REQUIRE_ALL=1` it fails instead.
///
/// # Panics
/// If every suite has to run and this one cannot.
pub fn have_swift() -> bool {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../mobile/scripts/swift-root");
    let asked = std::process::Command::new(script).arg("--find").output();
    if asked.as_ref().is_ok_and(|asked| asked.status.success()) {
        return true;
    }
    assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "needs Swift: {asked:?}");
    say_skipped("Swift (mobile/scripts/swift-root makes a folder with it)");
    false
}

/// The real company's data, if they are on this machine: at `FIELDSYNC_CRM_DATA`, or
/// beside the repository. Without them it says `skipped: needs …`; under
/// `CI_REQUIRE_ALL=1` that is a failure only where the variable names them.
pub fn crm_data() -> Option<PathBuf> {
    const VARIABLE: &str = "FIELDSYNC_CRM_DATA";
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/crm-sales-opportunities");
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let dir = named.clone().unwrap_or_else(|| PathBuf::from(beside));
    if dir.join("sales_pipeline.csv").is_file() {
        return Some(dir);
    }
    assert!(named.is_none(), "{VARIABLE} names no data set: {}", dir.display());
    say_skipped(&format!("the data set that {VARIABLE} names"));
    None
}

/// An HTTP client that follows no redirect.
///
/// # Panics
/// If it cannot be built.
pub fn http() -> reqwest::Client {
    // The phone engine's TLS is without a process-wide provider on purpose; a plain
    // client wants one, and a second installation is refused and harmless.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client can be built")
}
