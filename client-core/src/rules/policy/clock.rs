//! Times of day, as a policy writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time of day in whole minutes, `09:00`; `24:00` is the day's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u32);

impl DayTime {
    /// The time `minutes` after midnight.
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(minutes)
    }

    /// Milliseconds after midnight.
    pub const fn millis(self) -> i64 {
        self.0 as i64 * 60_000
    }
}

/// The text was no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time of day: expected HH:MM, such as \"09:00\"")]
pub struct ParseDayTimeError {
    /// What was given.
    pub text: String,
}

impl FromStr for DayTime {
    type Err = ParseDayTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (hours, minutes) = text.split_once(':')?;
            let two = |part: &str| {
                let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
                if digits { part.parse::<u32>().ok() } else { None }
            };
            let (hours, minutes) = (two(hours)?, two(minutes)?);
            let all = hours * 60 + minutes;
            (minutes < 60 && all <= 24 * 60).then_some(Self(all))
        };
        read().ok_or_else(|| ParseDayTimeError { text: text.to_owned() })
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The hours in which the working clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingHours {
    /// It starts.
    pub from: DayTime,
    /// It stops.
    pub until: DayTime,
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self { from: DayTime(9 * 60), until: DayTime(18 * 60) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_and_written_alike() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(text.parse::<DayTime>().unwrap().to_string(), text);
        }
        for bad in ["9:00", "24:01", "12:60", "noon", "", "+9:00"] {
            assert!(bad.parse::<DayTime>().is_err(), "{bad}");
        }
    }
}
