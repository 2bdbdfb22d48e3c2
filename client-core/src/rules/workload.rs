//! How many visits a portfolio asks for in a month: what a rep is loaded with.
//!
//! Coverage says what was required of a rep who held each customer on certain days, over
//! the periods that end in the month. Whoever places customers asks something else: if
//! this portfolio stays, how many visits is that a month? So here every rule's periods are
//! taken as far as they lie in the month, by working days, and nothing is rounded before
//! the end: a visit a quarter is a third of a visit in an even month, not none in two and
//! one in the third.

use crate::period::Period;
use crate::records::{CalendarRecord, Tier};
use crate::rules::policy::Policy;
use crate::rules::rounding::{div_half_up, saturate};

/// Visits a month that one customer of `tier` asks for by the call frequency standard
/// (S3), in hundredths. Rules that hold at once each ask for theirs, as in coverage.
pub fn workload(policy: &Policy, tier: Tier, month: Period, calendar: &CalendarRecord) -> i64 {
    policy
        .frequency
        .iter()
        .filter(|rule| rule.tier == tier)
        .map(|rule| {
            let (first, end) = (month.first_day(), month.next_first_day());
            let spans = std::iter::successors(Some(rule.period.of(first, calendar)), |span| {
                Some(span.following())
            });
            let spans = spans.take_while(|span| span.first_day() < end);
            let asked: i128 = spans
                .map(|span| {
                    let (from, until) = (span.first_day(), span.next_first_day());
                    let inside = calendar.working_days(from.max(first), until.min(end));
                    let all = calendar.office_days(from, until);
                    let asked = i128::from(rule.count) * 100 * i128::from(inside);
                    div_half_up(asked, all.into()).unwrap_or(0)
                })
                .sum();
            saturate(asked)
        })
        .fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture;
    use crate::rules::policy::preset_text;

    #[test]
    fn a_month_asks_for_its_share_of_each_period() {
        let policy = Policy::from_toml(preset_text("guide-standard").unwrap()).unwrap();
        let calendar = fixture::calendar();
        let check = |tier: Tier, month: &str, hundredths: i64| {
            let asked = workload(&policy, tier, month.parse().unwrap(), &calendar);
            assert_eq!(asked, hundredths, "{tier:?} in {month}");
        };
        // B: one deep contact a month, whatever the month.
        check(Tier::B, "2026-11", 100);
        check(Tier::B, "2026-10", 100);
        // A: two a week, and a month has more than four weeks.
        let a = workload(&policy, Tier::A, "2026-11".parse().unwrap(), &calendar);
        assert!((800..=900).contains(&a), "{a}");
        // C: one a quarter: three months of it are one visit, give or take the rounding.
        let months = ["2026-07", "2026-08", "2026-09"].map(|month| month.parse().unwrap());
        let c: i64 = months.iter().map(|month| workload(&policy, Tier::C, *month, &calendar)).sum();
        assert!((99..=101).contains(&c), "{c}");
    }
}
