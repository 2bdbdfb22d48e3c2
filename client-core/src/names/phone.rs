//! Phone numbers: understood where possible, kept as typed always.

use phonenumber::country;

use crate::docs::customer::Phone;

/// The country whose national format is assumed for a number without a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    /// Mainland China.
    pub const CN: Self = Self(country::Id::CN);
    /// Taiwan.
    pub const TW: Self = Self(country::Id::TW);

    /// The region with this ISO 3166 code, for example `CN`.
    pub fn parse(code: &str) -> Option<Self> {
        code.to_ascii_uppercase().parse().ok().map(Self)
    }
}

/// Longer than any number with its extension; more is not a number.
const LONGEST: usize = 64;

/// Understands a number as typed. Never fails: what cannot be understood keeps
/// its raw text and has no E.164 form.
pub fn parse_phone(raw: &str, region: Region) -> Phone {
    let typed = raw.trim();
    let plain = super::fold::plain(typed);
    let e164 = (plain.len() <= LONGEST)
        .then(|| phonenumber::parse(Some(region.0), &plain).ok())
        .flatten()
        .filter(phonenumber::is_valid)
        .map(|number| number.format().mode(phonenumber::Mode::E164).to_string());
    Phone { raw: Some(typed.to_owned()), e164, label: None }
}

/// The digits of a number as typed, in plain ASCII: what a phone tail is looked up in.
pub fn digits(raw: &str) -> String {
    super::fold::plain(raw).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_have_one_form() {
        for raw in ["13812345678", "+86 138 1234 5678", "138-1234-5678", "１３８１２３４５６７８"]
        {
            let phone = parse_phone(raw, Region::CN);
            assert_eq!(phone.e164.as_deref(), Some("+8613812345678"), "{raw}");
            assert_eq!(phone.raw.as_deref(), Some(raw));
        }
        assert_eq!(parse_phone("0912-345-678", Region::TW).e164.as_deref(), Some("+886912345678"));
    }

    #[test]
    fn what_is_no_number_is_kept_as_typed() {
        let long = "9".repeat(300);
        for raw in ["", "call reception", "12", "+", long.as_str()] {
            let phone = parse_phone(raw, Region::CN);
            assert_eq!(phone.e164, None, "{raw}");
            assert_eq!(phone.raw.as_deref(), Some(raw));
        }
    }

    #[test]
    fn digits_are_what_a_tail_is_looked_up_in() {
        assert_eq!(digits("+86 (138) １２３４-5678"), "8613812345678");
        assert_eq!(Region::parse("de"), Region::parse("DE"));
        assert_eq!(Region::parse("nowhere"), None);
    }
}
