//! What a phone wrote and does not bring with this request.
//!
//! A push whose answer was lost may have been stored. Where too much for the line was the
//! reason, the next one brings a part of it, and then the server knows of changes by this
//! device that this copy of its data seems not to know: as if it were an older copy. So a
//! phone that is told so names what still waits in its outbox, once, before it believes
//! it. Eight bytes of each hash are enough to tell a cut push from a twin, and only a
//! request that was refused is repeated with them: named in every request, a day's
//! outbox would be heavier than the small pushes that a bad line needs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::docs::ChangeHash;

/// Bytes of a name.
const NAME: usize = 8;

/// Changes that wait on a phone, by the first eight bytes of their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unheard(ByteBuf);

impl Unheard {
    /// The most changes that a phone names; more never waited for an answer at once,
    /// because a push is 4 MiB and a change 130 bytes at least.
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

    /// The names, to be asked for many changes.
    pub fn names(&self) -> Named {
        Named(self.0.as_chunks::<NAME>().0.iter().copied().collect())
    }
}

/// See [`Unheard::names`].
#[derive(Debug, Clone, Default)]
pub struct Named(BTreeSet<[u8; NAME]>);

impl Named {
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
        let unheard = Unheard::of([ChangeHash([1; 32]), ChangeHash([2; 32])]);
        let (bytes, _encoding) = codec::encode(&unheard, Encoding::Identity);
        assert_eq!(bytes, [&[0x50][..], &[1; 8], &[2; 8]].concat());
        assert_eq!(codec::decode::<Unheard>(&bytes, Encoding::Identity, 64).unwrap(), unheard);
        assert_eq!(unheard.len(), 2);
        let names = unheard.names();
        assert!(names.holds(&ChangeHash([2; 32])) && !names.holds(&ChangeHash([3; 32])));
        assert!(Unheard::default().is_empty());
    }
}
