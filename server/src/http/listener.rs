//! Our own accept loop.
//!
//! `axum::serve` has no header-read timeout (hyper's default does nothing
//! without a timer), so a client that sends a byte a minute would hold a
//! connection for ever; and its graceful shutdown waits for ever on an open
//! stream. Here headers have a deadline, connections are counted in all and by
//! address, and shutdown ends after a fixed time whatever clients do.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::client_addr::{Peer, Proxy};
use super::patience::Patient;
use super::tls::Tls;

/// What the listener allows.
#[derive(Clone)]
pub(crate) struct Limits {
    /// Connections at the same time; more wait in the kernel's queue.
    pub(crate) connections: usize,
    /// Connections of one address. Behind a proxy there is only the proxy's.
    pub(crate) per_address: usize,
    /// Headers must be complete by then, and so must be a TLS handshake.
    pub(crate) header_deadline: Duration,
    /// A client that takes nothing for so long is cut.
    pub(crate) write_patience: Duration,
    /// What is in flight has this long to end at shutdown.
    pub(crate) drain: Duration,
    /// Whether a proxy of ours stands in front.
    pub(crate) proxy: Proxy,
    /// TLS, if it is ended here.
    pub(crate) tls: Option<Tls>,
}

/// Bytes of a request's head. Ours are a few hundred; a browser's cookies and
/// languages stay below four thousand.
const HEAD: usize = 16 * 1024;
/// Lines of a request's head.
const HEAD_LINES: usize = 64;

/// Serves until the token is cancelled, then drains.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    token: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::default();
    let graceful = GracefulShutdown::new();
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    loop {
        let place = tokio::select! {
            () = token.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            () = token.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: a short rest, or the loop spins.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let most = if limits.proxy == Proxy::None { limits.per_address } else { usize::MAX };
        let Some(of_address) = addresses.enter(peer.ip(), most) else { continue };
        let (router, limits, watcher) = (router.clone(), limits.clone(), graceful.watcher());
        let cut = cut.clone();
        connections.spawn(async move {
            let ended = tokio::select! {
                ended = connection(stream, peer, router, limits, watcher) => ended,
                () = cut.cancelled() => Err("cut at the end of the drain".to_owned()),
            };
            // A connection that breaks off is the client's business.
            if let Err(error) = ended {
                tracing::debug!(error, "a connection ended early");
            }
            drop((place, of_address));
        });
    }
    drop(listener);
    connections.close();
    let drained = async {
        graceful.shutdown().await;
        connections.wait().await;
    };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!("connections were still open at the end of the drain and are cut");
        cut.cancel();
        connections.wait().await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
) -> Result<(), String> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a socket kept its delay");
    }
    let stream = Patient::new(stream, limits.write_patience);
    match &limits.tls {
        None => answer(stream, peer, router, &limits, watcher).await,
        Some(tls) => {
            let handshake = tls.acceptor().accept(stream);
            let stream = tokio::time::timeout(limits.header_deadline, handshake)
                .await
                .map_err(|_elapsed| "the handshake took too long".to_owned())?
                .map_err(|error| error.to_string())?;
            answer(stream, peer, router, &limits, watcher).await
        }
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
    watcher: Watcher,
) -> Result<(), String> {
    let (proxy, secure) = (limits.proxy, Secure(limits.tls.is_some()));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(proxy);
        request.extensions_mut().insert(secure);
        oneshot(router.clone(), request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_deadline)
        .max_headers(HEAD_LINES)
        .max_header_size(HEAD)
        .max_buf_size(4 * HEAD)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await.map_err(|error| error.to_string())
}

async fn oneshot(router: Router, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    router.oneshot(request.map(Body::new)).await
}

/// Whether the connection itself is TLS, put on every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secure(pub(crate) bool);

/// Open connections by address.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct OfAddress {
    addresses: Addresses,
    address: IpAddr,
}

impl Addresses {
    /// One more, unless there are `most` of this address already.
    fn enter(&self, address: IpAddr, most: usize) -> Option<OfAddress> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(OfAddress { addresses: self.clone(), address })
    }
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
