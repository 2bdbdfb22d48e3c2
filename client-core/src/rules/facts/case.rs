use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// A complaint or an enquiry (客诉与咨询).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFact {
    /// The case.
    pub fact: FactRef,
    /// Who wrote it down.
    pub author: UserId,
    /// Whose.
    pub customer: Option<DocId>,
    /// Complaint or enquiry.
    pub kind: CaseKind,
    /// Opened.
    pub opened_at: Option<Timestamp>,
    /// First reply.
    pub first_reply_at: Option<Timestamp>,
    /// Resolved.
    pub resolved_at: Option<Timestamp>,
    /// The root cause, in words.
    pub cause: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// Whether the customer was satisfied.
    pub satisfied: Option<bool>,
}

/// Complaint or enquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Something went wrong.
    Complaint,
    /// Something is asked, or a kind that this version does not know.
    Enquiry,
}
