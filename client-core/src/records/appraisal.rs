use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::docs::code::codes;
use crate::id::{RecordId, UserId};
use crate::period::Period;
use crate::time::Timestamp;

/// An appraisal of a person for a period (S2: 自评 → 主管评分 → 经理审核; DOMAIN F15).
/// The card is frozen when the person hands in their own view: what happens later
/// restates the card and not the appraisal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppraisalRecord {
    /// Of whom.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// How far it is.
    pub state: AppraisalState,
    /// The card as it was when the person handed in their own view.
    pub frozen: Option<FrozenScore>,
    /// Every step, oldest first.
    pub steps: Vec<AppraisalStep>,
}

codes! {
    /// How far an appraisal is.
    AppraisalState {
        /// Nobody said anything yet.
        Draft = "draft",
        /// The person has.
        SelfSubmitted = "self_submitted",
        /// The supervisor has.
        SupervisorScored = "supervisor_scored",
        /// The manager has.
        ManagerReviewed = "manager_reviewed",
        /// The person may read it.
        Published = "published",
        /// The person does not agree.
        Disputed = "disputed",
        /// That was answered.
        Resolved = "resolved",
        /// It stands.
        Closed = "closed",
    }
}

/// A card, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenScore {
    /// The instant at which the rules looked at the facts.
    pub as_of: Timestamp,
    /// SHA-256 of the policy in force.
    #[serde(with = "serde_bytes")]
    pub policy_hash: [u8; 32],
    /// SHA-256 of the facts.
    #[serde(with = "serde_bytes")]
    pub inputs_digest: [u8; 32],
    /// SHA-256 of the outcome.
    #[serde(with = "serde_bytes")]
    pub outcome_digest: [u8; 32],
    /// Points in hundredths; absent when nothing was applicable.
    pub total_centipoints: Option<i64>,
}

/// A step of an appraisal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppraisalStep {
    /// Where it led.
    pub to: AppraisalState,
    /// Who took it; nobody where the command line did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// What they say; a step back needs it.
    pub comment: Option<String>,
    /// Ratings 1 to 5 by family (S2 团队协作, 销售技能).
    pub ratings: BTreeMap<String, u8>,
}

impl AppraisalRecord {
    /// The record's id: the same person and period always give the same one.
    pub fn id(&self) -> RecordId {
        Self::id_of(self.rep, self.period)
    }

    /// The id of the appraisal of `rep` for `period`.
    pub fn id_of(rep: UserId, period: Period) -> RecordId {
        let mut hash = Sha256::new();
        hash.update(b"fieldsync appraisal 1");
        hash.update(rep.as_bytes());
        hash.update(period.to_string().as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        RecordId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}
