//! The org's calendar, made once and then carried as data.
//!
//! Phones and servers carry different zone databases, so a business date
//! computed from them could differ. The record therefore holds the transitions
//! of the zone themselves, and every machine reads those.

use std::collections::BTreeSet;

use chrono::{DateTime, Offset, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use client_core::id::RecordId;
use client_core::records::CalendarRecord;
use client_core::time::{Date, Timestamp, Zone};

/// Transitions are written for these years; before and after, the nearest offset holds.
const FIRST_YEAR: i32 = 2015;
const LAST_YEAR: i32 = 2045;

const DAY_S: i64 = 86_400;

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

/// The calendar of a zone: weekends are Saturday and Sunday, and for
/// Asia/Shanghai the days off and adjusted workdays of the years published.
pub fn calendar(id: RecordId, zone: &str) -> Result<CalendarRecord, CalendarError> {
    let tz: Tz =
        zone.parse().map_err(|_error| CalendarError::UnknownZone { name: zone.to_owned() })?;
    let china = tz == chrono_tz::Asia::Shanghai;
    let days = |days: &[(u32, u32)]| -> BTreeSet<Date> {
        let days = days.iter().filter(|_day| china);
        days.filter_map(|(month, day)| Date::from_ymd(2026, *month, *day)).collect()
    };
    Ok(CalendarRecord {
        id,
        zone: transitions(tz),
        weekend: vec![Weekday::Sat, Weekday::Sun],
        holidays: days(&HOLIDAYS_2026),
        adjusted_workdays: days(&WORKDAYS_2026),
    })
}

/// State Council notice for 2026: New Year, Spring Festival, Qingming, Labour
/// Day, Dragon Boat, Mid-Autumn, National Day.
const HOLIDAYS_2026: [(u32, u32); 33] = [
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 15),
    (2, 16),
    (2, 17),
    (2, 18),
    (2, 19),
    (2, 20),
    (2, 21),
    (2, 22),
    (2, 23),
    (4, 4),
    (4, 5),
    (4, 6),
    (5, 1),
    (5, 2),
    (5, 3),
    (5, 4),
    (5, 5),
    (6, 19),
    (6, 20),
    (6, 21),
    (9, 25),
    (9, 26),
    (9, 27),
    (10, 1),
    (10, 2),
    (10, 3),
    (10, 4),
    (10, 5),
    (10, 6),
    (10, 7),
];

/// Weekend days that are worked in 2026 (DOMAIN C3).
const WORKDAYS_2026: [(u32, u32); 6] = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];

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
