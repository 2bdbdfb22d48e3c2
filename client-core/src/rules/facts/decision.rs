use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::records::VoidRecord;
use crate::time::Timestamp;

/// A supervisor's ruling on a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The visit.
    pub visit: DocId,
    /// What was ruled.
    pub ruling: Ruling,
    /// When.
    pub at: Timestamp,
}

impl Decision {
    /// What voided visits amount to for the rules.
    pub fn of_voids<'a>(voids: impl IntoIterator<Item = &'a VoidRecord>) -> Vec<Self> {
        let standing = voids.into_iter().filter(|void| void.in_force());
        standing.map(|void| Self { visit: void.visit, ruling: Ruling::Void, at: void.at }).collect()
    }
}

/// What a supervisor may rule about a visit under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It counts.
    Accept,
    /// It does not.
    Reject,
    /// Somebody took it out of the count, with a reason.
    Void,
}
