use serde::{Deserialize, Serialize};

use super::Origin;
use crate::docs::deal::InstalmentClaim;
use crate::id::{DocId, ItemId};
use crate::money::Money;
use crate::rules::facts::FactRef;
use crate::time::Date;

/// A part of a price that is due on a day (分期).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalmentFact {
    /// Where it stands.
    pub origin: Origin,
    /// What it is owed under: payments of the same account pay it. The deal, or the
    /// contract of a record that names no deal.
    pub account: DocId,
    /// Who owes it.
    pub customer: Option<DocId>,
    /// Due on.
    pub due_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
}

impl InstalmentFact {
    /// An instalment as a deal document claims it.
    pub fn of(
        deal: FactRef,
        customer: Option<DocId>,
        item: ItemId,
        claim: &InstalmentClaim,
    ) -> Self {
        Self {
            account: deal.doc,
            customer,
            due_on: claim.due_on,
            amount: claim.amount,
            origin: Origin::claim(deal, Some(item)),
        }
    }
}
