//! A target's value as people type it: yuan and not fen, percent and not basis points.

use client_core::money::Currency;
use client_core::records::Metric;

/// Decimals that people type for a metric.
const fn decimals(metric: &Metric, currency: Currency) -> u32 {
    match metric {
        Metric::SalesAmount => currency.decimals(),
        Metric::CollectionRate
        | Metric::NewCustomerGrowth
        | Metric::QuoteConversion
        | Metric::CustomerSatisfaction => 2,
        _ => 0,
    }
}

/// What stands in the field for a value.
pub fn written(metric: &Metric, currency: Currency, value: i64) -> String {
    let decimals = decimals(metric, currency);
    let scale = 10_i64.pow(decimals);
    let (whole, part) = (value / scale, value % scale);
    if decimals == 0 || part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{part:0width$}", width = decimals as usize)
}

/// The value of what was typed; none if it is no number, or a finer one than the metric has.
pub fn read(metric: &Metric, currency: Currency, text: &str) -> Option<i64> {
    let decimals = decimals(metric, currency);
    let text: String =
        text.chars().filter(|letter| !matches!(letter, ',' | '，' | ' ' | '%')).collect();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    let part = part.trim_end_matches('0');
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > decimals as usize {
        return None;
    }
    format!("{whole}{part:0<width$}", width = decimals as usize).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_typed_as_it_is_said_and_reads_back() {
        let cny: Currency = "CNY".parse().unwrap();
        let check = |metric: Metric, text: &str, value: Option<i64>| {
            assert_eq!(read(&metric, cny, text), value, "{text}");
            if let Some(value) = value {
                assert_eq!(read(&metric, cny, &written(&metric, cny, value)), Some(value));
            }
        };
        check(Metric::SalesAmount, "1,250,000.5", Some(125_000_050));
        check(Metric::SalesAmount, "0.05", Some(5));
        check(Metric::SalesAmount, "0.005", None);
        check(Metric::SalesAmount, "-1", None);
        check(Metric::CollectionRate, "90%", Some(9_000));
        check(Metric::EffectiveVisits, "40", Some(40));
        check(Metric::EffectiveVisits, "40.5", None);
        check(Metric::EffectiveVisits, "", None);
        check(Metric::EffectiveVisits, "99999999999999999999", None);
    }
}
