//! A whole server in this process: what `serve` runs, tests and the demo start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, AppConfig};
use crate::auth::AuthError;
use crate::edge::{Clock, Random, SystemClock, SystemRandom};
use crate::http::{self, ListenerLimits, Proxy};
use crate::scoring;
use crate::storage::AnyStorage;
use crate::storage::sqlite::{OpenError, SqliteStorage};

/// The data file inside a data directory.
pub const DATA_FILE: &str = "fieldsync.db";

/// How a server is started.
#[derive(Clone)]
pub struct ServerConfig {
    /// The data directory that `init` made.
    pub data: PathBuf,
    /// Where to listen; port 0 takes any free one.
    pub bind: SocketAddr,
    /// Whether a proxy of ours stands in front and ends TLS.
    pub proxy: Proxy,
    /// Connections at the same time.
    pub connections: usize,
    /// How long shutdown waits for what is in flight.
    pub drain: Duration,
    /// Everything else.
    pub app: AppConfig,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
}

impl ServerConfig {
    /// The defaults for a data directory and an address.
    pub fn new(data: &Path, bind: SocketAddr) -> Self {
        Self {
            data: data.to_owned(),
            bind,
            proxy: Proxy::None,
            connections: 2048,
            drain: Duration::from_secs(20),
            app: AppConfig::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data could not be opened.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// Listening in the open without TLS.
    #[error(
        "{bind} can be reached from outside and this server speaks no TLS: put a proxy in front \
         and say --behind-proxy, or bind to 127.0.0.1"
    )]
    Exposed {
        /// The address.
        bind: SocketAddr,
    },
    /// Somebody else has the port.
    #[error("{bind} is in use: stop what listens there, or choose another port")]
    PortInUse {
        /// The address.
        bind: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("{bind} cannot be listened on: {source}")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The password hasher could not be set up.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that runs until it is shut down.
pub struct RunningServer {
    addr: SocketAddr,
    app: App,
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Opens the data, listens, and answers from then on.
    pub async fn start(config: ServerConfig) -> Result<RunningServer, StartError> {
        let bind = config.bind;
        if !bind.ip().is_loopback() && config.proxy == Proxy::None {
            return Err(StartError::Exposed { bind });
        }
        let listener = TcpListener::bind(bind).await.map_err(|source| {
            if source.kind() == std::io::ErrorKind::AddrInUse {
                StartError::PortInUse { bind }
            } else {
                StartError::Bind { bind, source }
            }
        })?;
        let addr = listener.local_addr().map_err(|source| StartError::Bind { bind, source })?;
        let storage = AnyStorage::Sqlite(SqliteStorage::open(&config.data.join(DATA_FILE))?);
        let app = App::new(storage, config.clock, config.random, config.app)?;
        let (token, tasks) = (CancellationToken::new(), TaskTracker::new());
        let limits = ListenerLimits {
            connections: config.connections,
            header_deadline: Duration::from_secs(10),
            drain: config.drain,
            proxy: config.proxy,
        };
        tasks.spawn(http::serve(listener, http::router(app.clone()), limits, token.clone()));
        tasks.spawn(tidy(app.clone(), token.clone()));
        scoring::spawn(app.clone(), &tasks, token.clone());
        crate::relay::fold::spawn(app.clone(), &tasks, token.clone());
        tasks.close();
        tracing::info!(%addr, "listening");
        Ok(RunningServer { addr, app, token, tasks })
    }
}

impl RunningServer {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its state: for tests, the demo and jobs in the same process.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Ends when something asks the server to stop.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Stops accepting, finishes what is in flight within the drain time, and lets
    /// go of the data.
    pub async fn shutdown(self) {
        self.token.cancel();
        self.tasks.wait().await;
    }
}

/// Keeps the tables of the limits small.
async fn tidy(app: App, token: CancellationToken) {
    let mut turns = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            _ = turns.tick() => {
                app.throttles().forget_the_quiet();
                app.quotas().forget_the_quiet(app.clock().now());
            }
        }
    }
}
