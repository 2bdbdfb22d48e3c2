//! What is done to the tree of units.

use client_core::id::{RecordId, UnitId};
use client_core::records::{Record, UnitKind, UnitRecord};

use super::{Refusal, Registrar};
use crate::office::{CreateUnit, CreateUnitError, TextError, text};
use crate::storage::{StorageError, scopes};

/// What a unit is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeUnit {
    /// Its name, unique below its parent.
    pub name: String,
    /// What it is organised by.
    pub kind: UnitKind,
    /// The unit above; none for the one at the top, which stays there.
    pub parent: Option<UnitId>,
}

/// Why a unit was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUnitError {
    /// There is no such unit.
    #[error("there is no unit {unit}")]
    Unknown {
        /// What was given.
        unit: UnitId,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Its name cannot be taken.
    #[error(transparent)]
    Name(#[from] TextError),
    /// Another unit beside it has the name.
    #[error("there is a unit named {name:?} below the same unit already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A unit cannot hang below itself.
    #[error("{name} cannot be moved below itself or what is below it")]
    Cycle {
        /// Which.
        name: String,
    },
    /// The unit at the top stays there, and no other joins it.
    #[error("there is one unit at the top, and it stays there")]
    Top,
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Registrar {
    /// Makes a unit.
    pub async fn create_unit(&self, wanted: CreateUnit) -> Result<UnitRecord, CreateUnitError> {
        self.gives(client_core::records::Role::Rep)?;
        let top = self.units.values().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
        let parent = wanted.parent.or(top);
        if let Some(parent) = parent.filter(|parent| !self.reaches(*parent)) {
            return Err(Refusal::NotYours { name: self.unit_name(parent) }.into());
        }
        let made = self.office.create_unit(CreateUnit { parent, ..wanted }).await?;
        let name = Some(made.name.clone());
        self.note("unit_created", RecordId::from_bytes(*made.id.as_bytes()), None, name).await?;
        Ok(made)
    }

    /// Renames a unit, or moves it below another one with all that is below it.
    pub async fn change_unit(
        &self,
        unit: UnitId,
        wanted: ChangeUnit,
    ) -> Result<UnitRecord, ChangeUnitError> {
        let before = self.units.get(&unit).ok_or(ChangeUnitError::Unknown { unit })?;
        if !self.shapes(unit) {
            return Err(Refusal::NotYours { name: before.name.clone() }.into());
        }
        let name = text::name("name of the unit", &wanted.name)?;
        if wanted.parent.is_none() != before.parent.is_none() {
            return Err(ChangeUnitError::Top);
        }
        if let Some(parent) = wanted.parent.filter(|parent| Some(*parent) != before.parent) {
            if !self.units.contains_key(&parent) {
                return Err(ChangeUnitError::Unknown { unit: parent });
            }
            if !self.reaches(parent) {
                return Err(Refusal::NotYours { name: self.unit_name(parent) }.into());
            }
            let all: Vec<UnitRecord> = self.units.values().cloned().collect();
            if scopes::at_or_below(&[unit], &all).contains(&parent) {
                return Err(ChangeUnitError::Cycle { name: before.name.clone() });
            }
        }
        let namesake = |other: &&UnitRecord| {
            other.id != unit && other.parent == wanted.parent && other.name == name
        };
        if self.units.values().any(|other| namesake(&other)) {
            return Err(ChangeUnitError::NameTaken { name });
        }
        let after = UnitRecord { id: unit, name, kind: wanted.kind, parent: wanted.parent };
        if after != *before {
            self.office.write(Record::Unit(after.clone())).await?;
            let above = |unit: &UnitRecord| unit.parent.map(|parent| self.unit_name(parent));
            let line = |unit: &UnitRecord| match above(unit) {
                Some(above) => format!("{above} / {}", unit.name),
                None => unit.name.clone(),
            };
            let told = Some(format!("{} → {}", line(before), line(&after)));
            self.note("unit_changed", RecordId::from_bytes(*unit.as_bytes()), None, told).await?;
        }
        Ok(after)
    }
}
