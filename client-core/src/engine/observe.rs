//! "Query X is stale": how screens learn that they should read again.
//!
//! A sync that brings 4,000 visits must not call back 4,000 times, and a list must
//! never be pushed across a language border. So a notice names a query and carries
//! nothing, and notices within 30 ms are one.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::client::Client;
use crate::docs::DocKind;
use crate::id::DocId;
use crate::records::RecordKind;
use crate::store::Touched;

/// How long notices are gathered: two frames.
const GATHER: Duration = Duration::from_millis(30);

/// What a screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    /// Any list or search of customers.
    Customers,
    /// One customer.
    Customer(DocId),
    /// Any list of visits, any timeline.
    Visits,
    /// One visit, with what leaders decided and said about it.
    Visit(DocId),
    /// Any list of deals.
    Deals,
    /// One deal.
    Deal(DocId),
    /// Any list of cases.
    Cases,
    /// One case.
    Case(DocId),
    /// Any day plan.
    Plans,
    /// The agenda.
    Agenda,
    /// The catalogue.
    Products,
    /// Any scorecard.
    Scorecard,
    /// The sync pill, pending counts, status ladders.
    Sync,
    /// Any list of what was written at the same time.
    Conflicts,
    /// Late work and what was decided about it.
    LateWork,
    /// What people asked for and what became of it: targets and requests for others,
    /// objections, appraisals.
    Asked,
}

/// What says whose a customer is, of which tier, and that it is another one.
const PLACED: &[RecordKind] = &[RecordKind::Placement, RecordKind::Alias];

/// What leaders decide and say about visits. A notice knows the kind of a record and not
/// which visit it is about: a visit's page is read once too often rather than never.
const JUDGED: &[RecordKind] = &[RecordKind::Void, RecordKind::Review, RecordKind::Signal];

/// What answers requests, and who asked.
const ANSWERS: &[RecordKind] = &[
    RecordKind::Target,
    RecordKind::Adjustment,
    RecordKind::Contest,
    RecordKind::Appraisal,
    RecordKind::Help,
    RecordKind::User,
    RecordKind::Policy,
];

impl Query {
    fn is_stale(&self, touched: &Touched) -> bool {
        let any = |wanted: &[DocKind]| touched.docs.iter().any(|(kind, _)| wanted.contains(kind));
        let one = |wanted: &DocId| touched.docs.iter().any(|(_, doc)| doc == wanted);
        let records =
            |wanted: &[RecordKind]| touched.records.iter().any(|kind| wanted.contains(kind));
        match self {
            Self::Customers => any(&[DocKind::Customer]) || records(PLACED),
            Self::Customer(doc) => one(doc) || records(PLACED),
            Self::Visits => any(&[DocKind::Visit]) || records(JUDGED),
            Self::Visit(doc) => one(doc) || records(JUDGED),
            Self::Deal(doc) | Self::Case(doc) => one(doc),
            Self::Deals => any(&[DocKind::Deal]),
            Self::Cases => any(&[DocKind::Case]),
            // A plan names the customers of its stops.
            Self::Plans => any(&[DocKind::Plan, DocKind::Customer]),
            // Reminders are part of it, and they come of every kind of document.
            Self::Agenda => !touched.docs.is_empty() || !touched.records.is_empty(),
            Self::Products => records(&[RecordKind::Product]),
            Self::Scorecard => {
                any(&[DocKind::Customer, DocKind::Visit, DocKind::Deal, DocKind::Case])
                    || !touched.records.is_empty()
            }
            Self::Sync => touched.sync,
            // Computed from documents, like their rows; devices name the authors.
            Self::Conflicts => !touched.docs.is_empty() || records(&[RecordKind::Device]),
            Self::LateWork => records(&[RecordKind::Decision, RecordKind::User]),
            // What waits in the outbox is part of it.
            Self::Asked => touched.sync || records(ANSWERS),
        }
    }
}

/// A notice: this query should be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// Which.
    pub query: Query,
    /// Rises with every commit that anybody watches. Of two answers the one that was
    /// read at the higher generation is the newer one.
    pub generation: u64,
}

type Callback = Arc<dyn Fn(Stale) + Send + Sync>;

struct Observer {
    query: Query,
    callback: Callback,
    stale: bool,
}

#[derive(Default)]
struct State {
    observers: BTreeMap<u64, Observer>,
    next: u64,
    generation: u64,
    scheduled: bool,
}

/// Everybody who wants notices.
pub(super) struct Observers {
    state: Arc<Mutex<State>>,
}

/// Notices go on until this is dropped.
pub struct Observation {
    state: Weak<Mutex<State>>,
    id: u64,
}

impl Drop for Observation {
    fn drop(&mut self) {
        if let Some(state) = self.state.upgrade() {
            lock(&state).observers.remove(&self.id);
        }
    }
}

impl std::fmt::Debug for Observation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observation").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Observers {
    pub(super) fn new() -> Self {
        Self { state: Arc::default() }
    }

    pub(super) fn clear(&self) {
        lock(&self.state).observers.clear();
    }

    /// Marks what a commit made stale and sees that notices go out.
    pub(super) fn mark(
        &self,
        touched: &Touched,
        tracker: &TaskTracker,
        runtime: &tokio::runtime::Handle,
    ) {
        self.mark_where(|query| query.is_stale(touched), tracker, runtime);
    }

    /// Marks everything: what screens show is another person's now, or nobody's.
    pub(super) fn mark_all(&self, tracker: &TaskTracker, runtime: &tokio::runtime::Handle) {
        self.mark_where(|_query| true, tracker, runtime);
    }

    fn mark_where(
        &self,
        is_stale: impl Fn(&Query) -> bool,
        tracker: &TaskTracker,
        runtime: &tokio::runtime::Handle,
    ) {
        let schedule = {
            let mut state = lock(&self.state);
            let mut any = false;
            for observer in state.observers.values_mut() {
                observer.stale |= is_stale(&observer.query);
                any |= observer.stale;
            }
            state.generation += u64::from(any);
            any && !std::mem::replace(&mut state.scheduled, any)
        };
        if schedule {
            let state = Arc::clone(&self.state);
            let task = async move {
                tokio::time::sleep(GATHER).await;
                deliver(&state);
            };
            tracker.spawn_on(task, runtime);
        }
    }
}

fn deliver(state: &Mutex<State>) {
    let stale: Vec<(u64, Stale, Callback)> = {
        let mut state = lock(state);
        state.scheduled = false;
        let generation = state.generation;
        state
            .observers
            .iter_mut()
            .filter_map(|(id, observer)| {
                let stale = std::mem::take(&mut observer.stale);
                let notice = Stale { query: observer.query, generation };
                stale.then(|| (*id, notice, Arc::clone(&observer.callback)))
            })
            .collect()
    };
    for (id, notice, callback) in stale {
        // Whoever ended their notices since then hears nothing more.
        if !lock(state).observers.contains_key(&id) {
            continue;
        }
        // One screen's fault must not keep notices from the others.
        let _caught = catch_unwind(AssertUnwindSafe(|| callback(notice)));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    /// Calls back, from a thread of the client's, when what `query` shows may have
    /// changed. Notices are coalesced and carry no data: read again when it suits
    /// the screen. They end when the observation is dropped.
    pub fn observe(
        &self,
        query: Query,
        callback: impl Fn(Stale) + Send + Sync + 'static,
    ) -> Observation {
        let mut state = lock(&self.inner.observers.state);
        let id = state.next;
        state.next += 1;
        state.observers.insert(id, Observer { query, callback: Arc::new(callback), stale: false });
        Observation { state: Arc::downgrade(&self.inner.observers.state), id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_conflicts_is_stale_when_a_document_or_the_name_of_an_author_came() {
        let nothing = Touched { sync: true, ..Touched::default() };
        assert!(!Query::Conflicts.is_stale(&nothing));
        let mut document = Touched::default();
        document.docs.insert((DocKind::Deal, DocId::from_bytes([1; 16])));
        assert!(Query::Conflicts.is_stale(&document) && !Query::LateWork.is_stale(&document));
        let mut device = Touched::default();
        device.records.insert(RecordKind::Device);
        assert!(Query::Conflicts.is_stale(&device));
        assert!(!Query::Visits.is_stale(&device));
        let mut decided = Touched::default();
        decided.records.insert(RecordKind::Decision);
        assert!(Query::LateWork.is_stale(&decided));
    }

    #[test]
    fn what_was_asked_is_stale_when_it_waits_and_when_it_is_answered() {
        let queued = Touched { sync: true, ..Touched::default() };
        let mut answered = Touched::default();
        answered.records.insert(RecordKind::Contest);
        assert!(Query::Asked.is_stale(&queued) && Query::Asked.is_stale(&answered));
        let mut product = Touched::default();
        product.records.insert(RecordKind::Product);
        assert!(!Query::Asked.is_stale(&product));
    }

    #[test]
    fn a_plan_moves_the_agenda_and_a_ruling_the_visits() {
        let visit = DocId::from_bytes([1; 16]);
        let mut plan = Touched::default();
        plan.docs.insert((DocKind::Plan, DocId::from_bytes([2; 16])));
        assert!(Query::Agenda.is_stale(&plan) && Query::Plans.is_stale(&plan));
        assert!(!Query::Visits.is_stale(&plan) && !Query::Visit(visit).is_stale(&plan));
        for kind in [RecordKind::Void, RecordKind::Review] {
            let mut said = Touched::default();
            said.records.insert(kind);
            for query in [Query::Visits, Query::Visit(visit), Query::Scorecard] {
                assert!(query.is_stale(&said), "{query:?} of a {kind:?}");
            }
            assert!(!Query::Customers.is_stale(&said));
        }
        let mut placed = Touched::default();
        placed.records.insert(RecordKind::Placement);
        assert!(Query::Customer(visit).is_stale(&placed) && !Query::Visit(visit).is_stale(&placed));
    }
}
