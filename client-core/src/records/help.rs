use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::id::{DocId, RecordId, UserId};
use crate::time::Timestamp;

codes! {
    /// How a request for help stands.
    HelpState {
        /// Somebody sees to it.
        Taken = "taken",
        /// It was given.
        Done = "done",
        /// It will not be given; the note says why.
        Declined = "declined",
    }
}

/// What became of a request for help (S3 需协调资源, S1 销售支持日).
///
/// The request stands in a visit or a day plan, which close with their day; so the answer is
/// a record. It has the id of the request: the visit's, or the item's in the plan. Whoever
/// answers later says how it stands now, and the audit log keeps who said what before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpRecord {
    /// The request.
    pub id: RecordId,
    /// The visit or plan in which it stands.
    pub doc: DocId,
    /// Who asked.
    pub rep: UserId,
    /// Who answered.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// How it stands.
    pub state: HelpState,
    /// What is said to whoever asked.
    pub note: Option<String>,
}
