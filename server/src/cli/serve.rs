//! `fieldsync serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::answer::{Answer, say};
use super::data::DataArg;
use super::failure::{Exit, Failure};
use super::invite::server;
use super::limits;
use super::signals::Signals;
use crate::erasures::Ledger;
use crate::http::{Proxy, TlsFiles};
use crate::{Server, ServerConfig};

/// Run the server until it is told to stop.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataArg,
    /// Where to listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
    /// A proxy of ours stands in front, ends TLS and appends X-Forwarded-For.
    #[arg(long)]
    behind_proxy: bool,
    /// The certificate, in PEM form, with which this server speaks TLS itself. Renewed
    /// files are taken within a minute.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "behind_proxy")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Where to tell figures to Prometheus, such as 127.0.0.1:9464; nowhere if absent.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Tell them to other machines too.
    #[arg(long, requires = "metrics")]
    metrics_in_the_open: bool,
    /// Tell phones nothing by themselves; they sync every now and then.
    #[arg(long)]
    no_live_hints: bool,
    /// Where phones and browsers reach this server, for invitations; what the browser
    /// of whoever invites uses if absent.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where erasures were written down; erasures.jsonl in the data directory if absent.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// A TOML file with limits and quotas below the program's own.
    ///
    /// At its top: change_bytes, change_operations, change_dependencies, document_bytes,
    /// document_operations, document_actors, text_bytes. In the sections device_hour,
    /// device_day and person_day: changes, bytes, operations, documents.
    #[arg(long, value_name = "FILE")]
    limits: Option<PathBuf>,
}

impl Serve {
    pub(super) async fn run(self, json: bool) -> Result<Answer, Failure> {
        log(json);
        // Before anything listens, so that no signal finds the default answer.
        let mut signals = Signals::listen().context("signals cannot be listened for")?;
        let mut config = ServerConfig::new(self.data.dir()?, self.bind);
        config.app.public_url = self.public_url.as_deref().map(server).transpose()?;
        if let Some(file) = &self.ledger {
            config.ledger = Ledger::at(file);
        }
        if let Some(file) = &self.limits {
            limits::lower(file, &mut config.app.limits, &mut config.app.quotas)?;
        }
        if self.behind_proxy {
            config.proxy = Proxy::Trusted;
        }
        config.tls = self.tls_cert.zip(self.tls_key).map(|(cert, key)| TlsFiles { cert, key });
        config.metrics = self.metrics;
        config.metrics_in_the_open = self.metrics_in_the_open;
        config.app.live.enabled = !self.no_live_hints;
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        raise_files();
        let running = Server::start(config).await?;
        let addr = running.addr();
        say(&if json {
            let metrics = running.metrics_addr().map(|addr| addr.to_string());
            json!({ "listening": addr.to_string(), "metrics": metrics }).to_string()
        } else {
            let metrics = running
                .metrics_addr()
                .map_or_else(String::new, |addr| format!("\nfigures on http://{addr}/metrics"));
            format!("fieldsync listens on {scheme}://{addr}{metrics}")
        });
        let token = running.token();
        tokio::select! {
            () = signals.next() => tracing::info!("stopping: a second signal stops at once"),
            () = token.cancelled() => {}
        }
        tokio::select! {
            () = running.shutdown() => Ok(Answer::silent()),
            () = signals.next() => Err(Failure::new(
                Exit::Unavailable,
                "stopped at once by a second signal",
                "Phones send again what was not answered; start the server when you like.",
            )
            .safe("What phones were told is stored is stored.")),
        }
    }
}

/// Each phone that listens is an open file, and systems give a process 1,024 unless it
/// asks for the rest of what it may have.
fn raise_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum || limit.maximum.is_none() {
        limit.current = limit.maximum.or(Some(1 << 16));
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!(%error, "the limit of open files stays as it is");
        }
    }
}

/// Logs go to standard error; `FIELDSYNC_LOG` says how much.
fn log(json: bool) {
    let filter =
        EnvFilter::try_from_env("FIELDSYNC_LOG").unwrap_or_else(|_unset| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // What panics is contained where it happens. A stranger's bytes may cause it, so it
    // costs a line: no trace, which takes 90 MB of symbols, and no message, which may
    // hold what people wrote.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "something panicked");
    }));
    // A second subscriber in one process is refused, and the first goes on.
    drop(if json { lines.json().try_init() } else { lines.try_init() });
}
