use serde::{Deserialize, Serialize};

use super::Record;

/// What an org's books confirm: which kinds of business it has a source for.
///
/// Whether only confirmed facts can count is asked of the org and never of one rep: a
/// rep without an order has sold nothing where others' orders arrive, and has no figure
/// where nobody's do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirms {
    /// Orders.
    #[serde(default)]
    pub orders: bool,
    /// Contracts, and with them what is owed and when.
    #[serde(default)]
    pub contracts: bool,
    /// Payments.
    #[serde(default)]
    pub payments: bool,
}

impl Confirms {
    /// Whether nothing is confirmed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The same, and what `record` shows to be confirmed.
    #[must_use]
    pub fn and(self, record: &Record) -> Self {
        match record {
            Record::Order(order) if order.counts() => Self { orders: true, ..self },
            Record::Contract(contract) if contract.counts() => Self { contracts: true, ..self },
            Record::Payment(payment) if payment.counts() => Self { payments: true, ..self },
            _ => self,
        }
    }
}
