//! Browser sessions: one token in a cookie.

use std::net::IpAddr;

use client_core::time::Timestamp;

use super::enrol::check_password;
use super::{AuthError, Signed, token};
use crate::app::App;
use crate::edge::random_bytes;
use crate::storage::Accounts;
use crate::storage::model::{NewSession, SessionId, TokenKind};

/// A new browser session.
#[derive(Clone)]
pub struct WebSession {
    /// The cookie's value; nobody but the browser keeps it.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// The password was given out and should be changed.
    pub must_change_password: bool,
}

/// Signs a browser in.
pub async fn create_web_session(
    app: &App,
    login: &str,
    password: &str,
    from: IpAddr,
) -> Result<WebSession, AuthError> {
    let account = check_password(app, login, password, from).await?;
    let now = app.clock().now();
    let (text, stored) = token::make(TokenKind::Web, now, app.random());
    let session = NewSession {
        session: SessionId(random_bytes(app.random())),
        user: account.user.id,
        device: None,
    };
    let expires_at = stored.expires_at;
    app.storage().open_session(account.org, session, vec![stored], now).await?;
    Ok(WebSession { token: text, expires_at, must_change_password: account.must_change })
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
