//! Visits that say they were written before something that they rest on was there (R13).
//!
//! A change cannot be older than what it builds on, whatever the phone's clock said. Two
//! things are built on: other people's changes in the same document, and what a submit
//! embeds: the customer's heads as the phone knew them, and this device's submit before. What
//! somebody else wrote into the customer the phone can only have from the server, so a submit
//! that names it was written after the server received it, and so was every submit behind.
//!
//! Heads are looked for among those that the server's own log went through, and among each
//! change's own. Others prove nothing and are not held against anybody, and neither does what
//! phones gave back after a restore: it was received in a former life of the data, nobody
//! knows when any more, and a visit that rests on it was honest then.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::visit::{JournalLink, VisitState};
use client_core::docs::{ChangeHash, Heads, Hydrated};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{DocId, OrgId, UserId};
use client_core::time::Timestamp;

use crate::storage::model::{DocRow, Origin, Row};
use crate::storage::{AnyStorage, Documents, StorageError};

/// When something says that it was written, and when what it rests on was received.
pub(super) type Bound = (Timestamp, Timestamp);

/// When a change could first be had from this server. Absent for what came back after a
/// restore: no receipt says when a former life of the data received it, and the log has the
/// day on which it came back.
fn first_received(row: &DocRow) -> Option<Timestamp> {
    let came_back = [Origin::GIVEN_BACK, Origin::LEFT_AGAIN, Origin::TAKEN_UP];
    (!came_back.contains(&row.replica)).then_some(row.received_at)
}

/// The change of `author` that was written longest, as it says, before what it builds on
/// was received from somebody else: when it was written, and when that was received.
pub(super) fn built_on(log: &[DocRow], author: UserId) -> Option<(Timestamp, Timestamp)> {
    // By change: the last receipt of each person's work that it builds on, its own too.
    let mut below: BTreeMap<ChangeHash, BTreeMap<UserId, Timestamp>> = BTreeMap::new();
    let mut worst: Option<(Timestamp, Timestamp)> = None;
    for row in log {
        let Ok(change) = ScreenedChange::screen(&row.bytes, &Limits::default()) else { continue };
        let mut received: BTreeMap<UserId, Timestamp> = BTreeMap::new();
        for known in change.deps().iter().filter_map(|dep| below.get(dep)) {
            for (user, at) in known {
                let last = received.entry(*user).or_insert(*at);
                *last = (*last).max(*at);
            }
        }
        let others = received.iter().filter(|(user, _at)| **user != row.user);
        let last = others.map(|(_user, at)| *at).max();
        if let Some(last) = last.filter(|last| row.user == author && change.claimed_at() < *last) {
            let gap = last.since(change.claimed_at());
            if worst.is_none_or(|(written, received)| received.since(written) < gap) {
                worst = Some((change.claimed_at(), last));
            }
        }
        if let Some(at) = first_received(row) {
            received.insert(row.user, at);
        }
        below.insert(row.hash, received);
    }
    worst
}

/// A submitted visit with the links that it embeds.
#[derive(Debug, Clone)]
pub(super) struct Submit {
    visit: DocId,
    customer: Option<DocId>,
    written: Timestamp,
    received: Timestamp,
    link: JournalLink,
}

impl Submit {
    /// Of a visit that was handed in with its links.
    pub(super) fn of(row: &Row, state: &Hydrated<VisitState>) -> Option<Self> {
        Some(Self {
            visit: row.header.doc,
            customer: row.header.customer,
            written: state.value.submitted_at.as_ref()?.at,
            received: row.received_at,
            link: state.value.journal?,
        })
    }
}

/// Visits of `rep` whose links show that they were written later than they say.
pub(super) async fn linked(
    storage: &AnyStorage,
    org: OrgId,
    rep: UserId,
    submits: &[Submit],
) -> Result<BTreeMap<DocId, Bound>, StorageError> {
    let customers: BTreeSet<DocId> = submits.iter().filter_map(|one| one.customer).collect();
    let logs = storage.logs(org, customers.into_iter().collect()).await?;
    let seen: BTreeMap<DocId, BTreeMap<[u8; 16], Timestamp>> =
        logs.iter().map(|(customer, log)| (*customer, proofs(log, rep))).collect();
    let own = |one: &Submit| {
        let proofs = one.customer.and_then(|customer| seen.get(&customer));
        proofs.and_then(|proofs| proofs.get(&one.link.customer_heads)).copied()
    };
    // What was received when: a submit behind it that says an earlier time is asked about.
    let Some(first) = submits.iter().filter_map(own).min() else { return Ok(BTreeMap::new()) };
    let behind = submits.iter().filter(|one| first <= one.received);
    let logs = storage.logs(org, behind.map(|one| one.visit).collect()).await?;
    let hashes = logs.iter().flat_map(|(visit, log)| {
        log.iter().filter_map(|change| Some((start(&change.hash)?, *visit)))
    });
    let by_hash: BTreeMap<[u8; 16], DocId> = hashes.collect();
    let by_visit: BTreeMap<DocId, &Submit> = submits.iter().map(|one| (one.visit, one)).collect();
    let mut found = BTreeMap::new();
    for one in submits {
        let (mut at, mut latest) = (Some(one), None);
        let mut passed = BTreeSet::new();
        while let Some(submit) = at.filter(|submit| passed.insert(submit.visit)) {
            latest = latest.max(own(submit));
            let before = by_hash.get(&submit.link.previous);
            at = before.and_then(|visit| by_visit.get(visit)).copied();
        }
        if let Some(latest) = latest.filter(|latest| one.written < *latest) {
            found.insert(one.visit, (one.written, latest));
        }
    }
    Ok(found)
}

/// By the prefix of a customer's heads: when the server received the last change in them that
/// somebody else than `rep` wrote.
fn proofs(log: &[DocRow], rep: UserId) -> BTreeMap<[u8; 16], Timestamp> {
    let mut below: BTreeMap<ChangeHash, Option<Timestamp>> = BTreeMap::new();
    let mut proofs = BTreeMap::new();
    let mut heads: BTreeSet<ChangeHash> = BTreeSet::new();
    let mut received = None;
    for row in log {
        let Ok(change) = ScreenedChange::screen(&row.bytes, &Limits::default()) else { continue };
        let foreign = first_received(row).filter(|_at| row.user != rep);
        let known = change.deps().iter().filter_map(|dep| below.get(dep).copied().flatten());
        let latest = known.max().max(foreign);
        below.insert(row.hash, latest);
        for dep in change.deps() {
            heads.remove(dep);
        }
        heads.insert(row.hash);
        received = received.max(foreign);
        let alone = (Heads::new(vec![row.hash]), latest);
        let all = (Heads::new(heads.iter().copied().collect()), received);
        for (heads, latest) in [alone, all] {
            if let Some(latest) = latest {
                proofs.entry(heads.prefix()).or_insert(latest);
            }
        }
    }
    proofs
}

fn start(hash: &ChangeHash) -> Option<[u8; 16]> {
    hash.0.get(..16)?.try_into().ok()
}
