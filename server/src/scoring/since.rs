//! "Why did my score change?" asked of what the server keeps.
//!
//! The earlier card is computed from what was known then: documents as the log has them
//! up to that instant, by the server's clock, and records without those that were written
//! since. So a fact that came late, one that was edited and one that is new are told apart
//! by when they arrived. A record that was corrected has no log: what it said before is
//! known only where the earlier card itself was kept, as it is when a period closes, and is
//! then told as a cause of its own.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{DocKind, Document};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Record, RecordKind};
use client_core::rules::facts::{CustomerSeen, Facts, PlanFact, VisitFact};
use client_core::rules::{Cause, Computed, Difference, Outcome, difference};
use client_core::time::Timestamp;
use serde::Serialize;

use super::ScoringError;
use super::gather::{Parts, Setting};
use super::recompute::as_of;
use crate::app::App;
use crate::storage::model::{ClosedCard, DocRow, FactRows, Row};
use crate::storage::{Boards, Documents, Records, Scores, StorageError};

/// Records that bear on a card and are looked at as they stood.
const WRITTEN: [RecordKind; 5] = [
    RecordKind::Policy,
    RecordKind::Target,
    RecordKind::Order,
    RecordKind::Contract,
    RecordKind::Payment,
];

/// From when on the changes of a card are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Since this instant, by the server's clock.
    Instant(Timestamp),
    /// Since the period closed.
    Closed,
}

/// How a card became another one. Its JSON is a contract: these keys, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardChanges {
    /// Whose.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// What came after this instant is what moved it.
    pub since: Timestamp,
    /// When the period closed and the earlier card was kept, if that is the earlier one:
    /// then this is a restatement.
    pub closed_at: Option<Timestamp>,
    /// From which total to which, by which causes, figure by figure.
    #[serde(flatten)]
    pub difference: Difference,
    /// What arrived, by cause and time of arrival.
    pub arrived: Vec<Arrival>,
}

/// A fact that moved a card, or could have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// As which cause it counts.
    pub cause: Cause,
    /// The document, or the record's id.
    pub doc: DocId,
    /// What it is; none for a record of the office, such as a payment.
    pub kind: Option<DocKind>,
    /// The customer's or the deal's name.
    pub name: Option<String>,
    /// When the server received it first; none for a record.
    pub received_at: Option<Timestamp>,
    /// When it changed last.
    pub changed_at: Option<Timestamp>,
}

/// What moved a rep's card; none for somebody who is no rep, where the period had not
/// begun, or where it is not closed and its closing is asked about.
pub async fn card_changes(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
    since: Since,
) -> Result<Option<CardChanges>, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let kept = match since {
        Since::Instant(_) => None,
        Since::Closed => app.storage().closed_card(org, rep, period).await?,
    };
    let closed_at = kept.as_ref().map(|kept| kept.closed_at);
    let now = app.clock().now();
    let at = match since {
        // What lies ahead is not known yet: nothing came since.
        Since::Instant(at) => Some(at.min(now)),
        Since::Closed => closed_at,
    };
    let begun = |at: Timestamp| period.first_day() <= setting.calendar.zone.date(at);
    let Some(at) = at.filter(|at| setting.is_rep(rep) && begun(*at)) else { return Ok(None) };
    let kept = kept.as_ref().map(outcome).transpose()?;
    let policy = setting.policy(period)?;
    let first = Facts::first_visit(period, &policy, &setting.calendar);
    let parts = Parts::read(app, org, rep, first, &setting).await?;
    let written = app.storage().records_written_since(org, WRITTEN.to_vec(), at).await?;
    let rows = rows_at(app, org, rep, at, &parts.rows).await?;
    let mut then = without(parts.clone(), &written, at);
    then.rows = rows;
    let then = then.of(rep);
    let held = parts.of(rep);
    let old_policy = setting.policy_without(period, &written)?;
    let before = setting.question(rep, period, as_of(&setting.calendar, period, at), old_policy);
    let after = setting.question(rep, period, as_of(&setting.calendar, period, now), policy);
    // Ten cards: not on an async thread.
    let found = tokio::task::spawn_blocking(move || {
        let (old, new) = (before.facts(&then), after.facts(&held));
        difference(
            kept.as_ref(),
            Computed { facts: &old, policy: &before.policy, as_of: before.as_of },
            Computed { facts: &new, policy: &after.policy, as_of: after.as_of },
        )
    });
    let difference =
        found.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
    let arrived = arrivals(app, org, &difference).await?;
    Ok(Some(CardChanges { rep, period, since: at, closed_at, difference, arrived }))
}

fn outcome(kept: &ClosedCard) -> Result<Outcome, StorageError> {
    ciborium::from_reader(kept.card.outcome.as_slice()).map_err(|error: ciborium::de::Error<_>| {
        StorageError::Corrupt { what: "closed card", reason: error.to_string() }
    })
}

/// Records as far as they were there at an instant.
fn without(mut parts: Parts, written: &BTreeSet<(RecordKind, RecordId)>, at: Timestamp) -> Parts {
    parts.targets.retain(|target| !written.contains(&(RecordKind::Target, target.id)));
    parts.decisions.retain(|decision| decision.at <= at);
    parts.business.retain_mut(|record| match record {
        Record::Signal(signal) => {
            signal.answer = signal.answer.take().filter(|answer| answer.at <= at);
            signal.noticed_at <= at
        }
        other => !written.contains(&(other.kind(), other.id())),
    });
    parts
}

/// The rep's documents as they were known at an instant. Only what changed since is read
/// from the log.
async fn rows_at(
    app: &App,
    org: OrgId,
    rep: UserId,
    at: Timestamp,
    now: &FactRows,
) -> Result<FactRows, StorageError> {
    let changed = app.storage().rows_changed(org, rep, at).await?;
    let moved: BTreeSet<DocId> = changed.iter().map(|row| row.header.doc).collect();
    let mut known = now.clone();
    known.visits.retain(|visit| !moved.contains(&visit.doc));
    known.customers.retain(|customer| !moved.contains(&customer.doc));
    known.plans.retain(|plan| !moved.contains(&plan.fact.doc));
    known.deals.retain(|row| !moved.contains(&row.header.doc));
    known.cases.retain(|row| !moved.contains(&row.header.doc));
    let there: Vec<Row> = changed.into_iter().filter(|row| row.received_at <= at).collect();
    let docs = there.iter().map(|row| row.header.doc).collect();
    let mut logs = app.storage().logs(org, docs).await?;
    for row in there {
        let log = logs.remove(&row.header.doc).unwrap_or_default();
        let row = as_it_was(row, &log, at);
        let (header, heads) = (row.header, &row.heads);
        match &row.state {
            DocState::Visit(state) => known.visits.push(VisitFact::of(&header, heads, state)),
            DocState::Customer(state) => {
                known.customers.push(CustomerSeen::of(&header, heads, state));
            }
            DocState::Plan(state) => known.plans.extend(PlanFact::of(&header, heads, state)),
            DocState::Deal(_) => known.deals.push(row),
            DocState::Case(_) => known.cases.push(row),
        }
    }
    Ok(known)
}

/// A document from the changes that had been received by an instant. One whose history
/// began anew since, after an erasure or because it was full, is taken as it stands.
fn as_it_was(row: Row, log: &[DocRow], at: Timestamp) -> Row {
    known_then(&row, log, at).unwrap_or(row)
}

/// A document from the changes that had been received by an instant; none where its history
/// began anew since, so that nothing says what stood then.
pub(crate) fn known_then(row: &Row, log: &[DocRow], at: Timestamp) -> Option<Row> {
    let mut document = Document::create(row.header);
    let mut known = log.iter().filter(|change| change.received_at <= at).peekable();
    known.peek()?;
    let read = known.all(|change| {
        ScreenedChange::screen(&change.bytes, &Limits::default())
            .is_ok_and(|screened| document.apply(&screened).is_ok())
    });
    read.then(|| Row { heads: document.heads(), state: DocState::read(&document), ..row.clone() })
}

/// What the causes name, with when it came.
async fn arrivals(
    app: &App,
    org: OrgId,
    difference: &Difference,
) -> Result<Vec<Arrival>, StorageError> {
    let named = difference.moved.iter().flat_map(|moved| {
        let facts: BTreeSet<DocId> = moved.facts.iter().map(|fact| fact.doc).collect();
        facts.into_iter().map(|doc| (moved.cause, doc))
    });
    let named: Vec<(Cause, DocId)> = named.collect();
    let docs = named.iter().map(|(_cause, doc)| *doc).collect();
    let rows = app.storage().rows(org, docs).await?;
    let by_doc: BTreeMap<DocId, &Row> = rows.iter().map(|row| (row.header.doc, row)).collect();
    let mut arrived: Vec<Arrival> = named
        .into_iter()
        .map(|(cause, doc)| {
            let row = by_doc.get(&doc).copied();
            Arrival {
                cause,
                doc,
                kind: row.map(|row| row.header.kind),
                name: row.and_then(name),
                received_at: row.map(|row| row.received_at),
                changed_at: row.map(|row| row.changed_at),
            }
        })
        .collect();
    arrived.sort_by_key(|one| (one.cause, one.received_at, one.doc));
    Ok(arrived)
}

fn name(row: &Row) -> Option<String> {
    match &row.state {
        DocState::Customer(state) => state.value.name.clone(),
        DocState::Visit(state) => state.value.customer_name.clone(),
        DocState::Deal(state) => state.value.name.clone(),
        DocState::Case(_) | DocState::Plan(_) => None,
    }
}
