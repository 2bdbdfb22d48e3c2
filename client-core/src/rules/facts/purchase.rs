use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::id::DocId;
use crate::time::Date;

/// That a customer bought something once, by a won deal: whether a customer is new
/// (F9), comes again (F10) or has fallen silent (R2) is asked of its whole past, also
/// of what was sold before this rep came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseFact {
    /// The deal.
    pub fact: FactRef,
    /// Who bought.
    pub customer: DocId,
    /// Won on.
    pub on: Date,
    /// It is credited to the rep whose facts these are.
    pub own: bool,
    /// Some of it was paid, as the deal claims or a record confirms.
    pub paid: bool,
    /// Some of it was paid as records confirm: what the deal claims aside.
    #[serde(default)]
    pub paid_confirmed: bool,
}
