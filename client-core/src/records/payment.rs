use serde::{Deserialize, Serialize};

use crate::id::{DocId, ItemId, RecordId};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// Money that came in, as the books have it.
///
/// A refund is a payment below zero that names the one it gives back: the allocation of
/// that one is undone with it, whenever it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// The payment.
    pub id: RecordId,
    /// Whose.
    pub customer: DocId,
    /// The deal it is for, if that is known.
    pub deal: Option<DocId>,
    /// The contract it is for, if that is known.
    pub contract: Option<RecordId>,
    /// The instalment it pays, of the contract or of the deal; the oldest due if absent.
    pub instalment: Option<ItemId>,
    /// What the books call it.
    pub reference: Option<String>,
    /// Received on.
    pub received_on: Date,
    /// How much; below zero for a refund.
    pub amount: Money,
    /// The payment that a refund gives back.
    pub reverses: Option<RecordId>,
    /// When it turned out to be no payment of theirs at all; it counts if absent.
    pub withdrawn_at: Option<Timestamp>,
}

impl PaymentRecord {
    /// Whether it is a payment at all.
    pub const fn counts(&self) -> bool {
        self.withdrawn_at.is_none()
    }

    /// Whether money went back.
    pub const fn is_refund(&self) -> bool {
        self.amount.minor < 0
    }
}
