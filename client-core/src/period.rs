//! Periods that targets, scorecards and reports speak of.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Date, Timestamp, Zone};

/// A day, week, month, quarter or year. As text: `2026-10-08`, `2026-W41`, `2026-10`,
/// `2026-Q4`, `2026`.
///
/// Orgs differ in where a week and a year begin; [`CalendarRecord`] and the org's
/// settings say it. A week from Sunday is `2026-S41`: it has the number and the year of
/// the ISO week whose Monday lies in it. A fiscal year and its quarters say the month
/// they begin with, `FY2026-04` and `FQ2026-07`, so that the text means the same days
/// whatever the settings become.
///
/// [`CalendarRecord`]: crate::records::CalendarRecord
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
    /// The week from Sunday that begins on this day.
    SundayWeek(Date),
    /// Three months of a fiscal year that begin on this day.
    FiscalQuarter(Date),
    /// The fiscal year that begins on this day.
    FiscalYear(Date),
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

    /// The week from Sunday of `date`.
    pub fn sunday_week_of(date: Date) -> Self {
        Self::SundayWeek(date.plus_days(-i64::from(date.weekday().num_days_from_sunday())))
    }

    /// The fiscal year of `date`, where fiscal years begin with the month `start`.
    pub fn fiscal_year_of(date: Date, start: u8) -> Self {
        let start = u32::from(start).clamp(1, 12);
        let first = first_of(date, start);
        Self::FiscalYear(if first <= date { first } else { first.plus_months(-12) })
    }

    /// The fiscal quarter of `date`, where fiscal years begin with the month `start`.
    pub fn fiscal_quarter_of(date: Date, start: u8) -> Self {
        let year = Self::fiscal_year_of(date, start).first_day();
        let mut quarters = (0..4).rev().map(|quarter| year.plus_months(quarter * 3));
        Self::FiscalQuarter(quarters.find(|first| *first <= date).unwrap_or(year))
    }

    /// The quarters of a year, in order; none of anything else.
    pub fn quarters(self) -> Vec<Self> {
        let firsts = (0..4).map(|quarter| self.first_day().plus_months(quarter * 3));
        match self {
            Self::Year(_) => firsts.map(Self::Quarter).collect(),
            Self::FiscalYear(_) => firsts.map(Self::FiscalQuarter).collect(),
            _ => Vec::new(),
        }
    }

    /// The months of a year, quarter or month, in order; none of anything shorter.
    pub fn months(self) -> Vec<Self> {
        let count = match self {
            Self::Month(_) => 1,
            Self::Quarter(_) | Self::FiscalQuarter(_) => 3,
            Self::Year(_) | Self::FiscalYear(_) => 12,
            Self::Day(_) | Self::Week(_) | Self::SundayWeek(_) => 0,
        };
        (0..count).map(|month| Self::Month(self.first_day().plus_months(month))).collect()
    }

    /// Whether every day of `other` lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.contains(other.first_day()) && self.contains(other.last_day())
    }

    /// The first day.
    pub const fn first_day(self) -> Date {
        match self {
            Self::Day(date)
            | Self::Week(date)
            | Self::Month(date)
            | Self::Quarter(date)
            | Self::Year(date)
            | Self::SundayWeek(date)
            | Self::FiscalQuarter(date)
            | Self::FiscalYear(date) => date,
        }
    }

    /// The first day of the following period.
    pub fn next_first_day(self) -> Date {
        match self {
            Self::Day(date) => date.next(),
            Self::Week(date) | Self::SundayWeek(date) => date.plus_days(7),
            Self::Month(date) => date.plus_months(1),
            Self::Quarter(date) | Self::FiscalQuarter(date) => date.plus_months(3),
            Self::Year(date) | Self::FiscalYear(date) => date.plus_months(12),
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
            Self::SundayWeek(_) => Self::sunday_week_of(before),
            Self::FiscalQuarter(first) => Self::FiscalQuarter(first.plus_months(-3)),
            Self::FiscalYear(first) => Self::FiscalYear(first.plus_months(-12)),
        }
    }

    /// The period after this one, of the same kind.
    #[must_use]
    pub fn following(self) -> Self {
        let after = self.next_first_day();
        match self {
            Self::Day(_) => Self::Day(after),
            Self::Week(_) => Self::Week(after),
            Self::Month(_) => Self::Month(after),
            Self::Quarter(_) => Self::Quarter(after),
            Self::Year(_) => Self::Year(after),
            Self::SundayWeek(_) => Self::SundayWeek(after),
            Self::FiscalQuarter(_) => Self::FiscalQuarter(after),
            Self::FiscalYear(_) => Self::FiscalYear(after),
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
            Self::SundayWeek(sunday) => {
                let monday = sunday.next().naive().iso_week();
                write!(f, "{:04}-S{:02}", monday.year(), monday.week())
            }
            Self::FiscalQuarter(_) => write!(f, "FQ{:04}-{:02}", first.year(), first.month()),
            Self::FiscalYear(_) => write!(f, "FY{:04}-{:02}", first.year(), first.month()),
            Self::Month(_) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Self::Quarter(_) => write!(f, "{:04}-Q{}", first.year(), first.month0() / 3 + 1),
            Self::Year(_) => write!(f, "{:04}", first.year()),
        }
    }
}

/// The text was no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a period: expected a day 2026-10-08, week 2026-W41 (from Sunday 2026-S41), \
     month 2026-10, quarter 2026-Q4, year 2026, fiscal quarter FQ2026-04 or fiscal year FY2026-04"
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
    if let Some(month) = text.strip_prefix("FY") {
        return first_of_month(month).map(Period::FiscalYear);
    }
    if let Some(month) = text.strip_prefix("FQ") {
        return first_of_month(month).map(Period::FiscalQuarter);
    }
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
    if let Some(week) = rest.strip_prefix('S') {
        let monday = NaiveDate::from_isoywd_opt(year, week.parse().ok()?, Weekday::Mon)?;
        return Some(Period::SundayWeek(Date::from(monday).plus_days(-1)));
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

/// The first day of `2026-04`.
fn first_of_month(text: &str) -> Option<Date> {
    let (year, month) =
        text.split_once('-').filter(|parts| (parts.0.len(), parts.1.len()) == (4, 2))?;
    Date::from_ymd(year.parse().ok()?, month.parse().ok()?, 1)
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
            assert_eq!(period.previous().following(), period);
        };
        check("2026-10-08", "2026-10-08", "2026-10-08");
        check("2026-W01", "2025-12-29", "2026-01-04");
        check("2026-02", "2026-02-01", "2026-02-28");
        check("2026-Q4", "2026-10-01", "2026-12-31");
        check("2026", "2026-01-01", "2026-12-31");
        check("2026-S41", "2026-10-04", "2026-10-10");
        check("FQ2026-07", "2026-07-01", "2026-09-30");
        check("FY2026-04", "2026-04-01", "2027-03-31");
        for bad in [
            "",
            "26-10",
            "2026-13",
            "2026-Q5",
            "2026-Q0",
            "2026-W54",
            "2026-S54",
            "FY2026",
            "FQ2026-13",
            "FY26-04",
            "x",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_week_at_the_turn_of_the_year_belongs_to_the_year_of_its_thursday() {
        let check = |day: &str, iso: &str, from_sunday: &str| {
            let day: Date = day.parse().unwrap();
            assert_eq!(Period::week_of(day).to_string(), iso, "{day}");
            assert_eq!(Period::sunday_week_of(day).to_string(), from_sunday, "{day}");
            for text in [iso, from_sunday] {
                assert!(text.parse::<Period>().unwrap().contains(day), "{text} {day}");
            }
        };
        // Monday 29 December 2025 begins the first week of 2026.
        check("2025-12-27", "2025-W52", "2025-S52");
        check("2025-12-28", "2025-W52", "2026-S01");
        check("2025-12-29", "2026-W01", "2026-S01");
        check("2026-01-03", "2026-W01", "2026-S01");
        check("2026-01-04", "2026-W01", "2026-S02");
        // 2026 has 53 weeks; 1 to 3 January 2027 still belong to it.
        check("2027-01-01", "2026-W53", "2026-S53");
        check("2027-01-03", "2026-W53", "2027-S01");
        check("2027-01-04", "2027-W01", "2027-S01");
        // 31 December 2024 belongs to 2025.
        check("2024-12-29", "2024-W52", "2025-S01");
        check("2024-12-31", "2025-W01", "2025-S01");
    }

    #[test]
    fn every_day_lies_in_one_week_and_the_next_begins_where_it_ends() {
        let mut day: Date = "2019-12-20".parse().unwrap();
        for _ in 0..3_000 {
            for week in [Period::week_of(day), Period::sunday_week_of(day)] {
                assert!(week.contains(day), "{week} {day}");
                assert_eq!(week.to_string().parse::<Period>().unwrap(), week);
                assert_eq!(week.previous().next_first_day(), week.first_day());
            }
            day = day.next();
        }
    }

    #[test]
    fn a_fiscal_year_begins_with_its_month_and_has_four_quarters() {
        let check = |day: &str, start: u8, year: &str, quarter: &str| {
            let day: Date = day.parse().unwrap();
            assert_eq!(Period::fiscal_year_of(day, start).to_string(), year, "{day}");
            assert_eq!(Period::fiscal_quarter_of(day, start).to_string(), quarter, "{day}");
        };
        check("2026-03-31", 4, "FY2025-04", "FQ2026-01");
        check("2026-04-01", 4, "FY2026-04", "FQ2026-04");
        check("2026-12-31", 4, "FY2026-04", "FQ2026-10");
        check("2026-01-31", 2, "FY2025-02", "FQ2025-11");
        check("2026-02-01", 2, "FY2026-02", "FQ2026-02");
        check("2026-12-31", 1, "FY2026-01", "FQ2026-10");
        let year: Period = "FY2026-04".parse().unwrap();
        let texts = |periods: Vec<Period>| -> Vec<String> {
            periods.iter().map(Period::to_string).collect()
        };
        assert_eq!(texts(year.quarters()), ["FQ2026-04", "FQ2026-07", "FQ2026-10", "FQ2027-01"]);
        let months = texts(year.months());
        assert_eq!(
            (months.len(), months[0].as_str(), months[11].as_str()),
            (12, "2026-04", "2027-03")
        );
        assert!(year.covers(Period::month_of("2027-03-31".parse().unwrap())));
        assert!(!year.covers("2026-Q1".parse().unwrap()));
        assert_eq!(
            texts("2026".parse::<Period>().unwrap().quarters()),
            ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
        );
    }
}
