//! One form of bytes for a value: what digests and hashes are taken of.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// CBOR with struct fields in declared order and maps in key order.
pub(super) fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and every value here has a CBOR form.
    let written = ciborium::into_writer(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// SHA-256 of [`bytes`].
pub(super) fn digest<T: Serialize>(value: &T) -> [u8; 32] {
    Sha256::digest(bytes(value)).into()
}
