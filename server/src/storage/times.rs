//! When facts happened, by the clock of the phone that wrote them.

use client_core::docs::visit::VisitState;
use client_core::projection::DocState;
use client_core::time::{Timestamp, Zone};

/// When a visit happened: its start, else its check-in.
pub(super) fn started(visit: &VisitState) -> Option<Timestamp> {
    let start = visit.started_at.as_ref().or(visit.check_in.as_ref().map(|check| &check.at));
    start.map(|start| start.at)
}

/// The instants by which a fact belongs to periods, for kinds that have any.
pub(crate) fn business_times(state: &DocState) -> Vec<Timestamp> {
    match state {
        DocState::Visit(visit) => started(&visit.value).into_iter().collect(),
        DocState::Deal(deal) => {
            let deal = &deal.value;
            let moved = deal.stage_history.values().map(|entry| entry.at);
            moved.chain(deal.created_at).chain(deal.decided_at).collect()
        }
        DocState::Case(case) => {
            let case = &case.value;
            let asked = case.surveys.values().filter_map(|answer| answer.asked_on);
            // Noon is on the day in every zone that has offices, near enough for a month's
            // mark: both neighbours of a month's edge are marked by the other times.
            let asked =
                asked.map(|day| Zone::fixed("UTC", 0).start_of(day).plus_millis(43_200_000));
            let at = [case.opened_at, case.first_reply_at, case.resolved_at];
            asked.chain(at.into_iter().flatten()).collect()
        }
        DocState::Customer(_) | DocState::Plan(_) => Vec::new(),
    }
}
