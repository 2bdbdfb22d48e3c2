//! What travels, read past the code that wrote it.

use client_core::docs::{ChangeHash, Header};
use client_core::engine::Outbound;
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::DeviceId;
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{Cursor, SyncRequest, SyncResponse};
use client_core::store::Identity;
use client_core::sync::Answer;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

const LIMIT: usize = 64 * 1024 * 1024;

/// Who a replica is, as its file says.
pub fn identity(bytes: &[u8]) -> Option<Identity> {
    codec::decode(bytes, Encoding::Identity, LIMIT).ok()
}

/// Where a replica stands, as its file says.
pub fn cursor(bytes: &[u8]) -> Option<Cursor> {
    codec::decode(bytes, Encoding::Identity, LIMIT).ok()
}

/// The header beside a waiting change.
pub fn header(bytes: &[u8]) -> Option<Header> {
    codec::decode(bytes, Encoding::Identity, LIMIT).ok()
}

/// The sync request in a post, if it is one.
pub fn request(post: &Outbound) -> Option<SyncRequest> {
    codec::decode(&post.body, post.encoding, LIMIT).ok()
}

/// The response in an answer, if it is one.
pub fn response(answer: &Answer) -> Option<SyncResponse> {
    let encoding = codec::parse_encoding(answer.content_encoding.as_deref()).ok()?;
    codec::decode(&answer.body, encoding, LIMIT)
        .ok()
        .filter(|_read: &SyncResponse| answer.status == 200)
}

/// The hash of a raw change.
pub fn hash(bytes: &[u8]) -> Option<ChangeHash> {
    ScreenedChange::screen(bytes, &Limits::default()).ok().map(|change| change.hash())
}

/// The common position in a cursor: what its layout says, read without its seal.
pub fn position(cursor: &Cursor) -> Option<u64> {
    let bytes = cursor.0.get(21..29)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// The device that a token was given to, as the server's file says.
pub fn device_of(server: &Connection, token: &str) -> Option<DeviceId> {
    let hash = Sha256::digest(token.as_bytes());
    let found: Option<[u8; 16]> = server
        .prepare_cached(
            "select s.device from token t
             join session s on s.org = t.org and s.session = t.session where t.hash = ?1",
        )
        .and_then(|mut found| found.query_row([hash.as_slice()], |row| row.get(0)))
        .ok()?;
    found.map(DeviceId::from_bytes)
}
