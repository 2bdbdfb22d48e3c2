use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::case::{self as docs, CaseState};
use crate::docs::{Header, Heads, Hydrated};
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

impl CaseFact {
    /// A complaint or an enquiry as its document has it; none for a survey that nobody
    /// complained before.
    pub fn of(header: &Header, heads: &Heads, case: &Hydrated<CaseState>) -> Option<Self> {
        let state = &case.value;
        let kind = match &state.kind {
            Some(docs::CaseKind::Complaint) => CaseKind::Complaint,
            Some(docs::CaseKind::Survey) => return None,
            _ => CaseKind::Enquiry,
        };
        Some(Self {
            fact: FactRef { doc: header.doc, heads: heads.clone() },
            author: header.author,
            customer: header.customer,
            kind,
            opened_at: state.opened_at,
            first_reply_at: state.first_reply_at,
            resolved_at: state.resolved_at,
            cause: state.cause.clone(),
            action: state.action.clone(),
            satisfied: state.satisfied,
        })
    }
}
