//! Who is asking.
//!
//! Passwords are argon2id, tokens are random and stored hashed: a copied data
//! file signs nobody in. A session belongs to a device or a browser and can be
//! ended; nothing signed by us alone keeps working after that.

mod enrol;
mod extract;
mod password;
mod throttle;
mod token;
mod web_session;

use client_core::id::{ActorId, DeviceId, OrgId, UserId};
use client_core::protocol::ParseInvitationError;
use client_core::records::Role;

use crate::storage::StorageError;
use crate::storage::model::SessionId;

pub use enrol::{enrol, refresh, renew, sign_in};
pub use extract::SignedDevice;
pub use password::{Cost, Passwords, hash_now};
pub use throttle::{ThrottleConfig, Throttles};
pub use token::verify_access;
pub use web_session::{
    ChangePasswordError, WebSession, change_password, create_web_session, revoke_web_session,
    verify_web_session,
};

/// Somebody who proved who they are, and where.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The org: every storage call takes it from here.
    pub org: OrgId,
    /// The user.
    pub user: UserId,
    /// The device; none in a browser.
    pub device: Option<DeviceId>,
    /// The actor bound to the device.
    pub actor: Option<ActorId>,
    /// What the user may do.
    pub role: Role,
    /// The session.
    pub session: SessionId,
}

/// Why somebody could not be signed in or recognised.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Login or password is wrong, or the account is disabled: nobody is told which.
    #[error("login or password is wrong")]
    WrongPassword,
    /// The password was given out and nobody used it in time.
    #[error("this password was given out and is too old now: ask for another one")]
    PasswordExpired,
    /// No such enrolment code.
    #[error("there is no such code: look at the card again, or ask for another one")]
    CodeUnknown,
    /// No code can look like this.
    #[error(transparent)]
    CodeUnreadable(ParseInvitationError),
    /// The code is too old.
    #[error("this code is too old: ask for another one")]
    CodeExpired,
    /// The code enrolled another phone.
    #[error("this code was used on another phone: ask for another one")]
    CodeUsed,
    /// A newer code was made for the same person, or the person was disabled or got
    /// another password since.
    #[error("this code is good no longer: use a newer one, or ask for another one")]
    CodeReplaced,
    /// No token, or not one of ours.
    #[error("the token is missing or not one of ours: sign in")]
    NotSignedIn,
    /// The access token has expired.
    #[error("the access token has expired: refresh it")]
    Expired,
    /// The device, the session or the user was ended.
    #[error("this device or user was revoked")]
    Revoked,
    /// The device or its actor belongs to somebody else.
    #[error("the device or its actor is enrolled for somebody else")]
    DeviceTaken,
    /// Too many attempts.
    #[error("too many attempts: wait {seconds} seconds")]
    SlowDown {
        /// How long.
        seconds: u64,
    },
    /// The password was given out and has to be replaced in a browser first.
    #[error("this password was given out once: choose your own on the server's sign-in page")]
    MustChangePassword,
    /// A password could not be hashed or compared.
    #[error("the password could not be checked: {reason}")]
    Hashing {
        /// Why.
        reason: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AuthError {
    /// In a word, for counting.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::PasswordExpired | Self::MustChangePassword => "password_old",
            Self::CodeUnknown | Self::CodeUnreadable(_) => "code_unknown",
            Self::CodeExpired | Self::CodeUsed | Self::CodeReplaced => "code_old",
            Self::NotSignedIn | Self::Expired => "token_old",
            Self::Revoked => "revoked",
            Self::DeviceTaken => "device_taken",
            Self::SlowDown { .. } => "slow_down",
            Self::Hashing { .. } | Self::Storage(_) => "failed",
        }
    }
}

#[cfg(test)]
mod tests;
