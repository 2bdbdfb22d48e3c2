//! Who may give what to whom.
//!
//! Supervisors and managers place what is in the units they lead, with people of
//! those units; admins and the command line place everything. What leaves a unit is
//! given away by somebody who leads both sides.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UnitId, UserId};
use client_core::records::{PlacementRecord, Role, UserRecord};

use super::{By, Refusal, Registrar};
use crate::office::{Place, PlaceError};
use crate::storage::placing::{DealAlong, PlaceChange, PlaceRefusal, Placed};
use crate::storage::{Placing, main_unit};

/// Placements of one transaction, so that other writers never wait long.
const BATCH: usize = 64;

/// A customer that is to go to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handing {
    /// Which.
    pub doc: DocId,
    /// To whom.
    pub to: UserId,
    /// Into which unit; the owner's main one if absent.
    pub unit: Option<UnitId>,
    /// Only if this person still holds it.
    pub held_by: Option<UserId>,
    /// Its open deals stay with whoever holds them.
    pub keep_deals: bool,
}

/// A customer that went to somebody else, with what it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Which.
    pub doc: DocId,
    /// Whose it was, and in which unit; none if it was nobody's.
    pub was: Option<(UserId, UnitId)>,
    /// Open deals that went along.
    pub deals: Vec<DealAlong>,
}

/// What became of giving many customers away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedMany {
    /// What has another owner now.
    pub done: Vec<Handed>,
    /// What was theirs already.
    pub same: Vec<DocId>,
    /// What stays: it is another team's, or somebody else was faster.
    pub left: Vec<DocId>,
}

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
        Ok(self.place_with_deals(doc, wanted).await?.placement)
    }

    /// The same, with the open deals that went along.
    pub async fn place_with_deals(&self, doc: DocId, wanted: Place) -> Result<Placed, PlaceError> {
        let standing = self.office.placement(doc).await?;
        self.may_place(standing.as_ref(), wanted.unit)?;
        let named = wanted.owner.iter().chain(&wanted.add).chain(&wanted.remove);
        for user in named.chain(wanted.collaborators.iter().flatten()) {
            self.may_involve(*user).await?;
        }
        let wanted = Place { deals_of: self.deals_of(), ..wanted };
        self.office.place_with_deals(doc, wanted, self.by_id()).await
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
        // Deals are handed over themselves, decided ones too.
        let wanted = Place { owner: Some(to), keep_deals: true, ..wanted };
        let owner = self.office.checked(wanted).await?;
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

    /// Gives customers to somebody, one by one: what may not be given is left and told.
    pub async fn place_many(&self, wanted: &[Handing]) -> Result<HandedMany, PlaceError> {
        let (storage, org) = (self.office.app.storage(), self.office.org);
        let mut done = HandedMany::default();
        let mut checked: BTreeMap<UserId, PlaceChange> = BTreeMap::new();
        let mut changes = Vec::new();
        for one in wanted {
            let standing = self.office.placement(one.doc).await?;
            if self.may_place(standing.as_ref(), one.unit).is_err() {
                done.left.push(one.doc);
                continue;
            }
            let change = match checked.get(&one.to) {
                Some(change) => change.clone(),
                None => {
                    self.may_involve(one.to).await?;
                    let deals_of = self.deals_of();
                    let place = Place { owner: Some(one.to), deals_of, ..Place::default() };
                    let change = self.office.checked(place).await?;
                    checked.insert(one.to, change.clone());
                    change
                }
            };
            let span = standing.as_ref().and_then(PlacementRecord::current);
            let was = span.map(|span| (span.owner, span.unit));
            if was.is_some_and(|(owner, _unit)| owner == one.to) {
                done.same.push(one.doc);
                continue;
            }
            let with_deals = change.with_deals && !one.keep_deals;
            let change = PlaceChange { unit: one.unit, held_by: one.held_by, with_deals, ..change };
            changes.push((Handed { doc: one.doc, was, deals: Vec::new() }, change));
        }
        for batch in changes.chunks(BATCH) {
            let asked = batch.iter().map(|(handed, change)| (handed.doc, change.clone())).collect();
            let placed = storage.place(org, asked, self.by_id(), self.office.now()).await?;
            for ((handed, _change), placed) in batch.iter().zip(placed) {
                match placed {
                    Ok(placed) => {
                        done.done.push(Handed { deals: placed.deals, ..handed.clone() });
                    }
                    Err(_refusal) => done.left.push(handed.doc),
                }
            }
        }
        Ok(done)
    }

    /// The units whose deals go with their customers: those that whoever decides leads; all
    /// of them if absent.
    pub fn deals_of(&self) -> Option<BTreeSet<UnitId>> {
        (!self.does_everything()).then(|| self.led.clone())
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
