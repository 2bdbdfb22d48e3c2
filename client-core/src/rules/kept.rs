//! How long a closed placement is kept by whoever held the customer before.
//!
//! Last month's card looks at the customers of last month. So a placement that ended
//! stays with its former holder until the period after next has closed: one that ended
//! in October until December has. A quarter's frequency rule looks back two months, so
//! whatever looks at the placement at all is final by then. After that it goes: nobody
//! needs to keep customers that are somebody else's for years.

use crate::period::Period;
use crate::records::CalendarRecord;
use crate::time::Date;

/// A period closes so many working days after its end.
pub const CLOSES_AFTER_WORKING_DAYS: i64 = 5;

/// The longest that a calendar may put closing off, in days: one that knows no working
/// day would keep everything for ever.
const LATEST_DAYS: i64 = 31;

/// The first day on which a period is closed.
pub fn closed_from(period: Period, calendar: &CalendarRecord) -> Date {
    let end = period.next_first_day();
    let mut worked = 0;
    let mut day = end;
    while worked < CLOSES_AFTER_WORKING_DAYS && day.days_since(end) < LATEST_DAYS {
        worked += i64::from(calendar.is_working_day(day));
        day = day.next();
    }
    day
}

/// Placements that ended before this day are with their former holders no longer.
pub fn placements_kept_from(calendar: &CalendarRecord, today: Date) -> Date {
    let mut month = Period::month_of(today);
    loop {
        let before = month.previous();
        let after_next = Period::month_of(before.first_day().plus_months(2));
        if closed_from(after_next, calendar) <= today {
            return month.first_day();
        }
        month = before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{calendar, period};

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_closes_five_working_days_after_its_end() {
        // 1 November 2026 is a Sunday.
        assert_eq!(closed_from(period("2026-10"), &calendar()), date("2026-11-07"));
        let mut holidays = calendar();
        holidays.holidays.insert(date("2026-11-04"));
        assert_eq!(closed_from(period("2026-10"), &holidays), date("2026-11-10"));
        let mut never = calendar();
        never.weekend = (0..7).filter_map(|day| chrono::Weekday::try_from(day).ok()).collect();
        assert_eq!(closed_from(period("2026-10"), &never), date("2026-12-02"));
    }

    #[test]
    fn a_closed_placement_is_kept_until_the_period_after_next_has_closed() {
        let check = |today: &str, kept_from: &str| {
            assert_eq!(placements_kept_from(&calendar(), date(today)), date(kept_from), "{today}");
        };
        // September closes on 8 October, and with it goes what ended in July.
        check("2026-10-07", "2026-07-01");
        check("2026-10-08", "2026-08-01");
        check("2026-12-31", "2026-10-01");
        check("2027-01-07", "2026-10-01");
        check("2027-01-08", "2026-11-01");
    }
}
