//! How a file writes dates, numbers and money.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use client_core::money::{Currency, Money};
use client_core::time::{Date, Timestamp, Zone};
use serde::Deserialize;

/// Years that a date can be of: one before or after is a slip, such as 17 for 2017.
const YEARS: std::ops::Range<i32> = 1900..2200;

/// What parts the whole from the fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.50`.
    #[default]
    Point,
    /// `1.234,50`.
    Comma,
}

/// How dates are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    /// As the mapping says it.
    said: String,
    /// In chrono's letters.
    pattern: String,
}

/// A date format that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{said:?} is not a date format: expected year, month and day, such as YYYY-MM-DD, DD.MM.YYYY \
     or MM/DD/YYYY"
)]
pub struct DateFormatError {
    /// What was given.
    pub said: String,
}

impl Default for DateFormat {
    fn default() -> Self {
        Self { said: "YYYY-MM-DD".to_owned(), pattern: "%Y-%m-%d".to_owned() }
    }
}

impl DateFormat {
    /// Reads a format: `YYYY`, `YY`, `MM`, `DD`, or the letters of `strftime`.
    pub fn parse(said: &str) -> Result<Self, DateFormatError> {
        let mut pattern = said.trim().to_owned();
        if !pattern.contains('%') {
            for (letters, chrono) in [("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d")] {
                pattern = pattern.replace(letters, chrono);
            }
        }
        let wrong = || DateFormatError { said: said.to_owned() };
        // A pattern that writes a day and reads it back says year, month and day.
        let day = NaiveDate::from_ymd_opt(2017, 3, 28).ok_or_else(wrong)?;
        let mut written = String::new();
        write!(written, "{}", day.format(&pattern)).map_err(|_bad_letter| wrong())?;
        let read = NaiveDate::parse_from_str(&written, &pattern);
        if read == Ok(day) { Ok(Self { said: said.to_owned(), pattern }) } else { Err(wrong()) }
    }

    /// Reads a date with the time of day behind it, if there is one: `14:05`, `14:05:09`,
    /// in `zone` unless it ends in `Z`. The first instant of the day otherwise.
    pub fn moment(&self, text: &str, zone: &Zone) -> Result<Timestamp, String> {
        let day = self.read(text)?;
        let start = zone.start_of(day);
        // A pattern may have spaces of its own: what is behind the last one is the time.
        let Some((_day, time)) = text.trim().rsplit_once(['T', ' ']) else { return Ok(start) };
        let (time, utc) = match time.strip_suffix('Z') {
            Some(time) => (time, true),
            None => (time, false),
        };
        if !time.contains(':') {
            return Ok(start);
        }
        let wrong = || format!("{time:?} is not a time of day such as 14:05");
        let time = time.split('.').next().unwrap_or(time);
        let time = NaiveTime::parse_from_str(time, "%H:%M:%S")
            .or_else(|_error| NaiveTime::parse_from_str(time, "%H:%M"))
            .map_err(|_error| wrong())?;
        let millis = i64::from(time.num_seconds_from_midnight()) * 1_000;
        if utc {
            return Ok(Zone::fixed("UTC", 0).start_of(day).plus_millis(millis));
        }
        // Where the clocks change during the day, its later hours are moved with them.
        let naive = start.plus_millis(millis);
        let moved = i64::from(zone.offset_s(naive)) - i64::from(zone.offset_s(start));
        Ok(naive.plus_millis(-moved * 1_000))
    }

    /// Reads a date; a time of day after it is passed over.
    pub fn read(&self, text: &str) -> Result<Date, String> {
        let day = |text: &str| NaiveDate::parse_from_str(text, &self.pattern).ok();
        let dated = text.split(['T', ' ']).next().unwrap_or(text);
        let wrong = || format!("{text:?} is not a date as in {}", self.said);
        let day = day(text).or_else(|| day(dated)).ok_or_else(wrong)?;
        if !YEARS.contains(&day.year()) {
            let (first, last) = (YEARS.start, YEARS.end - 1);
            return Err(format!(
                "{text:?} is of the year {}: {first} to {last} is possible",
                day.year()
            ));
        }
        Ok(day.into())
    }
}

/// Digits before and after the decimal mark. Marks of thousands must part groups of
/// digits (1,234,567 or 12,34,567): who reads `1.000,00` as one is off by a thousand,
/// and nobody would notice.
fn digits(text: &str, decimal: Decimal) -> Option<(String, String)> {
    let (thousands, mark) = match decimal {
        Decimal::Point => (',', '.'),
        Decimal::Comma => ('.', ','),
    };
    let (whole, fraction) = text.split_once(mark).unwrap_or((text, ""));
    let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = whole.split(thousands).collect();
    let grouped = match groups.as_slice() {
        [] => false,
        [one] => !one.is_empty(),
        [first, middle @ .., last] => {
            (1..=3).contains(&first.len())
                && middle.iter().all(|group| matches!(group.len(), 2 | 3))
                && last.len() == 3
        }
    };
    let right = grouped && only_digits(fraction) && groups.iter().all(|group| only_digits(group));
    right.then(|| (groups.concat(), fraction.to_owned()))
}

/// Without spaces and the apostrophes that part thousands in some countries.
fn compact(text: &str) -> String {
    text.chars().filter(|letter| *letter != '\'' && !letter.is_whitespace()).collect()
}

/// A whole number.
pub(super) fn count(text: &str, decimal: Decimal) -> Result<u32, String> {
    let wrong = || format!("{text:?} is not a whole number");
    let (whole, fraction) = digits(&compact(text), decimal).ok_or_else(wrong)?;
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(wrong());
    }
    whole.parse().map_err(|_error| wrong())
}

/// Yes or no.
pub(super) fn yes(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "active" | "是" => Ok(true),
        "no" | "n" | "false" | "0" | "inactive" | "否" => Ok(false),
        _ => Err(format!("{text:?} is neither yes nor no")),
    }
}

/// An amount in `currency`. A sign or code of a currency beside the number is
/// passed over; more decimals than the currency has are an error, because rounding
/// would make totals that no file has.
pub(super) fn money(text: &str, currency: Currency, decimal: Decimal) -> Result<Money, String> {
    let wrong = || {
        let example = match decimal {
            Decimal::Point => "1,234.50 (decimal = \"point\")",
            Decimal::Comma => "1.234,50 (decimal = \"comma\")",
        };
        format!("{text:?} is not an amount as in {example}")
    };
    let bare = text.trim().trim_start_matches(currency.code()).trim_end_matches(currency.code());
    let bare = compact(bare);
    let bare = bare.trim_matches(['$', '€', '£', '¥', '¥', '元']);
    let (sign, bare) = match bare.strip_prefix('-') {
        Some(bare) => (-1, bare.trim_start_matches(['$', '€', '£', '¥', '¥'])),
        None => (1, bare),
    };
    let (whole, fraction) = digits(bare, decimal).ok_or_else(wrong)?;
    let decimals = usize::try_from(currency.decimals()).unwrap_or(2);
    let (kept, rest) = fraction.split_at_checked(decimals).unwrap_or((&fraction, ""));
    if rest.bytes().any(|byte| byte != b'0') {
        return Err(format!("{text:?} has more decimals than {currency}, which has {decimals}"));
    }
    let minor: i64 = format!("{whole}{kept:0<decimals$}")
        .parse()
        .map_err(|_error| format!("{text:?} is too large"))?;
    Ok(Money::new(sign * minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_the_file_writes_them() {
        for (format, text, expected) in [
            ("YYYY-MM-DD", "2016-10-20", "2016-10-20"),
            ("YYYY-MM-DD", "2016-10-20 13:45:00", "2016-10-20"),
            ("YYYY-MM-DD", "2016-10-20T13:45:00Z", "2016-10-20"),
            ("DD.MM.YYYY", "03.04.2017", "2017-04-03"),
            ("MM/DD/YYYY", "03/04/2017", "2017-03-04"),
            ("%d %b %Y", "3 Apr 2017", "2017-04-03"),
            ("YYYY年MM月DD日", "2017年04月03日", "2017-04-03"),
        ] {
            let read = DateFormat::parse(format).unwrap().read(text).unwrap();
            assert_eq!(read.to_string(), expected, "{format} {text}");
        }
        assert!(DateFormat::default().read("20/10/2016").unwrap_err().contains("YYYY-MM-DD"));
        let read = |format, text| DateFormat::parse(format).unwrap().read(text);
        assert!(read("DD/MM/YYYY", "03/04/17").unwrap_err().contains("year 17"));
        assert_eq!(read("DD/MM/YY", "03/04/17").unwrap().to_string(), "2017-04-03");
        read("YYYY-MM-DD", "9999-12-31").unwrap_err();
        for wrong in ["YYYY-MM", "day", "", "%Q"] {
            DateFormat::parse(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn a_time_of_day_is_kept_where_it_is_asked_for() {
        let format = DateFormat::default();
        let shanghai = Zone::fixed("Asia/Shanghai", 28_800);
        let at = |text| format.moment(text, &shanghai).map(Timestamp::millis);
        let midnight = at("2026-10-08").unwrap();
        assert_eq!(at("2026-10-08 09:10"), Ok(midnight + 550 * 60_000));
        assert_eq!(at("2026-10-08T09:10:30.5"), Ok(midnight + 550 * 60_000 + 30_000));
        assert_eq!(at("2026-10-08T01:10:00Z"), at("2026-10-08 09:10"), "UTC says so");
        at("2026-10-08 25:00").unwrap_err();
        let spelt = DateFormat::parse("%d %b %Y").unwrap();
        let start = spelt.moment("8 Oct 2026", &shanghai).unwrap();
        assert_eq!(start.millis(), midnight, "a date with spaces has no time");
    }

    #[test]
    fn amounts_are_exact_or_refused() {
        let usd: Currency = "USD".parse().unwrap();
        let jpy: Currency = "JPY".parse().unwrap();
        for (text, currency, decimal, minor) in [
            ("1054", usd, Decimal::Point, 105_400),
            ("1,054.5", usd, Decimal::Point, 105_450),
            ("$1,054.00", usd, Decimal::Point, 105_400),
            ("1.054,50", usd, Decimal::Comma, 105_450),
            ("1 054,50 USD", usd, Decimal::Comma, 105_450),
            ("-12.3400", usd, Decimal::Point, -1_234),
            ("1054", jpy, Decimal::Point, 1_054),
            ("12,34,567.50", usd, Decimal::Point, 123_456_750),
            ("1'234.50", usd, Decimal::Point, 123_450),
            ("-$1,234", usd, Decimal::Point, -123_400),
            ("92233720368547758.07", usd, Decimal::Point, i64::MAX),
        ] {
            assert_eq!(money(text, currency, decimal), Ok(Money::new(minor, currency)), "{text}");
        }
        for text in ["", "12.345", "1e9", "12-", "=1+1", "99999999999999999999"] {
            money(text, usd, Decimal::Point).expect_err(text);
        }
        for text in ["1.000,00", "1,5", "1,54", "1,2345", "1,,000", ",500", "1.5,000"] {
            money(text, usd, Decimal::Point).expect_err(text);
            count(text, Decimal::Point).expect_err(text);
        }
        for text in ["1,000.00", "1054.50", "1.5"] {
            money(text, usd, Decimal::Comma).expect_err(text);
        }
        assert_eq!(count("1,500.00", Decimal::Point), Ok(1500));
    }
}
