use serde::{Deserialize, Serialize};

use super::Origin;
use crate::docs::deal::ContractClaim;
use crate::id::DocId;
use crate::money::Money;
use crate::rules::facts::FactRef;
use crate::time::Date;

/// A signed contract (合同).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractFact {
    /// Where it stands.
    pub origin: Origin,
    /// With whom.
    pub customer: Option<DocId>,
    /// The deal it came of.
    pub deal: Option<DocId>,
    /// Signed on.
    pub signed_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
    /// Number on the paper.
    pub number: Option<String>,
}

impl ContractFact {
    /// A contract as a deal document claims it; none if nothing is claimed.
    pub fn of(deal: FactRef, customer: Option<DocId>, claim: &ContractClaim) -> Option<Self> {
        let nothing = *claim == ContractClaim::default();
        (!nothing).then(|| Self {
            customer,
            deal: Some(deal.doc),
            signed_on: claim.signed_on,
            amount: claim.amount,
            number: claim.number.clone(),
            origin: Origin::claim(deal, None),
        })
    }
}
