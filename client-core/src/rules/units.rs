//! The units of results: shares, points and normalised attainments, as integers.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A share in hundredths of a percent: 10,000 is 100 %.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct BasisPoints(pub i64);

impl fmt::Display for BasisPoints {
    /// `103.82%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}%", units / 100, units % 100)
    }
}

/// Score points in hundredths: 10,382 is shown as 103.82.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CentiPoints(pub i64);

impl fmt::Display for CentiPoints {
    /// `103.82`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", units / 100, units % 100)
    }
}

/// An attainment after cap and floor, in 10⁻⁹: 1,200,000,000 is 1.2.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Normalised(pub i64);

/// A length in whole metres.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Meters(pub u32);

/// A share as a policy writes it: `"120%"`, `"0.5%"`; never a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(pub BasisPoints);

/// The text was no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a share: expected a percentage with at most two decimals, such as \"120%\" or \"7.5%\""
)]
pub struct ParsePercentError {
    /// What was given.
    pub text: String,
}

impl FromStr for Percent {
    type Err = ParsePercentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_percent(text)
            .map(|units| Self(BasisPoints(units)))
            .ok_or_else(|| ParsePercentError { text: text.to_owned() })
    }
}

fn parse_percent(text: &str) -> Option<i64> {
    let number = text.strip_suffix('%')?;
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 2 || whole.len() > 9 {
        return None;
    }
    let hundredths = format!("{decimals:0<2}").parse::<i64>().ok()?;
    Some(sign * (whole.parse::<i64>().ok()? * 100 + hundredths))
}

impl fmt::Display for Percent {
    /// As short as it can be: `120%`, `7.5%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let number = text.trim_end_matches('%').trim_end_matches('0').trim_end_matches('.');
        write!(f, "{number}%")
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(PercentVisitor)
    }
}

struct PercentVisitor;

impl Visitor<'_> for PercentVisitor {
    type Value = Percent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a percentage in quotes, such as \"120%\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Percent, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_and_written_without_floats() {
        let check = |text: &str, expected: i64| {
            let share: Percent = text.parse().unwrap();
            assert_eq!(share.0, BasisPoints(expected), "{text}");
            assert_eq!(share.to_string(), text);
        };
        check("120%", 12_000);
        check("100%", 10_000);
        check("7.5%", 750);
        check("0.05%", 5);
        check("0%", 0);
        check("-10%", -1_000);
        for bad in ["1.2", "120", "12.345%", "%", ".5%", "1e2%", "--1%", ""] {
            assert!(bad.parse::<Percent>().is_err(), "{bad}");
        }
    }
}
