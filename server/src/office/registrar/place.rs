//! Who may give what to whom.
//!
//! Supervisors and managers place what is in the units they lead, with people of
//! those units; admins and the command line place everything. What leaves a unit is
//! given away by somebody who leads both sides.

use client_core::id::{DocId, UnitId, UserId};
use client_core::records::{PlacementRecord, Role, UserRecord};

use super::{By, Refusal, Registrar};
use crate::office::{Place, PlaceError};
use crate::storage::placing::{PlaceChange, PlaceRefusal};
use crate::storage::{Placing, main_unit};

/// Placements of one transaction, so that other writers never wait long.
const BATCH: usize = 64;

/// What became of handing over everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Customers and deals that have another owner now.
    pub owned: usize,
    /// Customers on which the successor works now beside their owner.
    pub shared: usize,
    /// What stays, and why: somebody else was faster, or its last placement began later.
    pub left: Vec<PlaceRefusal>,
}

impl Registrar {
    /// Whether this role decides who holds what.
    pub const fn places(role: Role) -> bool {
        matches!(role, Role::Supervisor | Role::Manager | Role::Admin)
    }

    /// Who holds a customer or deal and who held it, for whoever may decide on it.
    pub async fn placement(&self, doc: DocId) -> Result<PlacementRecord, PlaceError> {
        let standing = self.office.placement(doc).await?;
        self.may_place(standing.as_ref(), None)?;
        standing.ok_or(PlaceError::Unknown { doc, expected: "customer or deal" })
    }

    /// Changes who holds a customer or deal.
    pub async fn place(&self, doc: DocId, wanted: Place) -> Result<PlacementRecord, PlaceError> {
        let standing = self.office.placement(doc).await?;
        self.may_place(standing.as_ref(), wanted.unit)?;
        let named = wanted.owner.iter().chain(&wanted.add).chain(&wanted.remove);
        for user in named.chain(wanted.collaborators.iter().flatten()) {
            self.may_involve(*user).await?;
        }
        self.office.place(doc, wanted, self.by_id()).await
    }

    /// Gives everything that `from` holds to `to`: their customers and deals, and
    /// their part in other people's customers. Running it again gives the rest.
    pub async fn hand_over(
        &self,
        from: UserId,
        to: UserId,
        wanted: Place,
    ) -> Result<HandedOver, PlaceError> {
        if from == to {
            return Err(PlaceError::SamePerson);
        }
        if self.office.user(from).await?.is_none() {
            return Err(PlaceError::UnknownUser { user: from });
        }
        self.may_involve(from).await?;
        self.may_involve(to).await?;
        if let Some(unit) = wanted.unit {
            self.leads(unit)?;
        }
        let owner = self.office.checked(Place { owner: Some(to), ..wanted }).await?;
        let (storage, org) = (self.office.app.storage(), self.office.org);
        let mut done = HandedOver::default();
        let mut changes = Vec::new();
        for placement in storage.held_by(org, from).await? {
            self.may_place(Some(&placement), None)?;
            let owns = placement.current().is_some_and(|span| span.owner == from);
            let change = if owns {
                PlaceChange { held_by: Some(from), ..owner.clone() }
            } else {
                PlaceChange {
                    add: [to].into(),
                    remove: [from].into(),
                    from: owner.from,
                    held_by: Some(from),
                    ..PlaceChange::default()
                }
            };
            changes.push((placement.subject, change));
        }
        for batch in changes.chunks(BATCH) {
            let placed = storage.place(org, batch.to_vec(), self.by_id(), self.office.now());
            for ((_doc, change), placed) in batch.iter().zip(placed.await?) {
                match placed {
                    Ok(_) if change.owner.is_some() => done.owned += 1,
                    Ok(_) => done.shared += 1,
                    Err(refusal) => done.left.push(refusal),
                }
            }
        }
        Ok(done)
    }

    /// Whether what is so placed may be placed otherwise, and in `unit`.
    fn may_place(
        &self,
        standing: Option<&PlacementRecord>,
        unit: Option<UnitId>,
    ) -> Result<(), Refusal> {
        if let By::Person(by) = &self.by
            && !Self::places(by.role)
        {
            return Err(Refusal::Places);
        }
        let current = standing.and_then(PlacementRecord::current).map(|span| span.unit);
        current.into_iter().chain(unit).try_for_each(|unit| self.leads(unit))
    }

    fn leads(&self, unit: UnitId) -> Result<(), Refusal> {
        let known = self.led.contains(&unit) || !self.units.contains_key(&unit);
        if self.does_everything() || known {
            return Ok(());
        }
        Err(Refusal::NotYours { name: self.unit_name(unit) })
    }

    async fn may_involve(&self, user: UserId) -> Result<(), PlaceError> {
        if self.does_everything() {
            return Ok(());
        }
        let person = self.office.user(user).await?.ok_or(PlaceError::UnknownUser { user })?;
        let within =
            |person: &UserRecord| main_unit(person).is_some_and(|unit| self.led.contains(&unit));
        if within(&person) || self.is_oneself(&person) {
            return Ok(());
        }
        Err(Refusal::OtherUnit { name: person.name }.into())
    }
}
