//! When facts happened, by the clock of the phone that wrote them.

use client_core::docs::visit::VisitState;
use client_core::projection::DocState;
use client_core::time::Timestamp;

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
        DocState::Customer(_) | DocState::Plan(_) => Vec::new(),
    }
}
