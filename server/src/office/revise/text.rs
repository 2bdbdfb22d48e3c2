//! Values as forms carry them: text, and back.

use client_core::money::{Currency, Money};
use client_core::time::Date;

use super::Wrong;

/// Longest text of a field, in bytes.
const LONGEST: usize = 16 * 1024;

/// An amount with its currency: `1250.50 CNY`.
pub fn money(money: Money) -> String {
    let scale = 10_u64.pow(money.currency.decimals());
    let width = money.currency.decimals() as usize;
    let sign = if money.minor < 0 { "-" } else { "" };
    let minor = money.minor.unsigned_abs();
    let whole = minor / scale;
    if width == 0 {
        return format!("{sign}{whole} {}", money.currency);
    }
    format!("{sign}{whole}.{:0width$} {}", minor % scale, money.currency)
}

/// An amount as people type it: `1,250.5`, in `home` unless it says otherwise.
pub fn parse_money(text: &str, home: Currency) -> Result<Money, Wrong> {
    let text = text.trim();
    let (number, currency) = match text.rsplit_once(' ') {
        Some((number, code)) if code.chars().all(|letter| letter.is_ascii_alphabetic()) => {
            (number, code.to_ascii_uppercase().parse().map_err(|_error| Wrong::Money)?)
        }
        _ => (text, home),
    };
    let number: String = number.chars().filter(|letter| *letter != ' ').map(narrow).collect();
    let (sign, digits) = number.strip_prefix('-').map_or((1, number.as_str()), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    // "1,5" is one and a half to some and a slip of fifteen to others.
    let (first, groups) = whole.split_once(',').unwrap_or((whole, "000"));
    let in_thousands = first.len() <= 3 && groups.split(',').all(|group| group.len() == 3);
    if whole.contains(',') && !in_thousands {
        return Err(Wrong::Money);
    }
    let whole: String = whole.split(',').collect();
    let decimals = currency.decimals() as usize;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(&whole) || !plain(part) || part.len() > decimals {
        return Err(Wrong::Money);
    }
    let minor: i64 = format!("{whole}{part:0<decimals$}").parse().map_err(|_error| Wrong::Money)?;
    Ok(Money::new(sign * minor, currency))
}

/// A full-width digit or mark as Chinese keyboards type it, as its narrow one.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff0c}' => ',',
        '\u{ff10}'..='\u{ff19}' | '\u{ff0d}' | '\u{ff0e}' => {
            char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter)
        }
        _ => letter,
    }
}

/// The same, of a field that may be empty.
pub(super) fn maybe_money(text: &str) -> Option<Money> {
    // Forms are checked before they come here, with the org's own currency.
    parse_money(text, Currency::CNY).ok()
}

/// The text unless it is empty.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A yes or a no; nothing if it was never said.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The text of a yes or a no.
pub(super) fn of_flag(flag: Option<bool>) -> String {
    flag.map_or("", |flag| if flag { "yes" } else { "no" }).to_owned()
}

/// Whether a text may stand in a field at all.
pub(super) fn short(text: &str) -> Option<Wrong> {
    (text.len() > LONGEST).then_some(Wrong::Long)
}

/// Whether a text is a day, or empty.
pub(super) fn day(text: &str) -> Option<Wrong> {
    (!text.is_empty() && text.parse::<Date>().is_err()).then_some(Wrong::Day)
}

/// Whether a text is an amount with its currency, or empty.
pub(super) fn amount(text: &str) -> Option<Wrong> {
    let wrong = || maybe_money(text).is_none_or(|money| money.minor < 0);
    (!text.is_empty() && wrong()).then_some(Wrong::Money)
}

/// Whether a text is a whole number in a range, or empty.
pub(super) fn whole(text: &str, from: u16, to: u16) -> Option<Wrong> {
    let within = text.parse::<u16>().is_ok_and(|number| (from..=to).contains(&number));
    (!text.is_empty() && !within).then_some(Wrong::Number { from, to })
}

/// Whether a text is one of these codes, or empty.
pub(super) fn one_of(
    text: &str,
    known: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<Wrong> {
    let found = text.is_empty() || known.into_iter().any(|code| code.as_ref() == text);
    (!found).then_some(Wrong::Choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_type_it_and_never_guessed() {
        let check = |text: &str, expected: Result<(i64, &str), Wrong>| {
            let expected = expected.map(|(minor, code)| Money::new(minor, code.parse().unwrap()));
            assert_eq!(parse_money(text, Currency::CNY), expected, "{text:?}");
        };
        check("1,250.5", Ok((125_050, "CNY")));
        check("1250", Ok((125_000, "CNY")));
        check("-3.07 USD", Ok((-307, "USD")));
        check("12500 jpy", Ok((12_500, "JPY")));
        check("12.5 JPY", Err(Wrong::Money));
        check("1.2345", Err(Wrong::Money));
        check("1,234,567.8", Ok((123_456_780, "CNY")));
        check("１２００．５", Ok((120_050, "CNY")));
        check("1,5", Err(Wrong::Money));
        check("1.500,00", Err(Wrong::Money));
        check("1234,567", Err(Wrong::Money));
        check("", Err(Wrong::Money));
        check(".5", Err(Wrong::Money));
        check("1e9", Err(Wrong::Money));
        check("99999999999999999999", Err(Wrong::Money));
        for minor in [0, 5, -125_050, i64::MAX] {
            let whole = Money::new(minor, Currency::CNY);
            assert_eq!(parse_money(&money(whole), Currency::CNY), Ok(whole));
        }
    }
}
