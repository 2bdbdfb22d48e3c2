use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::id::{DocId, RecordId, UserId};
use crate::time::{Date, Timestamp};

/// Something about visits or deals that a person should look at, seen where it can be
/// seen: on the server, which knows other people's photos and points and when things
/// were received (S4 业绩造假风险, DOMAIN R13).
///
/// A signal cuts no score by itself. It is the question first and the answer later: the
/// record carries both, so that the rep's phone, the leaders' phones and the pages all
/// tell the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalRecord {
    /// The signal. Derived from what it is about, so that looking again finds the same.
    pub id: RecordId,
    /// What was seen.
    pub kind: SignalKind,
    /// Whose work it is about.
    pub rep: UserId,
    /// The visits or deals it is about, by id.
    pub subjects: Vec<DocId>,
    /// The business day it belongs to.
    pub on: Date,
    /// When it was noticed, by the server's clock.
    pub noticed_at: Timestamp,
    /// The figure behind it, such as metres, minutes or a count; what it counts follows
    /// from the kind.
    pub measure: Option<i64>,
    /// What was decided; none while it waits.
    pub answer: Option<SignalAnswer>,
}

codes! {
    /// What can be seen (DOMAIN R13).
    SignalKind {
        /// The position came from a mock provider, or was exact to nothing.
        Mock = "mock",
        /// Faster from check-in to check-in than anybody travels: kilometres an hour.
        Travel = "travel",
        /// Two onsite visits at once.
        Overlap = "overlap",
        /// One photo on two visits.
        Photo = "photo",
        /// The same point at three customers or more: how many.
        Point = "point",
        /// The clocks of phone and server drifted apart: minutes.
        Clock = "clock",
        /// Written, as it says, before what it builds on was received: minutes.
        Backdate = "backdate",
        /// Many visits entered within minutes: how many.
        Burst = "burst",
        /// Too short for what it says: seconds.
        Short = "short",
        /// Won at the end of a period and given back soon after: days.
        Close = "close",
    }
}

/// What a person decided about a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalAnswer {
    /// True if there is something wrong: what it is about does not count. False if it
    /// was explained.
    pub upheld: bool,
    /// By whom; nobody where the command line did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Why, for the rep to read.
    pub note: String,
}

impl SignalRecord {
    /// Whether it still waits for a person.
    pub const fn is_open(&self) -> bool {
        self.answer.is_none()
    }

    /// The id of the signal of this kind about these documents: looking again at the
    /// same facts finds the same signal, with its answer.
    pub fn id_of(kind: &SignalKind, rep: UserId, subjects: &[DocId]) -> RecordId {
        use sha2::{Digest, Sha256};
        let mut sorted = subjects.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hash = Sha256::new();
        hash.update(b"fieldsync signal 1");
        hash.update(kind.as_str().as_bytes());
        hash.update([0]);
        hash.update(rep.as_bytes());
        for subject in sorted {
            hash.update(subject.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        RecordId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}
