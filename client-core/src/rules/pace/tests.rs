use super::*;
use crate::rules::fixture::*;

fn side(actual: i64, elapsed_days: i64) -> Option<PaceSide> {
    let progress = Progress { working_days: 22, elapsed_days };
    outside(actual, 100, progress, &policy().pace)
}

#[test]
fn forty_of_a_hundred_at_half_time_is_a_pace_of_080_and_no_deviation() {
    let progress = Progress { working_days: 22, elapsed_days: 11 };
    assert_eq!(pace(40, 100, progress), Some(BasisPoints(8_000)));
    assert_eq!(basis_points(40, 100), Some(BasisPoints(4_000)));
    assert_eq!(side(40, 11), None);
    assert_eq!(side(39, 11), Some(PaceSide::Below));
    assert_eq!(side(65, 11), None, "exactly 1.30");
    assert_eq!(side(66, 11), Some(PaceSide::Above));
    assert_eq!(side(0, 0), None, "no working day has passed");
}

#[test]
fn a_deviation_is_serious_when_it_lasts_two_weeks_on_the_same_side() {
    let (below, above) = (Some(PaceSide::Below), Some(PaceSide::Above));
    assert!(serious(below, below));
    assert!(serious(above, above));
    assert!(!serious(below, above));
    assert!(!serious(below, None));
    assert!(!serious(None, None));
}

#[test]
fn today_counts_as_passed_and_holidays_do_not() {
    let mut calendar = calendar();
    let on = |calendar: &CalendarRecord, date| {
        let progress = Progress::on(period("2026-10"), day(date), calendar);
        (progress.elapsed_days, progress.working_days)
    };
    assert_eq!(on(&calendar, "2026-10-15"), (11, 22));
    assert_eq!(on(&calendar, "2026-11-20"), (22, 22));
    // National Day: five working days off, one Saturday worked for it.
    calendar.holidays = (1..=7).map(|date| day(&format!("2026-10-{date:02}"))).collect();
    calendar.adjusted_workdays = [day("2026-10-10")].into();
    assert_eq!(on(&calendar, "2026-10-15"), (7, 18));
}
