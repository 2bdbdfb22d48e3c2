//! Who holds a customer, from when, and in which tier.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UnitId, UserId};
use client_core::records::{
    Placement, PlacementRecord, Record, RecordKind, Tier, UserRecord, UserStatus,
};
use client_core::time::Timestamp;

use super::{Office, read};
use crate::storage::{Documents, Records, StorageError, main_unit};

/// Who is to hold a customer.
#[derive(Debug, Clone)]
pub struct PlaceCustomer {
    /// The customer.
    pub customer: DocId,
    /// Its owner.
    pub owner: UserId,
    /// Reps who work on it too.
    pub collaborators: Vec<UserId>,
    /// Its unit; the owner's main unit if absent.
    pub unit: Option<UnitId>,
    /// Its tier.
    pub tier: Option<Tier>,
    /// From when; now if absent.
    pub from: Option<Timestamp>,
}

/// Why a customer was not placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceCustomerError {
    /// There is no such customer.
    #[error("there is no customer {customer}")]
    UnknownCustomer {
        /// What was given.
        customer: DocId,
    },
    /// There is no such person.
    #[error("there is no user {user}")]
    UnknownUser {
        /// What was given.
        user: UserId,
    },
    /// Somebody who cannot sign in would hold it.
    #[error("the user {user} is disabled and cannot hold a customer")]
    DisabledUser {
        /// What was given.
        user: UserId,
    },
    /// There is no such unit.
    #[error("there is no unit {unit}")]
    UnknownUnit {
        /// What was given.
        unit: UnitId,
    },
    /// The owner belongs to no unit and none was given.
    #[error("the owner {owner} belongs to no unit: say which unit the customer is in")]
    NoUnit {
        /// The owner.
        owner: UserId,
    },
    /// History would be rewritten.
    #[error("the customer's last placement began at {last}: a new one cannot begin at {from}")]
    BeforeLast {
        /// What was given.
        from: Timestamp,
        /// When the last one began.
        last: Timestamp,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Places a customer: ends the span in force and begins the next. The same
    /// holder, unit and tier as now change nothing.
    pub async fn place_customer(
        &self,
        wanted: PlaceCustomer,
    ) -> Result<PlacementRecord, PlaceCustomerError> {
        let unknown = PlaceCustomerError::UnknownCustomer { customer: wanted.customer };
        let held = self.app.storage().document(self.org, wanted.customer).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
            return Err(unknown);
        }
        let owner = self.holder(wanted.owner).await?;
        let collaborators: BTreeSet<UserId> =
            wanted.collaborators.iter().copied().filter(|user| *user != owner.id).collect();
        for user in &collaborators {
            self.holder(*user).await?;
        }
        let unit = wanted.unit.or_else(|| main_unit(&owner));
        let unit = unit.ok_or(PlaceCustomerError::NoUnit { owner: owner.id })?;
        if !self.units().await?.contains_key(&unit) {
            return Err(PlaceCustomerError::UnknownUnit { unit });
        }
        let next = Placement {
            from: wanted.from.unwrap_or_else(|| self.now()),
            until: None,
            owner: owner.id,
            collaborators: collaborators.into_iter().collect(),
            unit,
            tier: wanted.tier,
        };
        let before = self.placement(wanted.customer).await?;
        let placement = follow(before, wanted.customer, DocKind::Customer, next)?;
        self.write(Record::Placement(placement.clone())).await?;
        Ok(placement)
    }

    /// The placement of a customer or deal.
    pub async fn placement(&self, doc: DocId) -> Result<Option<PlacementRecord>, StorageError> {
        let id = RecordId::from_bytes(*doc.as_bytes());
        let row = self.app.storage().record(self.org, RecordKind::Placement, id).await?;
        row.map_or(Ok(None), |row| match read(&row)? {
            Record::Placement(placement) => Ok(Some(placement)),
            _ => Ok(None),
        })
    }

    pub(super) async fn holder(&self, user: UserId) -> Result<UserRecord, PlaceCustomerError> {
        let found = self.user(user).await?.ok_or(PlaceCustomerError::UnknownUser { user })?;
        if found.status == UserStatus::Disabled {
            return Err(PlaceCustomerError::DisabledUser { user });
        }
        Ok(found)
    }
}

/// The placement with `next` as its last span: spans touch and never overlap.
pub(crate) fn follow(
    before: Option<PlacementRecord>,
    subject: DocId,
    kind: DocKind,
    next: Placement,
) -> Result<PlacementRecord, PlaceCustomerError> {
    let empty = || PlacementRecord { subject, kind, spans: Vec::new(), credit: None };
    let mut placement = before.unwrap_or_else(empty);
    if let Some(last) = placement.spans.last_mut() {
        if last.from > next.from {
            return Err(PlaceCustomerError::BeforeLast { from: next.from, last: last.from });
        }
        if *last == (Placement { from: last.from, until: last.until, ..next.clone() }) {
            return Ok(placement);
        }
        if last.from == next.from {
            placement.spans.pop();
        } else {
            last.until = Some(next.from);
        }
    }
    placement.spans.push(next);
    Ok(placement)
}
