//! Signing a phone in, and keeping it signed in.

use std::net::IpAddr;

use client_core::id::DeviceId;
use client_core::protocol::{
    DeviceClaim, EnrolRequest, EnrolmentCode, RefreshRequest, SignInRequest, SignInResponse, Tokens,
};
use client_core::records::{DeviceRecord, Record, RecordKind, UserStatus};
use client_core::rescue::RescueSecret;
use client_core::time::Timestamp;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{AuthError, SignedDevice, token};
use crate::app::App;
use crate::edge::random_bytes;
use crate::relay;
use crate::storage::model::{
    Account, CodeHash, CodePhone, CodeUse, Enrolment, NewDevice, NewSession, NewToken,
    RefreshOutcome, SessionId, TokenKind,
};
use crate::storage::{Accounts, Invitations, Records};

/// Devices of an enrolling phone that are looked at: each is a lookup.
const KNOWN: usize = 16;

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
    let account = account
        .filter(|account| matches && account.user.status == UserStatus::Active)
        .ok_or(AuthError::WrongPassword)?;
    let now = app.clock().now();
    if account.password_until.is_some_and(|until| until <= now) {
        return Err(AuthError::PasswordExpired);
    }
    Ok(account)
}

/// Signs in and enrols the device in one step.
pub async fn sign_in(
    app: &App,
    request: &SignInRequest,
    from: IpAddr,
) -> Result<SignInResponse, AuthError> {
    let account = check_password(app, &request.login, &request.password, from).await?;
    let device = NewDevice {
        device: request.device.id,
        user: account.user.id,
        actor: request.device.actor,
        name: request.device.name.clone(),
        platform: platform(&request.device.platform),
        app_version: request.device.app_version.clone(),
    };
    match app.storage().enrol(account.org, device, app.clock().now()).await? {
        Enrolment::New | Enrolment::Known => {}
        Enrolment::Taken => return Err(AuthError::DeviceTaken),
        Enrolment::Revoked => return Err(AuthError::Revoked),
    }
    welcome(app, account, request.device.id).await
}

/// The same with a code in the place of a password.
pub async fn enrol(
    app: &App,
    request: &EnrolRequest,
    from: IpAddr,
) -> Result<SignInResponse, AuthError> {
    app.throttles().code(from)?;
    let code: EnrolmentCode = request.code.parse().map_err(AuthError::CodeUnreadable)?;
    let phone = CodePhone {
        claim: DeviceClaim {
            platform: platform(&request.device.platform),
            ..request.device.clone()
        },
        proof: request.proof.as_ref().map(|proof| Sha256::digest(proof.as_bytes()).into()),
        known: request.known.iter().copied().take(KNOWN).collect(),
    };
    let now = app.clock().now();
    let (account, device) = match app.storage().use_code(CodeHash(code.hash()), phone, now).await? {
        CodeUse::Enrolled(account, device) => (*account, device),
        CodeUse::Unknown => return Err(AuthError::CodeUnknown),
        CodeUse::Expired => return Err(AuthError::CodeExpired),
        CodeUse::Used => return Err(AuthError::CodeUsed),
        CodeUse::Replaced => return Err(AuthError::CodeReplaced),
        CodeUse::Disabled | CodeUse::Revoked => return Err(AuthError::Revoked),
        CodeUse::Taken => return Err(AuthError::DeviceTaken),
    };
    welcome(app, account, device).await
}

/// Opens a session on an enrolled device.
async fn welcome(
    app: &App,
    account: Account,
    device: DeviceId,
) -> Result<SignInResponse, AuthError> {
    let now = app.clock().now();
    let (tokens, stored) = pair(app, now);
    let session = NewSession {
        session: SessionId(random_bytes(app.random())),
        user: account.user.id,
        device: Some(device),
    };
    app.storage().open_session(account.org, session, stored, now).await?;
    let stamp = relay::stamp_now(app, account.org, account.user.id).await?;
    let stamp = stamp.map(|stamp| HEXLOWER.encode(&stamp.0));
    tracing::info!(org = %account.org, user = %account.user.id, %device, "a device signed in");
    let rescue = RescueSecret::of_org(&app.org(account.org).await?.secret);
    Ok(SignInResponse {
        tokens,
        org: account.org,
        org_name: org_name(app, &account).await?,
        login: account.login,
        user: account.user.id,
        user_name: account.user.name,
        role: account.user.role,
        server_time: now,
        rescue_key: Some(HEXLOWER.encode(rescue.public().as_bytes())),
        stamp,
    })
}

/// A phone that was restored or cloned becomes a device of its own, with a session of
/// its own. The former device may live on: nothing is taken from it.
pub async fn renew(
    app: &App,
    from: &SignedDevice,
    claim: DeviceClaim,
) -> Result<Tokens, AuthError> {
    let (org, user, now) = (from.signed.org, from.signed.user, app.clock().now());
    app.throttles().renewal(user)?;
    let device = NewDevice {
        device: claim.id,
        user,
        actor: claim.actor,
        name: claim.name,
        platform: platform(&claim.platform),
        app_version: claim.app_version,
    };
    match app.storage().enrol(org, device, now).await? {
        Enrolment::New | Enrolment::Known => {}
        Enrolment::Taken => return Err(AuthError::DeviceTaken),
        Enrolment::Revoked => return Err(AuthError::Revoked),
    }
    let (tokens, stored) = pair(app, now);
    let session =
        NewSession { session: SessionId(random_bytes(app.random())), user, device: Some(claim.id) };
    app.storage().open_session(org, session, stored, now).await?;
    app.storage().replaced(org, from.device, claim.id, now).await?;
    tracing::info!(%org, %user, former = %from.device, device = %claim.id,
        "a copy of a phone became a device of its own");
    Ok(tokens)
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
        // Only an administrator's word revokes: a phone lets go of its data for it.
        RefreshOutcome::Unknown | RefreshOutcome::Ended => Err(AuthError::NotSignedIn),
        RefreshOutcome::Revoked => Err(AuthError::Revoked),
        RefreshOutcome::Reused => {
            tracing::warn!("a spent refresh token was used again: its session is ended");
            Err(AuthError::NotSignedIn)
        }
    }
}

fn pair(app: &App, now: Timestamp) -> (Tokens, Vec<NewToken>) {
    let (access_token, access) = token::make(TokenKind::Access, now, app.random());
    let (refresh_token, refresh) = token::make(TokenKind::Refresh, now, app.random());
    let tokens = Tokens { access_token, access_expires_at: access.expires_at, refresh_token };
    (tokens, vec![access, refresh])
}
