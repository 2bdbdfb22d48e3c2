//! Who holds a deal.

use client_core::docs::DocKind;
use client_core::id::{DocId, UserId};
use client_core::records::{Placement, PlacementRecord, Record};

use super::customer::follow;
use super::{Office, PlaceCustomerError};
use crate::storage::{Documents, StorageError, main_unit};

/// Why a deal was not placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceDealError {
    /// There is no such deal.
    #[error("there is no deal {deal}")]
    UnknownDeal {
        /// What was given.
        deal: DocId,
    },
    /// The owner cannot hold it.
    #[error(transparent)]
    Owner(PlaceCustomerError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<PlaceCustomerError> for PlaceDealError {
    fn from(error: PlaceCustomerError) -> Self {
        match error {
            PlaceCustomerError::Storage(error) => Self::Storage(error),
            error => Self::Owner(error),
        }
    }
}

impl Office {
    /// Gives a deal to somebody, from now on. To whom the credit went when it was
    /// decided stays.
    pub async fn place_deal(
        &self,
        deal: DocId,
        owner: UserId,
    ) -> Result<PlacementRecord, PlaceDealError> {
        let held = self.app.storage().document(self.org, deal).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Deal) {
            return Err(PlaceDealError::UnknownDeal { deal });
        }
        let owner = self.holder(owner).await?;
        let unit = main_unit(&owner);
        let unit = unit.ok_or(PlaceCustomerError::NoUnit { owner: owner.id })?;
        let next = Placement {
            from: self.now(),
            until: None,
            owner: owner.id,
            collaborators: Vec::new(),
            unit,
            tier: None,
        };
        let before = self.placement(deal).await?;
        let placement = follow(before, deal, DocKind::Deal, next)?;
        self.write(Record::Placement(placement.clone())).await?;
        Ok(placement)
    }
}
