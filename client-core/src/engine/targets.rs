use std::collections::{BTreeMap, BTreeSet};

use super::ReadError;
use super::client::Client;
use crate::id::UnitId;
use crate::period::Period;
use crate::records::{Record, RecordKind, TargetLevel, TargetRecord, UnitRecord, UserRecord};
use crate::store;

/// A target that concerns whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEntry {
    /// The target.
    pub target: TargetRecord,
    /// Whose it is: a person's or a unit's name; none for the org's.
    pub whose: Option<String>,
    /// It is one's own.
    pub mine: bool,
}

impl Client {
    /// The targets that concern whoever is signed in and are published by today (S4: all
    /// know their own, their unit's and the whole): one's own first, then those of the
    /// units from one's own up, then the org's; of whoever one leads last.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before the calendar has arrived, which says what day
    /// it is.
    pub fn targets(&self, period: Option<Period>) -> Result<Vec<TargetEntry>, ReadError> {
        let today = self.calendar()?.zone.date(self.inner.config.clock.now());
        let (me, records) = self.inner.read(|conn, who| {
            let mut records = store::record::all(conn, RecordKind::Target)?;
            records.extend(store::record::all(conn, RecordKind::Unit)?);
            records.extend(store::record::all(conn, RecordKind::User)?);
            Ok((who.user, records))
        })?;
        let (mut targets, mut units, mut users) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for record in records {
            match record {
                Record::Target(target) => targets.push(target),
                Record::Unit(unit) => drop(units.insert(unit.id, unit)),
                Record::User(user) => drop(users.insert(user.id, user)),
                _ => {}
            }
        }
        targets.retain(|target| {
            target.is_published(today) && period.is_none_or(|period| period == target.period)
        });
        let above = above(users.get(&me), &units);
        let place = |target: &TargetRecord| match target.level {
            TargetLevel::Rep(rep) if rep == me => Some(0),
            TargetLevel::Unit(unit) => {
                above.iter().position(|one| *one == unit).map(|depth| depth + 1)
            }
            TargetLevel::Org => Some(above.len() + 1),
            TargetLevel::Rep(_) => Some(above.len() + 2),
        };
        let mut found: Vec<(usize, TargetRecord)> = targets
            .into_iter()
            .filter_map(|target| place(&target).map(|place| (place, target)))
            .collect();
        found.sort_by(|(a, one), (b, other)| {
            let key = |target: &TargetRecord| {
                (target.period, target.metric.clone(), target.dimension.clone(), target.id)
            };
            a.cmp(b).then_with(|| key(one).cmp(&key(other)))
        });
        let entries = found.into_iter().map(|(_place, target)| TargetEntry {
            whose: match target.level {
                TargetLevel::Org => None,
                TargetLevel::Unit(unit) => units.get(&unit).map(|unit| unit.name.clone()),
                TargetLevel::Rep(rep) => users.get(&rep).map(|user| user.name.clone()),
            },
            mine: target.level == TargetLevel::Rep(me),
            target,
        });
        Ok(entries.collect())
    }
}

/// Somebody's units and those above them, from the bottom up. A tree with a cycle in it
/// ends all the same.
fn above(me: Option<&UserRecord>, units: &BTreeMap<UnitId, UnitRecord>) -> Vec<UnitId> {
    let mut seen = BTreeSet::new();
    let mut above: Vec<UnitId> = Vec::new();
    let mut level: Vec<UnitId> = me.map(|user| user.units.clone()).unwrap_or_default();
    while !level.is_empty() {
        level.retain(|unit| seen.insert(*unit));
        above.extend(level.iter().copied());
        level = level.iter().filter_map(|unit| units.get(unit)?.parent).collect();
    }
    above
}
