//! Signing in, enrolling and renewing tokens: JSON, because people read it.

use serde::{Deserialize, Serialize};

use crate::id::{ActorId, DeviceId, OrgId, UserId};
use crate::records::Role;
use crate::time::Timestamp;

/// Signs in and enrols the device in one step. Repeating it for the same device,
/// actor and user gives fresh tokens and changes nothing else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The login name.
    pub login: String,
    /// The password.
    pub password: String,
    /// The device that enrols.
    pub device: DeviceClaim,
}

/// Signs in and enrols with a code in the place of a password. A code enrols one
/// phone; repeating the request from that phone, after an answer was lost, gives
/// fresh tokens and changes nothing else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code, as people read it.
    pub code: String,
    /// The device that enrols.
    pub device: DeviceClaim,
    /// Known to this phone alone: whoever repeats the request later shows it again.
    /// Device ids are no secret, and a used card may lie about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Devices that this phone enrolled as before. If one of them is the person's,
    /// it is taken instead of `device`: one phone is one device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<DeviceId>,
}

/// What a device says of itself. The server binds the actor to it at first sight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceClaim {
    /// The installation.
    pub id: DeviceId,
    /// The actor it will write as.
    pub actor: ActorId,
    /// What people call it.
    pub name: String,
    /// `ios`, `android`, …
    pub platform: String,
    /// The app's version.
    pub app_version: String,
}

/// A pair of opaque tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// For every request, until it expires.
    pub access_token: String,
    /// When the access token expires, by the server's clock.
    pub access_expires_at: Timestamp,
    /// Gets the next pair. Stays valid until the next pair is first used.
    pub refresh_token: String,
}

impl std::fmt::Debug for Tokens {
    /// Tokens never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("access_expires_at", &self.access_expires_at)
            .finish_non_exhaustive()
    }
}

/// Who signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInResponse {
    /// The tokens.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// The login, which somebody who came with a code may not know.
    #[serde(default)]
    pub login: String,
    /// The org.
    pub org: OrgId,
    /// Its name.
    pub org_name: String,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    /// What they may do.
    pub role: Role,
    /// The server's clock.
    pub server_time: Timestamp,
    /// The key to which this phone seals unsent work if it is revoked, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescue_key: Option<String>,
    /// What this person may write from now on, in hexadecimal digits: work that is
    /// done before the first page arrives must have its proof too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<String>,
}

/// Asks for the next pair of tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
}
