//! How facts are gathered, the same way on a phone and on the server.

use crate::docs::customer::CustomerState;
use crate::docs::deal::DealState;
use crate::docs::visit::VisitState;
use crate::docs::{Header, Heads, Hydrated};
use crate::id::UserId;
use crate::money::Currency;
use crate::period::Period;
use crate::records::{CalendarRecord, PlacementRecord, TargetRecord};
use crate::rules::facts::{Decision, Facts, Signal};
use crate::rules::policy::Policy;
use crate::time::Timestamp;

/// A document as a projection row gives it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a, T> {
    /// The immutable header.
    pub header: Header,
    /// The heads the state was read at.
    pub heads: &'a Heads,
    /// The state.
    pub state: &'a Hydrated<T>,
}

/// What facts are gathered from. Any superset may be passed, in any order,
/// with repetitions: [`Facts::for_rep`] takes what concerns the rep.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The instant the rules will look from; what began later is left out.
    pub as_of: Timestamp,
    /// The org's currency.
    pub currency: Currency,
    /// The org's calendar.
    pub calendar: &'a CalendarRecord,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Visits.
    pub visits: &'a [Row<'a, VisitState>],
    /// Customers.
    pub customers: &'a [Row<'a, CustomerState>],
    /// Deals.
    pub deals: &'a [Row<'a, DealState>],
    /// Placements of customers and deals.
    pub placements: &'a [PlacementRecord],
    /// Targets.
    pub targets: &'a [TargetRecord],
    /// Rulings on visits.
    pub decisions: &'a [Decision],
    /// Signals on visits.
    pub signals: &'a [Signal],
}

impl Facts {
    /// The facts of `rep` for `period`.
    pub fn for_rep(_rep: UserId, _period: Period, _inputs: Inputs<'_>) -> Self {
        todo!()
    }
}
