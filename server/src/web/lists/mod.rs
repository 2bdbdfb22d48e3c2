//! What the address of a list asks for.
//!
//! The page and the file to download read the same address, so it is parsed
//! once, here, into what is looked for; and written back from that, so that
//! every link of a list keeps its filter.

pub mod audit;
pub mod coverage;
pub mod customers;
pub mod deals;
pub mod funnel;
pub mod library;
pub mod team;
pub mod visits;

use std::str::FromStr;

use client_core::id::{UnitId, UserId};
use client_core::time::{Date, Timestamp, Zone};

use super::queries::base::Base;
use super::queries::reach::{Reach, below};

/// A part of an address that is no date, number, id or code of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the address could not be read")]
pub struct Unreadable;

/// A part that may be left empty.
pub fn given<T: FromStr>(text: &str) -> Result<Option<T>, Unreadable> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_error| Unreadable)
}

/// One of our codes, or nothing.
pub fn code<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Unreadable> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).ok_or(Unreadable)
}

/// A text, or nothing.
pub fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Which page of a list, from 1.
pub fn page(text: &str) -> Result<usize, Unreadable> {
    let number = given(text)?.unwrap_or(1_usize);
    (1..=1_000_000).contains(&number).then_some(number).ok_or(Unreadable)
}

/// The first and the last day of a range, as instants: from, and before.
pub fn instants(
    zone: &Zone,
    (first, last): (Option<Date>, Option<Date>),
) -> (Option<Timestamp>, Option<Timestamp>) {
    (first.map(|day| zone.start_of(day)), last.map(|day| zone.start_of(day.next())))
}

/// Whose work is asked for: one person's, or that of a unit and those below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whose {
    /// One person.
    pub rep: Option<UserId>,
    /// One unit and those below it.
    pub unit: Option<UnitId>,
}

impl Whose {
    /// From the parts `rep` and `unit`.
    pub fn parse(rep: &str, unit: &str) -> Result<Self, Unreadable> {
        Ok(Self { rep: given(rep)?, unit: given(unit)? })
    }

    /// The units asked for.
    pub fn units(self, base: &Base) -> Option<Vec<UnitId>> {
        self.unit.map(|unit| below(&base.units, &[unit]).into_iter().collect())
    }

    /// The person asked for.
    pub fn owner(self) -> Option<Vec<UserId>> {
        self.rep.map(|rep| vec![rep])
    }

    /// The people asked for: the one, or everybody in the units.
    pub fn people(self, base: &Base) -> Option<Vec<UserId>> {
        if self.rep.is_some() || self.unit.is_none() {
            return self.owner();
        }
        let units = self.units(base).unwrap_or_default();
        let inside = base.users.iter().filter(|user| user.units.iter().any(|u| units.contains(u)));
        Some(inside.map(|user| user.id).collect())
    }

    /// Whether somebody's work is asked for.
    pub fn takes(self, base: &Base, reach: &Reach, user: UserId) -> bool {
        reach.sees(user) && self.people(base).is_none_or(|people| people.contains(&user))
    }
}
