//! Every error answer, made in one place: RFC 9457 problem documents.
//!
//! What happened here is told to people in `detail`; what an app acts on is the
//! code. A fault of ours is logged once, here, and not described to strangers.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use client_core::protocol::codec::DecodeError;
use client_core::protocol::{Problem, ProblemCode};

use crate::auth::AuthError;
use crate::relay::SyncError;
use crate::storage::StorageError;

/// A problem on its way out.
#[derive(Debug, Clone)]
pub struct ProblemResponse {
    problem: Problem,
    retry_after_s: Option<u64>,
}

impl ProblemResponse {
    /// A problem with what happened here.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { problem: Problem::new(code, detail), retry_after_s: None }
    }

    /// The same with when to come again.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    fn fault(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "a request failed on our side");
        Self::new(
            ProblemCode::ServerFault,
            "Nothing was lost: what was not answered as stored is still on the phone. Try again.",
        )
    }

    fn later(reason: &str) -> Self {
        tracing::warn!(reason, "a request was put off");
        let problem =
            Problem::new(ProblemCode::Unavailable, "The server cannot store right now. Try again.");
        Self { problem, retry_after_s: Some(5) }
    }

    /// Somebody has to make room, which takes minutes rather than seconds.
    fn full() -> Self {
        tracing::error!("a request was put off: the disk is full");
        let detail = "The server's disk is full. Nothing of this was stored; what a phone saved \
                      stays on it and is sent when there is room. Tell your administrator.";
        let problem = Problem::new(ProblemCode::StorageFull, detail);
        Self { problem, retry_after_s: Some(60) }
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<AuthError> for ProblemResponse {
    fn from(error: AuthError) -> Self {
        let code = match &error {
            AuthError::WrongPassword | AuthError::PasswordExpired => ProblemCode::WrongPassword,
            AuthError::CodeUnknown | AuthError::CodeUnreadable(_) => ProblemCode::CodeUnknown,
            AuthError::CodeExpired => ProblemCode::CodeExpired,
            AuthError::CodeUsed => ProblemCode::CodeUsed,
            AuthError::CodeReplaced => ProblemCode::CodeReplaced,
            AuthError::NotSignedIn => ProblemCode::NotSignedIn,
            AuthError::Expired => ProblemCode::TokenExpired,
            AuthError::Revoked => ProblemCode::Revoked,
            AuthError::MustChangePassword => ProblemCode::NotAllowed,
            AuthError::DeviceTaken => ProblemCode::DeviceTaken,
            AuthError::SlowDown { seconds } => {
                let problem = Problem::new(ProblemCode::SlowDown, error.to_string());
                return Self { problem, retry_after_s: Some(*seconds) };
            }
            AuthError::Hashing { .. } => return Self::fault(&error),
            AuthError::Storage(_) => {
                let AuthError::Storage(error) = error else { return Self::fault(&error) };
                return error.into();
            }
        };
        Self::new(code, error.to_string())
    }
}

impl From<StorageError> for ProblemResponse {
    fn from(error: StorageError) -> Self {
        match &error {
            StorageError::Unavailable { reason } => Self::later(reason),
            StorageError::Full => Self::full(),
            _ => Self::fault(&error),
        }
    }
}

impl From<SyncError> for ProblemResponse {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Version { .. } => Self::new(ProblemCode::ProtocolVersion, error.to_string()),
            SyncError::TooMany { .. } => Self::new(ProblemCode::BodyTooLarge, error.to_string()),
            SyncError::BadCursor => Self::new(ProblemCode::BadCursor, error.to_string()),
            SyncError::Forked => Self::new(ProblemCode::Forked, error.to_string()),
            SyncError::Work { .. } => Self::fault(&error),
            SyncError::Storage(error) => error.into(),
        }
    }
}

impl From<DecodeError> for ProblemResponse {
    fn from(error: DecodeError) -> Self {
        let code = match error {
            DecodeError::TooLarge { .. } | DecodeError::TooMany { .. } => ProblemCode::BodyTooLarge,
            _ => ProblemCode::MalformedBody,
        };
        Self::new(code, error.to_string())
    }
}
