//! Looking after people: who may do what to whom.
//!
//! An admin looks after everybody. A manager looks after the people of the units
//! below, and not after whoever could look after them: no admins, no manager of
//! the same unit, not themselves. The command line is on the server's machine and
//! may do everything. So each change goes through here: it is checked, done, and
//! written down with who did it.

mod ask;
mod books;
mod help;
mod invite;
mod late;
mod late_fit;
mod leave;
mod person;
mod place;
mod target;
mod unit;

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DeviceId, RecordId, UnitId, UserId};
use client_core::records::{Role, UnitRecord, UserRecord};

use super::Office;
use crate::storage::model::AuditEntry;
use crate::storage::{Invitations, StorageError, main_unit, scopes};

pub use ask::{AskError, NewStep};
pub use books::BookError;
pub use help::AnswerHelp;
pub use invite::{Invited, Standing};
pub use late::{Case, DecideError, Extent};
pub use late_fit::Rest;
pub use leave::LeaveError;
pub use person::{ChangePerson, ChangePersonError, PersonError};
pub use place::{Handed, HandedMany, HandedOver, Handing};
pub use target::TargetError;
pub use unit::{ChangeUnit, ChangeUnitError};

/// For whom the office acts.
#[derive(Debug, Clone)]
pub enum By {
    /// Whoever has the server's machine.
    CommandLine,
    /// Somebody signed in.
    Person(UserRecord),
}

/// What the office refuses somebody. Each is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role looks after nobody.
    #[error("only managers and admins look after people")]
    Role,
    /// The role decides on nobody's customers.
    #[error("only supervisors, managers and admins decide who holds what")]
    Places,
    /// Admins are the admins' concern.
    #[error("only an admin may do this for an admin")]
    Admin,
    /// Only whoever leads everybody.
    #[error("only an admin, or a manager of the unit at the top, decides this for everybody")]
    WholeOrg,
    /// The person's unit is not below.
    #[error("{name} is not in one of your units")]
    OtherUnit {
        /// Whom it was about.
        name: String,
    },
    /// The unit is not below.
    #[error("the unit {name} is not one of yours")]
    NotYours {
        /// Which.
        name: String,
    },
    /// Managers of one unit do not look after each other.
    #[error("managers and supervisors of your own unit are looked after by an admin")]
    Colleague,
    /// Nobody does this to themselves.
    #[error("nobody can do this to themselves: ask another manager or admin")]
    Oneself,
    /// Then nobody could let anybody in.
    #[error("this is the last admin who can sign in: make another one first")]
    LastAdmin,
}

/// The office on behalf of one person.
pub struct Registrar {
    office: Office,
    by: By,
    units: BTreeMap<UnitId, UnitRecord>,
    /// The units that person looks after.
    own: BTreeSet<UnitId>,
    /// The same with what is below them.
    reach: BTreeSet<UnitId>,
    /// The units whose customers that person places: a supervisor's too.
    led: BTreeSet<UnitId>,
}

impl Office {
    /// The office on behalf of `by`.
    pub async fn registrar(&self, by: By) -> Result<Registrar, StorageError> {
        let units = self.units().await?;
        let own: BTreeSet<UnitId> = match &by {
            By::Person(user) if user.role == Role::Manager => {
                user.units.iter().filter(|unit| units.contains_key(*unit)).copied().collect()
            }
            _ => BTreeSet::new(),
        };
        let lead = match &by {
            By::Person(user) if user.role == Role::Supervisor => user.units.clone(),
            _ => own.iter().copied().collect(),
        };
        let (reach, led) = (BTreeSet::new(), BTreeSet::new());
        let mut registrar = Registrar { office: self.clone(), by, reach, led, own, units };
        if registrar.does_everything() {
            registrar.reach = registrar.units.keys().copied().collect();
            registrar.led.clone_from(&registrar.reach);
        } else {
            let roots: Vec<UnitId> = registrar.own.iter().copied().collect();
            let all: Vec<UnitRecord> = registrar.units.values().cloned().collect();
            registrar.reach = scopes::at_or_below(&roots, &all);
            registrar.led = scopes::at_or_below(&lead, &all);
        }
        Ok(registrar)
    }
}

impl Registrar {
    /// Whether this role looks after people at all.
    pub const fn opens_to(role: Role) -> bool {
        matches!(role, Role::Manager | Role::Admin)
    }

    /// Every unit, by id.
    pub const fn units(&self) -> &BTreeMap<UnitId, UnitRecord> {
        &self.units
    }

    /// Whether people may be put into this unit.
    pub fn reaches(&self, unit: UnitId) -> bool {
        self.reach.contains(&unit)
    }

    /// Whether this unit may be renamed and moved.
    pub fn shapes(&self, unit: UnitId) -> bool {
        self.reach.contains(&unit) && !self.own.contains(&unit)
    }

    /// Roles that may be given out.
    pub fn roles(&self) -> Vec<Role> {
        let all = [Role::Rep, Role::Supervisor, Role::Manager, Role::Analyst, Role::Admin];
        all.into_iter().filter(|role| self.gives(*role).is_ok()).collect()
    }

    /// Whether this person is in the list at all.
    pub fn sees(&self, person: &UserRecord) -> bool {
        self.does_everything()
            || self.is_oneself(person)
            || main_unit(person).is_some_and(|unit| self.reach.contains(&unit))
    }

    /// Whether this person may be looked after.
    pub fn looks_after(&self, person: &UserRecord) -> Result<(), Refusal> {
        match &self.by {
            By::CommandLine => return Ok(()),
            By::Person(by) if !Self::opens_to(by.role) => return Err(Refusal::Role),
            By::Person(by) if by.id == person.id => return Err(Refusal::Oneself),
            By::Person(_) => {}
        }
        if self.does_everything() {
            return Ok(());
        }
        if person.role == Role::Admin {
            return Err(Refusal::Admin);
        }
        let unit = main_unit(person).filter(|unit| self.reach.contains(unit));
        let unit = unit.ok_or_else(|| Refusal::OtherUnit { name: person.name.clone() })?;
        if person.role == Role::Manager && self.own.contains(&unit) {
            return Err(Refusal::Colleague);
        }
        Ok(())
    }

    /// Whether this reader decides for the whole org: an admin, or a manager of the top.
    pub fn leads_all(&self) -> Result<(), Refusal> {
        let top = self.units.values().find(|unit| unit.parent.is_none());
        if self.does_everything() || top.is_some_and(|top| self.own.contains(&top.id)) {
            return Ok(());
        }
        Err(Refusal::WholeOrg)
    }

    /// The office it acts in.
    pub(super) const fn office(&self) -> &Office {
        &self.office
    }

    fn does_everything(&self) -> bool {
        match &self.by {
            By::CommandLine => true,
            By::Person(user) => user.role == Role::Admin,
        }
    }

    fn is_oneself(&self, person: &UserRecord) -> bool {
        matches!(&self.by, By::Person(by) if by.id == person.id)
    }

    fn gives(&self, role: Role) -> Result<(), Refusal> {
        match &self.by {
            By::Person(by) if !Self::opens_to(by.role) => Err(Refusal::Role),
            By::Person(_) if role == Role::Admin && !self.does_everything() => Err(Refusal::Admin),
            _ => Ok(()),
        }
    }

    /// Whether somebody of this role may be put into these units.
    fn puts(&self, role: Role, units: &[UnitId]) -> Result<(), Refusal> {
        self.gives(role)?;
        if self.does_everything() {
            return Ok(());
        }
        if let Some(unit) = units.iter().find(|unit| !self.reach.contains(*unit)) {
            return Err(Refusal::NotYours { name: self.unit_name(*unit) });
        }
        let beside = units.first().is_some_and(|unit| self.own.contains(unit));
        if role == Role::Manager && beside { Err(Refusal::Colleague) } else { Ok(()) }
    }

    fn unit_name(&self, unit: UnitId) -> String {
        self.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.name.clone())
    }

    /// For whom it acts; nobody for the command line.
    pub fn by_id(&self) -> Option<UserId> {
        match &self.by {
            By::CommandLine => None,
            By::Person(user) => Some(user.id),
        }
    }

    /// Writes down what was done to a person.
    async fn note_person(
        &self,
        what: &str,
        person: UserId,
        device: Option<DeviceId>,
        detail: Option<String>,
    ) -> Result<(), StorageError> {
        self.note(what, RecordId::from_bytes(*person.as_bytes()), device, detail).await
    }

    async fn note(
        &self,
        what: &str,
        subject: RecordId,
        device: Option<DeviceId>,
        detail: Option<String>,
    ) -> Result<(), StorageError> {
        let entry = AuditEntry {
            at: self.office.now(),
            user: self.by_id(),
            device,
            what: what.to_owned(),
            subject: Some(subject),
            detail,
        };
        self.office.app.storage().note(self.office.org, entry).await
    }

    /// What was done to somebody, newest first.
    pub async fn history_of(
        &self,
        person: UserId,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let subject = RecordId::from_bytes(*person.as_bytes());
        self.office.app.storage().audit_of(self.office.org, subject, limit).await
    }
}

#[cfg(test)]
mod tests;
