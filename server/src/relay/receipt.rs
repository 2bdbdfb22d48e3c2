//! Our signature under what we stored, for the day on which we lose it.
//!
//! Ed25519, with a key that follows from the org's secret: whatever brings that one
//! back, a backup, can also recognise what was signed with it. One signature covers
//! a whole answer; see [`client_core::protocol::hand_back`].

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use client_core::docs::{ChangeHash, Header};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::DocId;
use client_core::protocol::hand_back::{self, LEAF, hash_of, leaf, signed_bytes};
use client_core::protocol::{FeedEntry, GroupResult, HandBack, Offer, PushGroup, Receipt};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_bytes::ByteBuf;
use sha2::Sha256;

use super::SyncError;
use crate::storage::model::OrgRow;

/// The org's pair; none only if the library refuses 32 bytes as a seed.
fn pair(org: &OrgRow) -> Option<Ed25519KeyPair> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&org.secret).ok()?;
    mac.update(b"fieldsync receipt key 1");
    Ed25519KeyPair::from_seed_unchecked(&mac.finalize().into_bytes()).ok()
}

/// A request's groups with what is known of them before they are judged.
pub(super) struct Proven {
    pub(super) groups: Vec<PushGroup>,
    pub(super) sent: Vec<(Header, Vec<ChangeHash>)>,
    pub(super) vouched: Vouched,
    pub(super) offers: Vec<Offer>,
}

/// Above this, hashing takes longer than an async thread may be held.
const AT_ONCE: usize = 64 * 1024;

/// Names the changes of a request and checks its proofs.
pub(super) async fn prove(
    org: &Arc<OrgRow>,
    groups: Vec<PushGroup>,
    hand_back: HandBack,
    limits: Limits,
) -> Result<Proven, SyncError> {
    let bytes: usize = groups.iter().flat_map(|group| &group.changes).map(|one| one.len()).sum();
    let org = Arc::clone(org);
    let work = move || {
        let sent = sent(&groups);
        let vouched = Vouched::read(&org, &hand_back, &groups, &limits);
        Proven { groups, sent, vouched, offers: hand_back.offers }
    };
    if bytes <= AT_ONCE {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| SyncError::Work { reason: error.to_string() })
}

/// What a request sends: headers and the hashes of their changes.
fn sent(groups: &[PushGroup]) -> Vec<(Header, Vec<ChangeHash>)> {
    let hashes = |group: &PushGroup| {
        group.changes.iter().map(|bytes| hash_of(bytes).unwrap_or(ChangeHash([0; 32]))).collect()
    };
    groups.iter().map(|group| (group.header, hashes(group))).collect()
}

/// Documents of a page of which only changes are told.
pub(super) fn told_in_part(feed: &[FeedEntry]) -> Vec<DocId> {
    let docs: BTreeSet<DocId> = feed
        .iter()
        .filter_map(|entry| match entry {
            FeedEntry::Changes { doc, .. } => Some(*doc),
            _ => None,
        })
        .collect();
    docs.into_iter().collect()
}

/// What an answer tells of changes, and what naming them takes.
pub(super) struct Told {
    pub(super) sent: Vec<(Header, Vec<ChangeHash>)>,
    pub(super) results: Vec<GroupResult>,
    pub(super) feed: Vec<FeedEntry>,
    pub(super) headers: BTreeMap<DocId, Header>,
}

/// Documents of a page above which hashing them takes longer than an async thread may
/// be held.
const FEW: usize = 64;

/// The signature under an answer; none if it tells of no change.
pub(super) async fn sign(
    org: &Arc<OrgRow>,
    told: Told,
) -> Result<(Told, Option<ByteBuf>), SyncError> {
    let (org, few) = (Arc::clone(org), told.feed.len() <= FEW);
    let work = move || {
        let signature = signature(&org, &told);
        (told, signature)
    };
    if few {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| SyncError::Work { reason: error.to_string() })
}

fn signature(org: &OrgRow, told: &Told) -> Option<ByteBuf> {
    let Told { sent, results, feed, headers } = told;
    let told = hand_back::told(sent, results, feed, |doc| headers.get(&doc).copied());
    if told.leaves.is_empty() {
        return None;
    }
    let signature = pair(org)?.sign(&signed_bytes(&told.leaves));
    Some(ByteBuf::from(signature.as_ref().to_vec()))
}

/// What a request can prove to have been stored here once.
#[derive(Debug, Default)]
pub(super) struct Vouched {
    given: BTreeSet<usize>,
    changes: HashSet<(DocId, ChangeHash)>,
}

impl Vouched {
    /// Reads the proofs of a request. What is not signed by us proves nothing.
    fn read(org: &OrgRow, back: &HandBack, groups: &[PushGroup], limits: &Limits) -> Self {
        if back.given.is_empty() {
            return Self::default();
        }
        let leaves: HashSet<[u8; LEAF]> = back
            .receipts
            .iter()
            .filter(|receipt| is_ours(org, receipt))
            .flat_map(|receipt| receipt.leaves.as_chunks::<LEAF>().0.iter().copied())
            .collect();
        let given: BTreeSet<usize> =
            back.given.iter().filter_map(|place| usize::try_from(*place).ok()).collect();
        let limits = &hand_back::limits(limits);
        // A signed change vouches for those it builds on, whoever wrote them.
        let mut by_doc: BTreeMap<DocId, Vec<(Header, ScreenedChange)>> = BTreeMap::new();
        for group in given.iter().filter_map(|place| groups.get(*place)) {
            let screened = group
                .changes
                .iter()
                .filter_map(|bytes| ScreenedChange::screen(bytes, limits).ok())
                .map(|change| (group.header, change));
            by_doc.entry(group.header.doc).or_default().extend(screened);
        }
        let mut changes = HashSet::new();
        for (doc, told) in by_doc {
            let mut vouched: HashSet<ChangeHash> = HashSet::new();
            for (header, change) in told.iter().rev() {
                let hash = change.hash();
                if vouched.contains(&hash) || leaves.contains(&leaf(header, &hash)) {
                    vouched.extend(change.deps().iter().copied());
                    changes.insert((doc, hash));
                }
            }
        }
        Self { given, changes }
    }

    /// The changes of a group that are proven, if it is given back and all of it is.
    pub(super) fn of_group(&self, place: usize, group: &PushGroup) -> BTreeSet<ChangeHash> {
        if !self.given.contains(&place) {
            return BTreeSet::new();
        }
        let hashes: Option<BTreeSet<ChangeHash>> = group
            .changes
            .iter()
            .map(|bytes| hash_of(bytes).filter(|hash| self.holds(group.header.doc, *hash)))
            .collect();
        hashes.unwrap_or_default()
    }

    fn holds(&self, doc: DocId, hash: ChangeHash) -> bool {
        self.changes.contains(&(doc, hash))
    }
}

fn is_ours(org: &OrgRow, receipt: &Receipt) -> bool {
    let Some(pair) = pair(org) else { return false };
    let key = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
    key.verify(&signed_bytes(&receipt.leaves), &receipt.signature).is_ok()
}
