//! Business that somebody at the office enters by hand: payments, orders, contracts.
//!
//! What a rep types on a deal is a claim. Whoever looks after people may confirm it, for
//! customers of the units they lead, and may take back what was entered wrongly: it stays
//! visible as withdrawn and counts nowhere.

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId};
use client_core::money::Money;
use client_core::projection::DocState;
use client_core::records::{Record, RecordKind};
use client_core::time::Date;

use super::{By, Refusal, Registrar};
use crate::office::{DocumentError, HandError, PlaceError, TextError, read, text};
use crate::storage::model::Row;
use crate::storage::{Documents, Records, StorageError};

/// Why nothing was entered, or not withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// There is no such customer.
    #[error("there is no customer {customer}")]
    UnknownCustomer {
        /// What was given.
        customer: DocId,
    },
    /// The deal is somebody else's.
    #[error("the deal {deal} is not one of this customer")]
    OtherDeal {
        /// What was given.
        deal: DocId,
    },
    /// There is no such case of this customer.
    #[error("there is no case {case} of this customer")]
    UnknownCase {
        /// What was given.
        case: DocId,
    },
    /// There is no such record of this customer.
    #[error("there is no {} {id} of this customer", .kind.as_str())]
    Unknown {
        /// What was looked for.
        kind: RecordKind,
        /// What was given.
        id: RecordId,
    },
    /// Not a kind of business.
    #[error("{} is nothing that is entered in the books", .kind.as_str())]
    NotBusiness {
        /// What was given.
        kind: RecordKind,
    },
    /// An amount that cannot be.
    #[error("{amount} is no amount of it: {expected}")]
    Amount {
        /// What was given.
        amount: Money,
        /// What is possible.
        expected: &'static str,
    },
    /// It has not happened yet.
    #[error("{day} has not come yet")]
    Future {
        /// What was given.
        day: Date,
    },
    /// The case cannot be written.
    #[error(transparent)]
    Document(DocumentError),
    /// What it is called cannot be taken.
    #[error(transparent)]
    Reference(#[from] TextError),
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<DocumentError> for BookError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Storage(error) => Self::Storage(error),
            error => Self::Document(error),
        }
    }
}

impl Registrar {
    /// The id of what is about to be entered.
    pub fn new_record(&self) -> RecordId {
        self.office.fresh_record()
    }

    /// Enters a payment, an order or a contract.
    pub async fn enter(&self, mut record: Record) -> Result<Record, BookError> {
        let (customer, deal, on) = match &record {
            Record::Payment(payment) => (payment.customer, payment.deal, payment.received_on),
            Record::Order(order) => (order.customer, order.deal, order.ordered_on),
            Record::Contract(contract) => (contract.customer, contract.deal, contract.signed_on),
            other => return Err(BookError::NotBusiness { kind: other.kind() }),
        };
        self.keeps_books(customer).await?;
        let storage = self.office.app.storage();
        if let Some(deal) = deal {
            let held = storage.document(self.office.org, deal).await?.map(|held| held.header);
            let its = held
                .filter(|header| header.kind == DocKind::Deal && header.customer == Some(customer));
            its.ok_or(BookError::OtherDeal { deal })?;
        }
        if on > self.office.today().await? {
            return Err(BookError::Future { day: on });
        }
        self.check(&record, customer).await?;
        let reference = match &mut record {
            Record::Payment(payment) => &mut payment.reference,
            Record::Order(order) => &mut order.reference,
            Record::Contract(contract) => &mut contract.reference,
            _ => return Ok(record),
        };
        let said = reference.take().map(|said| said.trim().to_owned());
        let said = said.filter(|said| !said.is_empty());
        *reference = said.map(|said| text::name("number", &said)).transpose()?;
        self.office.write(record.clone()).await?;
        self.note("books.entered", record.id(), None, Some(record.kind().as_str().to_owned()))
            .await?;
        Ok(record)
    }

    async fn check(&self, record: &Record, customer: DocId) -> Result<(), BookError> {
        let wrong = |amount, expected| Err(BookError::Amount { amount, expected });
        match record {
            Record::Payment(payment) => {
                if let Some(id) = payment.contract {
                    self.of_customer(RecordKind::Contract, id, customer).await?;
                }
                let given_back = match payment.reverses {
                    Some(id) => Some(self.of_customer(RecordKind::Payment, id, customer).await?),
                    None => None,
                };
                match (payment.amount.minor, given_back) {
                    (0, _) => wrong(payment.amount, "more than nothing, or less for a refund"),
                    (1.., Some(_)) => wrong(payment.amount, "a refund is below 0"),
                    (_, Some(Record::Payment(first)))
                        if i128::from(first.amount.minor) + i128::from(payment.amount.minor)
                            < 0 =>
                    {
                        wrong(payment.amount, "no more can be given back than was paid")
                    }
                    _ => Ok(()),
                }
            }
            Record::Order(order) if order.amount.minor < 0 => wrong(order.amount, "0 or more"),
            Record::Contract(contract) => {
                let terms = contract.instalments.iter().map(|term| term.amount);
                let below = terms.chain([contract.amount]).find(|amount| amount.minor < 0);
                below.map_or(Ok(()), |amount| wrong(amount, "0 or more"))
            }
            _ => Ok(()),
        }
    }

    /// Takes back what was entered: it stays, and counts nowhere.
    pub async fn withdraw(
        &self,
        kind: RecordKind,
        id: RecordId,
        customer: DocId,
    ) -> Result<Record, BookError> {
        self.keeps_books(customer).await?;
        let mut record = self.of_customer(kind, id, customer).await?;
        let now = self.office.now();
        let withdrawn = match &mut record {
            Record::Payment(payment) => &mut payment.withdrawn_at,
            Record::Order(order) => &mut order.withdrawn_at,
            Record::Contract(contract) => &mut contract.withdrawn_at,
            other => return Err(BookError::NotBusiness { kind: other.kind() }),
        };
        if withdrawn.is_none() {
            *withdrawn = Some(now);
            self.office.write(record.clone()).await?;
            self.note("books.withdrawn", id, None, Some(kind.as_str().to_owned())).await?;
        }
        Ok(record)
    }

    /// What was entered under this id, if it was.
    pub async fn entered(
        &self,
        kind: RecordKind,
        id: RecordId,
        customer: DocId,
    ) -> Result<Option<Record>, BookError> {
        match self.of_customer(kind, id, customer).await {
            Ok(record) => Ok(Some(record)),
            Err(BookError::Unknown { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A case of this customer's was settled: now.
    pub async fn resolve_case(&self, customer: DocId, case: DocId) -> Result<(), BookError> {
        self.keeps_books(customer).await?;
        let office = &self.office;
        let rows = office.app.storage().rows_of_customer(office.org, customer).await?;
        let found = rows.iter().find_map(|row: &Row| match &row.state {
            DocState::Case(state) if row.header.doc == case => Some(&state.value),
            _ => None,
        });
        // Settled is settled: saying so again moves no date.
        if found.ok_or(BookError::UnknownCase { case })?.resolved_at.is_some() {
            return Ok(());
        }
        let by = self.by_id().ok_or(Refusal::Role)?;
        let hand = office.hand(by).await.map_err(|error| match error {
            HandError::Storage(error) => BookError::Storage(error),
            HandError::UnknownUser { .. } => Refusal::Role.into(),
        })?;
        let at = office.now();
        office.edit_case(&hand, case, move |edit| edit.resolve(at)).await?;
        Ok(())
    }

    /// A record of this kind that is about this customer.
    async fn of_customer(
        &self,
        kind: RecordKind,
        id: RecordId,
        customer: DocId,
    ) -> Result<Record, BookError> {
        let row = self.office.app.storage().record(self.office.org, kind, id).await?;
        let record = row.as_ref().map(read).transpose()?.filter(|record| match record {
            Record::Payment(payment) => payment.customer == customer,
            Record::Order(order) => order.customer == customer,
            Record::Contract(contract) => contract.customer == customer,
            _ => false,
        });
        record.ok_or(BookError::Unknown { kind, id })
    }

    /// Whether this reader keeps the books of a customer.
    pub async fn keeps_books(&self, customer: DocId) -> Result<(), BookError> {
        if let By::Person(by) = &self.by
            && !Self::opens_to(by.role)
        {
            return Err(Refusal::Role.into());
        }
        let held = self.office.app.storage().document(self.office.org, customer).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
            return Err(BookError::UnknownCustomer { customer });
        }
        match self.placement(customer).await {
            // Nobody's yet: whoever keeps books may.
            Ok(_) | Err(PlaceError::Unknown { .. }) => Ok(()),
            Err(PlaceError::Refused(refusal)) => Err(refusal.into()),
            Err(PlaceError::Storage(error)) => Err(error.into()),
            Err(_other) => Err(BookError::UnknownCustomer { customer }),
        }
    }
}
