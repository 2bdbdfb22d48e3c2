//! Whom to visit next, and why.
//!
//! The due list knows who was not seen for long. A rep in the morning weighs more than
//! that: a customer in danger, a promise that is due, and how far away everybody is. So
//! each customer gets every reason that speaks for it, the strongest reason decides,
//! then the tier, then the days, then the way. Nothing is added up to a number that
//! nobody could explain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geo::Point;
use crate::id::DocId;
use crate::rules::due::{Due, DueStatus};
use crate::rules::location::distance_mm;
use crate::rules::risk::{Risk, RiskLevel};
use crate::rules::tasks::{Task, TaskKind, TaskState};
use crate::time::Date;

/// Why a customer should be visited, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitWhy {
    /// In red danger (R2).
    Red,
    /// A callback or a promised step is overdue.
    PromiseOverdue,
    /// Not visited for longer than its tier allows.
    Overdue,
    /// Never visited.
    Never,
    /// In yellow danger (R1).
    Yellow,
    /// A callback or a promised step is due within days.
    PromiseDue,
    /// A visit will be due soon.
    FollowUp,
}

impl VisitWhy {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::PromiseOverdue => "promise_overdue",
            Self::Overdue => "overdue",
            Self::Never => "never",
            Self::Yellow => "yellow",
            Self::PromiseDue => "promise_due",
            Self::FollowUp => "follow_up",
        }
    }
}

/// Days ahead in which a promise is a reason to go.
const SOON_DAYS: i64 = 2;

/// A customer with every reason to go there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextVisit {
    /// How it stands with visits.
    pub due: Due,
    /// Why to go, the strongest first; empty where nothing asks for a visit.
    pub reasons: Vec<VisitWhy>,
    /// The danger it is in.
    pub risk: Option<RiskLevel>,
    /// The first day on which a callback or a promised step is due.
    pub promised_on: Option<Date>,
    /// How far away, in millimetres; absent where either place is not known.
    pub distance_mm: Option<i64>,
}

/// Orders `due` by reason, tier, days, way and id. `places` are the customers' positions
/// and `here` the rep's, if the phone knows it.
pub fn whom_next(
    due: &[Due],
    risks: &[Risk],
    tasks: &[Task],
    places: &BTreeMap<DocId, Point>,
    here: Option<Point>,
    today: Date,
) -> Vec<NextVisit> {
    let danger: BTreeMap<DocId, RiskLevel> =
        risks.iter().map(|risk| (risk.customer, risk.level)).collect();
    let mut promised: BTreeMap<DocId, (Date, bool)> = BTreeMap::new();
    let promises = tasks.iter().filter(|task| {
        matches!(task.kind, TaskKind::Callback | TaskKind::FollowUp)
            && task.state != TaskState::Resolved
    });
    for task in promises {
        let Some(customer) = task.customer else { continue };
        let late = task.state == TaskState::Overdue;
        let kept = promised.entry(customer).or_insert((task.due_on, late));
        *kept = (kept.0.min(task.due_on), kept.1 || late);
    }
    let mut next: Vec<NextVisit> = due
        .iter()
        .map(|due| {
            let risk = danger.get(&due.customer).copied();
            let promise = promised.get(&due.customer).copied();
            let place = places.get(&due.customer).copied();
            NextVisit {
                reasons: reasons(due, risk, promise, today),
                risk,
                promised_on: promise.map(|(on, _late)| on),
                distance_mm: here.zip(place).and_then(|(here, there)| distance_mm(here, there)),
                due: due.clone(),
            }
        })
        .collect();
    next.sort_by_key(|one| {
        let due = &one.due;
        (
            one.reasons.first().map_or(u8::MAX, |why| *why as u8),
            due.status,
            due.tier.is_none(),
            due.tier,
            std::cmp::Reverse(due.days.unwrap_or(i64::MAX)),
            one.distance_mm.unwrap_or(i64::MAX),
            due.customer,
        )
    });
    next
}

fn reasons(
    due: &Due,
    risk: Option<RiskLevel>,
    promise: Option<(Date, bool)>,
    today: Date,
) -> Vec<VisitWhy> {
    let mut reasons = Vec::new();
    reasons.extend(risk.map(|level| match level {
        RiskLevel::Red => VisitWhy::Red,
        RiskLevel::Yellow => VisitWhy::Yellow,
    }));
    reasons.extend(match promise {
        Some((_on, true)) => Some(VisitWhy::PromiseOverdue),
        Some((on, false)) if on <= today.plus_days(SOON_DAYS) => Some(VisitWhy::PromiseDue),
        _ => None,
    });
    reasons.extend(match due.status {
        DueStatus::Overdue => Some(VisitWhy::Overdue),
        DueStatus::Never => Some(VisitWhy::Never),
        DueStatus::FollowUp => Some(VisitWhy::FollowUp),
        DueStatus::OnTrack | DueStatus::NoRule | DueStatus::Unknown => None,
    });
    reasons.sort_unstable();
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Tier;
    use crate::rules::fixture::*;

    fn due(number: u8, tier: Tier, status: DueStatus, days: i64) -> Due {
        Due {
            customer: doc(number),
            tier: Some(tier),
            status,
            last_visit: None,
            days: Some(days),
            required: Some(1),
            nominal_days: Some(30),
            rule: Some(0),
        }
    }

    fn risk(number: u8, level: RiskLevel) -> Risk {
        Risk {
            customer: doc(number),
            level,
            reasons: Vec::new(),
            kept: false,
            since: day("2026-10-01"),
            history: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn callback(number: u8, due_on: &str, state: TaskState) -> Task {
        Task {
            id: format!("callback:{number}"),
            kind: TaskKind::Callback,
            state,
            customer: Some(doc(number)),
            subject: None,
            opened_on: day("2026-10-01"),
            due_at: at(&format!("{due_on} 23:59")),
            due_on: day(due_on),
            priority: None,
            facts: Vec::new(),
            resolved_by: None,
        }
    }

    #[test]
    fn the_strongest_reason_decides_then_tier_then_days_then_the_way() {
        let dues = [
            due(1, Tier::A, DueStatus::OnTrack, 2),
            due(2, Tier::B, DueStatus::Overdue, 40),
            due(3, Tier::A, DueStatus::Overdue, 9),
            due(4, Tier::C, DueStatus::OnTrack, 2),
            due(5, Tier::C, DueStatus::OnTrack, 2),
            due(6, Tier::A, DueStatus::Overdue, 9),
            due(7, Tier::A, DueStatus::FollowUp, 6),
        ];
        let tasks = [
            callback(5, "2026-10-12", TaskState::Open),
            callback(1, "2026-10-05", TaskState::Overdue),
            callback(7, "2026-10-05", TaskState::Resolved),
        ];
        let places = BTreeMap::from([(doc(3), fix(900, 1).point), (doc(6), fix(200, 1).point)]);
        let today = day("2026-10-10");
        let found =
            whom_next(&dues, &[risk(4, RiskLevel::Red)], &tasks, &places, Some(here()), today);
        let order: Vec<_> = found.iter().map(|one| one.due.customer).collect();
        assert_eq!(order, [4, 1, 6, 3, 2, 5, 7].map(doc));
        assert_eq!(found[0].reasons, [VisitWhy::Red]);
        assert_eq!(found[1].promised_on, Some(day("2026-10-05")));
        assert!(found[2].distance_mm < found[3].distance_mm);
        let mut shuffled = dues.to_vec();
        shuffled.reverse();
        let again =
            whom_next(&shuffled, &[risk(4, RiskLevel::Red)], &tasks, &places, Some(here()), today);
        assert_eq!(again, found);
    }

    #[test]
    fn without_a_position_the_order_stands() {
        let dues = [due(3, Tier::A, DueStatus::Overdue, 9), due(2, Tier::A, DueStatus::Overdue, 9)];
        let found = whom_next(&dues, &[], &[], &BTreeMap::new(), None, day("2026-10-10"));
        let order: Vec<_> = found.iter().map(|one| one.due.customer).collect();
        assert_eq!(order, [2, 3].map(doc));
    }
}
