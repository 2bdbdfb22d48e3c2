//! Counts what really crosses the wire: a proxy in front of the server that
//! forwards every byte and adds them up, HTTP headers included.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// Bytes seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// From the phone.
    pub up: u64,
    /// To the phone.
    pub down: u64,
    /// Requests: how often `HTTP/1.1\r\n` went up.
    pub requests: u64,
}

#[derive(Default)]
struct Counters {
    up: AtomicU64,
    down: AtomicU64,
    requests: AtomicU64,
}

/// A running tap; ends when it is dropped.
pub struct Wiretap {
    addr: SocketAddr,
    counters: Arc<Counters>,
    task: JoinHandle<()>,
}

impl Wiretap {
    /// Listens on a free port and forwards to `server`.
    pub async fn on(server: SocketAddr) -> std::io::Result<Self> {
        Self::forwarding(None, server).await
    }

    /// The same, and the server sees the phone at `address`, one of this machine's.
    pub async fn seen_as(address: IpAddr, server: SocketAddr) -> std::io::Result<Self> {
        Self::forwarding(Some(address), server).await
    }

    async fn forwarding(from: Option<IpAddr>, server: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let counters = Arc::new(Counters::default());
        let shared = Arc::clone(&counters);
        #[expect(clippy::disallowed_methods, reason = "the tap itself is its only tracker")]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((phone, _)) = listener.accept().await {
                connections.spawn(forward(phone, from, server, Arc::clone(&shared)));
            }
        });
        Ok(Self { addr, counters, task })
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What crossed so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            up: self.counters.up.load(Ordering::SeqCst),
            down: self.counters.down.load(Ordering::SeqCst),
            requests: self.counters.requests.load(Ordering::SeqCst),
        }
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(
    phone: TcpStream,
    from: Option<IpAddr>,
    server: SocketAddr,
    counters: Arc<Counters>,
) {
    let Ok(server) = connect(from, server).await else { return };
    // A wire holds nothing back to fill a packet.
    if phone.set_nodelay(true).and_then(|()| server.set_nodelay(true)).is_err() {
        return;
    }
    let (phone_in, phone_out) = phone.into_split();
    let (server_in, server_out) = server.into_split();
    let up = copy(phone_in, server_out, &counters.up, Some(&counters.requests));
    let down = copy(server_in, phone_out, &counters.down, None);
    tokio::join!(up, down);
}

async fn connect(from: Option<IpAddr>, server: SocketAddr) -> std::io::Result<TcpStream> {
    let Some(from) = from else { return TcpStream::connect(server).await };
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(server).await
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: &AtomicU64,
    requests: Option<&AtomicU64>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        bytes.fetch_add(read as u64, Ordering::SeqCst);
        if let Some(requests) = requests {
            // Request heads are short and written at once, so none is cut in two here.
            let heads = buffer[..read].windows(10).filter(|at| at == b"HTTP/1.1\r\n").count();
            requests.fetch_add(heads as u64, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    // The other side may be gone already, which is what this tells it.
    let _closed = to.shutdown().await;
}
