//! Signing what phones keep for us and hand back: cursors and access stamps.
//!
//! Sixteen bytes of HMAC-SHA-256 under the org's secret, over the purpose, the
//! org, the user and the body: a cursor of one person says nothing for another.

use client_core::id::UserId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::storage::model::OrgRow;

/// Bytes of signature at the end of a sealed token.
pub(super) const SEAL: usize = 16;

/// What a sealed token is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Cursor,
    Stamp,
}

fn mac(org: &OrgRow, user: UserId, purpose: Purpose, body: &[u8]) -> [u8; SEAL] {
    let mut short = [0; SEAL];
    // A key of any length will do for HMAC, so this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&org.secret) else {
        return short;
    };
    mac.update(match purpose {
        Purpose::Cursor => b"fieldsync cursor 1",
        Purpose::Stamp => b"fieldsync stamp  1",
    });
    mac.update(org.id.as_bytes());
    mac.update(user.as_bytes());
    mac.update(body);
    let full = mac.finalize().into_bytes();
    short.copy_from_slice(full.get(..SEAL).unwrap_or(&[0; SEAL]));
    short
}

/// The body with its signature.
pub(super) fn seal(org: &OrgRow, user: UserId, purpose: Purpose, mut body: Vec<u8>) -> Vec<u8> {
    let signature = mac(org, user, purpose, &body);
    body.extend_from_slice(&signature);
    body
}

/// The body, if the signature is ours.
pub(super) fn open<'a>(
    org: &OrgRow,
    user: UserId,
    purpose: Purpose,
    sealed: &'a [u8],
) -> Option<&'a [u8]> {
    use subtle::ConstantTimeEq;

    let (body, signature) = sealed.split_at_checked(sealed.len().checked_sub(SEAL)?)?;
    bool::from(mac(org, user, purpose, body).ct_eq(signature)).then_some(body)
}
