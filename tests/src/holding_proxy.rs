//! A proxy that waits for the end of an answer before it passes it on, as some do: a
//! stream, which has no end, never comes through.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running proxy; ends when it is dropped.
pub struct HoldingProxy {
    addr: SocketAddr,
    held: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl HoldingProxy {
    /// Listens on a free port before `server`.
    pub async fn before(server: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let held = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&held);
        #[expect(clippy::disallowed_methods, reason = "the proxy itself is its only tracker")]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((phone, _)) = listener.accept().await {
                connections.spawn(pass(phone, server, Arc::clone(&count)));
            }
        });
        Ok(Self { addr, held, task })
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Streams that were asked for and held back.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }
}

impl Drop for HoldingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection speaks until it asks for a stream; from then on it hears nothing.
async fn pass(phone: TcpStream, server: SocketAddr, held: Arc<AtomicUsize>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut phone_in, mut phone_out) = phone.into_split();
    let (mut server_in, mut server_out) = server.into_split();
    let asking = async {
        let mut heard = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = phone_in.read(&mut heard).await {
            // Request heads are short and written at once, so none is cut in two here.
            if heard[..read].starts_with(b"GET /v1/live") {
                held.fetch_add(1, Ordering::SeqCst);
                return true;
            }
            if server_out.write_all(&heard[..read]).await.is_err() {
                return false;
            }
        }
        false
    };
    let holds = tokio::select! {
        holds = asking => holds,
        _ended = tokio::io::copy(&mut server_in, &mut phone_out) => false,
    };
    if holds {
        // Until the phone gives up.
        let mut rest = [0; 1024];
        while matches!(phone_in.read(&mut rest).await, Ok(1..)) {}
    }
}
