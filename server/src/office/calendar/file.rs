//! A calendar as an administrator writes it: TOML, with the line in every error.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::Weekday;
use client_core::records::WeekStart;
use client_core::rules::policy::{Lines, line_at};
use client_core::time::Date;
use serde::Deserialize;
use toml::value::Datetime;

/// The longest stretch of days off that is no typing error.
const LONGEST_DAYS: i64 = 62;
/// Years that a calendar may speak of.
const YEARS: Range<i32> = 2000..2100;

/// A calendar that was read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    /// The IANA zone.
    pub zone: String,
    /// The day on which weeks begin.
    pub week_starts: WeekStart,
    /// First month of the fiscal year.
    pub fiscal_year_starts: u8,
    /// Days of the week without work.
    pub weekend: Vec<Weekday>,
    /// Days off.
    pub holidays: BTreeSet<Date>,
    /// Weekend days that are worked.
    pub adjusted_workdays: BTreeSet<Date>,
}

/// Why a text is no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFileError {
    /// Not TOML, an unknown or missing key, or a value of the wrong kind.
    #[error("the calendar could not be read at line {line}: {reason}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A value that cannot be.
    #[error("line {line}: {key} is {value}: {allowed}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The key's path.
        key: String,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: String,
    },
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    zone: String,
    #[serde(default)]
    week_starts: WeekStart,
    #[serde(default = "january")]
    fiscal_year_starts: u8,
    #[serde(default = "saturday_and_sunday")]
    weekend: Vec<String>,
    #[serde(default)]
    holidays: Vec<Holiday>,
    #[serde(default)]
    adjusted_workdays: Vec<AdjustedWorkday>,
}

const fn january() -> u8 {
    1
}

fn saturday_and_sunday() -> Vec<String> {
    ["sat", "sun"].map(str::to_owned).into()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    /// For people.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    from: Datetime,
    #[serde(default)]
    until: Option<Datetime>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdjustedWorkday {
    /// For people.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    day: Datetime,
}

impl CalendarFile {
    /// Reads and checks a calendar.
    ///
    /// # Errors
    /// With the line that is wrong and what it may say.
    pub fn read(text: &str) -> Result<Self, CalendarFileError> {
        let written: Written = toml::from_str(text).map_err(|error| CalendarFileError::Text {
            line: error.span().map_or(1, |span| line_at(text, span.start)),
            reason: error.message().trim().replace('\n', ", "),
        })?;
        Check { text }.file(written)
    }
}

/// The text beside what was read of it, for the lines of errors.
struct Check<'t> {
    text: &'t str,
}

impl Check<'_> {
    fn file(&self, written: Written) -> Result<CalendarFile, CalendarFileError> {
        let fiscal = written.fiscal_year_starts;
        if !(1..=12).contains(&fiscal) {
            let allowed = "expected a month, 1 to 12";
            return Err(self.wrong("fiscal_year_starts", fiscal, allowed));
        }
        let weekend = self.weekend(&written.weekend)?;
        let mut holidays = BTreeSet::new();
        for (index, holiday) in written.holidays.iter().enumerate() {
            holidays.extend(self.holiday(index, holiday)?);
        }
        let mut adjusted_workdays = BTreeSet::new();
        for (index, adjusted) in written.adjusted_workdays.iter().enumerate() {
            let key = format!("adjusted_workdays.{index}.day");
            let day = self.day(&key, &adjusted.day)?;
            if !weekend.contains(&day.weekday()) {
                let allowed = "expected a day of the weekend that is worked";
                return Err(self.wrong(&key, format!("{day}, a {}", day.weekday()), allowed));
            }
            if holidays.contains(&day) {
                let allowed = "expected a day that is no holiday above";
                return Err(self.wrong(&key, day, allowed));
            }
            adjusted_workdays.insert(day);
        }
        Ok(CalendarFile {
            zone: written.zone,
            week_starts: written.week_starts,
            fiscal_year_starts: fiscal,
            weekend,
            holidays,
            adjusted_workdays,
        })
    }

    fn weekend(&self, names: &[String]) -> Result<Vec<Weekday>, CalendarFileError> {
        let mut weekend = Vec::new();
        for name in names {
            let day: Weekday = name.parse().map_err(|_error| {
                let allowed = "expected days such as sat, sun";
                self.wrong("weekend", format!("{name:?}"), allowed)
            })?;
            if !weekend.contains(&day) {
                weekend.push(day);
            }
        }
        if weekend.len() == 7 {
            let allowed = "expected at least one day of the week with work";
            return Err(self.wrong("weekend", "the whole week", allowed));
        }
        Ok(weekend)
    }

    fn holiday(&self, index: usize, holiday: &Holiday) -> Result<Vec<Date>, CalendarFileError> {
        let from = self.day(&format!("holidays.{index}.from"), &holiday.from)?;
        let key = format!("holidays.{index}.until");
        let until = match &holiday.until {
            Some(until) => self.day(&key, until)?,
            None => from,
        };
        let days = until.days_since(from) + 1;
        if days < 1 {
            let allowed = format!("expected the last day, {from} or later");
            return Err(self.wrong(&key, until, allowed));
        }
        if days > LONGEST_DAYS {
            let allowed = format!("expected at most {LONGEST_DAYS} days off in a row");
            return Err(self.wrong(&key, format!("{until}, {days} days later"), allowed));
        }
        Ok((0..days).map(|day| from.plus_days(day)).collect())
    }

    fn day(&self, key: &str, written: &Datetime) -> Result<Date, CalendarFileError> {
        let plain = written.date.filter(|_date| written.time.is_none());
        let day = plain
            .and_then(|date| Date::from_ymd(date.year.into(), date.month.into(), date.day.into()));
        let day = day.filter(|day| YEARS.contains(&chrono::Datelike::year(&day.naive())));
        let allowed = format!("expected a day such as 2026-10-01, from {} on", YEARS.start);
        day.ok_or_else(|| self.wrong(key, written, allowed))
    }

    fn wrong(
        &self,
        key: &str,
        value: impl ToString,
        allowed: impl Into<String>,
    ) -> CalendarFileError {
        CalendarFileError::Value {
            line: Lines::of(self.text).and_then(|lines| lines.line(key)).unwrap_or(1),
            key: key.to_owned(),
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "zone = \"Asia/Taipei\"\nweek_starts = \"sunday\"\nfiscal_year_starts = 4\n\
                        weekend = [\"sat\", \"sun\"]\n\n[[holidays]]\nname = \"x\"\n\
                        from = 2026-10-09\nuntil = 2026-10-11\n\n[[adjusted_workdays]]\n\
                        day = 2026-10-17\n";

    #[test]
    fn a_calendar_says_zone_weeks_fiscal_year_and_days() {
        let read = CalendarFile::read(TEXT).unwrap();
        assert_eq!((read.week_starts, read.fiscal_year_starts), (WeekStart::Sunday, 4));
        assert_eq!((read.holidays.len(), read.adjusted_workdays.len()), (3, 1));
        let bare = CalendarFile::read("zone = \"Asia/Tokyo\"").unwrap();
        assert_eq!((bare.week_starts, bare.fiscal_year_starts), (WeekStart::Monday, 1));
        assert_eq!(bare.weekend, [Weekday::Sat, Weekday::Sun]);
    }

    #[test]
    fn every_error_names_the_line_and_what_is_allowed() {
        let check = |from: &str, to: &str, says: &[&str]| {
            let line = TEXT.lines().position(|line| line.contains(from)).unwrap() + 1;
            let error = CalendarFile::read(&TEXT.replacen(from, to, 1)).unwrap_err().to_string();
            let line = format!("line {line}:");
            for part in says.iter().copied().chain([line.as_str()]) {
                assert!(error.contains(part), "{part:?} is not in {error:?}");
            }
        };
        check("fiscal_year_starts = 4", "fiscal_year_starts = 13", &["1 to 12"]);
        check("fiscal_year_starts = 4", "fiscal_start = 4", &["fiscal_start", "expected"]);
        check("\"sunday\"", "\"friday\"", &["friday", "`monday`", "`sunday`"]);
        check("weekend = [\"sat\", \"sun\"]", "weekend = [\"satday\"]", &["satday", "sat, sun"]);
        check("until = 2026-10-11", "until = 2026-10-01", &["2026-10-09 or later"]);
        check("until = 2026-10-11", "until = 2027-10-11", &["368 days", "62 days"]);
        check("from = 2026-10-09", "from = 2026-10-09T10:00:00", &["a day such as"]);
        check("from = 2026-10-09", "from = 1026-10-09", &["from 2000 on"]);
        check("day = 2026-10-17", "day = 2026-10-19", &["Mon", "weekend that is worked"]);
        check("day = 2026-10-17", "day = 2026-10-10", &["no holiday"]);
    }
}
