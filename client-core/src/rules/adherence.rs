//! F4: were the planned visits made (拜访计划达成率)?
//!
//! A plan is due when its day is over; a stop that is done is done at once. What was
//! not planned is shown apart: it is no substitute and no fault.
//!
//! Choices of ours: done means a visit that counts (F1), to that customer on that day
//! or the one that stop and visit name; one visit fulfils one stop.

use std::collections::{BTreeMap, BTreeSet};

use crate::docs::customer::Lifecycle;
use crate::id::DocId;
use crate::period::Days;
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{CustomerFact, Facts, PlanFact, StopFact};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::outcome::{Exclusion, ExclusionReason, PlanReason, RuleId};
use crate::time::Date;

/// Plan adherence, and what was not planned.
pub(super) struct Adherence {
    /// Planned visits done ÷ planned visits due, in basis points.
    pub rate: Figure,
    /// Visits that count and fulfil no stop.
    pub unplanned: Figure,
}

/// The adherence of `days`, as seen on `today`.
pub(super) fn adherence(
    facts: &Facts,
    judged: &[Judged<'_>],
    days: Days,
    today: Date,
) -> Adherence {
    let customers: BTreeMap<DocId, &CustomerFact> =
        facts.customers.iter().map(|customer| (customer.doc, customer)).collect();
    let made: Vec<&Judged<'_>> =
        judged.iter().filter(|one| one.counts && days.contains(one.date)).collect();
    let mut free: BTreeSet<DocId> = made.iter().map(|one| one.visit.doc).collect();
    let mut evidence = Evidence::default();
    let (mut done, mut due) = (0_i128, 0_i128);
    let plans = || {
        let own = facts.plans.iter().filter(|plan| plan.rep == facts.rep);
        own.filter(|plan| days.contains(plan.date) && plan.date <= today)
    };
    // Stops that name their visit, or are named by it, come first: what is left can
    // then be matched by customer and day without taking a named visit away.
    let mut waiting: Vec<(&PlanFact, &StopFact)> = Vec::new();
    for plan in plans() {
        for stop in &plan.stops {
            let named = made.iter().find(|one| {
                let says = one.visit.planned.is_some_and(|planned| {
                    planned.plan == plan.fact.doc && planned.stop == stop.id
                });
                (says || stop.visit == Some(one.visit.doc)) && free.contains(&one.visit.doc)
            });
            match named {
                Some(one) => {
                    free.remove(&one.visit.doc);
                    (done, due) = (done + 1, due + 1);
                    evidence.facts.extend([plan.fact.clone(), one.visit.fact()]);
                }
                None => waiting.push((plan, stop)),
            }
        }
    }
    for (plan, stop) in waiting {
        let visit = made.iter().find(|one| {
            one.date == plan.date
                && stop.customer.is_some()
                && one.visit.customer == stop.customer
                && free.contains(&one.visit.doc)
        });
        if let Some(one) = visit {
            free.remove(&one.visit.doc);
            (done, due) = (done + 1, due + 1);
            evidence.facts.extend([plan.fact.clone(), one.visit.fact()]);
        } else if stop
            .customer
            .and_then(|customer| customers.get(&customer))
            .is_some_and(|customer| customer.lifecycle == Some(Lifecycle::Lost))
        {
            evidence.exclusions.push(Exclusion {
                fact: plan.fact.clone(),
                reasons: vec![ExclusionReason::Plan(PlanReason::CustomerLost)],
            });
        } else if plan.date < today {
            due += 1;
            evidence.facts.push(plan.fact.clone());
        }
    }
    let mut apart = Evidence::default();
    let left = made.iter().filter(|one| free.contains(&one.visit.doc));
    apart.facts.extend(left.map(|one| one.visit.fact()));
    let unplanned = i128::try_from(apart.facts.len()).unwrap_or(i128::MAX);
    Adherence {
        rate: Figure::ratio(RuleId::F4, (done, due), 10_000, evidence.tidied()),
        unplanned: Figure::ratio(RuleId::F4, (unplanned, 1), 1, apart.tidied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Tier;
    use crate::rules::effective_visit::judge_all;
    use crate::rules::facts::CheckFact;
    use crate::rules::fixture::*;

    /// Ten stops on Thursday, eight of them made, and three visits beside them.
    fn thursday() -> Facts {
        let mut facts = facts("2026-10");
        facts.customers = (100..114).map(|n| customer(n, Some(Tier::A))).collect();
        facts.plans = vec![plan(50, "2026-10-08", &(100..110).collect::<Vec<u8>>())];
        let visited = (100..108).chain(110..113);
        facts.visits = (1_u8..)
            .zip(visited)
            .map(|(n, whom)| onsite(n, whom, &format!("2026-10-08 {:02}:00", 8 + n), 20))
            .collect();
        facts
    }

    fn figures(facts: &Facts, today: &str) -> (Option<i64>, i64, i64) {
        let judged = judge_all(facts, &policy(), at(&format!("{today} 23:59")));
        let found = adherence(facts, &judged, Days::from(period("2026-10")), day(today));
        (found.rate.value, found.rate.denominator, found.unplanned.numerator)
    }

    #[test]
    fn eight_of_ten_and_three_apart() {
        assert_eq!(figures(&thursday(), "2026-10-09"), (Some(8_000), 10, 3));
    }

    #[test]
    fn a_stop_is_due_when_its_day_is_over() {
        assert_eq!(figures(&thursday(), "2026-10-08"), (Some(10_000), 8, 3));
    }

    #[test]
    fn a_lost_customer_leaves_the_denominator() {
        let mut facts = thursday();
        facts.customers[9].lifecycle = Some(Lifecycle::Lost);
        assert_eq!(figures(&facts, "2026-10-09"), (Some(8_889), 9, 3));
    }

    #[test]
    fn a_named_visit_fulfils_its_stop_whatever_the_day() {
        let mut facts = thursday();
        facts.visits[0].started_at = Some(at("2026-10-09 09:00"));
        let next_day =
            |check: CheckFact| CheckFact { at: check.at.plus_millis(24 * 3_600_000), ..check };
        facts.visits[0].check_in = facts.visits[0].check_in.take().map(next_day);
        facts.visits[0].check_out = facts.visits[0].check_out.take().map(next_day);
        facts.visits[0].ended_at = Some(at("2026-10-09 09:20"));
        facts.visits[0].submitted_at = Some(at("2026-10-09 09:20"));
        assert_eq!(figures(&facts, "2026-10-10"), (Some(7_000), 10, 4));
        facts.plans[0].stops[0].visit = Some(doc(1));
        assert_eq!(figures(&facts, "2026-10-10"), (Some(8_000), 10, 3));
    }
}
