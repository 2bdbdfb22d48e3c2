use client_core::engine::{EnrolError, ReadError, SaveError, SignInError, SyncError};
use client_core::store::{OpenError, StoreError};
use client_core::sync::Fault;

/// What an app can act on. `detail` is for people and for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum FieldError {
    /// Nobody is signed in on this phone: show the sign-in screen.
    #[error("not signed in: {detail}")]
    NotSignedIn {
        /// What happened.
        detail: String,
    },
    /// Login or password is wrong, or the session ended: ask for the password.
    /// Everything saved is still here.
    #[error("sign in again: {detail}")]
    SignInAgain {
        /// What happened.
        detail: String,
    },
    /// No way to the server now. Everything saved is still here and goes out later.
    #[error("offline: {detail}")]
    Offline {
        /// What happened.
        detail: String,
        /// When trying again makes sense, milliseconds since 1970 UTC.
        retry_at_ms: Option<i64>,
    },
    /// The server speaks a newer version. Saving and reading go on.
    #[error("update the app: {detail}")]
    UpdateRequired {
        /// What happened.
        detail: String,
    },
    /// The app ended it.
    #[error("cancelled: {detail}")]
    Cancelled {
        /// What was.
        detail: String,
    },
    /// The input cannot be used; nothing was saved.
    #[error("bad input: {detail}")]
    BadInput {
        /// What is wrong with it.
        detail: String,
    },
    /// There is no such thing on this phone.
    #[error("not found: {detail}")]
    NotFound {
        /// What was looked for.
        detail: String,
    },
    /// It did not arrive on this phone yet: sync first.
    #[error("not yet synced: {detail}")]
    NotYetSynced {
        /// What is missing.
        detail: String,
    },
    /// The phone's storage is full: ask the user to make room. What was to be saved
    /// now was not; everything saved before is still here and can be read.
    #[error("no room on this phone: {detail}")]
    StorageFull {
        /// What happened.
        detail: String,
    },
    /// The phone's storage failed: read-only, damaged, or of a newer app.
    #[error("storage: {detail}")]
    Storage {
        /// What the system said.
        detail: String,
    },
    /// A fault of ours; please report it.
    #[error("internal: {detail}")]
    Internal {
        /// What happened.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for FieldError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Internal { detail: error.reason }
    }
}

impl From<ReadError> for FieldError {
    fn from(error: ReadError) -> Self {
        let detail = error.to_string();
        match error {
            ReadError::NotSignedIn | ReadError::Paused => Self::NotSignedIn { detail },
            ReadError::NotYetSynced { .. } => Self::NotYetSynced { detail },
            ReadError::Store(StoreError::Full) => Self::StorageFull { detail },
            ReadError::Store(_) => Self::Storage { detail },
        }
    }
}

impl From<SaveError> for FieldError {
    fn from(error: SaveError) -> Self {
        let detail = error.to_string();
        match error {
            SaveError::NotSignedIn | SaveError::Paused => Self::NotSignedIn { detail },
            SaveError::NotFound { .. } => Self::NotFound { detail },
            SaveError::NameMissing | SaveError::Edit(_) => Self::BadInput { detail },
            SaveError::Store(StoreError::Full) => Self::StorageFull { detail },
            SaveError::Store(_) => Self::Storage { detail },
        }
    }
}

impl From<SignInError> for FieldError {
    fn from(error: SignInError) -> Self {
        let detail = error.to_string();
        match error {
            SignInError::WrongPassword
            | SignInError::DeviceTaken { .. }
            | SignInError::NoServer => Self::SignInAgain { detail },
            SignInError::Fault(fault) => of_fault(&fault, None),
            SignInError::Open(OpenError::Store(StoreError::Full)) => Self::StorageFull { detail },
            SignInError::Open(_) | SignInError::Keep { .. } => Self::Storage { detail },
            SignInError::Closed => Self::NotSignedIn { detail },
        }
    }
}

impl From<EnrolError> for FieldError {
    fn from(error: EnrolError) -> Self {
        let detail = error.to_string();
        match error {
            EnrolError::Unreadable(_) | EnrolError::OtherServer { .. } => Self::BadInput { detail },
            EnrolError::Code { .. } => Self::SignInAgain { detail },
            EnrolError::SignIn(error) => error.into(),
        }
    }
}

impl From<SyncError> for FieldError {
    fn from(error: SyncError) -> Self {
        of_fault(&error.fault, error.retry_at.map(client_core::time::Timestamp::millis))
    }
}

pub(crate) fn of_fault(fault: &Fault, retry_at_ms: Option<i64>) -> FieldError {
    let detail = fault.to_string();
    match fault {
        Fault::SignInNeeded | Fault::Revoked => FieldError::SignInAgain { detail },
        Fault::AppTooOld => FieldError::UpdateRequired { detail },
        Fault::PhoneFull => FieldError::StorageFull { detail },
        Fault::Store { .. } => FieldError::Storage { detail },
        Fault::Cancelled => FieldError::Cancelled { detail },
        _ => FieldError::Offline { detail, retry_at_ms },
    }
}
