//! What an HTTP answer really is.

use serde::de::DeserializeOwned;

use crate::protocol::{MAX_PAGE_BYTES, MEDIA_TYPE, Problem, ProblemCode, codec};

/// An HTTP answer as it came, whoever gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type, if one was given.
    pub content_type: Option<String>,
    /// The content encoding, if one was given.
    pub content_encoding: Option<String>,
    /// `Retry-After` in seconds.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFault {
    /// No way to the server: no signal, no name, refused.
    Offline,
    /// It took too long.
    TimedOut,
    /// The connection is not private: a portal in between, or a wrong clock.
    Insecure,
    /// The connection broke in the middle.
    Broken,
}

/// Why an exchange did not succeed. The outbox is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No way to the server.
    #[error("no connection to the server; everything is saved on this phone")]
    Offline,
    /// It took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The connection could not be made private.
    #[error(
        "no private connection to the server: a sign-in page of the network, or a wrong clock on this phone"
    )]
    Insecure,
    /// Somebody else answered: the sign-in page of a network.
    #[error(
        "the network answered instead of the server (status {status}): sign in to the network first"
    )]
    CaptivePortal {
        /// The status it gave.
        status: u16,
    },
    /// The proxy wants credentials.
    #[error("the network's proxy asks for a sign-in")]
    ProxySignIn,
    /// The answer was cut short or damaged.
    #[error("the answer could not be read: {reason}")]
    Garbled {
        /// What is wrong with it.
        reason: String,
    },
    /// Even the smallest request is too large for something on the way.
    #[error("a change of {bytes} bytes is too large for the network or the server")]
    TooLarge {
        /// The limit that was tried last.
        bytes: usize,
    },
    /// Too many requests.
    #[error("the server asks to slow down")]
    SlowDown,
    /// The server or a proxy before it is in trouble.
    #[error("the server is not ready (status {status})")]
    ServerTrouble {
        /// The status.
        status: u16,
    },
    /// The session cannot be renewed without the password. Reading and saving go on.
    #[error("please sign in again to sync; everything is saved on this phone")]
    SignInNeeded,
    /// The device or user was revoked.
    #[error("this device or user was revoked by the server")]
    Revoked,
    /// The server speaks another protocol version.
    #[error("the server speaks another version: update the app")]
    AppTooOld,
    /// The server refused the request as such.
    #[error("the server refused: {title}")]
    Refused {
        /// The problem's title.
        title: String,
    },
    /// The server's disk is full.
    #[error(
        "the server has no room to store: everything stays saved on this phone and is sent when there is room"
    )]
    ServerFull,
    /// This phone or its user brought more than the server's quota lately.
    #[error(
        "the server takes no more from this phone for now: everything stays saved here and is sent later"
    )]
    QuotaReached,
    /// This phone's storage is full.
    #[error(
        "this phone's storage is full: what the server sent could not be stored; make room, then sync again"
    )]
    PhoneFull,
    /// This phone could not store the answer.
    #[error("the answer could not be stored on this phone: {reason}")]
    Store {
        /// What the store said.
        reason: String,
    },
    /// What the session is kept in cannot be read now: the keychain is locked.
    #[error("the keychain is locked or refuses: {reason}")]
    Keychain {
        /// What it said.
        reason: String,
    },
    /// The client is paused.
    #[error("the client is paused")]
    Paused,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The app cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// A fault of ours ended it.
    #[error("a fault in the library ended the sync; everything is saved on this phone")]
    Internal,
}

impl Fault {
    /// Whether trying again by itself can help.
    pub const fn retries(&self) -> bool {
        !matches!(
            self,
            Self::SignInNeeded
                | Self::Revoked
                | Self::AppTooOld
                | Self::Paused
                | Self::Closed
                | Self::Cancelled
        )
    }
}

impl From<TransportFault> for Fault {
    fn from(fault: TransportFault) -> Self {
        match fault {
            TransportFault::Offline => Self::Offline,
            TransportFault::TimedOut => Self::TimedOut,
            TransportFault::Insecure => Self::Insecure,
            TransportFault::Broken => Self::Garbled { reason: "the connection broke".to_owned() },
        }
    }
}

/// What an answer turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading<T> {
    /// Our server's, and well-formed.
    Good(T),
    /// Our server's problem document.
    Problem(ProblemCode, String),
    /// The request was larger than something on the way allows.
    TooLarge,
    /// Anything else.
    Bad(Fault),
}

enum Format {
    Cbor,
    Json,
}

/// Reads the answer to a sync request.
pub(super) fn read_cbor<T: DeserializeOwned>(answer: &Answer) -> Reading<T> {
    read(answer, &Format::Cbor)
}

/// Reads the answer to a token request.
pub(super) fn read_json<T: DeserializeOwned>(answer: &Answer) -> Reading<T> {
    read(answer, &Format::Json)
}

fn read<T: DeserializeOwned>(answer: &Answer, format: &Format) -> Reading<T> {
    let media = answer.content_type.as_deref().unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/problem+json"
        && let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body)
    {
        if problem.code == ProblemCode::BodyTooLarge {
            return Reading::TooLarge;
        }
        return Reading::Problem(problem.code, problem.title);
    }
    match answer.status {
        200 => {}
        407 => return Reading::Bad(Fault::ProxySignIn),
        413 => return Reading::TooLarge,
        429 => return Reading::Bad(Fault::SlowDown),
        status @ (408 | 500..=599) if status != 511 => {
            return Reading::Bad(Fault::ServerTrouble { status });
        }
        // 511 is a portal that says so; redirects and anything else that is not
        // our problem document come from something in between.
        status => return Reading::Bad(Fault::CaptivePortal { status }),
    }
    let garbled = |reason: String| Reading::Bad(Fault::Garbled { reason });
    match format {
        Format::Cbor if media == MEDIA_TYPE => {
            let encoding = match codec::parse_encoding(answer.content_encoding.as_deref()) {
                Ok(encoding) => encoding,
                Err(error) => return garbled(error.to_string()),
            };
            match codec::decode(&answer.body, encoding, MAX_PAGE_BYTES) {
                Ok(message) => Reading::Good(message),
                Err(error) => garbled(error.to_string()),
            }
        }
        Format::Json if media == "application/json" => match serde_json::from_slice(&answer.body) {
            Ok(message) => Reading::Good(message),
            Err(error) => garbled(error.to_string()),
        },
        Format::Cbor | Format::Json => Reading::Bad(Fault::CaptivePortal { status: 200 }),
    }
}

/// Our server's problem document, if the answer is one.
#[cfg(feature = "engine")]
pub(crate) fn problem(answer: &Answer) -> Option<Problem> {
    let media = answer.content_type.as_deref().unwrap_or_default();
    let named = media.starts_with("application/problem+json");
    named.then(|| serde_json::from_slice(&answer.body).ok()).flatten()
}

/// The message of a JSON answer, or what is wrong with it.
#[cfg(feature = "engine")]
pub(crate) fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    match read_json(answer) {
        Reading::Good(message) => Ok(message),
        Reading::Problem(code, title) => Err(fault_of(code, title)),
        Reading::TooLarge => Err(Fault::TooLarge { bytes: answer.body.len() }),
        Reading::Bad(fault) => Err(fault),
    }
}

/// What a problem of the server's means for the phone.
pub(super) fn fault_of(code: ProblemCode, title: String) -> Fault {
    match code {
        ProblemCode::Revoked => Fault::Revoked,
        ProblemCode::NotSignedIn | ProblemCode::TokenExpired | ProblemCode::WrongPassword => {
            Fault::SignInNeeded
        }
        ProblemCode::ProtocolVersion => Fault::AppTooOld,
        ProblemCode::SlowDown => Fault::SlowDown,
        ProblemCode::ServerFault | ProblemCode::Unavailable => {
            Fault::ServerTrouble { status: code.status() }
        }
        ProblemCode::StorageFull => Fault::ServerFull,
        ProblemCode::TooSlow => Fault::TimedOut,
        _ => Fault::Refused { title },
    }
}
