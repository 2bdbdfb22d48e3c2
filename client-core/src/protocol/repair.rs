//! What phone and server say when they count a scope differently.
//!
//! A count and a digest say *that* something is missing and not *what*. So the phone
//! asks for the list of that scope, a page at a time, compares it with its own and
//! asks for the single documents that differ. 24 bytes a document; nothing is wiped.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::Scope;
use super::scope::ScopeDigest;
use crate::docs::{Generation, Header, Heads};
use crate::id::DocId;

/// What a phone wants to know to repair itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairAsk {
    /// A page of the list of a scope.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListAsk>,
    /// Documents that differ: wanted whole.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<DocId>,
}

impl RepairAsk {
    /// The most documents a phone asks for at once.
    pub const MAX_DOCS: usize = 256;
}

/// Which page of which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAsk {
    /// The scope.
    #[serde(rename = "s")]
    pub scope: Scope,
    /// Documents after this one; none for the beginning.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DocId>,
}

/// The server's answer. What does not fit is left out and asked for again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairAnswer {
    /// The page that was asked for; none of a scope that the reader does not hold.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Listing>,
    /// About documents that were asked for.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<DocAnswer>,
}

/// A page of the list of a scope, by document id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The scope.
    #[serde(rename = "s")]
    pub scope: Scope,
    /// It begins after this document.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DocId>,
    /// [`ListedDoc`]s, 24 bytes each.
    #[serde(rename = "e")]
    pub entries: ByteBuf,
    /// The scope goes on behind the last one.
    #[serde(rename = "n", default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl Listing {
    /// Documents of a page, at most.
    pub const PAGE: usize = 8_192;

    /// The documents; `None` if the bytes are no list.
    pub fn docs(&self) -> Option<Vec<ListedDoc>> {
        let (entries, rest) = self.entries.as_chunks::<{ ListedDoc::BYTES }>();
        rest.is_empty().then(|| entries.iter().map(ListedDoc::from_bytes).collect())
    }
}

/// A document as a list names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedDoc {
    /// The document.
    pub doc: DocId,
    /// The first eight bytes of its share of the digest.
    pub mark: [u8; 8],
}

impl ListedDoc {
    /// Bytes on the wire.
    pub const BYTES: usize = 24;

    /// A document at these heads.
    pub fn new(doc: DocId, generation: Generation, heads: &Heads) -> Self {
        let term = ScopeDigest::term(doc, generation, heads).to_be_bytes();
        let mut mark = [0; 8];
        mark.copy_from_slice(term.get(..8).unwrap_or(&[0; 8]));
        Self { doc, mark }
    }

    /// As it travels.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (place, byte) in bytes.iter_mut().zip(self.doc.as_bytes().iter().chain(&self.mark)) {
            *place = *byte;
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (mut doc, mut mark) = ([0; 16], [0; 8]);
        for (place, byte) in doc.iter_mut().chain(&mut mark).zip(bytes) {
            *place = *byte;
        }
        Self { doc: DocId::from_bytes(doc), mark }
    }
}

/// What the server has of a document that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocAnswer {
    /// The reader's; here it is.
    #[serde(rename = "e")]
    Held {
        /// Its header.
        #[serde(rename = "h")]
        header: Header,
        /// The scopes of the reader's it is in.
        #[serde(rename = "s")]
        scopes: Vec<Scope>,
        /// The document; see [`FeedEntry::Enter`](super::FeedEntry::Enter).
        #[serde(rename = "b")]
        snapshot: ByteBuf,
    },
    /// Not the reader's any more.
    #[serde(rename = "l")]
    NotYours(DocId),
    /// The server does not have it.
    #[serde(rename = "u")]
    Unknown(DocId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_bytes() {
        let doc = DocId::from_bytes([7; 16]);
        let listed = ListedDoc::new(doc, Generation(1), &Heads::default());
        let listing = Listing {
            scope: Scope::Org,
            after: None,
            entries: ByteBuf::from([listed.to_bytes(), listed.to_bytes()].concat()),
            more: false,
        };
        assert_eq!(listing.docs(), Some(vec![listed, listed]));
        let cut = Listing { entries: ByteBuf::from(vec![0; 25]), ..listing };
        assert_eq!(cut.docs(), None);
    }
}
