//! A decision made on a phone without signal: the command that carries it.

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::records::Verdict;

/// Decide on work that was kept aside. Whoever was faster has decided; the same
/// decision again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideQuarantine {
    /// The case: the id of its decision record.
    #[serde(rename = "c")]
    pub case: RecordId,
    /// What is decided.
    #[serde(rename = "v")]
    pub verdict: Verdict,
    /// What the decider has to say to the author.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl DecideQuarantine {
    /// The kind of the command.
    pub const KIND: &'static str = "decide_quarantine";

    /// The command's body.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and every field has a CBOR form.
        let written = ciborium::into_writer(self, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    /// Reads a body; none if it is not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        ciborium::from_reader(bytes).ok()
    }
}
