//! Ids: 16 bytes each, made where the thing is made.
//!
//! A phone without signal must be able to name a visit for ever, so ids are
//! UUIDv7 built from an instant and ten random bytes that the caller supplies:
//! this module reads neither a clock nor a random source. The one exception is
//! a day plan, whose id is derived, so that two devices of one rep make the
//! same document.
//!
//! In text (JSON, URLs, screens) an id is a hyphenated UUID; in CBOR it is a
//! 16-byte string.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::time::{Date, Timestamp};

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id: expected a UUID such as 0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6")]
pub struct ParseIdError {
    /// What was given.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new UUIDv7 for the instant `at` with the caller's randomness.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The id with exactly these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The id whose bytes are `slice`, if there are 16 of them.
            pub fn from_slice(slice: &[u8]) -> Option<Self> {
                Uuid::from_slice(slice).ok().map(Self)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_error| ParseIdError { text: text.to_owned() })
            }
        }
    )*};
}

ids! {
    /// A company using fieldsync; everything else lives inside one.
    OrgId;
    /// A person who signs in.
    UserId;
    /// One installation of the app on one phone, or a browser session's office device.
    DeviceId;
    /// One copy of the data; a restored backup is a new replica.
    ReplicaId;
    /// The Automerge actor a device writes as. Bound to one device by the server.
    ActorId;
    /// A unit of the sales organisation: region, channel, product or team.
    UnitId;
    /// A document: customer, visit, deal, case or plan.
    DocId;
    /// A thing kept in a map inside a document: contact, photo, amendment, stop.
    ItemId;
    /// A product of the catalogue. Derived from its code.
    ProductId;
    /// A record that has no natural key of its own.
    RecordId;
    /// A queued command, kept for idempotency.
    CommandId;
}

impl DocId {
    /// The day plan of `rep` on `date`: the same id on every device of that rep.
    pub fn plan(org: OrgId, rep: UserId, date: Date) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"fieldsync plan 1");
        hash.update(org.as_bytes());
        hash.update(rep.as_bytes());
        hash.update(date.to_string().as_bytes());
        let digest = hash.finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Whether it was derived, as a day plan's is, and not drawn.
    pub fn is_derived(&self) -> bool {
        self.0.get_version() == Some(uuid::Version::Custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_text_in_json_and_sixteen_bytes_in_cbor() {
        let id = DocId::new(Timestamp::from_millis(1_790_000_000_000), [7; 10]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        let mut cbor = Vec::new();
        ciborium::into_writer(&id, &mut cbor).unwrap();
        assert_eq!(cbor.len(), 17, "one byte of header, sixteen of id");
        assert_eq!(ciborium::from_reader::<DocId, _>(&cbor[..]).unwrap(), id);
        assert_eq!(id.to_string().parse::<DocId>().unwrap(), id);
    }

    #[test]
    fn two_devices_of_one_rep_name_the_same_plan() {
        let (org, rep) = (OrgId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let date: Date = "2026-10-08".parse().unwrap();
        assert_eq!(DocId::plan(org, rep, date), DocId::plan(org, rep, date));
        assert_ne!(
            DocId::plan(org, rep, date),
            DocId::plan(org, rep, "2026-10-09".parse().unwrap())
        );
    }

    #[test]
    fn a_bad_id_says_what_it_wanted() {
        let error = "nonsense".parse::<UserId>().unwrap_err();
        assert!(error.to_string().contains("expected a UUID"), "{error}");
    }
}
