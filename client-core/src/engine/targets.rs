//! Targets as whoever carries them sees them: how much, by when, and how far it is.
//!
//! A target that nobody can hold against the day is a surprise at the end of the month. So
//! one's own come with what this phone's own card says of them: reached so far, and the
//! pace (F12). Of whom one leads and of units that needs everybody's work, which a phone
//! does not hold: the server's pages say it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ReadError;
use super::client::Client;
use crate::id::UnitId;
use crate::period::Period;
use crate::records::{Record, RecordKind, TargetLevel, TargetRecord, UnitRecord, UserRecord};
use crate::rules::{BasisPoints, Outcome, Pace, placements_kept_from};
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
    /// Its period runs today.
    pub running: bool,
    /// How far it is. None for others' targets and for parts of a whole; before everything
    /// of one's own is on this phone; for a period that does not run now, unless it was
    /// asked for; and for one that began so long ago that customers who went to somebody
    /// else since have left this phone.
    pub reached: Option<Reached>,
}

/// How far a target is, as one's own card says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// In the target's unit.
    pub actual: i64,
    /// Actual ÷ target.
    pub attainment: Option<BasisPoints>,
    /// Against the working days that have passed; none for what does not grow day by day.
    pub pace: Option<Pace>,
}

impl Reached {
    /// What a card says of a target of its rep's.
    fn of(target: &TargetRecord, card: &Outcome) -> Option<Self> {
        let pace = card.pace.iter().find(|pace| pace.metric == target.metric);
        if let Some(pace) = pace.filter(|pace| pace.target == target.value) {
            let (actual, attainment) = (pace.actual, pace.attainment);
            return Some(Self { actual, attainment, pace: Some(pace.clone()) });
        }
        let mut lines = card.scorecard.lines.iter();
        let line = lines.find(|line| line.indicator == target.metric)?;
        let held = line.target == Some(target.value);
        let actual = line.value.filter(|_value| held)?;
        Some(Self { actual, attainment: line.attainment, pace: None })
    }
}

/// The cards that were asked for, by period.
type Cards = BTreeMap<Period, Option<Arc<Outcome>>>;

impl Client {
    /// The targets that concern whoever is signed in and are published by today (S4: all
    /// know their own, their unit's and the whole): one's own first, then those of the
    /// units from one's own up, then the org's; of whoever one leads last.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before the calendar has arrived, which says what day
    /// it is.
    pub fn targets(&self, period: Option<Period>) -> Result<Vec<TargetEntry>, ReadError> {
        let calendar = self.calendar()?;
        let today = calendar.zone.date(self.inner.config.clock.now());
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
        let kept_from = placements_kept_from(&calendar, today);
        let mut cards = Cards::new();
        let mut entries = Vec::with_capacity(found.len());
        for (_place, target) in found {
            let mine = target.level == TargetLevel::Rep(me);
            let began = (kept_from..=today).contains(&target.period.first_day());
            let running = target.period.contains(today);
            let asked = period.is_some() || running;
            let reached = match mine && asked && began && target.is_whole() {
                true => self.reached(&target, &mut cards)?,
                false => None,
            };
            let whose = match target.level {
                TargetLevel::Org => None,
                TargetLevel::Unit(unit) => units.get(&unit).map(|unit| unit.name.clone()),
                TargetLevel::Rep(rep) => users.get(&rep).map(|user| user.name.clone()),
            };
            entries.push(TargetEntry { whose, mine, running, reached, target });
        }
        Ok(entries)
    }

    /// How far one's own target is, by the card of its period.
    fn reached(
        &self,
        target: &TargetRecord,
        cards: &mut Cards,
    ) -> Result<Option<Reached>, ReadError> {
        let card = match cards.entry(target.period) {
            Entry::Occupied(card) => card.into_mut(),
            Entry::Vacant(none) => none.insert(self.card_if_complete(target.period)?),
        };
        Ok(card.as_ref().and_then(|card| Reached::of(target, card)))
    }

    /// This user's card of a period; none until everything of theirs is here.
    fn card_if_complete(&self, period: Period) -> Result<Option<Arc<Outcome>>, ReadError> {
        match self.card(period, None) {
            Ok(card) => Ok(Some(card)),
            Err(ReadError::NotYetSynced { .. }) => Ok(None),
            Err(error) => Err(error),
        }
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
