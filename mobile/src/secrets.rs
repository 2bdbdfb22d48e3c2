use std::sync::Arc;

use client_core::engine::{Clock, SecretStore as CoreSecrets, SecretStoreError, SystemClock};
use client_core::time::Timestamp;

use crate::error::FieldError;

/// The system's keychain: small secrets under names, apart from backups. The library
/// keeps tokens in it, the phone's own secret, and the key of the encrypted file.
#[uniffi::export(foreign)]
pub trait SecretStore: Send + Sync {
    /// What is kept under a name; none if nothing is. An error says that it cannot be
    /// said now, because the keychain is locked.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, FieldError>;

    /// Keeps a secret, replacing an earlier one.
    fn keep(&self, name: String, secret: Vec<u8>) -> Result<(), FieldError>;

    /// Forgets a secret; one that is not there is forgotten already.
    fn forget(&self, name: String) -> Result<(), FieldError>;
}

pub(crate) struct Keychain(pub Arc<dyn SecretStore>);

fn failed(error: FieldError) -> SecretStoreError {
    SecretStoreError { reason: error.to_string() }
}

impl CoreSecrets for Keychain {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretStoreError> {
        self.0.load(name.to_owned()).map_err(failed)
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        self.0.keep(name.to_owned(), secret.to_owned()).map_err(failed)
    }

    fn forget(&self, name: &str) -> Result<(), SecretStoreError> {
        self.0.forget(name.to_owned()).map_err(failed)
    }
}

/// What the device knows about time.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ClockReading {
    /// The wall clock, milliseconds since 1970 UTC.
    pub wall_ms: i64,
    /// Milliseconds since boot, sleep included, where the system tells.
    pub monotonic_ms: Option<i64>,
    /// Which boot this is, where the system tells.
    pub boot_id: Option<String>,
}

/// The device's clocks. Beside the wall clock, which people set, they prove how far
/// apart two moments were.
#[uniffi::export(foreign)]
pub trait DeviceClock: Send + Sync {
    /// Reads them.
    fn read(&self) -> Result<ClockReading, FieldError>;
}

/// Falls back on the process's own clock where the app's fails: a save never waits for it.
pub(crate) struct ForeignClock {
    pub clock: Arc<dyn DeviceClock>,
    pub system: Arc<SystemClock>,
}

impl Clock for ForeignClock {
    fn now(&self) -> Timestamp {
        let read = self.clock.read().map(|reading| Timestamp::from_millis(reading.wall_ms));
        read.unwrap_or_else(|_failed| self.system.now())
    }

    fn zone(&self, at: Timestamp) -> (String, i32) {
        self.system.zone(at)
    }

    fn monotonic_ms(&self) -> Option<i64> {
        self.clock.read().ok()?.monotonic_ms
    }

    fn boot_id(&self) -> Option<String> {
        self.clock.read().ok()?.boot_id
    }
}
