//! Periods that targets, scorecards and reports speak of.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Date, Timestamp, Zone};

/// A day, ISO week, month, quarter or calendar year. As text: `2026-10-08`,
/// `2026-W41`, `2026-10`, `2026-Q4`, `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One day.
    Day(Date),
    /// The ISO week (Monday first) that begins on this day.
    Week(Date),
    /// The month that begins on this day.
    Month(Date),
    /// The quarter that begins on this day.
    Quarter(Date),
    /// The year that begins on this day.
    Year(Date),
}

impl Period {
    /// The week of `date`.
    pub fn week_of(date: Date) -> Self {
        Self::Week(date.plus_days(-i64::from(date.weekday().num_days_from_monday())))
    }

    /// The month of `date`.
    pub fn month_of(date: Date) -> Self {
        Self::Month(first_of(date, date.naive().month()))
    }

    /// The quarter of `date`.
    pub fn quarter_of(date: Date) -> Self {
        Self::Quarter(first_of(date, (date.naive().month0() / 3) * 3 + 1))
    }

    /// The year of `date`.
    pub fn year_of(date: Date) -> Self {
        Self::Year(first_of(date, 1))
    }

    /// The first day.
    pub const fn first_day(self) -> Date {
        match self {
            Self::Day(date)
            | Self::Week(date)
            | Self::Month(date)
            | Self::Quarter(date)
            | Self::Year(date) => date,
        }
    }

    /// The first day of the following period.
    pub fn next_first_day(self) -> Date {
        match self {
            Self::Day(date) => date.next(),
            Self::Week(date) => date.plus_days(7),
            Self::Month(date) => date.plus_months(1),
            Self::Quarter(date) => date.plus_months(3),
            Self::Year(date) => date.plus_months(12),
        }
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        self.next_first_day().plus_days(-1)
    }

    /// The period before this one, of the same length.
    #[must_use]
    pub fn previous(self) -> Self {
        let before = self.first_day().plus_days(-1);
        match self {
            Self::Day(_) => Self::Day(before),
            Self::Week(_) => Self::week_of(before),
            Self::Month(_) => Self::month_of(before),
            Self::Quarter(_) => Self::quarter_of(before),
            Self::Year(_) => Self::year_of(before),
        }
    }

    /// Whether `date` lies in it.
    pub fn contains(self, date: Date) -> bool {
        self.first_day() <= date && date < self.next_first_day()
    }

    /// `[start, end)` in the org's zone.
    pub fn bounds(self, zone: &Zone) -> (Timestamp, Timestamp) {
        (zone.start_of(self.first_day()), zone.start_of(self.next_first_day()))
    }

    /// Every day, ascending.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let end = self.next_first_day();
        std::iter::successors(Some(self.first_day()), |day| Some(day.next()))
            .take_while(move |day| *day < end)
    }
}

/// Days in a row: from one, inclusive, until another, exclusive. Reports are asked
/// for any stretch of time, not only for periods that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
}

impl Days {
    /// From `from` until before `until`, if there is a day between them.
    pub fn new(from: Date, until: Date) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// Whether `date` is one of them.
    pub fn contains(self, date: Date) -> bool {
        self.from <= date && date < self.until
    }

    /// `[start, end)` in the org's zone.
    pub fn bounds(self, zone: &Zone) -> (Timestamp, Timestamp) {
        (zone.start_of(self.from), zone.start_of(self.until))
    }
}

impl From<Period> for Days {
    fn from(period: Period) -> Self {
        Self { from: period.first_day(), until: period.next_first_day() }
    }
}

fn first_of(date: Date, month: u32) -> Date {
    NaiveDate::from_ymd_opt(date.naive().year(), month, 1).map_or(date, Date::from)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_day().naive();
        match self {
            Self::Day(date) => date.fmt(f),
            Self::Week(_) => {
                write!(f, "{:04}-W{:02}", first.iso_week().year(), first.iso_week().week())
            }
            Self::Month(_) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Self::Quarter(_) => write!(f, "{:04}-Q{}", first.year(), first.month0() / 3 + 1),
            Self::Year(_) => write!(f, "{:04}", first.year()),
        }
    }
}

/// The text was no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a period: expected a day 2026-10-08, week 2026-W41, month 2026-10, \
     quarter 2026-Q4 or year 2026"
)]
pub struct ParsePeriodError {
    /// What was given.
    pub text: String,
}

impl FromStr for Period {
    type Err = ParsePeriodError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| ParsePeriodError { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Period> {
    let Some((year, rest)) = text.split_once('-') else {
        return (text.len() == 4)
            .then(|| Date::from_ymd(text.parse().ok()?, 1, 1))
            .flatten()
            .map(Period::Year);
    };
    if year.len() != 4 {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    if let Some(week) = rest.strip_prefix('W') {
        return NaiveDate::from_isoywd_opt(year, week.parse().ok()?, Weekday::Mon)
            .map(|date| Period::Week(date.into()));
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let quarter: u32 = quarter.parse().ok()?;
        return Date::from_ymd(year, quarter.checked_sub(1)?.checked_mul(3)? + 1, 1)
            .map(Period::Quarter);
    }
    if rest.len() == 2 {
        return Date::from_ymd(year, rest.parse().ok()?, 1).map(Period::Month);
    }
    text.parse().ok().map(Period::Day)
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bounds_agree() {
        let check = |text: &str, first: &str, last: &str| {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.to_string(), text);
            assert_eq!(period.first_day().to_string(), first);
            assert_eq!(period.last_day().to_string(), last);
            assert!(period.contains(period.last_day()));
            assert_eq!(period.previous().next_first_day(), period.first_day());
        };
        check("2026-10-08", "2026-10-08", "2026-10-08");
        check("2026-W01", "2025-12-29", "2026-01-04");
        check("2026-02", "2026-02-01", "2026-02-28");
        check("2026-Q4", "2026-10-01", "2026-12-31");
        check("2026", "2026-01-01", "2026-12-31");
        for bad in ["", "26-10", "2026-13", "2026-Q5", "2026-Q0", "2026-W54", "x"] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
