//! `Signed` and `SignedDevice` as extractors: a handler that takes one has proved org, user and role.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use client_core::id::{ActorId, DeviceId};

use super::{AuthError, Signed, verify_access};
use crate::app::App;
use crate::http::ProblemResponse;

/// Somebody signed in on an enrolled device.
#[derive(Debug, Clone)]
pub struct SignedDevice {
    /// Who.
    pub signed: Signed,
    /// On which device.
    pub device: DeviceId,
    /// The actor bound to it.
    pub actor: ActorId,
}

impl FromRequestParts<App> for Signed {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(AuthError::NotSignedIn)?;
        Ok(verify_access(app.storage(), token.trim(), app.clock().now()).await?)
    }
}

impl FromRequestParts<App> for SignedDevice {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let signed = Signed::from_request_parts(parts, app).await?;
        match (signed.device, signed.actor) {
            (Some(device), Some(actor)) => Ok(Self { signed, device, actor }),
            _ => Err(AuthError::NotSignedIn.into()),
        }
    }
}
