use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// A visit that does not count, because a person decided so.
///
/// The visit stays as it was written: what was decided about it is beside it, and
/// can be taken back. A visit is voided once at a time, so the record has its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidRecord {
    /// The visit.
    pub visit: DocId,
    /// Whose visit it is.
    pub author: UserId,
    /// Who decided; nobody where the command line did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Why, for the rep to read.
    pub reason: String,
    /// When it was taken back; in force if absent.
    pub undone_at: Option<Timestamp>,
}

impl VoidRecord {
    /// Whether it holds.
    pub const fn in_force(&self) -> bool {
        self.undone_at.is_none()
    }
}
