//! Official scorecards, kept current.
//!
//! A visit that arrives must move its rep's score within a second or two, late
//! ones the score of the month they belong to, and an open month's at midnight
//! even if nothing arrives, because pace and due dates move with the day. So a
//! commit marks (rep, month) in its own transaction; this job takes the marks,
//! computes each card once however many commits marked it, and publishes it only
//! if it says something new. A mark that was set again meanwhile stays.
//!
//! The rules see exactly what the rep's phone holds ([`gather`]), so that both
//! compute the same bytes.

mod backdate;
mod contain;
mod gather;
mod job;
mod kept;
mod midnight;
mod milestones;
mod months;
mod progress;
mod reached;
mod recompute;
mod replay;
mod signals;
mod since;
#[cfg(test)]
mod tests;

use client_core::id::{DocId, OrgId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::facts::VisitFact;
use client_core::rules::{Facts, Outcome, Policy, Verdict};
use tokio_util::sync::CancellationToken;

pub use job::spawn;
pub(crate) use milestones::KeptMilestones;
pub use milestones::{MilestoneProgress, milestones};
pub use progress::{ProgressReport, TargetProgress, progress};
pub(crate) use reached::KeptReached;
pub use replay::{RepReplay, Replay, replay};
pub use signals::look as look_for_signals;
pub(crate) use since::known_then;
pub use since::{Arrival, CardChanges, Since, card_changes};

use self::gather::{Held, Setting};
use crate::app::App;
use crate::storage::{Documents, Records, Scores, StorageError};

/// Marks taken from the database at a time.
const BATCH: u32 = 256;

/// Why scorecards could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum ScoringError {
    /// The org lacks what every card needs.
    #[error("the org has no {what}, so nothing can be scored")]
    Missing {
        /// What it lacks.
        what: &'static str,
    },
    /// The policy in force cannot be read by this program.
    #[error("policy version {version} cannot be read: {reason}")]
    Policy {
        /// Which.
        version: u32,
        /// Why.
        reason: String,
    },
    /// The rules stopped on a fault of ours.
    #[error("the rules failed: {reason}")]
    Rules {
        /// What was seen of it.
        reason: String,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Computes every marked card now, and the ones that follow from them. Gives the
/// number of cards published.
pub async fn recompute_dirty(app: &App) -> Result<usize, ScoringError> {
    let mut published = 0;
    for org in app.storage().orgs().await? {
        published += of_org(app, org.id).await?;
    }
    Ok(published)
}

async fn of_org(app: &App, org: OrgId) -> Result<usize, ScoringError> {
    let token = CancellationToken::new();
    let mut published = 0;
    loop {
        let pass = recompute::pass(app, org, BATCH, &token).await?;
        published += pass.published;
        if pass.taken == 0 {
            return Ok(published);
        }
    }
}

/// Lets former holders go of placements that no open card looks at any more. The job
/// does this each midnight.
pub async fn let_go(app: &App, org: OrgId) -> Result<(), ScoringError> {
    midnight::let_go(app, org, &Setting::read(app, org).await?).await
}

/// A card computed anew with everything it rests on, at the instant of the official one
/// or now; none for somebody who is no rep, or before the period has begun.
pub async fn examine(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<Option<(Facts, Policy, Outcome)>, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let now = app.clock().now();
    let begun = period.first_day() <= setting.calendar.zone.date(now);
    if !setting.is_rep(rep) || !begun {
        return Ok(None);
    }
    let official = app.storage().scorecard(org, rep, period).await?;
    let as_of = official
        .map_or_else(|| recompute::as_of(&setting.calendar, period, now), |card| card.record.as_of);
    let policy = setting.policy(period)?;
    let since = Facts::first_visit(period, &policy, &setting.calendar);
    let held = Held::read(app, org, rep, since, &setting).await?;
    let question = setting.question(rep, period, as_of, policy);
    let facts = question.facts(&held);
    let outcome = question.answer(&facts);
    Ok(Some((facts, question.policy, outcome)))
}

/// What a rep's card of a period would be computed from now; none for somebody who is no
/// rep.
pub async fn facts_now(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<Option<(Facts, Policy)>, ScoringError> {
    let setting = Setting::read(app, org).await?;
    if !setting.is_rep(rep) {
        return Ok(None);
    }
    let policy = setting.policy(period)?;
    let since = Facts::first_visit(period, &policy, &setting.calendar);
    let held = Held::read(app, org, rep, since, &setting).await?;
    let question = setting.question(rep, period, app.clock().now(), policy);
    let facts = question.facts(&held);
    Ok(Some((facts, question.policy)))
}

/// Whether a visit is under review as its rep's card would have it now. The stored card
/// may be a moment older than the visit, and a decision must not rest on that.
pub async fn is_under_review(
    app: &App,
    org: OrgId,
    rep: UserId,
    visit: DocId,
) -> Result<bool, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let row = app.storage().row(org, visit).await?.filter(|_row| setting.is_rep(rep));
    let at = row.and_then(|row| match &row.state {
        DocState::Visit(state) => VisitFact::of(&row.header, &row.heads, state).business_time(),
        _ => None,
    });
    let Some(at) = at else { return Ok(false) };
    let period = Period::month_of(setting.calendar.zone.date(at));
    let policy = setting.policy(period)?;
    let since = Facts::first_visit(period, &policy, &setting.calendar);
    let held = Held::read(app, org, rep, since, &setting).await?;
    let as_of = recompute::as_of(&setting.calendar, period, app.clock().now());
    let question = setting.question(rep, period, as_of, policy);
    let judged = tokio::task::spawn_blocking(move || question.answer(&question.facts(&held)));
    let judged = judged.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
    let waits = |verdict: &Verdict| matches!(verdict, Verdict::NeedsReview(_));
    Ok(judged.visits.iter().any(|one| one.fact.doc == visit && waits(&one.verdict)))
}

/// Brings one card up to date, for somebody who waits for it; whether nothing is left that
/// bears on it and lies minutes ahead, by the clock of the phone that brought it.
pub async fn bring_up_to_date(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<bool, ScoringError> {
    recompute::card_of(app, org, rep, period).await
}

/// Brings the cards of a month up to date: those whose facts moved, those that
/// look from another day, and active reps' who have none.
pub async fn refresh(app: &App, org: OrgId, period: Period) -> Result<(), ScoringError> {
    midnight::mark_stale_of(app, org, period).await?;
    // A month looks back at the visits of earlier ones.
    for mark in app.storage().dirty(org, u32::MAX).await? {
        if mark.period.last_day() < period.first_day() {
            app.storage().mark_dirty(org, mark.rep, period).await?;
        }
    }
    recompute::touching(app, org, period).await
}
