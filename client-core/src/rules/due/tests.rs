use super::*;
use crate::rules::agenda::{AgendaCustomer, agenda};
use crate::rules::fixture::*;
use crate::rules::policy::RulePeriod;

fn twice_a_month() -> Policy {
    let frequency = vec![
        FrequencyRule {
            tier: Tier::A,
            count: 2,
            period: RulePeriod::Month,
            modes: Vec::new(),
            deep: false,
            note: None,
        },
        FrequencyRule {
            tier: Tier::B,
            count: 1,
            period: RulePeriod::Quarter,
            modes: vec![VisitMode::Onsite],
            deep: false,
            note: None,
        },
    ];
    Policy { frequency, ..policy() }
}

const TODAY: &str = "2026-10-30 18:00";

/// A customer known for `known` days, last visited `visited` days ago.
fn seen(number: u8, tier: Option<Tier>, known: i64, visited: Option<i64>) -> AgendaCustomer {
    let ago = |days: i64| at(TODAY).plus_millis(-days * 86_400_000);
    AgendaCustomer {
        customer: doc(number),
        tier,
        known_since: Some(ago(known)),
        last_visits: visited.map(|days| (VisitMode::Phone, ago(days))).into_iter().collect(),
    }
}

fn list(customers: &[AgendaCustomer], complete: bool) -> Vec<Due> {
    agenda(customers, &twice_a_month(), &calendar().zone, at(TODAY), complete)
}

#[test]
fn an_a_customer_twice_a_month_is_due_after_fifteen_days() {
    let check = |known, visited, expected| {
        let due = list(&[seen(1, Some(Tier::A), known, visited)], true).remove(0);
        assert_eq!(due.status, expected, "known {known}, visited {visited:?} days ago");
    };
    check(400, Some(0), DueStatus::OnTrack);
    check(400, Some(11), DueStatus::OnTrack);
    check(400, Some(12), DueStatus::FollowUp);
    check(400, Some(13), DueStatus::FollowUp);
    check(400, Some(15), DueStatus::FollowUp);
    check(400, Some(16), DueStatus::Overdue);
    check(15, None, DueStatus::OnTrack);
    check(16, None, DueStatus::Never);
}

#[test]
fn the_agenda_is_ordered_by_urgency_then_tier_then_days() {
    let customers = [
        seen(1, Some(Tier::A), 400, Some(2)),
        seen(2, Some(Tier::A), 400, Some(13)),
        seen(3, Some(Tier::A), 400, None),
        seen(4, Some(Tier::A), 400, Some(16)),
        seen(5, Some(Tier::A), 400, Some(20)),
        seen(6, None, 400, Some(90)),
        seen(7, Some(Tier::B), 400, None),
        seen(8, Some(Tier::A), 400, Some(20)),
    ];
    let order: Vec<_> = list(&customers, true).iter().map(|due| due.customer).collect();
    assert_eq!(order, [5, 8, 4, 3, 7, 2, 1, 6].map(doc));
    let mut reversed = customers;
    reversed.reverse();
    let again: Vec<_> = list(&reversed, true).iter().map(|due| due.customer).collect();
    assert_eq!(again, order);
}

#[test]
fn only_visits_in_the_rules_modes_move_its_clock() {
    let by_phone = seen(1, Some(Tier::B), 400, Some(1));
    assert_eq!(list(&[by_phone], true)[0].status, DueStatus::Never);
}

#[test]
fn nothing_is_overdue_on_a_phone_that_does_not_hold_everything_yet() {
    let due = list(&[seen(1, Some(Tier::A), 400, None)], false).remove(0);
    assert_eq!((due.status, due.days), (DueStatus::Unknown, None));
}
