//! A program of somebody's own: signs in as a device and talks JSON under `/v1`.

#![expect(clippy::panic, reason = "a suite without an answer has failed")]

use client_core::id::{ActorId, DeviceId};
use client_core::protocol::{DeviceClaim, SignInRequest, SignInResponse};
use reqwest::header::{HeaderMap, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::evening::PASSWORD;
use crate::tools;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null if there is none.
    pub json: Value,
}

/// Somebody's program.
#[derive(Debug, Clone)]
pub struct Program {
    base: String,
    token: String,
}

impl Program {
    /// One that shows no token.
    pub fn stranger(base: &str) -> Self {
        Self { base: base.to_owned(), token: String::new() }
    }

    /// One that shows this token.
    pub fn with_token(base: &str, token: &str) -> Self {
        Self { base: base.to_owned(), token: token.to_owned() }
    }

    /// `login`'s program on a device of its own, which `n` tells from others.
    ///
    /// # Panics
    /// When the server does not let it in.
    pub async fn signed_in(base: &str, login: &str, n: u8) -> Self {
        let request = SignInRequest {
            login: login.to_owned(),
            password: PASSWORD.to_owned(),
            device: DeviceClaim {
                id: DeviceId::from_bytes([n; 16]),
                actor: ActorId::from_bytes([n; 16]),
                name: "a program".into(),
                platform: "other".into(),
                app_version: "1".into(),
            },
        };
        let body = serde_json::to_value(&request).unwrap_or_default();
        let reply = Self::stranger(base).post("/v1/sign_in", &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{login}: {}", reply.json);
        let session = serde_json::from_value::<SignInResponse>(reply.json);
        let session = session.unwrap_or_else(|error| panic!("{login}: {error}"));
        Self { base: base.to_owned(), token: session.tokens.access_token }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, None, None).await
    }

    /// Reads unless it is still what `tag` named.
    pub async fn get_unless(&self, path: &str, tag: &str) -> Reply {
        self.ask(Method::GET, path, None, Some(tag)).await
    }

    /// Decides.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Method::POST, path, Some(body), None).await
    }

    /// Decides, so that sending it again with the same key decides nothing more.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post_once(&self, path: &str, body: &Value, key: &str) -> Reply {
        let request = tools::http()
            .post(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string());
        reply(path, request).await
    }

    /// Asks anything.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        tag: Option<&str>,
    ) -> Reply {
        let mut request = tools::http().request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        reply(path, request).await
    }
}

async fn reply(path: &str, request: reqwest::RequestBuilder) -> Reply {
    let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = answer.bytes().await.unwrap_or_else(|error| panic!("{path}: {error}"));
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Reply { status, headers, json }
}
