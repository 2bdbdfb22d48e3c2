//! F13: how long does a customer wait for an answer (响应时效)?
//!
//! "24小时响应" is either round the clock or within working time (DOMAIN D16), so the
//! policy names the clock. A case that nobody answered yet counts with its age:
//! otherwise the best figure would be had by answering nobody.
//!
//! Choices of ours: working time is that of the policy's hours on working days, and a
//! percentile is the smallest wait that so many of the waits do not exceed.

use crate::records::CalendarRecord;
use crate::rules::facts::{CaseFact, Facts};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::measures::Span;
use crate::rules::outcome::{ExclusionReason, MoneyReason, RuleId};
use crate::rules::policy::{ReminderPolicy, SlaClock};
use crate::time::Timestamp;

const MINUTE_MS: i64 = 60_000;

/// Waiting times of the cases opened in a span, in minutes of the policy's clock.
pub(super) struct Waits {
    /// Mean, rounded half-even.
    pub mean: Figure,
    /// Half the cases waited no longer.
    pub p50: Figure,
    /// Nine of ten did not.
    pub p90: Figure,
    /// Share within the policy's hours, in basis points.
    pub within: Figure,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The first reply.
    FirstReply,
    /// That it is resolved.
    Resolved,
}

impl Until {
    const fn of(self, case: &CaseFact) -> Option<Timestamp> {
        match self {
            // What was resolved was answered.
            Self::FirstReply => match (case.first_reply_at, case.resolved_at) {
                (Some(replied), Some(resolved)) if resolved.millis() < replied.millis() => {
                    Some(resolved)
                }
                (None, resolved) => resolved,
                (replied, _) => replied,
            },
            Self::Resolved => case.resolved_at,
        }
    }
}

/// The waits of the cases opened in `span`, as seen from `as_of`.
pub(super) fn waits(
    facts: &Facts,
    policy: &ReminderPolicy,
    span: Span,
    until: Until,
    as_of: Timestamp,
) -> Waits {
    let mut evidence = Evidence::default();
    let mut waited = Vec::new();
    for case in &facts.cases {
        let Some(opened) = case.opened_at else {
            evidence.leave_out(case.fact.clone(), ExclusionReason::Money(MoneyReason::NoDate));
            continue;
        };
        if !span.contains(opened) {
            continue;
        }
        let end = until.of(case).filter(|at| *at <= as_of).unwrap_or(as_of);
        waited.push(elapsed(policy, &facts.calendar, opened, end));
        evidence.facts.push(case.fact.clone());
    }
    waited.sort_unstable();
    let evidence = evidence.tidied();
    let count = i128::try_from(waited.len()).unwrap_or(i128::MAX);
    let limit = i64::from(policy.response_hours) * 60 * MINUTE_MS;
    let inside = waited.iter().filter(|wait| **wait <= limit).count();
    // Begun minutes do not count in what is shown, and do in what is late.
    let waited: Vec<i64> = waited.iter().map(|wait| wait / MINUTE_MS).collect();
    let sum = waited.iter().map(|minutes| i128::from(*minutes)).sum();
    let percentile = |percent: usize| {
        let place = (waited.len() * percent).div_ceil(100);
        let value = place.checked_sub(1).and_then(|index| waited.get(index)).copied();
        let fraction = value.map_or((0, 0), |value| (i128::from(value), 1));
        Figure::ratio(RuleId::F13, fraction, 1, evidence.clone())
    };
    Waits {
        mean: Figure::ratio(RuleId::F13, (sum, count), 1, evidence.clone()),
        p50: percentile(50),
        p90: percentile(90),
        within: Figure::ratio(
            RuleId::F13,
            (i128::try_from(inside).unwrap_or(i128::MAX), count),
            10_000,
            evidence.clone(),
        ),
    }
}

/// Milliseconds from `from` until `until` on the policy's clock.
fn elapsed(
    policy: &ReminderPolicy,
    calendar: &CalendarRecord,
    from: Timestamp,
    until: Timestamp,
) -> i64 {
    if until <= from {
        return 0;
    }
    match policy.response_clock {
        SlaClock::Elapsed => until.since(from),
        SlaClock::Working => {
            let (mut day, last) = (calendar.zone.date(from), calendar.zone.date(until));
            let mut sum = 0_i64;
            while day <= last {
                if calendar.is_working_day(day) {
                    let midnight = calendar.zone.start_of(day);
                    let opens = midnight.plus_millis(policy.working_hours.from.millis());
                    let closes = midnight.plus_millis(policy.working_hours.until.millis());
                    let span = closes.min(until).since(opens.max(from));
                    sum = sum.saturating_add(span.max(0));
                }
                let next = day.next();
                if next <= day {
                    break;
                }
                day = next;
            }
            sum
        }
    }
}

/// The same in whole minutes; begun ones do not count.
pub(super) fn minutes(
    policy: &ReminderPolicy,
    calendar: &CalendarRecord,
    from: Timestamp,
    until: Timestamp,
) -> i64 {
    elapsed(policy, calendar, from, until) / MINUTE_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::*;

    fn october(facts: &Facts) -> Span {
        let (from, until) = period("2026-10").bounds(&facts.calendar.zone);
        Span { from, until }
    }

    #[test]
    fn an_open_case_counts_with_its_age() {
        let mut facts = facts("2026-10");
        facts.cases = vec![
            case(1, 100, "2026-10-08 09:00", Some("2026-10-08 10:00")),
            case(2, 100, "2026-10-09 09:00", Some("2026-10-10 09:00")),
            case(3, 100, "2026-10-12 09:00", Some("2026-10-13 09:01")),
            case(4, 100, "2026-10-19 09:00", None),
            case(5, 100, "2026-09-30 09:00", None),
        ];
        let span = october(&facts);
        let policy = policy().reminders;
        let found = waits(&facts, &policy, span, Until::FirstReply, at("2026-10-21 09:00"));
        // 60, 1,440, 1,441 and 2,880 minutes.
        assert_eq!(found.mean.value, Some(1_455));
        assert_eq!((found.p50.value, found.p90.value), (Some(1_440), Some(2_880)));
        assert_eq!(found.within.value, Some(5_000), "exactly 24 hours is within");
        let nobody = waits(&facts, &policy, span, Until::Resolved, at("2026-10-21 09:00"));
        assert_eq!(nobody.within.value, Some(0));

        let late = Timestamp::from_millis(at("2026-10-09 09:00").millis() + 1);
        facts.cases =
            vec![case(1, 100, "2026-10-08 09:00", None), case(2, 100, "2026-10-08 09:00", None)];
        facts.cases[0].first_reply_at = Some(late);
        facts.cases[1].resolved_at = Some(at("2026-10-08 10:00"));
        let found = waits(&facts, &policy, span, Until::FirstReply, at("2026-10-21 09:00"));
        assert_eq!(found.within.value, Some(5_000), "a millisecond late; resolved is answered");
        assert_eq!(found.p50.value, Some(60));
    }

    #[test]
    fn the_working_clock_stands_still_at_night_and_on_days_off() {
        let mut policy = policy().reminders;
        policy.response_clock = SlaClock::Working;
        let calendar = calendar();
        let check = |from: &str, until: &str, expected: i64| {
            assert_eq!(minutes(&policy, &calendar, at(from), at(until)), expected, "{from}");
        };
        // 09:00 to 18:00; 10 and 11 October 2026 are a weekend.
        check("2026-10-08 17:00", "2026-10-09 10:00", 120);
        check("2026-10-09 17:00", "2026-10-12 10:00", 120);
        check("2026-10-10 10:00", "2026-10-11 10:00", 0);
        check("2026-10-08 10:00", "2026-10-08 09:00", 0);
        check("2026-10-08 08:00", "2026-10-08 20:00", 540);
    }
}
