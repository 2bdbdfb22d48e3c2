//! What of their people's work waits for a leader (S1, DOMAIN R1, R2, R7, R8, R10, R12).
//!
//! A leader's phone holds what its people's cards are computed from, so it computes them:
//! the same rules over the same facts, also without signal. Of people whose unit has not
//! come whole it says nothing but that.

use super::ReadError;
use super::client::Client;
use crate::id::{UnitId, UserId};
use crate::period::Period;
use crate::protocol::Scope;
use crate::records::{Record, RecordKind, Role, UserRecord, UserStatus};
use crate::rules::{Risk, Task, evaluate};
use crate::store;

/// What waits for whoever leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamDesk {
    /// What to remind somebody of, overdue first; whose it is beside it.
    pub reminders: Vec<(UserId, Task)>,
    /// Customers in danger with their owner, red first.
    pub risks: Vec<(UserId, Risk)>,
    /// People of whom nothing can be said, because not everything of their unit is on
    /// this phone yet.
    pub unknown: Vec<UserId>,
}

impl Client {
    /// What of the work of those whom this user leads waits for a leader. Empty for who
    /// leads nobody.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn team_desk(&self) -> Result<TeamDesk, ReadError> {
        let mut desk = TeamDesk::default();
        let mut ready = Vec::new();
        for (rep, complete) in self.led()? {
            if complete { ready.push(rep) } else { desk.unknown.push(rep) }
        }
        if ready.is_empty() {
            return Ok(desk);
        }
        let now = self.inner.config.clock.now();
        let month = Period::month_of(self.calendar()?.zone.date(now));
        let table = self.table(month, &ready)?;
        for rep in ready {
            let outcome = evaluate(&table.facts(rep, now), &table.policy, month, now);
            let tasks = outcome.tasks.into_iter().filter(Task::concerns_leader);
            desk.reminders.extend(tasks.map(|task| (rep, task)));
            desk.risks.extend(outcome.risks.into_iter().map(|risk| (rep, risk)));
        }
        desk.reminders.sort_by(|(one, a), (other, b)| {
            (a.state, a.due_at, a.kind, &a.id, one).cmp(&(b.state, b.due_at, b.kind, &b.id, other))
        });
        desk.risks.sort_by_key(|(rep, risk)| {
            (std::cmp::Reverse(risk.level), risk.since, risk.customer, *rep)
        });
        Ok(desk)
    }

    /// The reps whom this user leads, and whether everything of their unit is here.
    fn led(&self) -> Result<Vec<(UserId, bool)>, ReadError> {
        self.inner.read(|conn, who| {
            if !matches!(who.role, Role::Supervisor | Role::Manager) {
                return Ok(Vec::new());
            }
            let people = store::record::all(conn, RecordKind::User)?;
            let units = store::record::all(conn, RecordKind::Unit)?;
            let led: Vec<_> = people
                .iter()
                .filter_map(|record| match record {
                    Record::User(user) if user.id == who.user => Some(user.units.clone()),
                    _ => None,
                })
                .flatten()
                .collect();
            let rep = |user: &UserRecord| {
                user.role == Role::Rep && user.status == UserStatus::Active && user.id != who.user
            };
            let mut found = Vec::new();
            for record in &people {
                let Record::User(user) = record else { continue };
                let Some(unit) = user.units.first().copied().filter(|_unit| rep(user)) else {
                    continue;
                };
                if is_below(unit, &led, &units) {
                    found.push((user.id, store::tally::is_complete(conn, Scope::Unit(unit))?));
                }
            }
            Ok(found)
        })
    }
}

/// Whether a unit is one of these or below one. A tree with a cycle in it ends all the
/// same.
fn is_below(unit: UnitId, led: &[UnitId], units: &[Record]) -> bool {
    let mut at = Some(unit);
    for _ in 0..=units.len() {
        let Some(unit) = at else { return false };
        if led.contains(&unit) {
            return true;
        }
        at = units.iter().find_map(|record| match record {
            Record::Unit(found) if found.id == unit => found.parent,
            _ => None,
        });
    }
    false
}
