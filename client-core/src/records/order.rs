use serde::{Deserialize, Serialize};

use crate::id::{DocId, RecordId};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// An order of a customer, as the books have it. What a rep says of sales on a deal is
/// a claim; this is what repurchase and product mix rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// The order.
    pub id: RecordId,
    /// Whose.
    pub customer: DocId,
    /// The deal it came from, if that is known.
    pub deal: Option<DocId>,
    /// What the books call it.
    pub reference: Option<String>,
    /// Ordered on.
    pub ordered_on: Date,
    /// How much, all lines together.
    pub amount: Money,
    /// Paid in full on; a repurchase counts paid orders.
    pub paid_on: Option<Date>,
    /// Called off on.
    pub cancelled_on: Option<Date>,
    /// What was ordered; empty where the books do not say.
    pub lines: Vec<OrderLine>,
    /// When it turned out to be no order of theirs at all; it counts if absent.
    pub withdrawn_at: Option<Timestamp>,
}

/// A product in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Code or name, as [`ProductRecord::answers_to`](super::ProductRecord::answers_to)
    /// reads it.
    pub product: String,
    /// How many.
    pub quantity: Option<u32>,
    /// How much.
    pub amount: Money,
    /// What of it is margin.
    pub margin: Option<Money>,
}

impl OrderRecord {
    /// Whether it is an order at all.
    pub const fn counts(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}
