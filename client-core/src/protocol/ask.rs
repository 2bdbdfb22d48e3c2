//! What people ask for and answer on a phone without signal: the commands that carry it.
//!
//! Each is queued with an id of its own and answered by a record of that id or about it,
//! so a command that is repeated, by a phone whose answer was lost, comes to the same.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::id::{DocId, RecordId, UserId};
use crate::period::Period;
use crate::records::AppraisalState;
use crate::time::Timestamp;

/// A command with a body of ours.
pub trait Ask: Serialize + DeserializeOwned {
    /// The kind of the command.
    const KIND: &'static str;

    /// The command's body.
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and every field has a CBOR form.
        let written = ciborium::into_writer(self, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    /// Reads a body; none if it is not one.
    fn decode(bytes: &[u8]) -> Option<Self> {
        ciborium::from_reader(bytes).ok()
    }
}

/// Comment on a visit. Answered by a `review` record with the command's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewVisit {
    /// The visit.
    #[serde(rename = "v")]
    pub visit: DocId,
    /// How good it was, 1 to 5.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// What to say.
    #[serde(rename = "c")]
    pub comment: String,
    /// When, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// Settle a visit that is under review. Answered by the visit's `void` record, which its
/// rep's phone gets too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeVisit {
    /// The visit.
    #[serde(rename = "v")]
    pub visit: DocId,
    /// It counts, as far as it lacks nothing; it does not otherwise.
    #[serde(rename = "y")]
    pub accepted: bool,
    /// Why, for the rep to read.
    #[serde(rename = "n")]
    pub note: String,
}

/// Ask for another target. Answered by an `adjustment` record with the command's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskTarget {
    /// The target.
    #[serde(rename = "g")]
    pub target: RecordId,
    /// The value asked for, in the metric's unit.
    #[serde(rename = "w")]
    pub wanted: i64,
    /// Why.
    #[serde(rename = "c")]
    pub reason: String,
    /// When, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// Object to a line of one's own card. Answered by a `contest` record with the command's
/// id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestLine {
    /// The card's period.
    #[serde(rename = "p")]
    pub period: Period,
    /// The line: the indicator's code.
    #[serde(rename = "l")]
    pub line: String,
    /// SHA-256 of the outcome that was looked at.
    #[serde(rename = "h", with = "serde_bytes")]
    pub outcome_digest: [u8; 32],
    /// The points of the line there, in hundredths.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub centipoints: Option<i64>,
    /// Why it is wrong.
    #[serde(rename = "c")]
    pub reason: String,
    /// Documents that show it.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<DocId>,
    /// When, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// Hand in one's own view of a period. Answered by the period's `appraisal` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessSelf {
    /// For when.
    #[serde(rename = "p")]
    pub period: Period,
    /// What went well and what did not.
    #[serde(rename = "c")]
    pub comment: String,
    /// Ratings 1 to 5 by family.
    #[serde(rename = "r", default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub ratings: std::collections::BTreeMap<String, u8>,
    /// When, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// Take a step of an appraisal, one's own or of somebody one leads. Answered by the
/// period's `appraisal` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAppraisal {
    /// Of whom.
    #[serde(rename = "u")]
    pub rep: UserId,
    /// For when.
    #[serde(rename = "p")]
    pub period: Period,
    /// Where it leads.
    #[serde(rename = "s")]
    pub to: AppraisalState,
    /// What to say; a step back needs it.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Ratings 1 to 5 by family.
    #[serde(rename = "r", default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub ratings: std::collections::BTreeMap<String, u8>,
    /// When, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// What an answer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// A request for another target: yes changes it.
    Adjustment,
    /// An objection to a line: yes says that the facts will be put right.
    Contest,
    /// An integrity signal: yes says that what it is about does not count.
    Signal,
}

/// Answer what somebody asked, or what the server noticed. Answered by the record itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerAsked {
    /// What kind of question it is.
    #[serde(rename = "k")]
    pub question: Question,
    /// The record.
    #[serde(rename = "i")]
    pub id: RecordId,
    /// Yes or no.
    #[serde(rename = "y")]
    pub yes: bool,
    /// What to say to whoever asked.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Ask for ReviewVisit {
    const KIND: &'static str = "review_visit";
}

impl Ask for JudgeVisit {
    const KIND: &'static str = "judge_visit";
}

impl Ask for AskTarget {
    const KIND: &'static str = "ask_target";
}

impl Ask for ContestLine {
    const KIND: &'static str = "contest_line";
}

impl Ask for AssessSelf {
    const KIND: &'static str = "assess_self";
}

impl Ask for StepAppraisal {
    const KIND: &'static str = "step_appraisal";
}

impl Ask for AnswerAsked {
    const KIND: &'static str = "answer_asked";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<T: Ask + PartialEq + std::fmt::Debug>(ask: &T) -> String {
        let bytes = ask.encode();
        assert_eq!(T::decode(&bytes).as_ref(), Some(ask));
        assert_eq!(T::decode(b"nonsense"), None);
        format!("{} {}", T::KIND, data_encoding::HEXLOWER.encode(&bytes))
    }

    #[test]
    fn every_ask_keeps_its_bytes() {
        let (at, id) = (Timestamp::from_millis(1_790_000_000_000), RecordId::from_bytes([1; 16]));
        let (visit, period) = (DocId::from_bytes([2; 16]), "2026-10".parse().unwrap());
        let said = |text: &str| text.to_owned();
        let lines = [
            shown(&ReviewVisit { visit, rating: Some(4), comment: said("good"), at }),
            shown(&JudgeVisit { visit, accepted: true, note: said("seen on site") }),
            shown(&AskTarget { target: id, wanted: 40, reason: said("the fair"), at }),
            shown(&ContestLine {
                period,
                line: said("effective_visits"),
                outcome_digest: [3; 32],
                centipoints: Some(900),
                reason: said("it was on site"),
                evidence: vec![visit],
                at,
            }),
            shown(&AssessSelf {
                period,
                comment: said("a good month"),
                ratings: [(said("teamwork"), 4)].into(),
                at,
            }),
            shown(&AnswerAsked { question: Question::Contest, id, yes: true, note: None }),
            shown(&StepAppraisal {
                rep: UserId::from_bytes([4; 16]),
                period,
                to: AppraisalState::SupervisorScored,
                comment: None,
                ratings: [(said("teamwork"), 5)].into(),
                at,
            }),
        ];
        insta::assert_snapshot!("every_ask_keeps_its_bytes", lines.join("\n"));
    }
}
