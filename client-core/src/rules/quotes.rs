//! F8: how many quotes become orders (报价转化率)?
//!
//! A quote is asked about in the period in which it was first issued, whenever it is
//! decided: a cohort, read at `as_of`. Revisions of one quote count once.

use std::collections::BTreeMap;

use crate::period::Days;
use crate::rules::facts::{Facts, Key, QuoteFact};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::outcome::{ExclusionReason, MoneyReason, RuleId};
use crate::time::Date;

/// Accepted by `as_of` ÷ first issued in `days`, in basis points.
pub(super) fn quote_conversion(facts: &Facts, days: Days, as_of: Date) -> Figure {
    let mut quotes: BTreeMap<Key, Vec<&QuoteFact>> = BTreeMap::new();
    for quote in &facts.quotes {
        quotes.entry(quote.origin.key()).or_default().push(quote);
    }
    let mut evidence = Evidence::default();
    let (mut issued, mut accepted) = (0_i128, 0_i128);
    for revisions in quotes.into_values() {
        let Some(first) = revisions.iter().filter_map(|quote| quote.issued_on).min() else {
            for quote in revisions {
                evidence.leave_out(
                    quote.origin.fact.clone(),
                    ExclusionReason::Money(MoneyReason::NoDate),
                );
            }
            continue;
        };
        if !days.contains(first) {
            continue;
        }
        issued += 1;
        let taken = |quote: &&QuoteFact| {
            quote.accepted == Some(true) && quote.decided_on.is_none_or(|on| on <= as_of)
        };
        accepted += i128::from(revisions.iter().any(taken));
        evidence.facts.extend(revisions.iter().map(|quote| quote.origin.fact.clone()));
    }
    Figure::ratio(RuleId::F8, (accepted, issued), 10_000, evidence.tidied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::*;

    fn twenty() -> Facts {
        let mut facts = facts("2026-10");
        facts.quotes = (0_u8..20)
            .map(|number| QuoteFact {
                accepted: (number < 5).then_some(true),
                decided_on: (number < 5).then(|| day("2026-10-20")),
                ..quote(40, number, "2026-10-05")
            })
            .collect();
        facts
    }

    fn conversion(facts: &Facts, as_of: &str) -> (Option<i64>, i64, i64) {
        let october = Days::from(period("2026-10"));
        let figure = quote_conversion(facts, october, day(as_of));
        (figure.value, figure.numerator, figure.denominator)
    }

    #[test]
    fn five_of_twenty_are_a_quarter() {
        assert_eq!(conversion(&twenty(), "2026-10-31"), (Some(2_500), 5, 20));
        assert_eq!(conversion(&twenty(), "2026-10-19"), (Some(0), 0, 20), "not accepted yet");
    }

    #[test]
    fn revisions_of_one_quote_count_once_and_from_the_first() {
        let mut facts = twenty();
        let first = facts.quotes[0].clone();
        facts.quotes.push(QuoteFact { issued_on: Some(day("2026-10-25")), ..first.clone() });
        assert_eq!(conversion(&facts, "2026-10-31"), (Some(2_500), 5, 20));
        facts.quotes.push(QuoteFact { issued_on: Some(day("2026-09-30")), ..first });
        assert_eq!(conversion(&facts, "2026-10-31"), (Some(2_105), 4, 19), "September's");
    }

    #[test]
    fn without_a_quote_there_is_no_rate() {
        assert_eq!(conversion(&facts("2026-10"), "2026-10-31"), (None, 0, 0));
        let mut undated = facts("2026-10");
        undated.quotes = vec![QuoteFact { issued_on: None, ..quote(40, 1, "2026-10-05") }];
        let october = Days::from(period("2026-10"));
        let figure = quote_conversion(&undated, october, day("2026-10-31"));
        assert_eq!(figure.exclusions.len(), 1);
    }
}
