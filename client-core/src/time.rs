//! Instants, dates and the org's zone.
//!
//! Phones lie about time and zone databases differ between systems, so an
//! instant is stored as UTC milliseconds together with what the phone claimed
//! ([`CapturedAt`]), and business dates are computed only with the [`Zone`]
//! that the calendar record carries, never with a library's own database.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds after the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `millis`, saturating at the ends of time.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative if it is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a chrono instant, if it lies within chrono's range.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// A calendar day without a zone, `YYYY-MM-DD` in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(NaiveDate);

/// The text was not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a date: expected YYYY-MM-DD, for example 2026-10-08")]
pub struct ParseDateError {
    /// What was given.
    pub text: String,
}

impl Date {
    /// The day, if it exists in the calendar.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// As a chrono date.
    pub const fn naive(self) -> NaiveDate {
        self.0
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// The following day.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The day `days` later, or earlier when negative; saturating.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let step = Days::new(days.unsigned_abs());
        let moved =
            if days < 0 { self.0.checked_sub_days(step) } else { self.0.checked_add_days(step) };
        moved.map_or(self, Self)
    }

    /// The same day `months` later, clipped to the month's end; saturating.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let step = Months::new(months.unsigned_abs());
        let moved = if months < 0 {
            self.0.checked_sub_months(step)
        } else {
            self.0.checked_add_months(step)
        };
        moved.map_or(self, Self)
    }

    /// Days from `earlier` to this day.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.signed_duration_since(earlier.0).num_days()
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser takes "26-1-8" for a day of the first century.
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let read = shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
        read.map(Self).ok_or_else(|| ParseDateError { text: text.to_owned() })
    }
}

/// An instant as a device captured it: what UTC it believed, and in which zone
/// it believed to be. The zone is kept because "09:10" on a visit is read by
/// people in the zone where it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedAt {
    /// The instant by the device's clock.
    pub at: Timestamp,
    /// The device's IANA zone, for example `Asia/Shanghai`.
    pub zone: String,
    /// The device's offset from UTC at that instant, in seconds east.
    pub offset_s: i32,
}

/// The org's zone as data: an initial offset and every later change of it.
///
/// Comes from the calendar record so that phone and server never disagree about
/// which day a visit belongs to, whatever zone database their systems carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// The IANA name, for showing.
    pub name: String,
    /// Seconds east of UTC before the first transition.
    pub initial_offset_s: i32,
    /// Instants at which the offset changes, ascending, with the new offset.
    pub transitions: Vec<(Timestamp, i32)>,
}

impl Zone {
    /// A zone without transitions.
    pub fn fixed(name: &str, offset_s: i32) -> Self {
        Self { name: name.to_owned(), initial_offset_s: offset_s, transitions: Vec::new() }
    }

    /// Seconds east of UTC in force at `at`.
    pub fn offset_s(&self, at: Timestamp) -> i32 {
        let past = self.transitions.partition_point(|(from, _)| *from <= at);
        past.checked_sub(1)
            .and_then(|last| self.transitions.get(last))
            .map_or(self.initial_offset_s, |(_, offset)| *offset)
    }

    /// The business date of an instant in this zone.
    pub fn date(&self, at: Timestamp) -> Date {
        let local = at.plus_millis(i64::from(self.offset_s(at)) * 1000);
        local.to_utc().map_or(Date(NaiveDate::default()), |time| Date(time.date_naive()))
    }

    /// The first instant of `date` in this zone.
    ///
    /// Where a transition skips local midnight, the day starts at the transition.
    pub fn start_of(&self, date: Date) -> Timestamp {
        let midnight =
            date.0.and_hms_opt(0, 0, 0).map_or(0, |time| time.and_utc().timestamp_millis());
        let guess = Timestamp(midnight - i64::from(self.initial_offset_s) * 1000);
        // Two rounds settle it: offsets change at most once around a midnight.
        let once = Timestamp(midnight - i64::from(self.offset_s(guess)) * 1000);
        let twice = Timestamp(midnight - i64::from(self.offset_s(once)) * 1000);
        if self.date(twice) == date { twice } else { once.max(twice) }
    }

    /// The last millisecond of `date` in this zone.
    pub fn end_of(&self, date: Date) -> Timestamp {
        self.start_of(date.next()).plus_millis(-1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone {
            name: "Europe/Berlin".into(),
            initial_offset_s: 3600,
            transitions: vec![
                (Timestamp(1_774_746_000_000), 7200), // 2026-03-29T01:00Z
                (Timestamp(1_792_890_000_000), 3600), // 2026-10-25T01:00Z
            ],
        }
    }

    #[test]
    fn a_day_starts_at_local_midnight_on_both_sides_of_a_transition() {
        let zone = berlin();
        for text in ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26"] {
            let date: Date = text.parse().unwrap();
            let start = zone.start_of(date);
            assert_eq!(zone.date(start), date);
            assert_eq!(zone.date(start.plus_millis(-1)), date.plus_days(-1));
        }
        let short = zone.start_of("2026-03-30".parse().unwrap());
        assert_eq!(short.since(zone.start_of("2026-03-29".parse().unwrap())), 23 * 3_600_000);
    }

    #[test]
    fn shanghai_evenings_belong_to_their_own_day() {
        let zone = Zone::fixed("Asia/Shanghai", 8 * 3600);
        let date: Date = "2026-10-08".parse().unwrap();
        assert_eq!(zone.date(zone.end_of(date)), date);
        assert_eq!(zone.end_of(date).to_string(), "2026-10-08T15:59:59.999Z");
    }
}
