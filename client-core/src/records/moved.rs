use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// A visit that was logged at the wrong customer.
///
/// The header of a document never changes, so the visit stays as it was written and a
/// record says where it belongs: lists, scopes and whatever counts follow that one. One
/// move stands at a time, so the record has the visit's id; taking it back restores
/// everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedRecord {
    /// The visit.
    pub visit: DocId,
    /// Whose visit it is.
    pub author: UserId,
    /// The customer that it was at.
    pub customer: DocId,
    /// Who decided; nobody where the command line did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// When it was taken back; in force if absent.
    pub undone_at: Option<Timestamp>,
}

impl MovedRecord {
    /// Whether it holds.
    pub const fn in_force(&self) -> bool {
        self.undone_at.is_none()
    }
}
