use serde::{Deserialize, Serialize};

use crate::id::DocId;
pub use crate::records::Ruling;
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
    /// What was decided about visits, as the rules take it.
    pub fn of_voids<'a>(voids: impl IntoIterator<Item = &'a VoidRecord>) -> Vec<Self> {
        let standing = voids.into_iter().filter(|void| void.in_force());
        standing.map(|void| Self { visit: void.visit, ruling: void.ruling, at: void.at }).collect()
    }
}
