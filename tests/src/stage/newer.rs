//! A server of a later time: it speaks another version of the protocol, and says so in
//! the way that every version does.

use axum::Router;
use axum::response::IntoResponse;
use client_core::protocol::ProblemCode;
use server::http::ProblemResponse;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The server; it ends with this.
pub(super) struct Newer {
    /// Its address.
    pub url: String,
    _tasks: JoinSet<()>,
}

impl Newer {
    /// Listens on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let answer = || async {
            let detail = "This server speaks version 2: update the app.";
            ProblemResponse::new(ProblemCode::ProtocolVersion, detail).into_response()
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            drop(axum::serve(listener, Router::new().fallback(answer)).await);
        });
        Ok(Self { url, _tasks: tasks })
    }
}
