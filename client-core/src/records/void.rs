use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// What a person decided about a visit: that it does not count, or, where it was under
/// review, that it does.
///
/// The visit stays as it was written: what was decided about it is beside it, and
/// can be taken back. One decision stands at a time, so the record has the visit's id.
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
    /// What was decided.
    #[serde(default, skip_serializing_if = "Ruling::is_void")]
    pub ruling: Ruling,
}

/// What a supervisor may rule about a visit.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// A visit under review counts. It does not supply what a visit lacks.
    Accept,
    /// A visit under review does not count.
    Reject,
    /// Somebody took it out of the count, with a reason.
    #[default]
    Void,
}

impl Ruling {
    /// Whether it is the one that older records leave unsaid.
    pub const fn is_void(&self) -> bool {
        matches!(self, Self::Void)
    }

    /// Whether the visit does not count by it.
    pub const fn is_against(self) -> bool {
        matches!(self, Self::Reject | Self::Void)
    }
}

impl VoidRecord {
    /// Whether it holds.
    pub const fn in_force(&self) -> bool {
        self.undone_at.is_none()
    }
}
