//! The bodies of the ways in, as the OpenAPI document tells them. The types that are read
//! and written are the protocol's, which phones share; a test holds these against them.

#![expect(dead_code, reason = "they are described, never made")]

use utoipa::ToSchema;

/// Signs in and enrols the device; repeating it gives fresh tokens.
#[derive(ToSchema)]
#[schema(as = SignIn)]
pub(super) struct SignInBody {
    /// The login name.
    login: String,
    /// The password.
    password: String,
    /// The device that enrols.
    device: DeviceClaimBody,
}

/// Signs in and enrols with a code in the place of a password.
#[derive(ToSchema)]
#[schema(as = Enrol)]
pub(super) struct EnrolBody {
    /// The code, as people read it.
    code: String,
    /// The device that enrols.
    device: DeviceClaimBody,
    /// Known to this phone alone.
    proof: Option<String>,
    /// Devices that this phone enrolled as before.
    #[schema(required = false)]
    known: Vec<String>,
}

/// What a device says of itself.
#[derive(ToSchema)]
#[schema(as = DeviceClaim)]
pub(super) struct DeviceClaimBody {
    /// The installation.
    #[schema(format = "uuid")]
    id: String,
    /// The actor that it writes as.
    #[schema(format = "uuid")]
    actor: String,
    /// What people call it.
    name: String,
    /// `ios`, `android`, `other`.
    platform: String,
    /// The app's version.
    app_version: String,
}

/// A refresh token.
#[derive(ToSchema)]
#[schema(as = Refresh)]
pub(super) struct RefreshBody {
    refresh_token: String,
}

/// A pair of opaque tokens.
#[derive(ToSchema)]
#[schema(as = Tokens)]
pub(super) struct TokensBody {
    /// For every request, until it expires.
    access_token: String,
    /// Milliseconds since 1970, by the server's clock.
    access_expires_at: i64,
    /// Gets the next pair; good until the next pair is first used.
    refresh_token: String,
}

/// Who signed in.
#[derive(ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    access_token: String,
    /// Milliseconds since 1970, by the server's clock.
    access_expires_at: i64,
    refresh_token: String,
    login: String,
    #[schema(format = "uuid")]
    org: String,
    org_name: String,
    #[schema(format = "uuid")]
    user: String,
    user_name: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    role: String,
    /// Milliseconds since 1970.
    server_time: i64,
    /// The key to which a phone seals unsent work if it is revoked.
    rescue_key: Option<String>,
    /// What this person may write from now on.
    stamp: Option<String>,
}
