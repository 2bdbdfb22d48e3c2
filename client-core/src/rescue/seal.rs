//! The lock of a rescue file.
//!
//! X25519 with a key pair made for this one file, HKDF-SHA-256, ChaCha20-Poly1305.
//! The phone forgets its half at once, so only the org's secret opens the file. The
//! key is used for one message, so the nonce is zero.
//!
//! ```text
//! 19  "fieldsync rescue 1\n"
//! 16  org
//! 32  public key made for this file
//! …   ciphertext and its tag; what stands before it is authenticated too
//! ```

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::id::OrgId;

/// Random bytes that sealing a file takes.
pub const EPHEMERAL: usize = 32;

const MAGIC: &[u8; 19] = b"fieldsync rescue 1\n";
const ORG: usize = MAGIC.len() + 16;
const HEADER: usize = ORG + 32;
const TAG: usize = 16;

/// The public half: phones receive it when they enrol.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RescueKey([u8; 32]);

/// The secret half: it never leaves the server.
#[derive(Clone)]
pub struct RescueSecret(StaticSecret);

impl RescueKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RescueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RescueKey({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl RescueSecret {
    /// The secret that belongs to an org's own secret: whoever keeps that one, as every
    /// backup does, can open the files of every phone.
    pub fn of_org(secret: &[u8; 32]) -> Self {
        Self(StaticSecret::from(expand(None, secret, b"fieldsync rescue secret 1")))
    }

    /// The public half.
    pub fn public(&self) -> RescueKey {
        RescueKey(PublicKey::from(&self.0).to_bytes())
    }
}

impl fmt::Debug for RescueSecret {
    /// Never reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RescueSecret")
    }
}

/// Why a rescue file could not be opened. The file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenRescueError {
    /// It is something else.
    #[error("this is not a rescue file of fieldsync")]
    NotOurs,
    /// It is for another org.
    #[error("the file was sealed for the org {found}, and this is {own}")]
    AnotherOrg {
        /// Whose it is.
        found: OrgId,
        /// Who tried.
        own: OrgId,
    },
    /// Cut short, changed, or sealed to a key that is not this org's.
    #[error("the file is damaged or cut short, or was not sealed to the key of this org")]
    Damaged,
    /// Open, and of a form this program does not know.
    #[error("the content of the file could not be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
}

fn expand(salt: Option<&[u8]>, secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    // 32 bytes are far below the longest output, so this cannot fail.
    let expanded = Hkdf::<Sha256>::new(salt, secret).expand(purpose, &mut key);
    debug_assert!(expanded.is_ok());
    key
}

fn cipher(shared: &[u8; 32], ephemeral: &[u8; 32], key: &RescueKey) -> ChaCha20Poly1305 {
    let salt = [*ephemeral, key.0].concat();
    ChaCha20Poly1305::new(&Key::from(expand(Some(&salt), shared, b"fieldsync rescue file 1")))
}

pub(super) fn seal(
    content: &[u8],
    org: OrgId,
    key: &RescueKey,
    ephemeral: [u8; EPHEMERAL],
) -> Vec<u8> {
    let own = StaticSecret::from(ephemeral);
    let public = PublicKey::from(&own).to_bytes();
    let shared = own.diffie_hellman(&PublicKey::from(key.0)).to_bytes();
    let mut file = [&MAGIC[..], org.as_bytes(), &public].concat();
    let payload = Payload { msg: content, aad: &file };
    // Only a message of 256 GiB fails.
    let sealed = cipher(&shared, &public, key).encrypt(&Nonce::default(), payload);
    debug_assert!(sealed.is_ok());
    file.extend(sealed.unwrap_or_default());
    file
}

pub(super) fn open(
    file: &[u8],
    org: OrgId,
    secret: &RescueSecret,
) -> Result<Vec<u8>, OpenRescueError> {
    if !file.starts_with(MAGIC) {
        return Err(OpenRescueError::NotOurs);
    }
    let found = file.get(MAGIC.len()..ORG).and_then(OrgId::from_slice);
    let found = found.ok_or(OpenRescueError::Damaged)?;
    if found != org {
        return Err(OpenRescueError::AnotherOrg { found, own: org });
    }
    let (header, sealed) = file.split_at_checked(HEADER).ok_or(OpenRescueError::Damaged)?;
    let public: &[u8; 32] = header.last_chunk().ok_or(OpenRescueError::Damaged)?;
    if sealed.len() < TAG {
        return Err(OpenRescueError::Damaged);
    }
    let shared = secret.0.diffie_hellman(&PublicKey::from(*public)).to_bytes();
    let payload = Payload { msg: sealed, aad: header };
    let opened = cipher(&shared, public, &secret.public()).decrypt(&Nonce::default(), payload);
    opened.map_err(|_forged| OpenRescueError::Damaged)
}
