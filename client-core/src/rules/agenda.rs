//! The agenda: whom to visit next, in order.
//!
//! The phone asks this without signal and the web asks it for a whole team, so
//! it takes plain values and not [`Facts`](super::Facts): a page of customers is
//! enough.

use std::collections::BTreeMap;

use crate::docs::visit::VisitMode;
use crate::id::DocId;
use crate::records::Tier;
use crate::rules::due::Due;
use crate::rules::policy::Policy;
use crate::time::{Timestamp, Zone};

/// A customer whose due status is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaCustomer {
    /// The customer.
    pub customer: DocId,
    /// Its tier now.
    pub tier: Option<Tier>,
    /// Known since; a customer not known for a whole interval is not due.
    pub known_since: Option<Timestamp>,
    /// The last visit that counts, by mode.
    pub last_visits: BTreeMap<VisitMode, Timestamp>,
}

/// Due status of every customer, in agenda order: overdue, never, follow-up, on
/// track; then tier A to C and untiered; then most days first; then id.
///
/// Without a complete scope a missing visit may only be missing on this device,
/// so every status is [`DueStatus::Unknown`](super::DueStatus::Unknown).
pub fn agenda(
    _customers: &[AgendaCustomer],
    _policy: &Policy,
    _zone: &Zone,
    _as_of: Timestamp,
    _scope_complete: bool,
) -> Vec<Due> {
    todo!()
}
