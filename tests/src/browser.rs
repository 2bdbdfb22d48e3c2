//! A headless Chromium, driven over WebDriver.
//!
//! Both programs come from the system (Debian: `chromium`, `chromium-driver`).
//! Where they are missing, a suite says so and passes, unless `CI_REQUIRE_ALL=1`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long chromedriver may take to say its port.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running chromedriver; ended when dropped.
pub struct Driver {
    url: String,
    chromium: PathBuf,
    profile: TempDir,
    // Killed on drop, and with it the browsers it started.
    _process: Child,
}

/// The browser's programs, if both are here. Says what is missing otherwise.
///
/// # Panics
/// If they are missing and `CI_REQUIRE_ALL` is set.
pub fn programs() -> Option<(PathBuf, PathBuf)> {
    let found = find("chromium").zip(find("chromedriver"));
    if found.is_none() {
        let needs = "chromium and chromedriver";
        assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "needs {needs}");
        crate::tools::say_skipped(needs);
    }
    found
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

impl Driver {
    /// Starts chromedriver on a free port.
    pub async fn start((chromium, chromedriver): (PathBuf, PathBuf)) -> anyhow::Result<Self> {
        let profile = TempDir::new()?;
        let mut process = Command::new(chromedriver)
            .arg("--port=0")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("chromedriver has no output")?;
        let port = tokio::time::timeout(PATIENCE, port_in(output)).await??;
        let url = format!("http://127.0.0.1:{port}");
        Ok(Self { url, chromium, profile, _process: process })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a session asks for: a clean profile, nothing phoned home, and a screen
    /// of this size; `phone` makes it a touch screen.
    pub fn capabilities(
        &self,
        width: u32,
        height: u32,
        phone: bool,
    ) -> serde_json::Map<String, Value> {
        let profile = self.profile.path().join(format!("profile-{width}"));
        let mut options = json!({
            "binary": self.chromium,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.display()),
            ],
        });
        if phone {
            options["mobileEmulation"] = json!({
                "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0, "touch": true },
            });
        }
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        match wanted {
            Value::Object(wanted) => wanted,
            _ => serde_json::Map::new(),
        }
    }
}

/// Reads `… started successfully on port 12345.`
async fn port_in(output: tokio::process::ChildStdout) -> anyhow::Result<u16> {
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return Ok(port.trim_end_matches('.').parse()?);
        }
    }
    bail!("chromedriver ended without saying its port")
}
