//! Whose work a reader may see.

use std::collections::BTreeSet;

use client_core::id::{UnitId, UserId};
use client_core::protocol::Scope;
use client_core::records::{PlacementRecord, Role, UnitRecord, UserRecord};

use crate::storage::lists::Within;

/// Whose work a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's.
    All,
    /// That of these people, and what lies in these units.
    Some {
        /// The people.
        people: BTreeSet<UserId>,
        /// The units.
        units: BTreeSet<UnitId>,
    },
}

impl Reach {
    /// The reach of `reader`; `None` for roles whose pages are made elsewhere
    /// (an analyst reads pseudonymised figures, and these pages have names).
    pub fn of(reader: &UserRecord, units: &[UnitRecord], users: &[UserRecord]) -> Option<Self> {
        match reader.role {
            Role::Manager | Role::Admin => Some(Self::All),
            Role::Supervisor => {
                let below = below(units, &reader.units);
                let in_unit = |user: &&UserRecord| user.units.iter().any(|u| below.contains(u));
                let mut people: BTreeSet<UserId> =
                    users.iter().filter(in_unit).map(|user| user.id).collect();
                people.insert(reader.id);
                Some(Self::Some { people, units: below })
            }
            Role::Rep => {
                Some(Self::Some { people: BTreeSet::from([reader.id]), units: BTreeSet::new() })
            }
            Role::Analyst => None,
        }
    }

    /// The scopes of the documents that may be seen; none for all of them.
    /// Documents are members of the scopes of whoever holds them, their authors
    /// and their units, so that this says the same as [`Reach::sees`] and
    /// [`Reach::sees_placed`], for lists.
    pub fn scopes(&self) -> Within {
        match self {
            Self::All => None,
            Self::Some { people, units } => Some(
                people
                    .iter()
                    .map(|user| Scope::User(*user))
                    .chain(units.iter().map(|unit| Scope::Unit(*unit)))
                    .collect(),
            ),
        }
    }

    /// Whether a document in these scopes may be seen.
    pub fn sees_any(&self, scopes: &[Scope]) -> bool {
        self.scopes().is_none_or(|mine| scopes.iter().any(|scope| mine.contains(scope)))
    }

    /// Whether this person's work may be seen.
    pub fn sees(&self, user: UserId) -> bool {
        match self {
            Self::All => true,
            Self::Some { people, .. } => people.contains(&user),
        }
    }

    /// Whether what is about a unit may be seen; without one it is about the whole org.
    pub fn sees_unit(&self, unit: Option<UnitId>) -> bool {
        match (self, unit) {
            (Self::All, _) => true,
            (Self::Some { units, .. }, Some(unit)) => units.contains(&unit),
            (Self::Some { .. }, None) => false,
        }
    }

    /// Whether a customer or deal so placed may be seen. One that nobody holds
    /// is the managers' concern.
    pub fn sees_placed(&self, placement: Option<&PlacementRecord>) -> bool {
        let Self::Some { people, units } = self else { return true };
        placement.and_then(PlacementRecord::current).is_some_and(|span| {
            units.contains(&span.unit)
                || people.contains(&span.owner)
                || span.collaborators.iter().any(|user| people.contains(user))
        })
    }
}

/// `tops` and every unit below them.
pub fn below(units: &[UnitRecord], tops: &[UnitId]) -> BTreeSet<UnitId> {
    let mut found: BTreeSet<UnitId> = tops.iter().copied().collect();
    // Each round goes one level down; a loop in the tree ends when nothing is new.
    loop {
        let next: Vec<UnitId> = units
            .iter()
            .filter(|unit| unit.parent.is_some_and(|parent| found.contains(&parent)))
            .map(|unit| unit.id)
            .filter(|id| !found.contains(id))
            .collect();
        if next.is_empty() {
            return found;
        }
        found.extend(next);
    }
}

#[cfg(test)]
mod tests {
    use client_core::records::{UnitKind, UserStatus};

    use super::*;

    fn unit(n: u8, parent: Option<u8>) -> UnitRecord {
        UnitRecord {
            id: UnitId::from_bytes([n; 16]),
            name: format!("unit {n}"),
            kind: UnitKind::Region,
            parent: parent.map(|n| UnitId::from_bytes([n; 16])),
        }
    }

    fn user(n: u8, role: Role, unit: u8) -> UserRecord {
        UserRecord {
            id: UserId::from_bytes([n; 16]),
            name: format!("user {n}"),
            role,
            units: vec![UnitId::from_bytes([unit; 16])],
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        }
    }

    #[test]
    fn a_supervisor_sees_the_units_below_and_a_rep_only_themselves() {
        let units = [unit(1, None), unit(2, Some(1)), unit(3, Some(2)), unit(4, Some(1))];
        let lead = user(1, Role::Supervisor, 2);
        let (inside, outside) = (user(2, Role::Rep, 3), user(3, Role::Rep, 4));
        let users = [lead.clone(), inside.clone(), outside.clone()];
        let reach = Reach::of(&lead, &units, &users).unwrap();
        assert!(reach.sees(lead.id) && reach.sees(inside.id) && !reach.sees(outside.id));
        let own = Reach::of(&inside, &units, &users).unwrap();
        assert!(own.sees(inside.id) && !own.sees(lead.id));
        assert_eq!(Reach::of(&user(9, Role::Manager, 1), &units, &users), Some(Reach::All));
        assert_eq!(Reach::of(&user(9, Role::Analyst, 1), &units, &users), None);
    }

    #[test]
    fn a_loop_in_the_unit_tree_ends() {
        let units = [unit(1, Some(2)), unit(2, Some(1))];
        assert_eq!(below(&units, &[UnitId::from_bytes([1; 16])]).len(), 2);
    }
}
