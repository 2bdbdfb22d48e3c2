use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{RecordId, UserId};
use crate::period::Period;
use crate::time::Timestamp;

/// The official result of a rep for a period.
///
/// It carries what the phone needs to recompute it and compare, not the facts:
/// with the same input digest the phone must get the same outcome digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScorecardRecord {
    /// The rep.
    pub rep: UserId,
    /// The period.
    pub period: Period,
    /// The instant at which the rules looked at the facts.
    pub as_of: Timestamp,
    /// Version of the rule code.
    pub rules_version: u32,
    /// SHA-256 of the policy in force.
    #[serde(with = "serde_bytes")]
    pub policy_hash: [u8; 32],
    /// SHA-256 of the facts.
    #[serde(with = "serde_bytes")]
    pub inputs_digest: [u8; 32],
    /// SHA-256 of the outcome's canonical bytes.
    #[serde(with = "serde_bytes")]
    pub outcome_digest: [u8; 32],
    /// Points in hundredths; absent when nothing was applicable.
    pub total_centipoints: Option<i64>,
}

impl ScorecardRecord {
    /// The record's id: the same rep and period always give the same one.
    pub fn id(&self) -> RecordId {
        Self::id_of(self.rep, self.period)
    }

    /// The id of the scorecard of `rep` for `period`.
    pub fn id_of(rep: UserId, period: Period) -> RecordId {
        let mut hash = Sha256::new();
        hash.update(b"fieldsync scorecard 1");
        hash.update(rep.as_bytes());
        hash.update(period.to_string().as_bytes());
        let digest = hash.finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        RecordId::from_bytes(bytes)
    }
}
