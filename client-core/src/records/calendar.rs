use std::collections::BTreeSet;

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::period::Period;
use crate::records::Leave;
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
    /// The day on which weeks begin.
    #[serde(default, skip_serializing_if = "WeekStart::is_monday")]
    pub week_starts: WeekStart,
    /// Days on which the person whose calendar this is is away; an org's has none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub away: BTreeSet<Date>,
}

/// The day on which weeks begin.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    /// As ISO-8601 has it.
    #[default]
    Monday,
    /// As in the Americas and on many calendars in Taiwan.
    Sunday,
}

impl WeekStart {
    /// Whether weeks begin on Monday.
    pub const fn is_monday(&self) -> bool {
        matches!(self, Self::Monday)
    }
}

impl CalendarRecord {
    /// Whether `date` is a working day: an adjusted workday always is, a holiday
    /// never, otherwise the week decides. A day on which the person is away is none.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.is_office_day(date) && !self.away.contains(&date)
    }

    /// Whether the org works on `date`, whoever is away.
    fn is_office_day(&self, date: Date) -> bool {
        self.adjusted_workdays.contains(&date)
            || !(self.holidays.contains(&date) || self.weekend.contains(&date.weekday()))
    }

    /// Working days from `from` to `until`, the latter excluded.
    pub fn working_days(&self, from: Date, until: Date) -> i64 {
        count(from, until, |day| self.is_working_day(day))
    }

    /// The same of the org, whoever is away.
    pub fn office_days(&self, from: Date, until: Date) -> i64 {
        count(from, until, |day| self.is_office_day(day))
    }

    /// The week of `date`, from the day on which weeks begin here.
    pub fn week_of(&self, date: Date) -> Period {
        match self.week_starts {
            WeekStart::Monday => Period::week_of(date),
            WeekStart::Sunday => Period::sunday_week_of(date),
        }
    }

    /// The calendar of a person: personal leave is subtracted from the working days.
    #[must_use]
    pub fn of_person(&self, leave: &[Leave]) -> Self {
        let days = |leave: &Leave| {
            let until = leave.until;
            std::iter::successors(Some(leave.from), |day| Some(day.next()))
                .take_while(move |day| *day <= until)
        };
        self.without(leave.iter().flat_map(days))
    }

    /// The same calendar for somebody who is away on these days: whatever they are
    /// otherwise, they are no working days of that person.
    #[must_use]
    pub fn without(&self, away: impl IntoIterator<Item = Date>) -> Self {
        let mut personal = self.clone();
        personal.away.extend(away);
        personal
    }
}

fn count(from: Date, until: Date, counts: impl Fn(Date) -> bool) -> i64 {
    let days = std::iter::successors(Some(from), |day| Some(day.next()));
    days.take_while(|day| *day < until).filter(|day| counts(*day)).map(|_day| 1_i64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn october() -> CalendarRecord {
        CalendarRecord {
            id: RecordId::from_bytes([1; 16]),
            zone: Zone::fixed("Asia/Shanghai", 8 * 3600),
            weekend: vec![Weekday::Sat, Weekday::Sun],
            holidays: (1..=7).filter_map(|day| Date::from_ymd(2026, 10, day)).collect(),
            adjusted_workdays: BTreeSet::from([date("2026-10-10")]),
            week_starts: WeekStart::Monday,
            away: BTreeSet::new(),
        }
    }

    #[test]
    fn holidays_fall_out_and_a_worked_saturday_counts() {
        let calendar = october();
        let days = |from: &str, until: &str| calendar.working_days(date(from), date(until));
        assert_eq!(days("2026-10-01", "2026-11-01"), 18);
        assert_eq!(days("2026-10-01", "2026-10-08"), 0);
        assert_eq!(days("2026-10-09", "2026-10-12"), 2, "Friday and the worked Saturday");
        assert_eq!(days("2026-10-12", "2026-10-12"), 0);
    }

    #[test]
    fn leave_is_no_working_day_not_even_on_an_adjusted_one() {
        let calendar = october();
        let away = ["2026-10-09", "2026-10-10", "2026-10-11", "2026-10-03"].map(date);
        let personal = calendar.without(away);
        let days = |of: &CalendarRecord| of.working_days(date("2026-10-01"), date("2026-11-01"));
        assert_eq!((days(&calendar), days(&personal)), (18, 16));
        assert_eq!(personal.office_days(date("2026-10-01"), date("2026-11-01")), 18);
        let leave = |from: &str, until: &str| Leave { from: date(from), until: date(until) };
        let away = [leave("2026-10-09", "2026-10-11"), leave("2026-10-03", "2026-10-03")];
        assert_eq!(calendar.of_person(&away), personal);
        assert_eq!(calendar.without([]), calendar);
    }

    #[test]
    fn weeks_begin_where_the_calendar_says() {
        let (monday, sunday) =
            (october(), CalendarRecord { week_starts: WeekStart::Sunday, ..october() });
        assert_eq!(monday.week_of(date("2026-10-11")).first_day(), date("2026-10-05"));
        assert_eq!(sunday.week_of(date("2026-10-11")).first_day(), date("2026-10-11"));
        assert_eq!(sunday.week_of(date("2026-10-10")).first_day(), date("2026-10-04"));
    }
}
