use client_core::engine::{
    ApartError, ClientError, ClockFarOff, EnrolError, ReadError, SaveError, SignInError, SyncError,
    WipeError,
};
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
    /// It is not known where the server is: ask for an invitation, which says it.
    #[error("no server: {detail}")]
    NoServer {
        /// What happened.
        detail: String,
    },
    /// On the server this phone is somebody else's: an administrator has to end that one's
    /// access first.
    #[error("device taken: {detail}")]
    DeviceTaken {
        /// What the server said.
        detail: String,
    },
    /// Login or password is wrong, or the session ended: ask for the password.
    /// Everything saved is still here.
    #[error("sign in again: {detail}")]
    SignInAgain {
        /// What happened.
        detail: String,
    },
    /// This phone's access was ended by the office. Its data are gone from it; what was
    /// not sent lies sealed in `rescue_files`. Show the sign-in screen.
    #[error("access ended: {detail}")]
    DeviceRevoked {
        /// What happened.
        detail: String,
    },
    /// The client is paused: resume it first.
    #[error("paused: {detail}")]
    Paused {
        /// What was wanted.
        detail: String,
    },
    /// The client was closed: open another one.
    #[error("closed: {detail}")]
    Closed {
        /// What was wanted.
        detail: String,
    },
    /// Another client has the files open, in this app or in another process of it.
    #[error("in use: {detail}")]
    FileInUse {
        /// Which.
        detail: String,
    },
    /// The file is encrypted and its key is not on this phone: it came out of a backup
    /// without the keychain, or it is damaged. Ask before it is removed: what was not
    /// sent is lost with it.
    #[error("wrong key: {detail}")]
    WrongKey {
        /// What happened.
        detail: String,
    },
    /// The keychain is locked or refuses: try again when the phone is unlocked.
    #[error("keychain: {detail}")]
    Keychain {
        /// What it said.
        detail: String,
    },
    /// A newer app wrote the file: update the app. The file was left as it is.
    #[error("newer database: {detail}")]
    NewerDatabase {
        /// What happened.
        detail: String,
    },
    /// The phone's clock is far from the server's: ask the user to set it.
    #[error("clock far off: {detail}")]
    ClockFarOff {
        /// What happened.
        detail: String,
        /// How far ahead it is, in milliseconds; behind if negative.
        off_ms: i64,
    },
    /// The connection is not private: a sign-in page of the network in between, or a
    /// wrong clock on this phone. Everything saved is still here.
    #[error("not private: {detail}")]
    NotPrivate {
        /// What happened.
        detail: String,
        /// When trying again makes sense, milliseconds since 1970 UTC.
        retry_at_ms: Option<i64>,
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
    /// The phone's storage failed: read-only, damaged, or not ours.
    #[error("storage: {detail}")]
    Storage {
        /// What the system said.
        detail: String,
    },
    /// A fault of ours; please report it. A panic in the library comes as this in the Kotlin
    /// and Swift SDKs, and as the generated code's own error in Python.
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

impl From<StoreError> for FieldError {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Full => Self::StorageFull { detail },
            _ => Self::Storage { detail },
        }
    }
}

impl From<OpenError> for FieldError {
    fn from(error: OpenError) -> Self {
        let detail = error.to_string();
        match error {
            OpenError::Newer { .. } => Self::NewerDatabase { detail },
            OpenError::WrongKey { .. } => Self::WrongKey { detail },
            OpenError::Key { .. } => Self::Keychain { detail },
            OpenError::Store(error) => error.into(),
            _ => Self::Storage { detail },
        }
    }
}

impl From<ClientError> for FieldError {
    fn from(error: ClientError) -> Self {
        let detail = error.to_string();
        match error {
            ClientError::Open(error) => error.into(),
            ClientError::Folder { .. } => Self::Storage { detail },
            ClientError::InUse { .. } => Self::FileInUse { detail },
            ClientError::Closed => Self::Closed { detail },
            ClientError::Unusable { .. } => Self::BadInput { detail },
            ClientError::Setup { .. } => Self::Internal { detail },
        }
    }
}

impl From<ClockFarOff> for FieldError {
    fn from(error: ClockFarOff) -> Self {
        Self::ClockFarOff { detail: error.to_string(), off_ms: error.off_ms }
    }
}

impl From<WipeError> for FieldError {
    fn from(error: WipeError) -> Self {
        match error {
            WipeError::Read(error) => error.into(),
            WipeError::Store(error) => error.into(),
            WipeError::Keychain { .. } => Self::Keychain { detail: error.to_string() },
        }
    }
}

impl From<ReadError> for FieldError {
    fn from(error: ReadError) -> Self {
        let detail = error.to_string();
        match error {
            ReadError::NotSignedIn => Self::NotSignedIn { detail },
            ReadError::Paused => Self::Paused { detail },
            ReadError::Closed => Self::Closed { detail },
            ReadError::NotYetSynced { .. } => Self::NotYetSynced { detail },
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<SaveError> for FieldError {
    fn from(error: SaveError) -> Self {
        let detail = error.to_string();
        match error {
            SaveError::NotSignedIn => Self::NotSignedIn { detail },
            SaveError::Paused => Self::Paused { detail },
            SaveError::Closed => Self::Closed { detail },
            SaveError::NotFound { .. } | SaveError::NoLine { .. } => Self::NotFound { detail },
            SaveError::NotYetSynced { .. } => Self::NotYetSynced { detail },
            SaveError::NameMissing | SaveError::Gate(_) | SaveError::Edit(_) => {
                Self::BadInput { detail }
            }
            SaveError::Store(error) => error.into(),
        }
    }
}

impl From<ApartError> for FieldError {
    fn from(error: ApartError) -> Self {
        match error {
            ApartError::Fault(fault) => of_fault(&fault, None),
            ApartError::Sync(error) => error.into(),
            ApartError::Read(error) => error.into(),
        }
    }
}

impl From<SignInError> for FieldError {
    fn from(error: SignInError) -> Self {
        let detail = error.to_string();
        match error {
            SignInError::WrongPassword => Self::SignInAgain { detail },
            SignInError::DeviceTaken { .. } => Self::DeviceTaken { detail },
            SignInError::NoServer => Self::NoServer { detail },
            SignInError::Fault(fault) => of_fault(&fault, None),
            SignInError::Open(error) => error.into(),
            SignInError::Keep { .. } => Self::Storage { detail },
            SignInError::Keychain { .. } => Self::Keychain { detail },
            SignInError::Paused => Self::Paused { detail },
            SignInError::Closed => Self::Closed { detail },
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
        Fault::SignInNeeded => FieldError::SignInAgain { detail },
        Fault::Revoked => FieldError::DeviceRevoked { detail },
        Fault::Insecure => FieldError::NotPrivate { detail, retry_at_ms },
        Fault::AppTooOld => FieldError::UpdateRequired { detail },
        Fault::PhoneFull => FieldError::StorageFull { detail },
        Fault::Store { .. } => FieldError::Storage { detail },
        Fault::Keychain { .. } => FieldError::Keychain { detail },
        Fault::Paused => FieldError::Paused { detail },
        Fault::Closed => FieldError::Closed { detail },
        Fault::Internal => FieldError::Internal { detail },
        Fault::Cancelled => FieldError::Cancelled { detail },
        _ => FieldError::Offline { detail, retry_at_ms },
    }
}
