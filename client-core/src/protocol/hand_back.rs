//! Giving a server back what it lost.
//!
//! A server that was restored from a backup lacks what came after it, and phones
//! still hold that. So with each page and each result the server signs what it
//! stored: a phone keeps the signature, and after a restore it can prove that the
//! changes of a colleague were taken once, whoever wrote them.
//!
//! What is signed is a list of [`leaf`]s: the hash of a document's header with the
//! hash of one change. A change names what it builds on by hash, so the signature
//! vouches for everything before that change too, and a page of 700 documents needs
//! one signature of 64 bytes and no list on the wire: both sides make the list from
//! what the answer carries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use super::{ChangeResult, FeedEntry, GroupResult};
use crate::docs::{ChangeHash, DocKind, Generation, Header, Heads, heads_of};
use crate::guard::Limits;
use crate::id::DocId;

/// Documents that a phone offers in one request at most.
pub const MAX_OFFERS: usize = 200;
/// Receipts of one request at most.
pub const MAX_RECEIPTS: usize = 500;
/// Bytes of a leaf.
pub const LEAF: usize = 32;

/// What a change of a history that is given back may be. The server begins a history anew
/// with one change that holds all that stands, however much that is.
pub const fn limits(limits: &Limits) -> Limits {
    Limits {
        change_bytes: limits.document_bytes,
        change_operations: limits.document_operations,
        ..*limits
    }
}

/// What stands before a list of leaves when it is signed.
const PURPOSE: &[u8] = b"fieldsync receipt 1";

/// What a phone says to a server that may lack something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandBack {
    /// Documents that the server confirmed once, as the phone holds them.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// Proofs for the groups that are given back.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// Which groups of the request are given back, by their place.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<u32>,
}

/// What a server says to a phone whose cursor is of another life of the data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandBackAnswer {
    /// The feed starts over: this is not the data that the cursor came from.
    #[serde(rename = "n", default, skip_serializing_if = "std::ops::Not::not")]
    pub another_life: bool,
    /// Offered documents of which something is missing here, with what is here.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Offer>,
}

/// A document and how far it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The document.
    #[serde(rename = "d")]
    pub doc: DocId,
    /// Its heads; none if it is not there at all.
    #[serde(rename = "h")]
    pub heads: Heads,
    /// Which history that is. What was erased is never taken back.
    #[serde(rename = "g", default, skip_serializing_if = "is_first")]
    pub generation: Generation,
}

const fn is_first(generation: &Generation) -> bool {
    generation.0 == 0
}

/// A signature of the server's, with what it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Ed25519, 64 bytes.
    #[serde(rename = "s")]
    pub signature: ByteBuf,
    /// The leaves, one after another.
    #[serde(rename = "l")]
    pub leaves: ByteBuf,
}

/// One thing that a receipt covers: a change of a document, by what names both.
pub fn leaf(header: &Header, change: &ChangeHash) -> [u8; LEAF] {
    let mut hash = Sha256::new();
    hash.update(header.doc.as_bytes());
    hash.update([match header.kind {
        DocKind::Customer => 1,
        DocKind::Visit => 2,
        DocKind::Deal => 3,
        DocKind::Plan => 4,
        DocKind::Case => 5,
    }]);
    hash.update(header.org.as_bytes());
    hash.update(header.author.as_bytes());
    hash.update(header.customer.map_or([0; 16], |customer| *customer.as_bytes()));
    hash.update(header.generation.0.to_be_bytes());
    hash.update(change.0);
    hash.finalize().into()
}

/// What is signed for a list of leaves.
pub fn signed_bytes(leaves: &[u8]) -> Vec<u8> {
    [PURPOSE, &Sha256::digest(leaves)].concat()
}

/// What an answer tells about documents: the leaves in its order, and which document
/// each is of. `sent` are the groups that the results answer; `header` finds the
/// header of a document of which only changes are told.
pub fn told(
    sent: &[(Header, Vec<ChangeHash>)],
    results: &[GroupResult],
    feed: &[FeedEntry],
    header: impl Fn(DocId) -> Option<Header>,
) -> Told {
    let mut told = Told::default();
    let mut entered: BTreeMap<DocId, Header> = BTreeMap::new();
    for ((header, hashes), result) in sent.iter().zip(results) {
        // A group is one chain: its last stored change vouches for those before it.
        let stored = hashes.iter().zip(&result.changes).rev().find(|(_hash, outcome)| {
            matches!(outcome, ChangeResult::Stored | ChangeResult::Duplicate)
        });
        if let Some((hash, _outcome)) = stored {
            told.add(header, hash);
        }
    }
    for entry in feed {
        match entry {
            FeedEntry::Enter { header, snapshot, .. } => {
                entered.insert(header.doc, *header);
                for hash in heads_of(snapshot) {
                    told.add(header, &hash);
                }
            }
            FeedEntry::Changes { doc, changes } => {
                let found = entered.get(doc).copied().or_else(|| header(*doc));
                let hashes = changes.iter().filter_map(|bytes| hash_of(bytes));
                if let Some(found) = found {
                    hashes.for_each(|hash| told.add(&found, &hash));
                }
            }
            FeedEntry::Reset { header: Some(header), snapshot, .. } => {
                entered.insert(header.doc, *header);
                for hash in heads_of(snapshot) {
                    told.add(header, &hash);
                }
            }
            FeedEntry::Reset { doc, generation, .. } => {
                if let Some(found) = entered.get(doc).copied().or_else(|| header(*doc)) {
                    entered.insert(*doc, Header { generation: *generation, ..found });
                }
            }
            FeedEntry::Leave { .. } | FeedEntry::Record { .. } | FeedEntry::Complete(_) => {}
        }
    }
    told
}

/// See [`told`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The leaves, one after another.
    pub leaves: Vec<u8>,
    /// The document of each, and the change that it names.
    pub changes: Vec<(DocId, Generation, ChangeHash)>,
}

impl Told {
    fn add(&mut self, header: &Header, change: &ChangeHash) {
        self.leaves.extend(leaf(header, change));
        self.changes.push((header.doc, header.generation, *change));
    }
}

/// The hash of a raw change: what stands after its checksum, hashed.
pub fn hash_of(bytes: &[u8]) -> Option<ChangeHash> {
    /// Magic and checksum.
    const BEFORE: usize = 8;
    bytes.get(BEFORE..).map(|chunk| ChangeHash(Sha256::digest(chunk).into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::samples::{device, header};
    use crate::docs::{Document, NewChange};
    use crate::guard::ScreenedChange;

    fn named(document: &mut Document, by: u8, name: &str) -> NewChange {
        let made = document.edit_customer(&device(by, 1), |edit| edit.set_name(Some(name)));
        made.unwrap().unwrap()
    }

    #[test]
    fn a_hash_and_heads_are_read_as_automerge_reads_them() {
        let mut document = Document::create(header(DocKind::Customer));
        assert_eq!(heads_of(&document.snapshot()), document.heads().as_slice());
        let mut other = document.clone();
        let first = named(&mut document, 1, "Acme");
        assert_eq!(hash_of(&first.bytes), Some(first.hash));
        let second = named(&mut other, 200, "Bolt");
        let screened = ScreenedChange::screen(&second.bytes, &Limits::default()).unwrap();
        document.apply(&screened).unwrap();
        assert_eq!(document.heads().as_slice().len(), 2);
        assert_eq!(heads_of(&document.snapshot()), document.heads().as_slice());
        // As a server keeps it: a save, and what came after it as raw changes.
        let save = document.snapshot();
        let third = named(&mut document, 1, "Crane");
        let fourth = named(&mut document, 1, "Drill");
        let history = [save, third.bytes, fourth.bytes].concat();
        assert_eq!(heads_of(&history), document.heads().as_slice());
        assert_eq!(heads_of(&first.bytes), [first.hash]);
    }

    #[test]
    fn whatever_the_bytes_reading_heads_ends() {
        let chunk = [&[0x85, 0x6f, 0x4a, 0x83][..], &[0; 4], &[0, 3, 0xff, 0xff, 0xff]].concat();
        for bytes in [&b""[..], &[0xff; 40], &[0; 9], &[0; 200], &chunk] {
            assert_eq!(heads_of(bytes), Vec::new());
        }
    }

    #[test]
    fn a_leaf_names_every_part_of_the_header() {
        let own = header(DocKind::Visit);
        let change = ChangeHash([7; 32]);
        let other = |edit: fn(&mut Header)| {
            let mut edited = own;
            edit(&mut edited);
            leaf(&edited, &change)
        };
        let mut leaves = vec![
            leaf(&own, &change),
            leaf(&own, &ChangeHash([8; 32])),
            other(|header| header.doc = DocId::from_bytes([9; 16])),
            other(|header| header.kind = DocKind::Deal),
            other(|header| header.org = crate::id::OrgId::from_bytes([9; 16])),
            other(|header| header.author = crate::id::UserId::from_bytes([9; 16])),
            other(|header| header.customer = None),
            other(|header| header.generation = Generation(1)),
        ];
        let all = leaves.len();
        leaves.sort_unstable();
        leaves.dedup();
        assert_eq!(leaves.len(), all);
    }
}
