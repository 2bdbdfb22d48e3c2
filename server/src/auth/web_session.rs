//! Browser sessions: one token in a cookie.

use std::net::IpAddr;

use client_core::time::Timestamp;

use super::enrol::check_password;
use super::{AuthError, Signed, token};
use crate::app::App;
use crate::edge::random_bytes;
use crate::office::{Office, PasswordChoice, ResetPasswordError};
use crate::storage::Accounts;
use crate::storage::model::{Account, NewSession, SessionId, TokenKind};

/// A new browser session.
#[derive(Clone)]
pub struct WebSession {
    /// The cookie's value; nobody but the browser keeps it.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Signs a browser in. A password that was given out opens nothing: it is good for
/// choosing another one ([`change_password`]) and for enrolling a phone.
pub async fn create_web_session(
    app: &App,
    login: &str,
    password: &str,
    from: IpAddr,
) -> Result<WebSession, AuthError> {
    let account = check_password(app, login, password, from).await?;
    if account.must_change {
        return Err(AuthError::MustChangePassword);
    }
    open(app, &account).await
}

/// Replaces a password by one of the user's own choice, ends every other session
/// of theirs, and signs the browser in.
pub async fn change_password(
    app: &App,
    login: &str,
    current: &str,
    chosen: String,
    from: IpAddr,
) -> Result<WebSession, ChangePasswordError> {
    let account = check_password(app, login, current, from).await?;
    if chosen == current {
        return Err(ChangePasswordError::Same);
    }
    let office = Office::of(app.clone(), account.org);
    office.reset_password(login, PasswordChoice::Given(chosen)).await?;
    Ok(open(app, &account).await?)
}

/// Why a password was not changed. The old one is still good.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current one is wrong, or something below failed.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The new one is the old one.
    #[error("the new password is the old one")]
    Same,
    /// The office does not take it.
    #[error(transparent)]
    Refused(#[from] ResetPasswordError),
}

async fn open(app: &App, account: &Account) -> Result<WebSession, AuthError> {
    let now = app.clock().now();
    let (text, stored) = token::make(TokenKind::Web, now, app.random());
    let session = NewSession {
        session: SessionId(random_bytes(app.random())),
        user: account.user.id,
        device: None,
    };
    let expires_at = stored.expires_at;
    app.storage().open_session(account.org, session, vec![stored], now).await?;
    Ok(WebSession { token: text, expires_at })
}

/// Recognises the holder of a browser's token.
pub async fn verify_web_session(app: &App, token: &str) -> Result<Signed, AuthError> {
    let now = app.clock().now();
    let owner = token::owner_of(app.storage(), token, TokenKind::Web, now).await?;
    Ok(token::signed(&owner))
}

/// Signs a browser out.
pub async fn revoke_web_session(app: &App, signed: &Signed) -> Result<(), AuthError> {
    let now = app.clock().now();
    Ok(app.storage().close_session(signed.org, signed.session, "signed out", now).await?)
}
