use crate::docs::EditError;
use crate::id::DocId;
use crate::period::Period;
use crate::protocol::ParseInvitationError;
use crate::rules::GateWarning;
use crate::store::{OpenError, StoreError};
use crate::sync::Fault;
use crate::time::Timestamp;

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The replica of the last user could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder cannot be used.
    #[error("the folder {dir} cannot be used: {reason}")]
    Folder {
        /// Which.
        dir: std::path::PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Another client has the folder open: in this process, or in another one.
    #[error("another client has {dir} open")]
    InUse {
        /// Which.
        dir: std::path::PathBuf,
    },
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// What the app configured cannot be used.
    #[error("{what} cannot be used: {reason}")]
    Unusable {
        /// Which setting.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// HTTP or its runtime could not be set up.
    #[error("networking could not be set up: {reason}")]
    Setup {
        /// What went wrong.
        reason: String,
    },
}

/// Why something was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nobody is signed in here yet.
    #[error("nobody is signed in on this phone")]
    NotSignedIn,
    /// The client is paused.
    #[error("the client is paused")]
    Paused,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The server has not sent this yet: policy, calendar, org.
    #[error("{what} did not arrive on this phone yet: sync first")]
    NotYetSynced {
        /// What is missing.
        what: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why something was not saved. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Nobody is signed in here yet.
    #[error("nobody is signed in on this phone")]
    NotSignedIn,
    /// The client is paused.
    #[error("the client is paused")]
    Paused,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// There is no such document on this phone.
    #[error("{doc} is not on this phone")]
    NotFound {
        /// Which.
        doc: DocId,
    },
    /// The card has no such line.
    #[error("the card of {period} has no line {line:?}")]
    NoLine {
        /// For when.
        period: Period,
        /// What was given.
        line: String,
    },
    /// The server has not sent what this rests on.
    #[error("{what} did not arrive on this phone yet: sync first")]
    NotYetSynced {
        /// What is missing.
        what: &'static str,
    },
    /// A customer needs a name.
    #[error("a customer needs a name")]
    NameMissing,
    /// The policy lets no deal leave the stage like this (R9).
    #[error(
        "the stage {} is left after {} deep contacts, {} are there; documents missing: {}",
        .0.stage, .0.contacts_wanted, .0.contacts, .0.documents_missing.join(", ")
    )]
    Gate(Box<GateWarning>),
    /// The edit itself was refused.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The store failed; nothing was saved.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReadError> for SignInError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Paused => Self::Paused,
            ReadError::Closed => Self::Closed,
            error => Self::Keep { reason: error.to_string() },
        }
    }
}

impl From<ReadError> for SaveError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Paused => Self::Paused,
            ReadError::Closed => Self::Closed,
            ReadError::NotSignedIn => Self::NotSignedIn,
            ReadError::NotYetSynced { what } => Self::NotYetSynced { what },
            ReadError::Store(error) => Self::Store(error),
        }
    }
}

/// Why it could not be said which facts two cards differ in.
#[derive(Debug, thiserror::Error)]
pub enum ApartError {
    /// The server could not be asked.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The sync before it did not finish.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// This phone has no card to compare.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a person's data were not wiped from this phone. They are here as before, but for
/// [`WipeError::Keychain`].
#[derive(Debug, thiserror::Error)]
pub enum WipeError {
    /// Nobody is signed in here, or the client is paused or closed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store failed, or what was not sent could not be brought into safety first.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data are gone and nobody is signed in. The keychain still keeps a secret of
    /// theirs, which opens nothing any more.
    #[error("the data are removed, and the keychain keeps what opened them: {reason}")]
    Keychain {
        /// What it said.
        reason: String,
    },
}

/// The phone's clock is far from the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this phone's clock is {off_ms} ms away from the server's: set it, or let the network set it"
)]
pub struct ClockFarOff {
    /// How far ahead it is, in milliseconds; behind if negative.
    pub off_ms: i64,
}

/// Why a sign-in did not work.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login or password is wrong.
    #[error("login or password is wrong")]
    WrongPassword,
    /// This installation belongs to somebody else on the server.
    #[error("this phone is enrolled for somebody else: {title}")]
    DeviceTaken {
        /// What the server said.
        title: String,
    },
    /// The client was paused meanwhile: resume it and sign in again.
    #[error("the client is paused")]
    Paused,
    /// It is not known where the server is.
    #[error("no server is set up: scan the code on your invitation")]
    NoServer,
    /// The exchange did not work.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Signed in, and the replica could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The session could not be kept on this phone.
    #[error("the session could not be kept on this phone: {reason}")]
    Keep {
        /// What the system said.
        reason: String,
    },
    /// The app's keychain did not take the tokens: it is locked, or refuses.
    #[error("the keychain did not take the session: {reason}")]
    Keychain {
        /// What the keychain said.
        reason: String,
    },
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
}

/// Why an enrolment by code did not work.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// What was scanned or typed is no invitation. Nothing was sent.
    #[error(transparent)]
    Unreadable(#[from] ParseInvitationError),
    /// The app is set up for another server. Nothing was sent.
    #[error("the invitation is for {invited}, and this app is set up for {own}")]
    OtherServer {
        /// The server of the invitation.
        invited: String,
        /// The server of the app's configuration.
        own: String,
    },
    /// The server does not take the code: another one is needed.
    #[error("{refusal}: ask for another one")]
    Code {
        /// Why not.
        refusal: CodeRefusal,
    },
    /// As with a password.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// Why a server does not take a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// It was never made, or it was mistyped.
    #[error("the server does not know this code")]
    Unknown,
    /// It is too old.
    #[error("this code is too old")]
    Expired,
    /// It enrolled another phone.
    #[error("this code was used on another phone")]
    Used,
    /// A newer one was made, or the office ended it.
    #[error("this code is good no longer: a newer one was made, or the office ended it")]
    Replaced,
}

/// Why a sync did not work. Everything saved is still here and goes out later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct SyncError {
    /// What went wrong.
    pub fault: Fault,
    /// When trying again makes sense; none if a person has to act first.
    pub retry_at: Option<Timestamp>,
}
