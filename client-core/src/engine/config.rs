use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Carrier, Clock, Random, SecretStore, SystemClock, SystemRandom, TokenStore};
use crate::names::Region;
use crate::sync::Settings;

/// What the app tells about the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What people call the phone.
    pub name: String,
    /// `ios`, `android`, …
    pub platform: String,
    /// The app's version, for example `1.4.0`.
    pub app_version: String,
}

/// How a [`Client`](super::Client) is set up.
#[derive(Clone)]
pub struct Config {
    /// A folder of the app's own, outside backups and app groups. One file per
    /// org and user is kept in it.
    pub dir: PathBuf,
    /// Where the server is, for example `https://sales.example.com`. Empty for an app
    /// that learns it from an invitation; see [`Client::enrol`](super::Client::enrol).
    pub server_url: String,
    /// The installation.
    pub device: DeviceInfo,
    /// The region of phone numbers typed without a country code.
    pub region: Region,
    /// The device's clocks.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub random: Arc<dyn Random>,
    /// Where tokens are kept; a small file in `dir` (mode 0600) if absent. Apps
    /// pass the system's keychain.
    pub tokens: Option<Arc<dyn TokenStore>>,
    /// The system's keychain. Tokens are kept in it if `tokens` is absent, and with the
    /// feature `sqlcipher` the key that the files are encrypted with.
    pub secrets: Option<Arc<dyn SecretStore>>,
    /// Refuses to open while another client has the folder open.
    pub alone: bool,
    /// PEM certificates of the org's own authority, trusted beside the bundled roots.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// Bytes of a page of the feed: fewer where connections break often.
    pub page_budget: u32,
    /// Bytes of changes in one request at most, for the same reason.
    pub push_limit: usize,
    /// How long the phone waits in silence before it takes a connection for dead. A
    /// request that is on its way gets as much more as its bytes take at 1 kB/s.
    pub patience: Duration,
    /// Who carries requests; the engine's own HTTP if absent.
    pub carrier: Option<Arc<dyn Carrier>>,
    /// How long a phone that listens waits between two polls at most, where no live
    /// hints come through.
    pub poll_every: Duration,
    /// The runtime that sync runs on. The client makes one of its own if absent.
    pub runtime: Option<tokio::runtime::Handle>,
}

impl Config {
    /// A configuration with the system's clock and randomness.
    pub fn new(dir: impl Into<PathBuf>, server_url: &str, device: DeviceInfo) -> Self {
        Self {
            dir: dir.into(),
            server_url: server_url.trim_end_matches('/').to_owned(),
            device,
            region: Region::CN,
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom),
            tokens: None,
            secrets: None,
            alone: false,
            extra_roots_pem: None,
            page_budget: crate::protocol::DEFAULT_PAGE_BUDGET,
            push_limit: Settings::default().push_limit,
            patience: Duration::from_secs(45),
            carrier: None,
            poll_every: Duration::from_secs(60),
            runtime: None,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("dir", &self.dir)
            .field("server_url", &self.server_url)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
