//! Who holds a customer or deal, from when, and in which tier.
//!
//! What a person decides is put together with what is in force where it is written
//! (`storage::placing`), so that nobody's decision is lost to somebody else's.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UnitId, UserId};
use client_core::records::{PlacementRecord, Record, RecordKind, Tier, UserRecord, UserStatus};
use client_core::time::Timestamp;

use super::{Office, Refusal};
use crate::storage::placing::{PlaceChange, PlaceRefusal, Placed};
use crate::storage::{Documents, Placing, StorageError, main_unit};

/// Who is to hold a customer: the whole of it, as a form has it.
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

/// What is to change in who holds a customer or deal; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Its owner.
    pub owner: Option<UserId>,
    /// Its unit; with another owner, that owner's main unit if absent.
    pub unit: Option<UnitId>,
    /// Its tier; `Some(None)` for none.
    pub tier: Option<Option<Tier>>,
    /// Who works on it too: all of them.
    pub collaborators: Option<Vec<UserId>>,
    /// Who is to work on it besides.
    pub add: Vec<UserId>,
    /// Who is to work on it no longer.
    pub remove: Vec<UserId>,
    /// From when; now if absent.
    pub from: Option<Timestamp>,
    /// The open deals of a customer stay with whoever holds them; without it those of its
    /// former owner go with it.
    pub keep_deals: bool,
    /// Only deals in these units go along; in any if absent.
    pub deals_of: Option<BTreeSet<UnitId>>,
}

/// Why something was not placed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// There is no such customer or deal.
    #[error("there is no {expected} {doc}")]
    Unknown {
        /// What was given.
        doc: DocId,
        /// What it should be.
        expected: &'static str,
    },
    /// There is no such person.
    #[error("there is no user {user}")]
    UnknownUser {
        /// What was given.
        user: UserId,
    },
    /// Somebody who cannot sign in would hold it.
    #[error("the user {user} is disabled and cannot hold anything")]
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
    #[error("the owner {owner} belongs to no unit: say which unit it is to be in")]
    NoUnit {
        /// The owner.
        owner: UserId,
    },
    /// What is to be is decided on the day.
    #[error("{from} has not come yet: a placement begins now or earlier, place it on the day")]
    InFuture {
        /// What was given.
        from: Timestamp,
    },
    /// Everything would go to whom it belongs to.
    #[error("name two different people")]
    SamePerson,
    /// What is in force does not allow it.
    #[error(transparent)]
    Standing(#[from] PlaceRefusal),
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Places a customer: ends the span in force and begins the next. The same
    /// holder, unit and tier as now change nothing. Nobody's reach is checked here:
    /// [`Registrar::place`](super::Registrar::place) does that.
    pub async fn place_customer(
        &self,
        wanted: PlaceCustomer,
    ) -> Result<PlacementRecord, PlaceError> {
        let PlaceCustomer { customer, owner, collaborators, unit, tier, from } = wanted;
        self.is(customer, DocKind::Customer).await?;
        let holder = self.holder(owner).await?;
        let unit = unit.or_else(|| main_unit(&holder)).ok_or(PlaceError::NoUnit { owner })?;
        let wanted = Place {
            owner: Some(owner),
            unit: Some(unit),
            tier: Some(tier),
            collaborators: Some(collaborators),
            from,
            ..Place::default()
        };
        self.place(customer, wanted, None).await
    }

    /// Gives a deal to somebody, from now on. To whom the credit went when it was
    /// decided stays.
    pub async fn place_deal(
        &self,
        deal: DocId,
        owner: UserId,
    ) -> Result<PlacementRecord, PlaceError> {
        self.is(deal, DocKind::Deal).await?;
        self.place(deal, Place { owner: Some(owner), ..Place::default() }, None).await
    }

    /// Changes who holds a customer or deal, in the name of `by`, who may.
    pub(crate) async fn place(
        &self,
        doc: DocId,
        wanted: Place,
        by: Option<UserId>,
    ) -> Result<PlacementRecord, PlaceError> {
        Ok(self.place_with_deals(doc, wanted, by).await?.placement)
    }

    /// The same, with the deals that went along.
    pub(super) async fn place_with_deals(
        &self,
        doc: DocId,
        wanted: Place,
        by: Option<UserId>,
    ) -> Result<Placed, PlaceError> {
        let change = self.checked(wanted).await?;
        let storage = self.app.storage();
        let placed = storage.place(self.org, vec![(doc, change)], by, self.now()).await?.pop();
        placed.ok_or(PlaceError::Unknown { doc, expected: "customer or deal" })?.map_err(
            |refusal| match refusal {
                PlaceRefusal::Unknown { doc } => {
                    PlaceError::Unknown { doc, expected: "customer or deal" }
                }
                refusal => refusal.into(),
            },
        )
    }

    /// The change, if everybody and everything it names is there.
    pub(super) async fn checked(&self, wanted: Place) -> Result<PlaceChange, PlaceError> {
        let now = self.now();
        let from = wanted.from.unwrap_or(now);
        if now < from {
            return Err(PlaceError::InFuture { from });
        }
        if let Some(unit) = wanted.unit
            && !self.units().await?.contains_key(&unit)
        {
            return Err(PlaceError::UnknownUnit { unit });
        }
        let mut home = None;
        if let Some(owner) = wanted.owner {
            home = main_unit(&self.holder(owner).await?);
            if home.or(wanted.unit).is_none() {
                return Err(PlaceError::NoUnit { owner });
            }
        }
        for user in wanted.collaborators.iter().flatten().chain(&wanted.add) {
            self.holder(*user).await?;
        }
        Ok(PlaceChange {
            owner: wanted.owner,
            unit: wanted.unit,
            home,
            tier: wanted.tier,
            collaborators: wanted.collaborators.map(BTreeSet::from_iter),
            add: wanted.add.into_iter().collect(),
            remove: wanted.remove.into_iter().collect(),
            from,
            held_by: None,
            with_deals: wanted.owner.is_some() && !wanted.keep_deals,
            deals_of: wanted.deals_of,
        })
    }

    /// The placement of a customer or deal.
    pub async fn placement(&self, doc: DocId) -> Result<Option<PlacementRecord>, StorageError> {
        let id = RecordId::from_bytes(*doc.as_bytes());
        self.one(RecordKind::Placement, id, |record| match record {
            Record::Placement(placement) => Some(placement),
            _ => None,
        })
        .await
    }

    async fn is(&self, doc: DocId, kind: DocKind) -> Result<(), PlaceError> {
        let held = self.app.storage().document(self.org, doc).await?;
        let found = held.is_some_and(|held| held.header.kind == kind);
        if found { Ok(()) } else { Err(PlaceError::Unknown { doc, expected: kind.as_str() }) }
    }

    pub(super) async fn holder(&self, user: UserId) -> Result<UserRecord, PlaceError> {
        let found = self.user(user).await?.ok_or(PlaceError::UnknownUser { user })?;
        if found.status == UserStatus::Disabled {
            return Err(PlaceError::DisabledUser { user });
        }
        Ok(found)
    }
}
