//! Two customers that are one.
//!
//! Merging is a record and nothing else: no document moves, no visit is written
//! again, and taking it back restores what was before.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UserId};
use client_core::records::{AliasRecord, Aliases, Record, RecordKind};

use super::Office;
use super::grounds::Grounds;
use crate::storage::model::{CustomerPair, NotSame};
use crate::storage::{Documents, Lookalikes, StorageError};

/// Why two customers were not merged, or not parted.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There is no such customer.
    #[error("there is no customer {customer}")]
    UnknownCustomer {
        /// What was given.
        customer: DocId,
    },
    /// Nobody is somebody else by being themselves.
    #[error("a customer cannot be merged into itself: name the other one")]
    Itself,
    /// It is another one already.
    #[error("the customer {customer} was merged into {into} already: undo that first")]
    AlreadyMerged {
        /// What was given.
        customer: DocId,
        /// What it is.
        into: DocId,
    },
    /// The other one is this one already.
    #[error(
        "the customer {into} was merged into {customer}, directly or by way of others: undo that \
         first, or merge the other way round"
    )]
    Circle {
        /// What was given.
        customer: DocId,
        /// The other one.
        into: DocId,
    },
    /// There is nothing to take back.
    #[error("the customer {customer} is not merged into another one")]
    NotMerged {
        /// What was given.
        customer: DocId,
    },
    /// Nobody said that they are two.
    #[error("nobody said of the customers {one} and {other} that they are not the same")]
    NotApart {
        /// What was given.
        one: DocId,
        /// The other one.
        other: DocId,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Every merge in force.
    pub async fn alias_records(&self) -> Result<Vec<AliasRecord>, StorageError> {
        self.all(RecordKind::Alias, |record| match record {
            Record::Alias(alias) => Some(alias),
            _ => None,
        })
        .await
    }

    /// Which customers are one.
    pub async fn aliases(&self) -> Result<Aliases, StorageError> {
        Ok(Aliases::of(&self.alias_records().await?))
    }

    /// The record of a customer that is or was another one.
    pub async fn alias(&self, customer: DocId) -> Result<Option<AliasRecord>, StorageError> {
        let id = RecordId::from_bytes(*customer.as_bytes());
        self.one(RecordKind::Alias, id, |record| match record {
            Record::Alias(alias) => Some(alias),
            _ => None,
        })
        .await
    }

    /// From now on `customer` is `into`: it is listed no more, and what stands at it
    /// counts there. `by` decided it; nobody for the command line.
    pub async fn merge_customers(
        &self,
        customer: DocId,
        into: DocId,
        by: Option<UserId>,
    ) -> Result<AliasRecord, MergeError> {
        if customer == into {
            return Err(MergeError::Itself);
        }
        for customer in [customer, into] {
            let held = self.app.storage().document(self.org, customer).await?;
            if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
                return Err(MergeError::UnknownCustomer { customer });
            }
        }
        let mut grounds = self.grounds();
        let alias = loop {
            if let Some(standing) = standing(&mut grounds, customer).await? {
                return Err(MergeError::AlreadyMerged { customer, into: standing.into });
            }
            // Each merge on the way rests on those behind it: two that meet would be a circle.
            let (mut end, mut passed) = (into, BTreeSet::new());
            while passed.insert(end)
                && let Some(next) = standing(&mut grounds, end).await?
            {
                end = next.into;
                if end == customer {
                    return Err(MergeError::Circle { customer, into });
                }
            }
            let alias = AliasRecord { from: customer, into, by, at: self.now(), undone_at: None };
            if grounds.write(Record::Alias(alias.clone())).await? {
                break alias;
            }
        };
        self.note_about("customer.merge", customer, by, Some(into.to_string())).await?;
        Ok(alias)
    }

    /// `customer` is itself again, with everything that stands at it.
    pub async fn part_customers(
        &self,
        customer: DocId,
        by: Option<UserId>,
    ) -> Result<AliasRecord, MergeError> {
        let mut grounds = self.grounds();
        let alias = loop {
            let standing = standing(&mut grounds, customer).await?;
            let mut alias = standing.ok_or(MergeError::NotMerged { customer })?;
            alias.undone_at = Some(self.now());
            if grounds.write(Record::Alias(alias.clone())).await? {
                break alias;
            }
        };
        self.note_about("customer.unmerge", customer, by, Some(alias.into.to_string())).await?;
        Ok(alias)
    }

    /// Two customers with names that are alike are not the same: they are suspected no more.
    /// Saying so again changes nothing.
    pub async fn keep_apart(
        &self,
        one: DocId,
        other: DocId,
        by: Option<UserId>,
    ) -> Result<NotSame, MergeError> {
        let (pair, standing) = self.pair(one, other).await?;
        if let Some(standing) = standing.filter(|standing| standing.undone_at.is_none()) {
            return Ok(standing);
        }
        let apart = NotSame { pair, at: self.now(), by, undone_at: None };
        self.app.storage().set_apart(self.org, apart).await?;
        self.note_about("customer.apart", pair.one(), by, Some(pair.other().to_string())).await?;
        Ok(apart)
    }

    /// Two customers may be the same after all.
    pub async fn suspect_again(
        &self,
        one: DocId,
        other: DocId,
        by: Option<UserId>,
    ) -> Result<NotSame, MergeError> {
        let (pair, standing) = self.pair(one, other).await?;
        let standing = standing.ok_or(MergeError::NotApart { one, other })?;
        if standing.undone_at.is_some() {
            return Ok(standing);
        }
        let again = NotSame { undone_at: Some(self.now()), ..standing };
        self.app.storage().set_apart(self.org, again).await?;
        self.note_about("customer.suspect", pair.one(), by, Some(pair.other().to_string())).await?;
        Ok(again)
    }

    /// Two customers of the org, and what was said of them.
    async fn pair(
        &self,
        one: DocId,
        other: DocId,
    ) -> Result<(CustomerPair, Option<NotSame>), MergeError> {
        let pair = CustomerPair::of(one, other).ok_or(MergeError::Itself)?;
        for customer in [one, other] {
            let held = self.app.storage().document(self.org, customer).await?;
            if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
                return Err(MergeError::UnknownCustomer { customer });
            }
        }
        let all = self.app.storage().not_same(self.org).await?;
        Ok((pair, all.into_iter().find(|standing| standing.pair == pair)))
    }
}

/// The merge of a customer that is in force.
async fn standing(
    grounds: &mut Grounds<'_>,
    customer: DocId,
) -> Result<Option<AliasRecord>, StorageError> {
    let id = RecordId::from_bytes(*customer.as_bytes());
    Ok(match grounds.read(RecordKind::Alias, id).await? {
        Some(Record::Alias(alias)) if alias.in_force() => Some(alias),
        _ => None,
    })
}
