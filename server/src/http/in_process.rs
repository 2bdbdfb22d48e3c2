//! Every route without a socket: what the simulation's network ends in.

use std::collections::BTreeMap;

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

    /// Every path with the methods that it answers, as the router itself knows them.
    ///
    /// Axum lists no routes; what it prints for debugging names them, and a test that
    /// finds none there fails.
    pub fn routes(&self) -> BTreeMap<String, Vec<String>> {
        let printed = format!("{:?}", self.router);
        let own = printed.split("fallback_router:").next().unwrap_or_default();
        let (mut methods, mut paths) = (BTreeMap::new(), BTreeMap::new());
        for part in own.split("RouteId(").skip(1) {
            let Some((number, rest)) = part.split_once("): ") else { continue };
            if let Some(path) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                paths.insert(number.to_owned(), path.to_owned());
            } else if let Some((_, allow)) = rest.rsplit_once("allow_header: Bytes(b\"") {
                let named = allow.split('"').next().unwrap_or_default().split(',');
                let named = named.filter(|method| *method != "HEAD").map(str::to_owned);
                methods.insert(number.to_owned(), named.collect());
            }
        }
        let of = |number: &String| methods.get(number).cloned().unwrap_or_default();
        paths.into_iter().map(|(number, path)| (path, of(&number))).collect()
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
