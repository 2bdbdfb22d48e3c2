//! Access stamps: proof of what somebody could write when they wrote it.
//!
//! A rep works on a customer without signal; meanwhile the customer is given to
//! somebody else. The stamp that the phone kept with the work names the access
//! version of that time, and grace is measured by our own clock from the moment
//! the access ended, so a wrong phone clock gains nothing.

use client_core::id::UserId;
use client_core::protocol::AccessStamp;
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::seal::{Purpose, open, seal};
use crate::storage::model::OrgRow;

const LAYOUT: u8 = 1;

/// The stamp of an access version, given out now.
pub(super) fn make(org: &OrgRow, user: UserId, version: u32, at: Timestamp) -> AccessStamp {
    let mut body = vec![LAYOUT];
    body.extend(version.to_be_bytes());
    body.extend(at.millis().to_be_bytes());
    AccessStamp(ByteBuf::from(seal(org, user, Purpose::Stamp, body)))
}

/// The access version a stamp of ours names.
pub(super) fn read(org: &OrgRow, user: UserId, stamp: &AccessStamp) -> Option<u32> {
    let body = open(org, user, Purpose::Stamp, &stamp.0)?;
    match body.split_first()? {
        (&LAYOUT, rest) => Some(u32::from_be_bytes(*rest.first_chunk()?)),
        _ => None,
    }
}
