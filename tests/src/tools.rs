//! Tools that some suites need and some machines lack.

use std::path::PathBuf;

/// Finds a program on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|found| found.is_file())
}

/// Whether a suite may run. Without its tools it says `skipped: needs …` and
/// passes; under `CI_REQUIRE_ALL=1` it fails instead.
pub fn have(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "needs {missing:?}");
    println!("skipped: needs {missing:?}");
    false
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
