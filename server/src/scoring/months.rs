//! Which cards a mark asks for.
//!
//! Cards are monthly. A target may be for a quarter, and its mark names that;
//! the cards it bears on are the months inside that have begun.

use client_core::period::Period;
use client_core::time::Date;

/// The months that touch `period`, up to the one of `today`, oldest first.
pub(super) fn begun(period: Period, today: Date) -> Vec<Period> {
    let last = period.last_day().min(today);
    std::iter::successors(Some(Period::month_of(period.first_day())), |month| {
        Some(Period::month_of(month.next_first_day()))
    })
    .take_while(|month| month.first_day() <= last)
    .collect()
}

/// The month after, if it has begun.
pub(super) fn next_begun(month: Period, today: Date) -> Option<Period> {
    let next = Period::month_of(month.next_first_day());
    (next.first_day() <= today).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_of_a_quarter_bears_on_its_months_that_have_begun() {
        let check = |period: &str, today: &str, expected: &[&str]| {
            let found = begun(period.parse().unwrap(), today.parse().unwrap());
            let found: Vec<String> = found.iter().map(Period::to_string).collect();
            assert_eq!(found, expected, "{period} on {today}");
        };
        check("2026-Q4", "2026-11-20", &["2026-10", "2026-11"]);
        check("2026-10", "2026-11-20", &["2026-10"]);
        check("2026-12", "2026-11-20", &[]);
        check("2026-W40", "2026-11-20", &["2026-09", "2026-10"]);
        check("2026-11-01", "2026-11-01", &["2026-11"]);
    }
}
