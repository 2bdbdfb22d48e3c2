//! Money: integer minor units with their currency, never a float.
//!
//! Three capitals are easily mistyped, and an amount in `CYN` is in no sum. So what somebody
//! enters must be a currency of ISO 4217. What is kept already stays readable whatever its
//! code: currencies are withdrawn, and an amount of last year is not lost by that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency, by its code of three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text was no currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a currency: expected an ISO 4217 code such as CNY")]
pub struct ParseCurrencyError {
    /// What was given.
    pub text: String,
}

impl Currency {
    /// Chinese yuan, the default of the requirement guides.
    pub const CNY: Self = Self(*b"CNY");

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit (CNY 2, JPY 0, KWD 3).
    pub const fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl Currency {
    /// A code that stands in kept data: three capitals, a currency of today or not.
    ///
    /// # Errors
    /// When the text is not of three capital letters.
    pub fn kept(text: &str) -> Result<Self, ParseCurrencyError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(ParseCurrencyError { text: text.to_owned() }),
        }
    }
}

impl std::str::FromStr for Currency {
    type Err = ParseCurrencyError;

    /// A currency that somebody enters: one of ISO 4217.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |_currency: &Self| CURRENCIES.split_ascii_whitespace().any(|one| one == text);
        let refused = || ParseCurrencyError { text: text.to_owned() };
        Self::kept(text).ok().filter(known).ok_or_else(refused)
    }
}

/// Alphabetic codes of ISO 4217 (list one, as of 2026) that money is paid in: without funds,
/// metals, units of account and test codes.
const CURRENCIES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP \
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES \
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU \
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND \
    TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR \
    ZMW ZWG";

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::kept(&text).map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (fen, cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for refunds.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

impl fmt::Display for Money {
    /// Plain and unambiguous, for messages and logs: `CNY 1234.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let scale = 10_u64.pow(decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        let units = self.minor.unsigned_abs();
        write!(f, "{} {sign}{}", self.currency, units / scale)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", units % scale, width = decimals as usize)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_the_currency() {
        let check = |minor, code: &str, expected: &str| {
            assert_eq!(Money::new(minor, code.parse().unwrap()).to_string(), expected);
        };
        check(123_450, "CNY", "CNY 1234.50");
        check(-5, "CNY", "CNY -0.05");
        check(1234, "JPY", "JPY 1234");
        check(1234, "KWD", "KWD 1.234");
    }

    #[test]
    fn what_is_entered_is_a_currency_and_what_is_kept_stays_readable() {
        for code in CURRENCIES.split_ascii_whitespace() {
            assert_eq!(code.parse::<Currency>().unwrap().code(), code);
        }
        for odd in ["CYN", "RMB", "NTD", "XXX", "XAU", "HRK", "cny", "CN", "CNYY", "CNY EUR", ""] {
            let error = odd.parse::<Currency>().unwrap_err().to_string();
            assert!(error.contains("ISO 4217"), "{error}");
        }
        let old: Money = serde_json::from_str(r#"{"minor":250,"currency":"HRK"}"#).unwrap();
        assert_eq!(old.to_string(), "HRK 2.50");
        assert!(Currency::kept("cny").is_err());
        // Every currency without two decimals is one that is paid in.
        for code in ["JPY", "KRW", "VND", "CLP", "XOF"] {
            assert_eq!(code.parse::<Currency>().unwrap().decimals(), 0, "{code}");
        }
        for code in ["KWD", "BHD", "TND"] {
            assert_eq!(code.parse::<Currency>().unwrap().decimals(), 3, "{code}");
        }
    }
}
