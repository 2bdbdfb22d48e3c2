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
use crate::erasures::{self, Ledger};
use crate::http::{self, ListenerLimits, Proxy, Tls, TlsError, TlsFiles};
use crate::lock::{DataLock, LockError};
use crate::office::EraseError;
use crate::storage::sqlite::{OpenError, SqliteStorage};
use crate::storage::{AnyStorage, Records, StorageError};
use crate::{live, scoring};

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
    /// Certificate and key, where TLS is ended here.
    pub tls: Option<TlsFiles>,
    /// Where figures are told to whoever watches the server; nowhere if absent.
    pub metrics: Option<SocketAddr>,
    /// Whether figures may be told to other machines.
    pub metrics_in_the_open: bool,
    /// Connections at the same time.
    pub connections: usize,
    /// Connections of one address at the same time. A whole office may share one.
    pub per_address: usize,
    /// A request's head must be complete by then.
    pub header_deadline: Duration,
    /// A client that takes nothing for so long is cut.
    pub write_patience: Duration,
    /// How long shutdown waits for what is in flight.
    pub drain: Duration,
    /// Where erasures were written down.
    pub ledger: Ledger,
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
            tls: None,
            metrics: None,
            metrics_in_the_open: false,
            connections: 4096,
            per_address: 1024,
            header_deadline: Duration::from_secs(10),
            write_patience: Duration::from_secs(60),
            drain: Duration::from_secs(20),
            ledger: Ledger::of(data),
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
        "{bind} can be reached from outside, and passwords would travel in clear: give a \
         certificate with --tls-cert and --tls-key, or put a proxy that ends TLS in front and \
         say --behind-proxy, or bind to 127.0.0.1"
    )]
    Exposed {
        /// The address.
        bind: SocketAddr,
    },
    /// Figures in the open.
    #[error(
        "{bind} can be reached from outside, and figures of the company would be told to anybody: \
         bind them to 127.0.0.1, or say --metrics-in-the-open if something else guards them"
    )]
    MetricsExposed {
        /// The address.
        bind: SocketAddr,
    },
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Another process has the data for itself.
    #[error(transparent)]
    Locked(#[from] LockError),
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
    /// What was erased could not be erased again.
    #[error(
        "what was erased may be in this data again, and could not be erased: {0}; nothing is served"
    )]
    Erasing(#[from] EraseError),
    /// The data could not be read or brought up to date.
    #[error(transparent)]
    Storage(#[from] StorageError),
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
    metrics: Option<SocketAddr>,
    app: App,
    token: CancellationToken,
    tasks: TaskTracker,
    _lock: DataLock,
}

impl Server {
    /// Opens the data, listens, and answers from then on.
    pub async fn start(config: ServerConfig) -> Result<RunningServer, StartError> {
        let bind = config.bind;
        if !bind.ip().is_loopback() && config.proxy == Proxy::None && config.tls.is_none() {
            return Err(StartError::Exposed { bind });
        }
        if let Some(bind) = config.metrics
            && !bind.ip().is_loopback()
            && !config.metrics_in_the_open
        {
            return Err(StartError::MetricsExposed { bind });
        }
        let tls = config.tls.map(Tls::load).transpose()?;
        let (listener, addr) = listen(bind).await?;
        let watched = match config.metrics {
            Some(bind) => Some(listen(bind).await?),
            None => None,
        };
        // Only beside a data file: a wrong directory is told as that.
        let file = config.data.join(DATA_FILE);
        if !file.exists() {
            return Err(OpenError::Missing { path: file }.into());
        }
        let lock = DataLock::take(&config.data)?;
        let storage = AnyStorage::Sqlite(SqliteStorage::open(&file)?);
        let app = App::new(storage, config.clock, config.random, config.app)?;
        // § What was erased must not come back with a file that somebody copied back.
        let erased = erasures::replay(&app, &config.ledger).await?;
        if erased > 0 {
            tracing::warn!(erased, "this data held what was erased before: it is erased again");
        }
        // Books that were brought in before the settings said what they confirm.
        for org in app.storage().orgs().await? {
            app.storage().note_confirms(org.id, app.clock().now()).await?;
        }
        let (token, tasks) = (CancellationToken::new(), TaskTracker::new());
        let limits = ListenerLimits {
            connections: config.connections,
            per_address: config.per_address,
            header_deadline: config.header_deadline,
            write_patience: config.write_patience,
            drain: config.drain,
            proxy: config.proxy,
            tls: tls.clone(),
        };
        if let Some(tls) = tls {
            tasks.spawn(tls.watch(token.clone()));
        }
        let metrics = watched.as_ref().map(|(_listener, addr)| *addr);
        if let Some((listener, _addr)) = watched {
            let few = ListenerLimits { connections: 16, tls: None, ..limits.clone() };
            let router = http::metrics_router(app.clone());
            tasks.spawn(http::serve(listener, router, few, token.clone()));
        }
        tasks.spawn(http::serve(listener, http::router(app.clone()), limits, token.clone()));
        live::spawn(app.clone(), &tasks, token.clone());
        tasks.spawn(tidy(app.clone(), token.clone()));
        scoring::spawn(app.clone(), &tasks, token.clone()).map_err(OpenError::from)?;
        crate::relay::fold::spawn(app.clone(), &tasks, token.clone());
        crate::relay::outgrown::spawn(app.clone(), &tasks, token.clone());
        tasks.close();
        tracing::info!(%addr, "listening");
        Ok(RunningServer { addr, metrics, app, token, tasks, _lock: lock })
    }
}

async fn listen(bind: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(bind).await.map_err(|source| {
        if source.kind() == std::io::ErrorKind::AddrInUse {
            StartError::PortInUse { bind }
        } else {
            StartError::Bind { bind, source }
        }
    })?;
    let addr = listener.local_addr().map_err(|source| StartError::Bind { bind, source })?;
    Ok((listener, addr))
}

impl RunningServer {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where figures are told, if anywhere.
    pub const fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics
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
