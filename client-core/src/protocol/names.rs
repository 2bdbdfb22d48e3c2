//! Changes by name: eight bytes of each hash, where only telling them apart matters.
//!
//! A push whose answer was lost may have been stored. Where too much for the line was the
//! reason, the next one brings a part of it, and then the server knows of changes by this
//! device that this copy of its data seems not to know: as if it were an older copy. So a
//! phone that is told so names what still waits in its outbox, once, before it believes
//! it. Only a request that was refused is repeated with names: in every request, a day's
//! outbox would be heavier than the small pushes that a bad line needs.
//!
//! A server keeps the names of what it had of a history that began anew, and nothing else
//! of it: so whoever did not hear that it took a change is told that it did.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::docs::ChangeHash;

/// Bytes of a name.
const NAME: usize = 8;

/// Changes, by the first eight bytes of their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeNames(ByteBuf);

impl ChangeNames {
    /// The most that are named. A phone that waits for more answers than a push of 4 MiB
    /// holds changes of 130 bytes was not made by us; a document holds fewer.
    pub const MOST: usize = 32 * 1024;

    /// Names these changes, or the first [`MOST`](Self::MOST) of them.
    pub fn of(changes: impl IntoIterator<Item = ChangeHash>) -> Self {
        let names = changes.into_iter().take(Self::MOST).flat_map(|hash| name(&hash));
        Self(ByteBuf::from(names.collect::<Vec<u8>>()))
    }

    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many changes it names.
    pub fn len(&self) -> usize {
        self.0.len() / NAME
    }

    /// As they are kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As they were kept.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(ByteBuf::from(bytes))
    }

    /// The names, to be asked for many changes.
    pub fn names(&self) -> NameSet {
        NameSet(self.0.as_chunks::<NAME>().0.iter().copied().collect())
    }
}

/// See [`ChangeNames::names`].
#[derive(Debug, Clone, Default)]
pub struct NameSet(BTreeSet<[u8; NAME]>);

impl NameSet {
    /// Whether this change is named.
    pub fn holds(&self, change: &ChangeHash) -> bool {
        self.0.contains(&name(change))
    }
}

fn name(hash: &ChangeHash) -> [u8; NAME] {
    hash.0.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::codec::{self, Encoding};

    #[test]
    fn what_waits_is_named_in_eight_bytes_each() {
        let unheard = ChangeNames::of([ChangeHash([1; 32]), ChangeHash([2; 32])]);
        let (bytes, _encoding) = codec::encode(&unheard, Encoding::Identity);
        assert_eq!(bytes, [&[0x50][..], &[1; 8], &[2; 8]].concat());
        assert_eq!(codec::decode::<ChangeNames>(&bytes, Encoding::Identity, 64).unwrap(), unheard);
        assert_eq!(unheard.len(), 2);
        let names = unheard.names();
        assert!(names.holds(&ChangeHash([2; 32])) && !names.holds(&ChangeHash([3; 32])));
        assert!(ChangeNames::default().is_empty());
    }
}
