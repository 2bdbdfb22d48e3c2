use std::collections::BTreeMap;

use super::ReadError;
use super::client::Client;
use crate::id::UserId;
use crate::period::Period;
use crate::records::{
    CalendarRecord, OrgRecord, PlacementRecord, PolicyRecord, Record, RecordKind,
};
use crate::rules::{self, AgendaCustomer, Due, Policy};
use crate::store::{self, CustomerEntry};
use crate::time::Timestamp;

/// A customer in the agenda: whom to visit next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    /// The customer.
    pub customer: CustomerEntry,
    /// Why it stands where it stands.
    pub due: Due,
}

impl Client {
    /// Whom this user should visit next, most urgent first, at most `limit`: the
    /// due list of this user's own scorecard, so that the agenda and the score never
    /// tell two stories. Only effective visits count as the last one (DOMAIN F5).
    ///
    /// § Nothing is derived as overdue from a scope that is not complete: until the
    /// first sync has finished, every status is unknown.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn agenda(&self, limit: u32) -> Result<Vec<AgendaItem>, ReadError> {
        let now = self.inner.config.clock.now();
        let calendar = self.calendar()?;
        let month = Period::month_of(calendar.zone.date(now));
        let due = if self.holds_everything()? {
            self.scorecard(month, Some(now))?.due
        } else {
            rules::agenda(&self.held()?, &self.policy_for(month)?, &calendar.zone, now, false)
        };
        self.inner.read(|conn, _who| {
            let mut items = Vec::new();
            for due in due.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
                if let Some(customer) = store::query::customer(conn, due.customer)? {
                    items.push(AgendaItem { customer, due });
                }
            }
            Ok(items)
        })
    }

    /// What this user holds, as far as it has arrived.
    fn held(&self) -> Result<Vec<AgendaCustomer>, ReadError> {
        self.inner.read(|conn, who| {
            let mut customers = Vec::new();
            for held in store::query::held(conn, who.user)? {
                let placement = store::record::placement(conn, held.customer)?;
                customers.push(AgendaCustomer {
                    customer: held.customer,
                    tier: held.tier,
                    known_since: Some(known_since(placement.as_ref(), who.user, held.created_at)),
                    last_visits: BTreeMap::new(),
                });
            }
            Ok(customers)
        })
    }

    /// The org's calendar, as the server sent it.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before it arrived.
    pub fn calendar(&self) -> Result<CalendarRecord, ReadError> {
        let records =
            self.inner.read(|conn, _who| store::record::all(conn, RecordKind::Calendar))?;
        let calendar = records.into_iter().find_map(|record| match record {
            Record::Calendar(calendar) => Some(calendar),
            _ => None,
        });
        calendar.ok_or(ReadError::NotYetSynced { what: "the org's calendar" })
    }

    /// The org's settings, as the server sent them.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before they arrived.
    pub fn org(&self) -> Result<OrgRecord, ReadError> {
        let records = self.inner.read(|conn, _who| store::record::all(conn, RecordKind::Org))?;
        let org = records.into_iter().find_map(|record| match record {
            Record::Org(org) => Some(org),
            _ => None,
        });
        org.ok_or(ReadError::NotYetSynced { what: "the org's settings" })
    }

    /// Every readable record of a kind, by id.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn records(&self, kind: RecordKind) -> Result<Vec<Record>, ReadError> {
        self.inner.read(|conn, _who| store::record::all(conn, kind))
    }

    /// The policy that a period is scored by; see [`PolicyRecord::for_period`].
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before one arrived that this app can read.
    pub fn policy_for(&self, period: Period) -> Result<Policy, ReadError> {
        let records = self.inner.read(|conn, _who| store::record::all(conn, RecordKind::Policy))?;
        let policies: Vec<PolicyRecord> = records
            .into_iter()
            .filter_map(|record| match record {
                Record::Policy(policy) => Some(policy),
                _ => None,
            })
            .collect();
        PolicyRecord::for_period(&policies, period)
            .and_then(|policy| Policy::from_toml(&policy.toml).ok())
            .ok_or(ReadError::NotYetSynced { what: "a policy in force that this app can read" })
    }
}

/// Since when the holder knows the customer: the beginning of an unbroken holding.
fn known_since(
    placement: Option<&PlacementRecord>,
    holder: UserId,
    created_at: Timestamp,
) -> Timestamp {
    placement
        .into_iter()
        .flat_map(|placement| placement.spans.iter().rev())
        .take_while(|span| span.owner == holder)
        .last()
        .map_or(created_at, |span| span.from)
}
