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
use crate::http::Proxy;
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
    /// Where phones and browsers reach this server, for invitations; what the browser
    /// of whoever invites uses if absent.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// A TOML file with limits and quotas below the program's own.
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
        if let Some(file) = &self.limits {
            limits::lower(file, &mut config.app.limits, &mut config.app.quotas)?;
        }
        if self.behind_proxy {
            config.proxy = Proxy::Trusted;
        }
        let running = Server::start(config).await?;
        let addr = running.addr();
        say(&if json {
            json!({ "listening": addr.to_string() }).to_string()
        } else {
            format!("fieldsync listens on http://{addr}")
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
