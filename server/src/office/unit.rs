//! Units of the sales organisation.

use client_core::id::UnitId;
use client_core::records::{Record, UnitKind, UnitRecord};

use super::{Office, Refusal, TextError, text};
use crate::storage::StorageError;

/// What makes a unit.
#[derive(Debug, Clone)]
pub struct CreateUnit {
    /// Its name, unique below its parent.
    pub name: String,
    /// What it is organised by.
    pub kind: UnitKind,
    /// The unit above; the top one if absent.
    pub parent: Option<UnitId>,
}

/// Why a unit was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUnitError {
    /// Its name cannot be taken.
    #[error(transparent)]
    Name(#[from] TextError),
    /// There is no unit to put it under.
    #[error("there is no unit {unit}")]
    UnknownParent {
        /// What was given.
        unit: UnitId,
    },
    /// Two units of one name below one parent would be told apart by nobody.
    #[error("there is a unit named {name:?} below the same unit already: {unit}")]
    NameTaken {
        /// The name.
        name: String,
        /// Who has it.
        unit: UnitId,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Makes a unit.
    pub async fn create_unit(&self, wanted: CreateUnit) -> Result<UnitRecord, CreateUnitError> {
        let name = text::name("name of the unit", &wanted.name)?;
        let units = self.units().await?;
        if let Some(unit) = wanted.parent.filter(|parent| !units.contains_key(parent)) {
            return Err(CreateUnitError::UnknownParent { unit });
        }
        let top = units.values().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
        let parent = wanted.parent.or(top);
        let namesake = units.values().find(|unit| unit.parent == parent && unit.name == name);
        if let Some(namesake) = namesake {
            return Err(CreateUnitError::NameTaken { name, unit: namesake.id });
        }
        let unit = UnitRecord { id: self.fresh(UnitId::new), name, kind: wanted.kind, parent };
        self.write(Record::Unit(unit.clone())).await?;
        Ok(unit)
    }
}
