use serde::{Deserialize, Serialize};

use crate::id::UnitId;

/// A unit of the sales organisation; units form a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// The unit.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// What it is organised by (S0, S4).
    pub kind: UnitKind,
    /// The unit above.
    pub parent: Option<UnitId>,
}

/// What a unit is organised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Region.
    Region,
    /// Industry.
    Industry,
    /// Product.
    Product,
    /// Channel.
    Channel,
    /// A manager's team.
    Team,
}
