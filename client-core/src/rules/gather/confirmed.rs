//! Records of the business as facts.

use std::collections::BTreeMap;

use super::Confirmed;
use crate::id::{DocId, ItemId, RecordId};
use crate::records::{Confirms, ContractRecord, OrderRecord, PaymentRecord, Record};
use crate::rules::facts::{
    ContractFact, FactRef, InstalmentFact, Key, OrderFact, Origin, PaymentFact, record_doc,
};

impl Confirmed {
    /// What these records confirm, in any order, of an org whose books confirm `source`.
    /// What was withdrawn confirms nothing, and what a cancelled contract still asks for
    /// is not owed.
    pub fn of<'a>(source: Confirms, records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut confirmed = Self { source, ..Self::default() };
        let mut deals: BTreeMap<RecordId, DocId> = BTreeMap::new();
        let mut payments = Vec::new();
        for record in records {
            let fact = FactRef::of_record(record);
            confirmed.source = confirmed.source.and(record);
            match record {
                Record::Order(order) if order.counts() => {
                    confirmed.orders.push(of_order(order, fact));
                }
                Record::Contract(contract) if contract.counts() => {
                    deals.extend(contract.deal.map(|deal| (contract.id, deal)));
                    confirmed.instalments.extend(instalments(contract, &fact));
                    confirmed.contracts.push(of_contract(contract, fact));
                }
                Record::Payment(payment) if payment.counts() => payments.push((payment, fact)),
                _ => {}
            }
        }
        let each = payments.into_iter().map(|(payment, fact)| of_payment(payment, fact, &deals));
        confirmed.payments.extend(each);
        confirmed
    }
}

fn of_order(order: &OrderRecord, fact: FactRef) -> OrderFact {
    OrderFact {
        origin: Origin::confirmed(fact, None),
        customer: Some(order.customer),
        deal: order.deal,
        own: false,
        ordered_on: Some(order.ordered_on),
        amount: Some(order.amount),
        paid_on: order.paid_on,
        cancelled_on: order.cancelled_on,
    }
}

fn of_contract(contract: &ContractRecord, fact: FactRef) -> ContractFact {
    ContractFact {
        origin: Origin::confirmed(fact, None),
        customer: Some(contract.customer),
        deal: contract.deal,
        signed_on: Some(contract.signed_on),
        amount: Some(contract.amount),
        number: contract.reference.clone(),
    }
}

fn instalments<'a>(
    contract: &'a ContractRecord,
    fact: &'a FactRef,
) -> impl Iterator<Item = InstalmentFact> + 'a {
    let owed = contract
        .instalments
        .iter()
        .filter(|term| contract.cancelled_on.is_none_or(|on| term.due_on < on));
    owed.map(|term| InstalmentFact {
        origin: Origin::confirmed(fact.clone(), Some(term.id)),
        account: contract.deal.unwrap_or(record_doc(contract.id)),
        customer: Some(contract.customer),
        due_on: Some(term.due_on),
        amount: Some(term.amount),
    })
}

/// A payment pays under its deal, or its contract's deal, or its contract; where it
/// names none of them, whatever its customer owes.
fn of_payment(
    payment: &PaymentRecord,
    fact: FactRef,
    deals: &BTreeMap<RecordId, DocId>,
) -> PaymentFact {
    let of_contract =
        |contract: RecordId| deals.get(&contract).copied().unwrap_or(record_doc(contract));
    let account = payment.deal.or(payment.contract.map(of_contract)).unwrap_or(payment.customer);
    // An instalment stands in the contract's record or in the deal's document.
    let named = |item: ItemId| Key {
        doc: payment.contract.map(record_doc).or(payment.deal).unwrap_or(payment.customer),
        item: Some(item),
    };
    PaymentFact {
        origin: Origin::confirmed(fact, None),
        account,
        customer: Some(payment.customer),
        received_on: Some(payment.received_on),
        amount: Some(payment.amount),
        instalment: payment.instalment.map(named),
        refund_of: payment.reverses.map(|id| Key { doc: record_doc(id), item: None }),
    }
}
