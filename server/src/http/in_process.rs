//! Every route without a socket: what the simulation's network ends in.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER,
};
use client_core::protocol::MEDIA_TYPE;
use client_core::sync::Answer;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::app::App;

/// A server that is called instead of connected to.
#[derive(Clone)]
pub struct InProcess {
    router: Router,
}

impl InProcess {
    /// All routes over `app`.
    pub fn over(app: App) -> Self {
        Self { router: super::router(app) }
    }

    /// Posts `body`; none if the routes gave no whole answer.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        content_type: &str,
        content_encoding: Option<&str>,
        body: Vec<u8>,
    ) -> Option<Answer> {
        let mut request = Request::post(path).header(CONTENT_TYPE, content_type);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(encoding) = content_encoding {
            request = request.header(CONTENT_ENCODING, encoding);
        }
        if content_type == MEDIA_TYPE {
            request = request.header(ACCEPT_ENCODING, "zstd");
        }
        let request = request.body(Body::from(body)).ok()?;
        let (head, body) = self.router.clone().oneshot(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes().to_vec();
        let text = |name: HeaderName| {
            head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Some(Answer {
            status: head.status.as_u16(),
            content_type: text(CONTENT_TYPE),
            content_encoding: text(CONTENT_ENCODING),
            retry_after_s: text(RETRY_AFTER).and_then(|value| value.trim().parse().ok()),
            body,
        })
    }
}
