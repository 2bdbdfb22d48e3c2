use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Key, Origin};
use crate::docs::deal::PaymentClaim;
use crate::id::{DocId, ItemId};
use crate::money::{Currency, Money};
use crate::rules::facts::FactRef;
use crate::time::Date;

/// Money received (回款), or given back: a refund is a negative amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFact {
    /// Where it stands.
    pub origin: Origin,
    /// What it was paid under; see [`InstalmentFact`](super::InstalmentFact). The
    /// customer where nobody said: it then pays the oldest of all that is owed.
    pub account: DocId,
    /// Who paid.
    pub customer: Option<DocId>,
    /// Received on.
    pub received_on: Option<Date>,
    /// Amount; negative for a refund.
    pub amount: Option<Money>,
    /// The instalment it pays, if it names one.
    pub instalment: Option<Key>,
    /// The payment that a refund gives back, if it names one.
    pub refund_of: Option<Key>,
}

impl PaymentFact {
    /// A payment as a deal document claims it.
    pub fn of(deal: FactRef, customer: Option<DocId>, item: ItemId, claim: &PaymentClaim) -> Self {
        Self {
            account: deal.doc,
            customer,
            received_on: claim.received_on,
            amount: claim.amount,
            instalment: claim.instalment.map(|item| Key { doc: deal.doc, item: Some(item) }),
            refund_of: claim.reverses.map(|item| Key { doc: deal.doc, item: Some(item) }),
            origin: Origin::claim(deal, Some(item)),
        }
    }

    /// Whether money of these payments paid for what `customer` bought on `bought` under
    /// `deal`: what names the deal did, and what names nothing but the customer may have
    /// from that day on. More must have come in by `last` than was given back.
    pub fn paid<'a>(
        payments: impl IntoIterator<Item = &'a Self>,
        deal: DocId,
        customer: DocId,
        bought: Date,
        last: Date,
    ) -> bool {
        let mut received: BTreeMap<Currency, i128> = BTreeMap::new();
        for payment in payments {
            let Some((on, amount)) = payment.received_on.zip(payment.amount) else { continue };
            let any = payment.account == customer && payment.customer == Some(customer);
            if on <= last && (payment.account == deal || any && bought <= on) {
                *received.entry(amount.currency).or_default() += i128::from(amount.minor);
            }
        }
        received.values().any(|minor| *minor > 0)
    }
}
