//! "Why did my score change?" asked of what the server keeps.
//!
//! The earlier card is computed from what was known then: documents as the log has them
//! up to that instant, by the server's clock. So a fact that came late, one that was
//! edited and one that is new are told apart by when they arrived. Records (targets,
//! decisions, placements, orders) have no log and are taken as they stand now, and so is
//! the policy.

use client_core::docs::Document;
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::facts::{CustomerSeen, Facts, PlanFact, VisitFact};
use client_core::rules::{Computed, Difference, difference};
use client_core::time::Timestamp;

use super::ScoringError;
use super::gather::{Held, Setting};
use super::recompute::as_of;
use crate::app::App;
use crate::storage::model::{FactRows, Row};
use crate::storage::{Documents, Scores, StorageError};

/// What moved a rep's card between what was known at `since` and now; none for somebody
/// who is no rep, or where the period had not begun.
pub async fn difference_since(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
    since: Timestamp,
) -> Result<Option<Difference>, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let now = app.clock().now();
    if !setting.is_rep(rep) || setting.calendar.zone.date(since) < period.first_day() {
        return Ok(None);
    }
    let policy = setting.policy(period)?;
    let first = Facts::first_visit(period, &policy, &setting.calendar);
    let held = Held::read(app, org, rep, first, &setting).await?;
    let then = held.with_rows(known_at(app, org, rep, since).await?);
    let question = |as_of| setting.question(rep, period, as_of, policy.clone());
    let before = question(as_of(&setting.calendar, period, since));
    let after = question(as_of(&setting.calendar, period, now));
    // Ten cards: not on an async thread.
    let found = tokio::task::spawn_blocking(move || {
        let (old, new) = (before.facts(&then), after.facts(&held));
        difference(
            Computed { facts: &old, policy: &before.policy, as_of: before.as_of },
            Computed { facts: &new, policy: &after.policy, as_of: after.as_of },
        )
    });
    found.await.map(Some).map_err(|error| ScoringError::Rules { reason: error.to_string() })
}

/// The rep's documents as they were known at an instant.
async fn known_at(
    app: &App,
    org: OrgId,
    rep: UserId,
    at: Timestamp,
) -> Result<FactRows, StorageError> {
    let mut known = FactRows::default();
    for row in app.storage().rows_for_rep(org, rep).await? {
        if row.received_at > at {
            continue;
        }
        let row = if row.changed_at > at { as_it_was(app, org, row, at).await? } else { row };
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

/// A document from the changes that had been received by an instant.
async fn as_it_was(app: &App, org: OrgId, row: Row, at: Timestamp) -> Result<Row, StorageError> {
    let corrupt = |reason: String| StorageError::Corrupt { what: "document", reason };
    let mut document = Document::create(row.header);
    for change in app.storage().log(org, row.header.doc).await? {
        if change.received_at <= at {
            let screened = ScreenedChange::screen(&change.bytes, &Limits::default());
            let screened = screened.map_err(|error| corrupt(error.to_string()))?;
            document.apply(&screened).map_err(|error| corrupt(error.to_string()))?;
        }
    }
    Ok(Row { heads: document.heads(), state: DocState::read(&document), ..row })
}
