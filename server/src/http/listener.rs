//! Our own accept loop.
//!
//! `axum::serve` has no header-read timeout (hyper's default does nothing
//! without a timer), so a client that sends a byte a minute would hold a
//! connection for ever; and its graceful shutdown waits for ever on an open
//! stream. Here headers have a deadline, connections are counted, and shutdown
//! ends after a fixed time whatever clients do.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::client_addr::{Peer, Proxy};

/// What the listener allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at the same time; more wait in the kernel's queue.
    pub(crate) connections: usize,
    /// Headers must be complete by then.
    pub(crate) header_deadline: Duration,
    /// What is in flight has this long to end at shutdown.
    pub(crate) drain: Duration,
    /// Whether a proxy of ours stands in front.
    pub(crate) proxy: Proxy,
}

/// Serves until the token is cancelled, then drains.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    token: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let connections = TaskTracker::new();
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
        let connection = graceful.watch(connection(stream, Peer(peer), router.clone(), limits));
        connections.spawn(async move {
            // A connection that breaks off is the client's business.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
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
    }
}

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    limits: Limits,
) -> hyper::server::conn::http1::Connection<TokioIo<TcpStream>, impl Service> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a socket kept its delay");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(limits.proxy);
        router.clone().oneshot(request.map(Body::new))
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_deadline)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
}

/// What hyper asks of a service, with our types filled in.
trait Service:
    hyper::service::Service<
        Request<Incoming>,
        Response = Response<Body>,
        Error = Infallible,
        Future: Send,
    > + Send
{
}

impl<S> Service for S where
    S: hyper::service::Service<
            Request<Incoming>,
            Response = Response<Body>,
            Error = Infallible,
            Future: Send,
        > + Send
{
}
