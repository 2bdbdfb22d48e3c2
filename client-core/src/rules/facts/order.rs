use serde::{Deserialize, Serialize};

use super::Origin;
use crate::id::DocId;
use crate::money::Money;
use crate::time::Date;

/// An order (订单) that the business confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFact {
    /// Where it stands.
    pub origin: Origin,
    /// Whose.
    pub customer: Option<DocId>,
    /// The deal it came of.
    pub deal: Option<DocId>,
    /// It is credited to the rep whose facts these are, and not only known to them.
    pub own: bool,
    /// Ordered on.
    pub ordered_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
    /// Paid on; not paid if absent.
    pub paid_on: Option<Date>,
    /// Cancelled on; in force if absent.
    pub cancelled_on: Option<Date>,
}
