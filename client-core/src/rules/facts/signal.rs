use serde::{Deserialize, Serialize};

use super::{Decision, Ruling};
use crate::id::DocId;
use crate::records::SignalRecord;

/// A doubt about a visit that only the server could see (DOMAIN R13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The visit.
    pub visit: DocId,
    /// Which signal: `s_mock`, `s_photo`, …
    pub code: String,
    /// Nobody has settled it yet.
    pub open: bool,
}

impl Signal {
    /// What these records say of visits: doubts, open or settled, and what persons ruled.
    /// A signal that was upheld takes its visits out of the count; one that was explained
    /// is a doubt no more, and settles no other.
    pub fn of<'a>(
        records: impl IntoIterator<Item = &'a SignalRecord>,
    ) -> (Vec<Self>, Vec<Decision>) {
        let (mut signals, mut decisions) = (Vec::new(), Vec::new());
        for record in records {
            for visit in record.subjects.iter().copied() {
                let code = record.kind.to_string();
                signals.push(Self { visit, code, open: record.is_open() });
                let upheld = record.answer.as_ref().filter(|answer| answer.upheld);
                let ruling = Ruling::Reject;
                decisions.extend(upheld.map(|answer| Decision { visit, ruling, at: answer.at }));
            }
        }
        (signals, decisions)
    }
}
