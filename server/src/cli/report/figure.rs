//! Numbers as tables show them.

use client_core::money::Money;

/// `1,234.50`, with as many decimals as the currency has.
pub(super) fn amount(money: Money) -> String {
    let scale = 10_u64.pow(money.currency.decimals());
    let sign = if money.minor < 0 { "-" } else { "" };
    let units = money.minor.unsigned_abs();
    let whole = grouped(units / scale);
    match money.currency.decimals() {
        0 => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{:0width$}", units % scale, width = decimals as usize),
    }
}

/// `1,234`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let check = |minor, code: &str, expected: &str| {
            assert_eq!(amount(Money::new(minor, code.parse().unwrap())), expected);
        };
        check(123_456_705, "USD", "1,234,567.05");
        check(-50, "CNY", "-0.50");
        check(1_234_567, "JPY", "1,234,567");
        check(1_234, "KWD", "1.234");
        check(0, "USD", "0.00");
    }
}
