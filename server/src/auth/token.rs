//! Tokens: 32 random bytes, given out once and stored hashed.

use client_core::faults::{Fault, injected};
use client_core::records::UserStatus;
use client_core::time::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::{AuthError, Signed};
use crate::edge::{Random, random_bytes};
use crate::storage::model::{NewToken, TokenHash, TokenKind, TokenOwner};
use crate::storage::{Accounts, StorageError};

/// Milliseconds an access token lives.
pub const ACCESS_MS: i64 = 15 * 60 * 1000;
/// Milliseconds a refresh token lives: a phone may lie in a drawer for a season.
pub const REFRESH_MS: i64 = 120 * 24 * 3600 * 1000;
/// Milliseconds a browser's session lives.
pub const WEB_MS: i64 = 12 * 3600 * 1000;

/// A new token in the form its holder keeps and the form we keep.
pub(super) fn make(kind: TokenKind, now: Timestamp, random: &dyn Random) -> (String, NewToken) {
    // A prefix lets people and secret scanners see what it is.
    let (prefix, lifetime) = match kind {
        TokenKind::Access => ("fsa_", ACCESS_MS),
        TokenKind::Refresh => ("fsr_", REFRESH_MS),
        TokenKind::Web => ("fsw_", WEB_MS),
    };
    let text = format!("{prefix}{}", BASE64URL_NOPAD.encode(&random_bytes::<32>(random)));
    let stored = NewToken { hash: hash(&text), kind, expires_at: now.plus_millis(lifetime) };
    (text, stored)
}

/// The form in which a token is stored.
pub(super) fn hash(text: &str) -> TokenHash {
    TokenHash(Sha256::digest(text.as_bytes()).into())
}

/// Recognises the holder of an access token.
pub async fn verify_access(
    storage: &impl Accounts,
    token: &str,
    now: Timestamp,
) -> Result<Signed, AuthError> {
    let owner = owner_of(storage, token, TokenKind::Access, now).await?;
    if owner.generation > owner.confirmed {
        match storage.confirm_tokens(owner.org, owner.session, owner.generation).await {
            // Reading goes on; the next use confirms them.
            Ok(()) | Err(StorageError::Full) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(signed(&owner))
}

/// The holder of a token of this kind, if it is good now.
pub(super) async fn owner_of(
    storage: &impl Accounts,
    token: &str,
    kind: TokenKind,
    now: Timestamp,
) -> Result<TokenOwner, AuthError> {
    let owner = storage.token_owner(hash(token)).await?;
    let owner = owner.filter(|owner| owner.kind == kind).ok_or(AuthError::NotSignedIn)?;
    // Revoked comes before expired: a phone refreshes an expired token for ever,
    // and must learn that there is nothing to refresh.
    let ended = owner.revoked || owner.user.status == UserStatus::Disabled;
    if ended && !injected(Fault::RevokedGoesOn) {
        return Err(AuthError::Revoked);
    }
    if owner.ended {
        return Err(AuthError::NotSignedIn);
    }
    if owner.expires_at <= now {
        return Err(AuthError::Expired);
    }
    Ok(owner)
}

pub(super) fn signed(owner: &TokenOwner) -> Signed {
    Signed {
        org: owner.org,
        user: owner.user.id,
        device: owner.device,
        actor: owner.actor,
        role: owner.user.role,
        session: owner.session,
    }
}
