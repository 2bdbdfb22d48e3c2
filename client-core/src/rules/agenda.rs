//! The agenda: whom to visit next, in order.
//!
//! The phone asks this without signal and the web asks it for a whole team, so
//! it takes plain values and not [`Facts`](super::Facts): a page of customers is
//! enough.

use std::collections::BTreeMap;

use crate::docs::visit::VisitMode;
use crate::id::DocId;
use crate::records::Tier;
use crate::rules::due::{self, Due, DueStatus, Sighting};
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
/// so every status is [`DueStatus::Unknown`] and the days are not given.
pub fn agenda(
    customers: &[AgendaCustomer],
    policy: &Policy,
    zone: &Zone,
    as_of: Timestamp,
    scope_complete: bool,
) -> Vec<Due> {
    let today = zone.date(as_of);
    let mut dues: Vec<Due> = customers
        .iter()
        .map(|customer| {
            let past = customer.last_visits.iter().filter(|(_mode, at)| **at <= as_of);
            let sighting = Sighting {
                customer: customer.customer,
                tier: customer.tier,
                known_since: customer.known_since.map(|since| zone.date(since)),
                last: past.map(|(mode, at)| (mode.clone(), zone.date(*at))).collect(),
            };
            let due = due::due(&sighting, policy, today);
            if scope_complete {
                due
            } else {
                Due { status: DueStatus::Unknown, days: None, last_visit: None, ..due }
            }
        })
        .collect();
    due::sort(&mut dues);
    dues
}
