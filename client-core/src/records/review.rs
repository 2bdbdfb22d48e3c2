use serde::{Deserialize, Serialize};

use crate::id::{DocId, RecordId, UserId};
use crate::time::Timestamp;

/// A leader's comment on a visit (点评). The visit stays its author's; what was said
/// about it stands beside it, for whoever has the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRecord {
    /// The comment: the id of the command that brought it, so that a repetition is one.
    pub id: RecordId,
    /// The visit.
    pub visit: DocId,
    /// Whose visit it is.
    pub author: UserId,
    /// Who comments; nobody where the command line did.
    pub by: Option<UserId>,
    /// When, by the commenter's clock.
    pub at: Timestamp,
    /// How good it was, 1 to 5, where the leader says.
    pub rating: Option<u8>,
    /// What they say.
    pub comment: String,
}
