//! `POST /v1/sign_in`, `/v1/enrol`, `/v1/device/renew` and `/v1/token/refresh`.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use client_core::protocol::{
    DeviceClaim, EnrolRequest, RefreshRequest, SignInRequest, SignInResponse, Tokens,
};

use super::described::{
    DeviceClaimBody, EnrolBody, RefreshBody, SessionBody, SignInBody, TokensBody,
};
use super::{ClientAddr, ProblemResponse, body};
use crate::app::App;
use crate::auth::{self, AuthError, SignedDevice};

/// Signs a device in; the tokens open everything else.
#[utoipa::path(post, path = "/v1/sign_in", tag = "session", security(()), request_body = SignInBody,
    responses((status = 200, body = SessionBody)))]
pub(super) async fn sign_in(
    State(app): State<App>,
    ClientAddr(from): ClientAddr,
    request: Body,
) -> Result<Json<SignInResponse>, ProblemResponse> {
    let request: SignInRequest = body::json(request).await?;
    Ok(Json(counted(&app, auth::sign_in(&app, &request, from).await)?))
}

/// Signs a phone in by the code of an invitation.
#[utoipa::path(post, path = "/v1/enrol", tag = "session", security(()), request_body = EnrolBody,
    responses((status = 200, body = SessionBody)))]
pub(super) async fn enrol(
    State(app): State<App>,
    ClientAddr(from): ClientAddr,
    request: Body,
) -> Result<Json<SignInResponse>, ProblemResponse> {
    let request: EnrolRequest = body::json(request).await?;
    Ok(Json(counted(&app, auth::enrol(&app, &request, from).await)?))
}

/// Makes a restored or cloned phone a device of its own.
#[utoipa::path(post, path = "/v1/device/renew", tag = "session", request_body = DeviceClaimBody,
    responses((status = 200, body = TokensBody)))]
pub(super) async fn renew(
    State(app): State<App>,
    from: SignedDevice,
    request: Body,
) -> Result<Json<Tokens>, ProblemResponse> {
    let claim: DeviceClaim = body::json(request).await?;
    Ok(Json(counted(&app, auth::renew(&app, &from, claim).await)?))
}

/// Fresh tokens for a refresh token.
#[utoipa::path(post, path = "/v1/token/refresh", tag = "session", security(()), request_body = RefreshBody,
    responses((status = 200, body = TokensBody)))]
pub(super) async fn refresh(
    State(app): State<App>,
    request: Body,
) -> Result<Json<Tokens>, ProblemResponse> {
    let request: RefreshRequest = body::json(request).await?;
    Ok(Json(counted(&app, auth::refresh(&app, &request).await)?))
}

/// Counts what was refused.
fn counted<T>(app: &App, outcome: Result<T, AuthError>) -> Result<T, AuthError> {
    if let Err(error) = &outcome {
        app.metrics().sign_in_refused(error.label());
    }
    outcome
}
