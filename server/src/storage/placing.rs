//! The placements the server decides by itself.
//!
//! A new customer must belong to somebody before anybody can be scored on it, so
//! the server places it on receipt: with its author, in the author's main unit,
//! without a tier. A deal goes to whoever holds its customer. When a deal is won
//! or lost, the credit freezes to its owner of that moment.

use client_core::docs::{DocKind, Header};
use client_core::id::UnitId;
use client_core::projection::DocState;
use client_core::records::{Placement, PlacementRecord, UserRecord};
use client_core::time::Timestamp;

use super::main_unit;

/// What the first placement of a document depends on.
pub(super) struct Newcomer<'a> {
    /// Its header.
    pub header: &'a Header,
    /// Its state.
    pub state: &'a DocState,
    /// Its author.
    pub author: Option<&'a UserRecord>,
    /// The placement of its customer, for a deal.
    pub customer: Option<&'a PlacementRecord>,
    /// Where somebody without a unit belongs.
    pub fallback: Option<UnitId>,
    /// When it was received.
    pub at: Timestamp,
}

/// The first placement of a customer or deal; none for other kinds.
pub(super) fn first(new: &Newcomer<'_>) -> Option<PlacementRecord> {
    let placed = new.customer.and_then(PlacementRecord::current);
    let (owner, unit) = match (new.header.kind, placed) {
        (DocKind::Deal, Some(holder)) => (holder.owner, Some(holder.unit)),
        (DocKind::Customer | DocKind::Deal, _) => {
            (new.header.author, new.author.and_then(main_unit).or(new.fallback))
        }
        (DocKind::Visit | DocKind::Plan, _) => return None,
    };
    Some(PlacementRecord {
        subject: new.header.doc,
        kind: new.header.kind,
        spans: vec![Placement {
            from: created(new.state).map_or(new.at, |created| created.min(new.at)),
            until: None,
            owner,
            collaborators: Vec::new(),
            unit: unit?,
            tier: None,
        }],
        credit: None,
    })
}

/// When the phone says it was created. The placement begins then and not at
/// receipt: a customer found at nine and visited at ten was the rep's at ten,
/// even if the phone had no signal until six.
fn created(state: &DocState) -> Option<Timestamp> {
    match state {
        DocState::Customer(customer) => customer.value.created_at,
        DocState::Deal(deal) => deal.value.created_at,
        DocState::Visit(_) | DocState::Plan(_) => None,
    }
}

/// The placement with its credit frozen, if the deal was just decided.
pub(super) fn freeze_credit(
    placement: &PlacementRecord,
    state: &DocState,
) -> Option<PlacementRecord> {
    let DocState::Deal(deal) = state else { return None };
    if deal.value.outcome.is_none() || placement.credit.is_some() {
        return None;
    }
    let owner = placement.current()?.owner;
    Some(PlacementRecord { credit: Some(owner), ..placement.clone() })
}
