//! RFC 9457 problem documents: every error the server answers.

use serde::{Deserialize, Serialize};

/// An error answer, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What an app can act on, as `urn:fieldsync:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same, short.
    pub code: ProblemCode,
    /// For people, always the same for one code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For people: what happened here, what is safe, what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What an app can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Login or password is wrong.
    WrongPassword,
    /// No token, or not one of ours.
    NotSignedIn,
    /// The access token has expired; refresh it.
    TokenExpired,
    /// The device or user was revoked: only this ends a session for good.
    Revoked,
    /// Signed in, and not allowed.
    NotAllowed,
    /// The device id or actor already belongs to somebody else.
    DeviceTaken,
    /// This copy of the data is behind what its device stored: it was restored or
    /// cloned, and has to become a device of its own.
    Forked,
    /// No such enrolment code.
    CodeUnknown,
    /// The enrolment code is too old.
    CodeExpired,
    /// The enrolment code enrolled another phone.
    CodeUsed,
    /// A newer enrolment code was made for the same person.
    CodeReplaced,
    /// The body could not be read.
    MalformedBody,
    /// The body, after decompression, is above the limit.
    BodyTooLarge,
    /// Another protocol version is spoken here.
    ProtocolVersion,
    /// The cursor is not one of this server's.
    BadCursor,
    /// Too many requests; see `Retry-After`.
    SlowDown,
    /// Nothing here.
    NotFound,
    /// Understood and allowed, and what stands here does not let it be done.
    Refused,
    /// The server is at fault; the phone keeps its outbox and tries again.
    ServerFault,
    /// The server is starting or stopping.
    Unavailable,
    /// The server's disk is full. It stored nothing of the request; reading goes on.
    StorageFull,
    /// The request did not arrive in time: a shorter one may.
    TooSlow,
    /// A code of a newer server.
    #[serde(other)]
    Other,
}

impl ProblemCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::NotSignedIn => "not_signed_in",
            Self::TokenExpired => "token_expired",
            Self::Revoked => "revoked",
            Self::NotAllowed => "not_allowed",
            Self::DeviceTaken => "device_taken",
            Self::Forked => "forked",
            Self::CodeUnknown => "code_unknown",
            Self::CodeExpired => "code_expired",
            Self::CodeUsed => "code_used",
            Self::CodeReplaced => "code_replaced",
            Self::MalformedBody => "malformed_body",
            Self::BodyTooLarge => "body_too_large",
            Self::ProtocolVersion => "protocol_version",
            Self::BadCursor => "bad_cursor",
            Self::SlowDown => "slow_down",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::ServerFault => "server_fault",
            Self::Unavailable => "unavailable",
            Self::StorageFull => "storage_full",
            Self::TooSlow => "too_slow",
            Self::Other => "other",
        }
    }

    /// The HTTP status it comes with.
    pub const fn status(self) -> u16 {
        match self {
            Self::WrongPassword
            | Self::CodeUnknown
            | Self::NotSignedIn
            | Self::TokenExpired
            | Self::Revoked => 401,
            Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::TooSlow => 408,
            Self::DeviceTaken | Self::CodeUsed | Self::Forked => 409,
            Self::Refused => 422,
            Self::CodeExpired | Self::CodeReplaced => 410,
            Self::BodyTooLarge => 413,
            Self::ProtocolVersion => 426,
            Self::MalformedBody | Self::BadCursor => 400,
            Self::SlowDown => 429,
            Self::ServerFault | Self::Other => 500,
            Self::Unavailable => 503,
            Self::StorageFull => 507,
        }
    }

    /// The title people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::WrongPassword => "Login or password is wrong",
            Self::NotSignedIn => "Not signed in",
            Self::TokenExpired => "The access token has expired",
            Self::Revoked => "This device or user was revoked",
            Self::NotAllowed => "Not allowed",
            Self::DeviceTaken => "The device is enrolled for somebody else",
            Self::Forked => "This copy of the data was restored or cloned",
            Self::CodeUnknown => "There is no such code",
            Self::CodeExpired => "The code is too old",
            Self::CodeUsed => "The code was used on another phone",
            Self::CodeReplaced => "The code is good no longer",
            Self::MalformedBody => "The request could not be read",
            Self::BodyTooLarge => "The request is too large",
            Self::ProtocolVersion => "Unknown protocol version",
            Self::BadCursor => "Unknown cursor",
            Self::SlowDown => "Too many requests",
            Self::NotFound => "Nothing here",
            Self::Refused => "This cannot be done",
            Self::ServerFault => "The server is at fault",
            Self::Unavailable => "The server is not ready",
            Self::StorageFull => "The server has no room to store",
            Self::TooSlow => "The request did not arrive in time",
            Self::Other => "Error",
        }
    }
}

impl Problem {
    /// The problem document for `code` with what happened here.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:fieldsync:problem:{}", code.as_str()),
            code,
            title: code.title().to_owned(),
            status: code.status(),
            detail: Some(detail.into()),
        }
    }
}
