//! Signing a phone in, and keeping it signed in.

use std::net::IpAddr;

use client_core::protocol::{RefreshRequest, SignInRequest, SignInResponse, Tokens};
use client_core::records::{DeviceRecord, Record, RecordKind, UserStatus};
use client_core::time::Timestamp;

use super::{AuthError, token};
use crate::app::App;
use crate::edge::random_bytes;
use crate::storage::model::{
    Account, Enrolment, NewDevice, NewSession, NewToken, RefreshOutcome, SessionId, TokenKind,
};
use crate::storage::{Accounts, Records};

/// The account behind a login and password.
pub(super) async fn check_password(
    app: &App,
    login: &str,
    password: &str,
    from: IpAddr,
) -> Result<Account, AuthError> {
    app.throttles().sign_in(login, from)?;
    let account = app.storage().account_by_login(login).await?;
    // Somebody without a password is answered like somebody unknown.
    let stored = account.as_ref().filter(|account| account.invited());
    let stored = stored.map(|account| account.password.as_str());
    let matches = app.passwords().verify(password, stored).await?;
    account
        .filter(|account| matches && account.user.status == UserStatus::Active)
        .ok_or(AuthError::WrongPassword)
}

/// Signs in and enrols the device in one step.
pub async fn sign_in(
    app: &App,
    request: &SignInRequest,
    from: IpAddr,
) -> Result<SignInResponse, AuthError> {
    let account = check_password(app, &request.login, &request.password, from).await?;
    let now = app.clock().now();
    let device = NewDevice {
        device: request.device.id,
        user: account.user.id,
        actor: request.device.actor,
        name: request.device.name.clone(),
        platform: platform(&request.device.platform),
        app_version: request.device.app_version.clone(),
    };
    match app.storage().enrol(account.org, device, now).await? {
        Enrolment::New | Enrolment::Known => {}
        Enrolment::Taken => return Err(AuthError::DeviceTaken),
        Enrolment::Revoked => return Err(AuthError::Revoked),
    }
    let (tokens, stored) = pair(app, now);
    let session = NewSession {
        session: SessionId(random_bytes(app.random())),
        user: account.user.id,
        device: Some(request.device.id),
    };
    app.storage().open_session(account.org, session, stored, now).await?;
    tracing::info!(org = %account.org, user = %account.user.id, device = %request.device.id,
        "a device signed in");
    Ok(SignInResponse {
        tokens,
        org: account.org,
        org_name: org_name(app, &account).await?,
        user: account.user.id,
        user_name: account.user.name,
        role: account.user.role,
        server_time: now,
    })
}

/// The platform as claimed. A phone that called itself the office would be left out
/// of every list of phones.
fn platform(claimed: &str) -> String {
    if claimed == DeviceRecord::OFFICE { "unknown".to_owned() } else { claimed.to_owned() }
}

async fn org_name(app: &App, account: &Account) -> Result<String, AuthError> {
    let records = app.storage().records(account.org, RecordKind::Org).await?;
    let name = records.iter().find_map(|row| match row.decode() {
        Ok(Record::Org(org)) => Some(org.name),
        _ => None,
    });
    Ok(name.unwrap_or_default())
}

/// Exchanges a refresh token for the next pair.
pub async fn refresh(app: &App, request: &RefreshRequest) -> Result<Tokens, AuthError> {
    let now = app.clock().now();
    let hash = token::hash(&request.refresh_token);
    let owner =
        token::owner_of(app.storage(), &request.refresh_token, TokenKind::Refresh, now).await;
    match owner {
        Ok(_) => {}
        // A refresh token that is too old cannot be refreshed itself.
        Err(AuthError::Expired) => return Err(AuthError::NotSignedIn),
        Err(error) => return Err(error),
    }
    let (tokens, stored) = pair(app, now);
    match app.storage().refresh(hash, stored, now).await? {
        RefreshOutcome::Renewed(..) => Ok(tokens),
        RefreshOutcome::Unknown => Err(AuthError::NotSignedIn),
        RefreshOutcome::Revoked => Err(AuthError::Revoked),
        RefreshOutcome::Reused => {
            tracing::warn!("a spent refresh token was used again: its session is ended");
            Err(AuthError::Revoked)
        }
    }
}

fn pair(app: &App, now: Timestamp) -> (Tokens, Vec<NewToken>) {
    let (access_token, access) = token::make(TokenKind::Access, now, app.random());
    let (refresh_token, refresh) = token::make(TokenKind::Refresh, now, app.random());
    let tokens = Tokens { access_token, access_expires_at: access.expires_at, refresh_token };
    (tokens, vec![access, refresh])
}
