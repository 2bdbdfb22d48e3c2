//! Visits that were logged at the wrong customer.
//!
//! The visit stays as its author wrote it. A record says at whom it was, lists, scopes and
//! cards follow that, and taking the record back restores everything.

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UserId};
use client_core::records::{MovedRecord, Record, RecordKind};

use super::Office;
use crate::storage::model::AuditEntry;
use crate::storage::{Documents, Invitations, StorageError};

/// Why a visit was not moved, or not moved back.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// There is no such visit.
    #[error("there is no visit {visit}")]
    UnknownVisit {
        /// What was given.
        visit: DocId,
    },
    /// There is no such customer.
    #[error("there is no customer {customer}")]
    UnknownCustomer {
        /// What was given.
        customer: DocId,
    },
    /// It is there already.
    #[error("the visit {visit} is at the customer {customer} already")]
    AlreadyThere {
        /// The visit.
        visit: DocId,
        /// The customer.
        customer: DocId,
    },
    /// There is nothing to take back.
    #[error("the visit {visit} was not moved")]
    NotMoved {
        /// What was given.
        visit: DocId,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Where a visit was moved to last.
    pub async fn moved(&self, visit: DocId) -> Result<Option<MovedRecord>, StorageError> {
        let id = RecordId::from_bytes(*visit.as_bytes());
        self.one(RecordKind::Moved, id, |record| match record {
            Record::Moved(moved) => Some(moved),
            _ => None,
        })
        .await
    }

    /// From now on the visit was at `customer`. One that was moved before is moved on.
    pub async fn move_visit(
        &self,
        visit: DocId,
        customer: DocId,
        by: Option<UserId>,
    ) -> Result<MovedRecord, MoveError> {
        let storage = self.app.storage();
        let row = storage.row(self.org, visit).await?;
        let row = row.filter(|row| row.header.kind == DocKind::Visit);
        let header = row.ok_or(MoveError::UnknownVisit { visit })?.header;
        let held = storage.document(self.org, customer).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
            return Err(MoveError::UnknownCustomer { customer });
        }
        if header.customer == Some(customer) {
            return Err(MoveError::AlreadyThere { visit, customer });
        }
        // Where the author logged it, it needs no record.
        let own = storage.document(self.org, visit).await?.and_then(|held| held.header.customer);
        if own == Some(customer) {
            return self.move_visit_back(visit, by).await;
        }
        let (author, at) = (header.author, self.now());
        let moved = MovedRecord { visit, author, customer, by, at, undone_at: None };
        self.write(Record::Moved(moved.clone())).await?;
        self.note_move("visit.move", visit, customer, by).await?;
        Ok(moved)
    }

    /// The visit is where its author logged it again.
    pub async fn move_visit_back(
        &self,
        visit: DocId,
        by: Option<UserId>,
    ) -> Result<MovedRecord, MoveError> {
        let standing = self.moved(visit).await?.filter(MovedRecord::in_force);
        let mut moved = standing.ok_or(MoveError::NotMoved { visit })?;
        moved.undone_at = Some(self.now());
        self.write(Record::Moved(moved.clone())).await?;
        self.note_move("visit.move_back", visit, moved.customer, by).await?;
        Ok(moved)
    }

    async fn note_move(
        &self,
        what: &str,
        visit: DocId,
        customer: DocId,
        user: Option<UserId>,
    ) -> Result<(), StorageError> {
        let entry = AuditEntry {
            at: self.now(),
            user,
            device: None,
            what: what.to_owned(),
            subject: Some(RecordId::from_bytes(*visit.as_bytes())),
            // Ids and no names: what is erased later must not stay here.
            detail: Some(customer.to_string()),
        };
        self.app.storage().note(self.org, entry).await
    }
}
