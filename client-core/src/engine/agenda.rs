use std::collections::BTreeMap;

use super::ReadError;
use super::client::Client;
use crate::geo::Point;
use crate::id::UserId;
use crate::period::Period;
use crate::records::{
    CalendarRecord, OrgRecord, PlacementRecord, PolicyRecord, Record, RecordKind,
};
use crate::rules::{
    self, AgendaCustomer, Due, GateWarning, Policy, Risk, RiskLevel, Task, TaskState, VisitWhy,
};
use crate::store::{self, CustomerEntry};
use crate::time::{Date, Timestamp};

/// A customer in the agenda: whom to visit next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    /// The customer.
    pub customer: CustomerEntry,
    /// Why it stands where it stands.
    pub due: Due,
    /// Every reason to go there, the strongest first.
    pub reasons: Vec<VisitWhy>,
    /// The danger it is in.
    pub risk: Option<RiskLevel>,
    /// The first day on which a callback or a promised step is due.
    pub promised_on: Option<Date>,
    /// How far away, in millimetres, where both places are known.
    pub distance_mm: Option<i64>,
}

impl Client {
    /// [`Client::agenda_near`] where the phone does not know where it is.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn agenda(&self, limit: u32) -> Result<Vec<AgendaItem>, ReadError> {
        self.agenda_near(limit, None)
    }

    /// Whom this user should visit next, most urgent first, at most `limit`: the
    /// due list of this user's own scorecard, so that the agenda and the score never
    /// tell two stories, ordered by [`rules::whom_next`]. Only effective visits count as
    /// the last one (DOMAIN F5). `here` is where the phone is, if it knows.
    ///
    /// § Nothing is derived as overdue from a scope that is not complete: until the
    /// first sync has finished, every status is unknown.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn agenda_near(
        &self,
        limit: u32,
        here: Option<Point>,
    ) -> Result<Vec<AgendaItem>, ReadError> {
        let now = self.inner.config.clock.now();
        let calendar = self.calendar()?;
        let today = calendar.zone.date(now);
        let month = Period::month_of(today);
        let card = self.holds_everything()?.then(|| self.card(month, None)).transpose()?;
        let unknown: Vec<Due>;
        let (due, risks, tasks): (&[Due], &[Risk], &[Task]) = match &card {
            Some(card) => (&card.due, &card.risks, &card.tasks),
            None => {
                let (held, policy) = (self.held()?, self.policy_for(month)?);
                unknown = rules::agenda(&held, &policy, &calendar.zone, now, false);
                (&unknown, &[], &[])
            }
        };
        self.inner.read(|conn, _who| {
            let seen = match here {
                Some(_here) => store::query::customers_seen(conn)?.into_iter(),
                None => Vec::new().into_iter(),
            };
            let places = seen.filter_map(|seen| Some((seen.doc, seen.position?))).collect();
            let next = rules::whom_next(due, risks, tasks, &places, here, today);
            let mut items = Vec::new();
            for next in next.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
                if let Some(customer) = store::query::customer(conn, next.due.customer)? {
                    items.push(AgendaItem {
                        customer,
                        due: next.due,
                        reasons: next.reasons,
                        risk: next.risk,
                        promised_on: next.promised_on,
                        distance_mm: next.distance_mm,
                    });
                }
            }
            Ok(items)
        })
    }

    /// What is to be done by when (DOMAIN R7 to R12), overdue first, at most `limit`.
    /// Reminders follow from facts and go when a fact resolves them; nothing can be
    /// ticked. Empty until everything of this user's has arrived.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn reminders(&self, limit: u32) -> Result<Vec<Task>, ReadError> {
        if !self.holds_everything()? {
            return Ok(Vec::new());
        }
        let now = self.inner.config.clock.now();
        let month = Period::month_of(self.calendar()?.zone.date(now));
        let card = self.card(month, None)?;
        let open = card.tasks.iter().filter(|task| task.state != TaskState::Resolved);
        Ok(open.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    /// Deals of this user's that left a stage before what its gate asks for was there
    /// (DOMAIN R9), by deal: a soft warning. Empty until everything of this user's has
    /// arrived.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn gate_warnings(&self) -> Result<Vec<GateWarning>, ReadError> {
        if !self.holds_everything()? {
            return Ok(Vec::new());
        }
        let now = self.inner.config.clock.now();
        let month = Period::month_of(self.calendar()?.zone.date(now));
        Ok(self.card(month, None)?.gates.clone())
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
            .and_then(|policy| Policy::kept(&policy.toml).ok())
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
