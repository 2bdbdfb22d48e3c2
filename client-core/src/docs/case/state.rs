//! What a case document says: a complaint or an enquiry from its first word to its
//! prevention (S2), and what the customer answers when asked how content they are.
//!
//! A quarterly survey (S3) that nobody complained before is a case of its own kind, so
//! that its answers have a place and no response time is counted for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::docs::visit::Attachment;
use crate::id::{DocId, ItemId, UserId};
use crate::time::{Date, Timestamp};

/// The state of a case document. Its customer is in the header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseState {
    /// Complaint, enquiry or survey.
    pub kind: Option<CaseKind>,
    /// What it is about, in a line.
    pub subject: Option<String>,
    /// What the customer said.
    pub description: Option<String>,
    /// Sorted under (S2 classify): a code of the org's.
    pub category: Option<String>,
    /// How it reached us.
    pub channel: Option<String>,
    /// Which contact of the customer brought it.
    pub contact: Option<ItemId>,
    /// The deal it belongs to.
    pub deal: Option<DocId>,
    /// The visit it was heard on.
    pub visit: Option<DocId>,
    /// Who is to see to it; the customer's owner if absent.
    pub assigned_to: Option<UserId>,
    /// When the customer brought it.
    pub opened_at: Option<Timestamp>,
    /// When we answered first (S3 response time).
    pub first_reply_at: Option<Timestamp>,
    /// When it was resolved; open if absent.
    pub resolved_at: Option<Timestamp>,
    /// Root cause (S2).
    pub cause: Option<String>,
    /// What was done about it (S2).
    pub action: Option<String>,
    /// What keeps it from happening again (S2).
    pub prevention: Option<String>,
    /// Why the answer took long (S3): a code such as `internal`.
    pub delay_cause: Option<String>,
    /// Whether the customer is satisfied now (S2).
    pub satisfied: Option<bool>,
    /// What happened meanwhile.
    pub progress: BTreeMap<ItemId, ProgressNote>,
    /// What the customer answered when asked.
    pub surveys: BTreeMap<ItemId, SurveyAnswer>,
    /// Photos and papers: bytes travel elsewhere, the document holds what identifies them.
    pub attachments: BTreeMap<ItemId, Attachment>,
}

codes! {
    /// What a case is.
    CaseKind {
        /// Something was wrong.
        Complaint = "complaint",
        /// Somebody wants to know something.
        Enquiry = "enquiry",
        /// We asked how content they are.
        Survey = "survey",
    }
}

codes! {
    /// What a customer was asked. Both are answered 0 to 10.
    SurveyKind {
        /// Would you recommend us (S3 NPS).
        Nps = "nps",
        /// How content are you (S1, S2 满意度).
        Csat = "csat",
    }
}

/// A step on the way to the resolution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressNote {
    /// When, by the device's clock.
    pub at: Option<Timestamp>,
    /// Who noted it.
    pub by: Option<UserId>,
    /// What happened.
    pub text: Option<String>,
}

/// An answer of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SurveyAnswer {
    /// What was asked.
    pub kind: Option<SurveyKind>,
    /// 0 to 10.
    pub score: Option<u8>,
    /// When they answered.
    pub asked_on: Option<Date>,
    /// Which contact answered.
    pub contact: Option<ItemId>,
    /// What they said besides.
    pub comment: Option<String>,
}
