//! What must not lie in a file: tokens, the phone's own secret, the key of the replica.
//!
//! An app has one place for them, the system's keychain, and gives it as a keeper of
//! named bytes. Which names there are and what is in them is decided here, so that
//! Kotlin and Swift keep the same things in the same way.

use std::path::Path;
use std::sync::Arc;

use super::{Config, INSTALLATION, Random, TokenStore, TokenStoreError};
use crate::id::{OrgId, UserId};
use crate::protocol::Tokens;
use crate::store::{FileKey, Identity, OpenError, Store};

/// Keeps small secrets under names, apart from backups: the system's keychain.
pub trait SecretStore: Send + Sync {
    /// What is kept under a name; none if nothing is.
    ///
    /// # Errors
    /// [`SecretStoreError`] where it cannot be said now: the keychain is locked.
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretStoreError>;

    /// Keeps a secret, replacing an earlier one.
    ///
    /// # Errors
    /// [`SecretStoreError`]; the earlier one is kept then.
    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError>;

    /// Forgets a secret; one that is not there is forgotten already.
    ///
    /// # Errors
    /// [`SecretStoreError`].
    fn forget(&self, name: &str) -> Result<(), SecretStoreError>;
}

/// The keychain did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SecretStoreError {
    /// What the system said.
    pub reason: String,
}

impl From<SecretStoreError> for TokenStoreError {
    fn from(error: SecretStoreError) -> Self {
        Self { reason: error.reason }
    }
}

/// Tokens and the phone's secret in a keychain.
pub(super) struct Keychain(pub Arc<dyn SecretStore>);

fn name(org: OrgId, user: UserId, what: &str) -> String {
    format!("{org}_{user}.{what}")
}

impl TokenStore for Keychain {
    fn load(&self, org: OrgId, user: UserId) -> Result<Option<Tokens>, TokenStoreError> {
        let kept = self.0.load(&name(org, user, "token"))?;
        Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    fn keep(&self, org: OrgId, user: UserId, tokens: &Tokens) -> Result<(), TokenStoreError> {
        let bytes = serde_json::to_vec(tokens)
            .map_err(|error| TokenStoreError { reason: error.to_string() })?;
        Ok(self.0.keep(&name(org, user, "token"), &bytes)?)
    }

    fn forget(&self, org: OrgId, user: UserId) -> Result<(), TokenStoreError> {
        Ok(self.0.forget(&name(org, user, "token"))?)
    }

    fn installation(
        &self,
        org: OrgId,
        user: UserId,
    ) -> Result<Option<[u8; INSTALLATION]>, TokenStoreError> {
        let kept = self.0.load(&name(org, user, "installation"))?;
        Ok(kept.and_then(|bytes| bytes.try_into().ok()))
    }

    fn keep_installation(
        &self,
        org: OrgId,
        user: UserId,
        secret: &[u8; INSTALLATION],
    ) -> Result<(), TokenStoreError> {
        Ok(self.0.keep(&name(org, user, "installation"), secret)?)
    }
}

/// Opens a replica; encrypted, where the app keeps secrets and SQLCipher is compiled in.
pub(super) fn open_file(
    config: &Config,
    path: &Path,
    identity: &Identity,
) -> Result<Store, OpenError> {
    let keeper = config.secrets.as_ref().filter(|_keeper| cfg!(feature = "sqlcipher"));
    let Some(keeper) = keeper else { return Store::open(path, identity) };
    let name = name(identity.org, identity.user, "key");
    let key = file_key(&**keeper, &*config.random, &name)
        .map_err(|error| OpenError::Key { path: path.to_owned(), reason: error.reason })?;
    Store::open_with(path, identity, Some(&key))
}

/// Forgets what belonged to a replica that is gone: the key of its file, and by what this
/// phone knew it.
///
/// # Errors
/// [`SecretStoreError`] of the first that the keychain refuses; the other one was tried.
/// It keeps a key to nothing then.
pub(super) fn forget(config: &Config, org: OrgId, user: UserId) -> Result<(), SecretStoreError> {
    let Some(keeper) = &config.secrets else { return Ok(()) };
    let key = keeper.forget(&name(org, user, "key"));
    let installation = keeper.forget(&name(org, user, "installation"));
    key.and(installation)
}

fn file_key(
    keeper: &dyn SecretStore,
    random: &dyn Random,
    name: &str,
) -> Result<FileKey, SecretStoreError> {
    // What is kept and cannot be the key is never written over: the file may still need it.
    if let Some(kept) = keeper.load(name)? {
        return kept.try_into().map(FileKey::from_bytes).map_err(|kept: Vec<u8>| {
            let (found, wanted) = (kept.len(), FileKey::LENGTH);
            SecretStoreError { reason: format!("the kept key has {found} bytes and not {wanted}") }
        });
    }
    let mut fresh = [0; FileKey::LENGTH];
    random.fill(&mut fresh);
    keeper.keep(name, &fresh)?;
    Ok(FileKey::from_bytes(fresh))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::engine::SeededRandom;

    #[derive(Default)]
    struct Shelf(Mutex<BTreeMap<String, Vec<u8>>>);

    impl SecretStore for Shelf {
        fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretStoreError> {
            Ok(self.0.lock().unwrap().get(name).cloned())
        }

        fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
            self.0.lock().unwrap().insert(name.to_owned(), secret.to_vec());
            Ok(())
        }

        fn forget(&self, name: &str) -> Result<(), SecretStoreError> {
            self.0.lock().unwrap().remove(name);
            Ok(())
        }
    }

    #[test]
    fn a_file_key_is_made_once_and_is_then_the_kept_one() {
        let (shelf, random) = (Shelf::default(), SeededRandom::new(1));
        let made = file_key(&shelf, &random, "key").unwrap();
        assert_eq!(file_key(&shelf, &random, "key").unwrap(), made);
        assert_eq!(shelf.load("key").unwrap().unwrap().len(), FileKey::LENGTH);
    }

    #[test]
    fn a_kept_key_of_another_length_is_refused_and_never_written_over() {
        for kept in [Vec::new(), vec![7; FileKey::LENGTH - 1], vec![7; FileKey::LENGTH + 1]] {
            let shelf = Shelf::default();
            shelf.keep("key", &kept).unwrap();
            let refused = file_key(&shelf, &SeededRandom::new(1), "key").unwrap_err();
            assert!(refused.reason.contains(&kept.len().to_string()), "{refused}");
            assert_eq!(shelf.load("key").unwrap(), Some(kept));
        }
    }
}
