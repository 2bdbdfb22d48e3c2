//! When facts happened, by the clock of the phone that wrote them.

use client_core::docs::deal::DealState;
use client_core::docs::visit::VisitState;
use client_core::projection::DocState;
use client_core::time::{Date, Timestamp, Zone};

/// When a visit happened: its start, else its check-in.
pub(super) fn started(visit: &VisitState) -> Option<Timestamp> {
    let start = visit.started_at.as_ref().or(visit.check_in.as_ref().map(|check| &check.at));
    start.map(|start| start.at)
}

/// The instants by which a fact belongs to periods, for kinds that have any.
pub(crate) fn business_times(state: &DocState) -> Vec<Timestamp> {
    let mut times = minutes(state);
    match state {
        DocState::Deal(deal) => times.extend(dates(&deal.value).map(noon)),
        DocState::Case(case) => {
            let asked = case.value.surveys.values().filter_map(|answer| answer.asked_on);
            times.extend(asked.map(noon));
        }
        DocState::Plan(plan) => times.extend(plan.value.date.map(noon)),
        DocState::Visit(_) | DocState::Customer(_) => {}
    }
    times
}

/// Those of them before which a fact does not count yet. What has a day alone counts from
/// the day's beginning.
pub(crate) fn minutes(state: &DocState) -> Vec<Timestamp> {
    match state {
        DocState::Visit(visit) => started(&visit.value).into_iter().collect(),
        DocState::Deal(deal) => {
            let deal = &deal.value;
            let moved = deal.stage_history.values().map(|entry| entry.at);
            moved.chain(deal.created_at).chain(deal.decided_at).collect()
        }
        DocState::Case(case) => {
            let case = &case.value;
            let at = [case.opened_at, case.first_reply_at, case.resolved_at];
            at.into_iter().flatten().collect()
        }
        DocState::Plan(_) | DocState::Customer(_) => Vec::new(),
    }
}

/// The days on which quotes, contract, instalments and payments of a deal count.
fn dates(deal: &DealState) -> impl Iterator<Item = Date> + '_ {
    let quotes = deal.quotes.values().flat_map(|quote| [quote.issued_on, quote.decided_on]);
    let signed = deal.contract.iter().map(|contract| contract.signed_on);
    let due = deal.instalments.values().map(|instalment| instalment.due_on);
    let received = deal.payments.values().map(|payment| payment.received_on);
    quotes.chain(signed).chain(due).chain(received).flatten()
}

/// An instant of a day that lies on that day in every zone but the outermost.
fn noon(day: Date) -> Timestamp {
    Zone::fixed("UTC", 0).start_of(day).plus_millis(12 * 60 * 60 * 1000)
}
