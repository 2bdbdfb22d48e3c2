use std::collections::BTreeSet;

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::time::{Date, Zone};

/// Working days and the zone of an org, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRecord {
    /// The record.
    pub id: RecordId,
    /// The zone with its transitions.
    pub zone: Zone,
    /// Days of the week without work.
    pub weekend: Vec<Weekday>,
    /// Days off.
    pub holidays: BTreeSet<Date>,
    /// Weekend days that are worked (调休).
    pub adjusted_workdays: BTreeSet<Date>,
}

impl CalendarRecord {
    /// Whether `date` is a working day: an adjusted workday always is, a holiday
    /// never, otherwise the week decides.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.adjusted_workdays.contains(&date)
            || !(self.holidays.contains(&date) || self.weekend.contains(&date.weekday()))
    }

    /// Working days from `from` to `until`, the latter excluded.
    pub fn working_days(&self, from: Date, until: Date) -> i64 {
        std::iter::successors(Some(from), |day| Some(day.next()))
            .take_while(|day| *day < until)
            .filter(|day| self.is_working_day(*day))
            .map(|_day| 1_i64)
            .sum()
    }
}
