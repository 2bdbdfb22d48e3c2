//! Visits that were logged at the wrong customer.
//!
//! The visit stays as its author wrote it. A record says at whom it was, lists, scopes and
//! cards follow that, and taking the record back restores everything.

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UserId};
use client_core::records::{MovedRecord, Record, RecordKind};

use super::Office;
use super::grounds::Grounds;
use crate::storage::{Documents, StorageError};

/// What the audit log calls a move, and what it calls one taken back.
const ON: &str = "visit.move";
const BACK: &str = "visit.move_back";

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
        let held = storage.document(self.org, visit).await?;
        let held = held.filter(|held| held.header.kind == DocKind::Visit);
        let header = held.ok_or(MoveError::UnknownVisit { visit })?.header;
        let held = storage.document(self.org, customer).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
            return Err(MoveError::UnknownCustomer { customer });
        }
        let mut grounds = self.grounds();
        let (what, moved) = loop {
            let standing = standing(&mut grounds, visit).await?;
            let here = standing.as_ref().map(|moved| moved.customer).or(header.customer);
            if here == Some(customer) {
                return Err(MoveError::AlreadyThere { visit, customer });
            }
            let at = self.now();
            let (what, moved) = match standing {
                // Where the author logged it, it needs no record.
                Some(standing) if header.customer == Some(customer) => {
                    (BACK, MovedRecord { undone_at: Some(at), ..standing })
                }
                _ => {
                    let author = header.author;
                    let moved = MovedRecord { visit, author, customer, by, at, undone_at: None };
                    (ON, moved)
                }
            };
            if grounds.write(Record::Moved(moved.clone())).await? {
                break (what, moved);
            }
        };
        self.note_about(what, visit, by, Some(moved.customer.to_string())).await?;
        Ok(moved)
    }

    /// The visit is where its author logged it again.
    pub async fn move_visit_back(
        &self,
        visit: DocId,
        by: Option<UserId>,
    ) -> Result<MovedRecord, MoveError> {
        let mut grounds = self.grounds();
        let moved = loop {
            let standing = standing(&mut grounds, visit).await?;
            let mut moved = standing.ok_or(MoveError::NotMoved { visit })?;
            moved.undone_at = Some(self.now());
            if grounds.write(Record::Moved(moved.clone())).await? {
                break moved;
            }
        };
        self.note_about(BACK, visit, by, Some(moved.customer.to_string())).await?;
        Ok(moved)
    }
}

/// The move of a visit that is in force.
async fn standing(
    grounds: &mut Grounds<'_>,
    visit: DocId,
) -> Result<Option<MovedRecord>, StorageError> {
    let id = RecordId::from_bytes(*visit.as_bytes());
    Ok(match grounds.read(RecordKind::Moved, id).await? {
        Some(Record::Moved(moved)) if moved.in_force() => Some(moved),
        _ => None,
    })
}
