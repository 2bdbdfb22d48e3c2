//! Why a verb could not do it: what happened, what is safe, what to do.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use super::answer::say;
use crate::StartError;
use crate::auth::AuthError;
use crate::backup::BackupError;
use crate::lock::LockError;
use crate::office::{
    AskError, ChangePersonError, CreateOrgError, CreateUnitError, CreateUserError, DecideError,
    DisableUserError, EraseError, LeaveError, MergeError, MoveError, PersonError, PlaceError,
    ResetPasswordError, SetCalendarError, SetPolicyError, SetProductError, SetTargetError,
    SplitTargetError, TargetError, VoidError,
};
use crate::relay::SyncError;
use crate::storage::StorageError;
use crate::storage::sqlite::OpenError;

/// How a process ends; see the table of the module above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Usage = 2,
    Config = 3,
    Data = 4,
    Unavailable = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A verb that failed.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    happened: String,
    safe: &'static str,
    advice: String,
}

const UNCHANGED: &str = "Nothing was changed.";
const FULL: &str = "Make room on the disk of the data directory, then run it again.";

impl Failure {
    pub(super) fn new(exit: Exit, happened: impl Display, advice: impl Into<String>) -> Self {
        Self { exit, happened: happened.to_string(), safe: UNCHANGED, advice: advice.into() }
    }

    /// The request was wrong.
    pub(super) fn usage(happened: impl Display) -> Self {
        Self::new(Exit::Usage, happened, "Correct the command and run it again.")
    }

    #[must_use]
    pub(super) const fn safe(mut self, safe: &'static str) -> Self {
        self.safe = safe;
        self
    }

    pub(super) fn print(self, json: bool) -> ExitCode {
        let Self { exit, happened, safe, advice } = self;
        // Nothing to be done if standard error is closed.
        drop(writeln!(std::io::stderr(), "error: {happened}\n{safe}\n{advice}"));
        if json {
            let code = exit as u8;
            let said = json!({ "error": happened, "code": code, "safe": safe, "advice": advice });
            say(&said.to_string());
        }
        exit.into()
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(
            Exit::Unavailable,
            format!("{error:#}"),
            "Try again; if it stays, look at the cause.",
        )
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let (exit, advice) = match &error {
            OpenError::Missing { .. } => (
                Exit::Data,
                "Run `fieldsync init --data DIR` to make one, or name the directory that has it.",
            ),
            OpenError::Exists { .. } => {
                (Exit::Data, "Use it as it is with `fieldsync serve`, or name another directory.")
            }
            OpenError::NotOurs { .. } => {
                (Exit::Data, "Name another directory, or restore the data file from a backup.")
            }
            OpenError::Newer { .. } => {
                (Exit::Config, "Run the fieldsync that wrote it, or a newer one.")
            }
            OpenError::Migration { .. } => {
                (Exit::Data, "Keep a copy of the directory and run the former fieldsync.")
            }
            OpenError::Full => (Exit::Unavailable, FULL),
            OpenError::Sqlite(_) | OpenError::Thread(_) => {
                (Exit::Unavailable, "Check the disk and the permissions, then try again.")
            }
        };
        Self::new(exit, error, advice).safe("The data was not changed.")
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let (exit, advice) = match error {
            BackupError::Open(error) => return error.into(),
            BackupError::Storage(error) => return error.into(),
            BackupError::Exists { .. } => {
                (Exit::Usage, "Name another file: a backup never replaces another one.")
            }
            BackupError::Occupied { .. } => (
                Exit::Data,
                "Name an empty directory, or say --force: what is there is then set aside.",
            ),
            BackupError::InUse { .. } => {
                (Exit::Unavailable, "Stop the server that runs on it, then run it again.")
            }
            BackupError::Damaged { .. } => {
                (Exit::Data, "Use another backup, or fetch this one again from where it is kept.")
            }
            BackupError::Newer { .. } => {
                (Exit::Config, "Run the fieldsync that made it, or a newer one.")
            }
            BackupError::File { ref source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull => {
                    (Exit::Unavailable, "Make room on that disk, then run it again.")
                }
                std::io::ErrorKind::NotFound => {
                    (Exit::Data, "Check the path: a file or a folder of it is not there.")
                }
                _ => (Exit::Unavailable, "Check the disk and the permissions, then try again."),
            },
        };
        Self::new(exit, error, advice)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        let (exit, advice) = match &error {
            StorageError::Unavailable { .. } | StorageError::Sqlite(_) => {
                (Exit::Unavailable, "Check the disk, then try again.")
            }
            StorageError::Full => (Exit::Unavailable, FULL),
            StorageError::Corrupt { .. } | StorageError::Missing { .. } => {
                (Exit::Data, "Keep a copy of the data directory and restore a backup.")
            }
            StorageError::Exists { .. } => (Exit::Usage, "Correct the command and run it again."),
        };
        Self::new(exit, error, advice)
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Storage(error) => error.into(),
            error => Self::new(Exit::Unavailable, error, "Try again."),
        }
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::new(Exit::Unavailable, error, "Try again.")
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let advice = match &error {
            LockError::InUse { .. } => {
                "Stop the server that runs on this directory, then try again."
            }
            LockError::Failed { .. } => "Check the disk and the permissions, then try again.",
        };
        Self::new(Exit::Unavailable, error, advice).safe("The data was not changed.")
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let (exit, advice) = match error {
            StartError::Data(error) => return error.into(),
            StartError::Auth(error) => return error.into(),
            StartError::Storage(error) => return error.into(),
            StartError::Locked(error) => return error.into(),
            StartError::Erasing(_) => (
                Exit::Data,
                "Start it again; if it stays, look at erasures.jsonl and run `fieldsync doctor`.",
            ),
            StartError::Exposed { .. } => (
                Exit::Config,
                "Say --tls-cert FILE --tls-key FILE, or --behind-proxy, or --bind 127.0.0.1:PORT.",
            ),
            StartError::MetricsExposed { .. } => (
                Exit::Config,
                "Say --metrics 127.0.0.1:PORT and let a proxy or an agent on this machine read it.",
            ),
            StartError::Tls(_) => (
                Exit::Config,
                "Name the PEM files of one certificate and its key, readable by this user.",
            ),
            StartError::PortInUse { .. } => (
                Exit::Unavailable,
                "Stop what listens there, or choose another port with --bind 127.0.0.1:PORT.",
            ),
            StartError::Bind { .. } => {
                (Exit::Unavailable, "Choose an address of this machine with --bind ADDRESS:PORT.")
            }
        };
        Self::new(exit, error, advice).safe("The data was not changed.")
    }
}

impl From<EraseError> for Failure {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Storage(error) => error.into(),
            error @ (EraseError::Ledger(_) | EraseError::Scoring(_)) => Self::new(
                Exit::Unavailable,
                error,
                "Run the same command again: what was erased stays erased.",
            ),
            error @ EraseError::Document { .. } => Self::new(
                Exit::Data,
                error,
                "Run the same command again; if it stays, keep a copy of the data directory.",
            ),
            error => Self::usage(error),
        }
    }
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Storage(error) => error.into(),
            error @ DecideError::InPart { .. } => Self::new(
                Exit::Usage,
                error,
                "Run it again with `--in-part` to take what fits, or reject the work.",
            ),
            error => Self::usage(error),
        }
    }
}

/// What the office refuses is a wrong request; what lies below speaks for itself.
macro_rules! refusals {
    ($($error:ident)+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                match error {
                    $error::Storage(error) => error.into(),
                    error => Self::usage(error),
                }
            }
        }
    )+};
}

refusals! {
    AskError ChangePersonError CreateOrgError CreateUnitError CreateUserError DisableUserError LeaveError MergeError MoveError PersonError PlaceError
    ResetPasswordError SetCalendarError SetPolicyError SetProductError SetTargetError SplitTargetError TargetError VoidError
}
