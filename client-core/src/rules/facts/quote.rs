use serde::{Deserialize, Serialize};

use super::Origin;
use crate::docs::deal::Quote;
use crate::id::{DocId, ItemId};
use crate::money::Money;
use crate::rules::facts::FactRef;
use crate::time::Date;

/// A quote (报价单). Revisions of one quote share its origin and count once (F8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteFact {
    /// Where it stands.
    pub origin: Origin,
    /// Whom it went to.
    pub customer: Option<DocId>,
    /// The deal it belongs to.
    pub deal: Option<DocId>,
    /// First issued.
    pub issued_on: Option<Date>,
    /// Accepted or declined; open if absent.
    pub accepted: Option<bool>,
    /// Decided.
    pub decided_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
}

impl QuoteFact {
    /// A quote as a deal document has it.
    pub fn of(deal: FactRef, customer: Option<DocId>, item: ItemId, quote: &Quote) -> Self {
        Self {
            customer,
            deal: Some(deal.doc),
            issued_on: quote.issued_on,
            accepted: quote.accepted,
            decided_on: quote.decided_on,
            amount: quote.amount,
            origin: Origin::claim(deal, Some(item)),
        }
    }
}
