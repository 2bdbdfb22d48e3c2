//! The org's calendar, made once and then carried as data.
//!
//! Phones and servers carry different zone databases, so a business date
//! computed from them could differ. The record therefore holds the transitions
//! of the zone themselves, and every machine reads those.

mod file;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Offset, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use client_core::id::RecordId;
use client_core::records::{CalendarRecord, OrgRecord, Record, WeekStart};
use client_core::time::{Date, Timestamp, Zone};

use super::Office;
use crate::storage::{Records, StorageError};

pub use file::{CalendarFile, CalendarFileError};

/// Transitions are written for these years; before and after, the nearest offset holds.
const FIRST_YEAR: i32 = 2015;
const LAST_YEAR: i32 = 2045;

const DAY_S: i64 = 86_400;

/// Calendars that come with the program, by name.
pub const CALENDARS: [(&str, &str); 1] =
    [("china-2026", include_str!("../../calendars/china-2026.toml"))];

/// Why there is no such calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not an IANA zone.
    #[error("{name:?} is not a time zone: expected an IANA name such as Asia/Shanghai")]
    UnknownZone {
        /// What was given.
        name: String,
    },
}

/// Why the calendar was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetCalendarError {
    /// The text is no calendar.
    #[error(transparent)]
    File(#[from] CalendarFileError),
    /// Its zone does not exist.
    #[error(transparent)]
    Zone(#[from] CalendarError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The calendar of a zone: weekends are Saturday and Sunday, and the days off and
/// adjusted workdays are those of the shipped calendars of that zone.
pub fn calendar(id: RecordId, zone: &str) -> Result<CalendarRecord, CalendarError> {
    let tz = zone_named(zone)?;
    let mut record = CalendarRecord {
        id,
        zone: transitions(tz),
        weekend: vec![Weekday::Sat, Weekday::Sun],
        holidays: BTreeSet::new(),
        adjusted_workdays: BTreeSet::new(),
        week_starts: WeekStart::Monday,
        away: BTreeSet::new(),
    };
    for (_name, text) in CALENDARS {
        let Ok(file) = CalendarFile::read(text) else { continue };
        if file.zone == tz.name() {
            record.holidays.extend(file.holidays);
            record.adjusted_workdays.extend(file.adjusted_workdays);
        }
    }
    Ok(record)
}

fn zone_named(name: &str) -> Result<Tz, CalendarError> {
    name.parse().map_err(|_error| CalendarError::UnknownZone { name: name.to_owned() })
}

impl Office {
    /// Puts a calendar in force. Its days off replace those of the years that it names;
    /// other years keep theirs, so that next year's file leaves this year's cards alone.
    /// Cards of months in which a day changed are computed again.
    pub async fn set_calendar(&self, text: &str) -> Result<CalendarRecord, SetCalendarError> {
        let file = CalendarFile::read(text)?;
        let tz = zone_named(&file.zone)?;
        let before = self.calendar().await?;
        let named: BTreeSet<i32> =
            file.holidays.iter().chain(&file.adjusted_workdays).map(|day| year(*day)).collect();
        let kept = |days: &BTreeSet<Date>, new: BTreeSet<Date>| -> BTreeSet<Date> {
            let others = days.iter().copied().filter(|day| !named.contains(&year(*day)));
            others.chain(new).collect()
        };
        let calendar = CalendarRecord {
            id: before.id,
            zone: transitions(tz),
            weekend: file.weekend,
            holidays: kept(&before.holidays, file.holidays),
            adjusted_workdays: kept(&before.adjusted_workdays, file.adjusted_workdays),
            week_starts: file.week_starts,
            away: BTreeSet::new(),
        };
        let settings = self.settings().await?;
        let org = OrgRecord {
            time_zone: calendar.zone.name.clone(),
            fiscal_start_month: file.fiscal_year_starts,
            ..settings.clone()
        };
        let mut records = vec![Record::Calendar(calendar.clone())];
        if org != settings {
            records.push(Record::Org(org));
        }
        self.app.storage().write_records(self.org, records, self.now()).await?;
        let detail = Some(changed(&before, &calendar));
        self.note("calendar.set", calendar.id, None, detail).await?;
        Ok(calendar)
    }
}

fn year(day: Date) -> i32 {
    day.naive().year()
}

/// How many days two calendars see differently, for the audit log.
fn changed(before: &CalendarRecord, after: &CalendarRecord) -> String {
    let holidays = before.holidays.symmetric_difference(&after.holidays).count();
    let adjusted = before.adjusted_workdays.symmetric_difference(&after.adjusted_workdays).count();
    format!(
        "zone {}, {holidays} holidays and {adjusted} adjusted workdays are others",
        after.zone.name
    )
}

/// Every change of the zone's offset, found by halving each day on which it changes.
fn transitions(tz: Tz) -> Zone {
    let (first, last) = (year_start(FIRST_YEAR), year_start(LAST_YEAR + 1));
    let initial_offset_s = offset_at(tz, first);
    let mut transitions = Vec::new();
    let (mut at, mut offset) = (first, initial_offset_s);
    while at < last {
        let next = at + DAY_S;
        let after = offset_at(tz, next);
        if after != offset {
            let change = first_second_with(tz, after, at, next);
            transitions.push((Timestamp::from_millis(change * 1000), after));
        }
        (at, offset) = (next, after);
    }
    Zone { name: tz.name().to_owned(), initial_offset_s, transitions }
}

/// The first second in `(before, at]` with the offset `wanted`, which holds at `at`.
fn first_second_with(tz: Tz, wanted: i32, mut before: i64, mut at: i64) -> i64 {
    while at - before > 1 {
        let middle = before + (at - before) / 2;
        if offset_at(tz, middle) == wanted {
            at = middle;
        } else {
            before = middle;
        }
    }
    at
}

fn offset_at(tz: Tz, seconds: i64) -> i32 {
    let instant = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default();
    tz.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}

fn year_start(year: i32) -> i64 {
    let midnight = Date::from_ymd(year, 1, 1).and_then(|day| day.naive().and_hms_opt(0, 0, 0));
    midnight.map_or(0, |midnight| midnight.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> RecordId {
        RecordId::from_bytes([1; 16])
    }

    #[test]
    fn the_record_agrees_with_the_zone_database_on_every_day() {
        for name in ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Taipei"] {
            let zone = calendar(id(), name).unwrap().zone;
            let tz: Tz = name.parse().unwrap();
            for day in 0..11_000 {
                let at = year_start(FIRST_YEAR) + day * DAY_S + 3 * 3600;
                let here = zone.offset_s(Timestamp::from_millis(at * 1000));
                assert_eq!(here, offset_at(tz, at), "{name} {at}");
            }
        }
    }

    #[test]
    fn a_transition_is_found_to_the_second() {
        let zone = calendar(id(), "Europe/Berlin").unwrap().zone;
        // 2026-03-29T01:00:00Z
        let spring = Timestamp::from_millis(1_774_746_000_000);
        assert!(zone.transitions.contains(&(spring, 7200)));
        assert_eq!(zone.transitions.len(), 62, "two a year");
    }

    #[test]
    fn a_worked_saturday_before_spring_festival_is_a_working_day() {
        let calendar = calendar(id(), "Asia/Shanghai").unwrap();
        let working = |text: &str| calendar.is_working_day(text.parse().unwrap());
        for worked in ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20"] {
            assert!(working(worked), "{worked}");
        }
        for off in ["2026-02-16", "2026-02-21", "2026-10-07", "2026-11-21"] {
            assert!(!working(off), "{off}");
        }
        assert!(working("2026-10-10") && working("2026-10-08"));
    }

    #[test]
    fn every_shipped_calendar_is_read_and_china_has_the_published_days_of_2026() {
        for (name, text) in CALENDARS {
            CalendarFile::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let china = calendar(id(), "Asia/Shanghai").unwrap();
        assert_eq!((china.holidays.len(), china.adjusted_workdays.len()), (33, 6));
        let days = |from: &str, until: &str| {
            china.working_days(from.parse().unwrap(), until.parse().unwrap())
        };
        let months: Vec<i64> = (1..=12)
            .map(|month| {
                let next = if month == 12 {
                    "2027-01-01".into()
                } else {
                    format!("2026-{:02}-01", month + 1)
                };
                days(&format!("2026-{month:02}-01"), &next)
            })
            .collect();
        assert_eq!(months, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]);
    }

    #[test]
    fn other_zones_get_no_chinese_holidays() {
        let calendar = calendar(id(), "Europe/Berlin").unwrap();
        assert!(calendar.holidays.is_empty() && calendar.adjusted_workdays.is_empty());
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = calendar(id(), "Asia/Atlantis").unwrap_err();
        assert!(error.to_string().contains("Asia/Atlantis"), "{error}");
    }
}
