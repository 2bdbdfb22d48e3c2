//! What imports keep and write.

use std::collections::BTreeMap;

use client_core::id::{DocId, UserId};
use client_core::records::Record;
use client_core::time::Timestamp;

use super::{DocCommit, NewAccount};

/// What an external key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExternalKind {
    /// A person.
    User,
    /// A unit.
    Unit,
    /// A customer.
    Customer,
    /// The customer under which a rep's deals without one are filed.
    Placeholder,
    /// A product.
    Product,
    /// A deal, or a lead that may become one.
    Deal,
    /// A payment.
    Payment,
    /// An order.
    Order,
    /// A contract.
    Contract,
    /// A complaint, enquiry or survey.
    Case,
}

impl ExternalKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Unit, Self::Customer, Self::Placeholder, Self::Product, Self::Deal];

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Unit => "unit",
            Self::Customer => "customer",
            Self::Placeholder => "placeholder",
            Self::Product => "product",
            Self::Deal => "deal",
            Self::Payment => "payment",
            Self::Order => "order",
            Self::Contract => "contract",
            Self::Case => "case",
        }
    }
}

/// What something is called where it came from, and what the file said of it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalKey {
    /// Whose name it is.
    pub source: String,
    /// What it names.
    pub kind: ExternalKind,
    /// The name.
    pub key: String,
    /// The bytes of the id here.
    pub id: [u8; 16],
    /// Each field as the file said it last.
    pub fields: BTreeMap<String, String>,
}

/// A deal and who holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DealHolder {
    /// The deal.
    pub deal: DocId,
    /// Who holds it.
    pub owner: UserId,
    /// When it was created or, unknown, decided.
    pub at: Option<Timestamp>,
}

/// What an import writes in one transaction.
#[derive(Clone)]
pub struct ImportBatch {
    /// People who are new.
    pub accounts: Vec<NewAccount>,
    /// Records, in the order in which they are written.
    pub records: Vec<Record>,
    /// Documents, after the records.
    pub commits: Vec<DocCommit>,
    /// What they are called where they came from.
    pub keys: Vec<ExternalKey>,
    /// When.
    pub at: Timestamp,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// All of it is written.
    Written,
    /// Somebody else wrote one of the documents in between: nothing is written.
    Stale,
}
