use std::sync::Mutex;

use client_core::engine::{Observation as CoreObservation, Query};

use crate::convert::parse;
use crate::error::FieldError;

/// What a screen shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum WatchedQuery {
    /// Any list or search of customers.
    Customers,
    /// One customer.
    Customer {
        /// Its id.
        id: String,
    },
    /// Any list of visits.
    Visits,
    /// One visit.
    Visit {
        /// Its id.
        id: String,
    },
    /// Any list of deals.
    Deals,
    /// One deal.
    Deal {
        /// Its id.
        id: String,
    },
    /// Any list of cases.
    Cases,
    /// One case.
    Case {
        /// Its id.
        id: String,
    },
    /// Any day's plan.
    Plans,
    /// The agenda.
    Agenda,
    /// The catalogue.
    Products,
    /// Any scorecard.
    Scorecard,
    /// Sync state and pending counts.
    Sync,
    /// Any list of what people wrote without seeing each other.
    Conflicts,
    /// Late work and what was decided about it.
    LateWork,
    /// What people asked for and what became of it: targets and requests for others,
    /// objections, appraisals.
    Asked,
}

impl WatchedQuery {
    pub(crate) fn query(&self) -> Result<Query, FieldError> {
        Ok(match self {
            Self::Customers => Query::Customers,
            Self::Customer { id } => Query::Customer(parse(id)?),
            Self::Visits => Query::Visits,
            Self::Visit { id } => Query::Visit(parse(id)?),
            Self::Deals => Query::Deals,
            Self::Deal { id } => Query::Deal(parse(id)?),
            Self::Cases => Query::Cases,
            Self::Case { id } => Query::Case(parse(id)?),
            Self::Plans => Query::Plans,
            Self::Agenda => Query::Agenda,
            Self::Products => Query::Products,
            Self::Scorecard => Query::Scorecard,
            Self::Sync => Query::Sync,
            Self::Conflicts => Query::Conflicts,
            Self::LateWork => Query::LateWork,
            Self::Asked => Query::Asked,
        })
    }
}

/// Hears that a query is stale; the screen then reads it again. Notices within
/// two frames are one. Called on a thread of the core's: return quickly.
#[uniffi::export(foreign)]
pub trait StaleObserver: Send + Sync {
    /// The query should be read again. `generation` rises: of two answers the one that
    /// was read at the higher one is the newer one.
    fn on_stale(&self, generation: u64) -> Result<(), FieldError>;
}

/// Notices go on until this is cancelled or dropped.
#[derive(uniffi::Object)]
pub struct Observation {
    held: Mutex<Option<CoreObservation>>,
}

impl Observation {
    pub(crate) const fn new(held: CoreObservation) -> Self {
        Self { held: Mutex::new(Some(held)) }
    }
}

#[uniffi::export]
impl Observation {
    /// Ends the notices.
    pub fn cancel(&self) -> Result<(), FieldError> {
        let held = self.held.lock().map(|mut held| held.take());
        drop(held);
        Ok(())
    }
}
