//! Where phones reach this server: what was configured, or else what the browser
//! of whoever asks uses, because that is known to work from somewhere.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;

use super::cookie;
use crate::app::App;

/// The server's address, without a slash at its end.
#[derive(Debug, Clone)]
pub(super) struct PublicUrl(pub(super) String);

impl FromRequestParts<App> for PublicUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if let Some(url) = &app.config().public_url {
            return Ok(Self(url.clone()));
        }
        let scheme = if cookie::is_secure(parts) { "https" } else { "http" };
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}")))
    }
}
