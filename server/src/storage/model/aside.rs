//! Work that was kept aside for a person.

use client_core::docs::{ChangeHash, Header, LeftOut};
use client_core::id::{RecordId, UserId};
use client_core::records::{Cause, DecisionRecord, Verdict};
use client_core::time::Timestamp;

use super::{DocCommit, Origin};

/// Changes to be kept aside, of one document and push.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// The header they came with.
    pub header: Header,
    /// Who pushed.
    pub origin: Origin,
    /// Why they were not taken.
    pub reason: String,
    /// The same, for whoever has to tell causes apart.
    pub cause: Cause,
    /// The changes, in the order in which they build on each other.
    pub changes: Vec<(ChangeHash, Vec<u8>)>,
    /// How much may wait.
    pub room: Room,
}

/// How much may wait for decisions at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Changes of one device.
    pub device_changes: u64,
    /// Bytes of one device.
    pub device_bytes: u64,
    /// Bytes of the whole org.
    pub org_bytes: u64,
}

impl Default for Room {
    /// A rep's month of work on other people's customers is some hundred changes of
    /// 600 bytes; a device that sends more is not a rep's.
    fn default() -> Self {
        Self { device_changes: 2_000, device_bytes: 8 << 20, org_bytes: 256 << 20 }
    }
}

/// What became of changes that were to be kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsideOutcome {
    /// They wait, in this case; those that were there before too.
    Kept(RecordId),
    /// There is no room for them. Nothing was kept.
    Full {
        /// Whose room it is.
        whose: &'static str,
    },
}

/// A change that was kept aside.
#[derive(Debug, Clone)]
pub struct KeptChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// The case it belongs to.
    pub case: RecordId,
    /// The header it came with.
    pub header: Header,
    /// Who pushed it.
    pub user: UserId,
    /// Why it was not taken.
    pub reason: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When the server received it.
    pub received_at: Timestamp,
    /// What was decided; none while it waits.
    pub verdict: Option<Verdict>,
}

/// A decision to be written.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The case.
    pub case: RecordId,
    /// How many changes whoever decided saw: if more came since, it is looked at again.
    pub seen: usize,
    /// What was decided.
    pub verdict: Verdict,
    /// By whom; none for the command line.
    pub by: Option<UserId>,
    /// What they have to say to the author.
    pub note: Option<String>,
    /// To whom it is handed over.
    pub to: Option<UserId>,
    /// What accepting it writes.
    pub commit: Option<DocCommit>,
    /// What of the changes has no place in the document any more.
    pub left_out: Vec<LeftOut>,
    /// Changes that do not go into the document: they wait on, in a case of their own.
    pub waits_on: Vec<ChangeHash>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecideOutcome {
    /// It stands.
    Done(DecisionRecord),
    /// The document or the case changed since it was looked at: look again.
    Stale,
    /// Somebody was faster.
    Already(DecisionRecord),
    /// There is no such case.
    Unknown,
}
