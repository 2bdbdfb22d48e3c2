use serde::{Deserialize, Serialize};

use crate::id::DocId;

/// A doubt about a visit that only the server could see (DOMAIN R13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The visit.
    pub visit: DocId,
    /// Which signal: `s_mock`, `s_photo`, …
    pub code: String,
    /// Nobody has settled it yet.
    pub open: bool,
}
