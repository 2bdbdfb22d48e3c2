//! Passwords: argon2id, off the async threads, a few at a time.
//!
//! One hash takes 19 MiB and tens of milliseconds on purpose, so a flood of
//! sign-ins must queue and not eat the machine. An unknown login costs the same
//! as a wrong password: otherwise the time of an answer tells who works here.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::AuthError;
use crate::edge::{Random, random_bytes};

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// OWASP's floor for argon2id.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// For tests and demos with dozens of accounts. Stored hashes name their cost,
    /// so verifying follows whatever a hash was made with.
    pub const CHEAP: Self = Self { memory_kib: 64, passes: 1 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes and compares passwords.
#[derive(Debug)]
pub struct Passwords {
    cost: Cost,
    turns: Arc<Semaphore>,
    /// The hash that an unknown login is compared with.
    dummy: Arc<str>,
}

impl Passwords {
    /// Hashes two at a time.
    pub fn new(cost: Cost, random: &dyn Random) -> Result<Self, AuthError> {
        let dummy = hash_now(cost, "nobody's password", &random_bytes::<16>(random))?;
        Ok(Self { cost, turns: Arc::new(Semaphore::new(2)), dummy: dummy.into() })
    }

    /// The PHC string of a password.
    pub async fn hash(&self, password: &str, random: &dyn Random) -> Result<String, AuthError> {
        let (cost, salt) = (self.cost, random_bytes::<16>(random));
        let password = password.to_owned();
        self.in_turn(move || hash_now(cost, &password, &salt)).await
    }

    /// Whether a password is the one behind a PHC string; with no string to compare
    /// with, the same work and `false`.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, AuthError> {
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        let password = password.to_owned();
        let matches = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&stored)
                    .map_err(|error| AuthError::Hashing { reason: error.to_string() })?;
                Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let fail = |reason: String| AuthError::Hashing { reason };
        let _turn = self.turns.acquire().await.map_err(|error| fail(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| fail(error.to_string()))?
    }
}

/// Hashes on this thread: for the command line and the demo.
pub fn hash_now(cost: Cost, password: &str, salt: &[u8; 16]) -> Result<String, AuthError> {
    cost.argon2()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| AuthError::Hashing { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::SystemRandom;

    #[tokio::test]
    async fn a_password_is_known_again_and_nobody_has_the_dummys() {
        let passwords = Passwords::new(Cost::CHEAP, &SystemRandom).unwrap();
        let stored = passwords.hash("open sesame", &SystemRandom).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(passwords.verify("open sesame", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("open barley", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("nobody's password", None).await.unwrap());
    }
}
