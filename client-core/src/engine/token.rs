//! Where tokens are kept.

use std::io::Write;
use std::path::PathBuf;

use super::INSTALLATION;
use crate::id::{OrgId, UserId};
use crate::protocol::Tokens;

/// Keeps the tokens of each user. Apps implement it over the system's keychain,
/// which survives neither a backup nor another app's eyes; the file is for tests,
/// demos and desktops.
pub trait TokenStore: Send + Sync {
    /// The tokens kept for a user; none if there are none.
    ///
    /// # Errors
    /// [`TokenStoreError`] where it cannot be said now, with what the system said.
    fn load(&self, org: OrgId, user: UserId) -> Result<Option<Tokens>, TokenStoreError>;

    /// Keeps tokens, replacing earlier ones.
    ///
    /// # Errors
    /// [`TokenStoreError`], with what the system said.
    fn keep(&self, org: OrgId, user: UserId, tokens: &Tokens) -> Result<(), TokenStoreError>;

    /// Forgets the tokens of a user; those that are not there are forgotten already.
    ///
    /// # Errors
    /// [`TokenStoreError`], with what the system said.
    fn forget(&self, org: OrgId, user: UserId) -> Result<(), TokenStoreError>;

    /// The secret of this phone for a user's replica; none if there is none here, which
    /// says that a replica which has one came from another phone. A keeper that cannot
    /// keep one apart from backups answers an error, and so does a locked one.
    ///
    /// # Errors
    /// [`TokenStoreError`], with what the system said.
    fn installation(
        &self,
        _org: OrgId,
        _user: UserId,
    ) -> Result<Option<[u8; INSTALLATION]>, TokenStoreError> {
        Err(TokenStoreError { reason: "this keeper keeps no secret of the phone".to_owned() })
    }

    /// Keeps the secret of this phone, where no backup reaches it.
    ///
    /// # Errors
    /// [`TokenStoreError`], with what the system said.
    fn keep_installation(
        &self,
        _org: OrgId,
        _user: UserId,
        _secret: &[u8; INSTALLATION],
    ) -> Result<(), TokenStoreError> {
        Err(TokenStoreError { reason: "this keeper keeps no secret of the phone".to_owned() })
    }
}

/// The keeper of tokens did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keeper of tokens failed: {reason}")]
pub struct TokenStoreError {
    /// What the system said.
    pub reason: String,
}

/// Tokens in small files of a folder, readable by the owner only.
#[derive(Debug, Clone)]
pub struct TokenFiles {
    dir: PathBuf,
}

impl TokenFiles {
    /// Files in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    fn path(&self, org: OrgId, user: UserId) -> PathBuf {
        self.dir.join(format!("{org}_{user}.token"))
    }

    fn installation_path(&self, org: OrgId, user: UserId) -> PathBuf {
        self.dir.join(format!("{org}_{user}.installation"))
    }
}

impl TokenStore for TokenFiles {
    fn load(&self, org: OrgId, user: UserId) -> Result<Option<Tokens>, TokenStoreError> {
        match std::fs::read(self.path(org, user)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(TokenStoreError { reason: error.to_string() }),
        }
    }

    fn keep(&self, org: OrgId, user: UserId, tokens: &Tokens) -> Result<(), TokenStoreError> {
        let failed = |reason: String| TokenStoreError { reason };
        let bytes = serde_json::to_vec(tokens).map_err(|error| failed(error.to_string()))?;
        write_private(&self.path(org, user), &bytes).map_err(|error| failed(error.to_string()))
    }

    fn forget(&self, org: OrgId, user: UserId) -> Result<(), TokenStoreError> {
        match std::fs::remove_file(self.path(org, user)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(TokenStoreError { reason: error.to_string() })
            }
            _ => Ok(()),
        }
    }

    fn installation(
        &self,
        org: OrgId,
        user: UserId,
    ) -> Result<Option<[u8; INSTALLATION]>, TokenStoreError> {
        match std::fs::read(self.installation_path(org, user)) {
            Ok(bytes) => Ok(bytes.try_into().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(TokenStoreError { reason: error.to_string() }),
        }
    }

    fn keep_installation(
        &self,
        org: OrgId,
        user: UserId,
        secret: &[u8; INSTALLATION],
    ) -> Result<(), TokenStoreError> {
        write_private(&self.installation_path(org, user), secret)
            .map_err(|error| TokenStoreError { reason: error.to_string() })
    }
}

/// Writes a file that only the owner can read, whole or not at all.
pub(super) fn write_private(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}
