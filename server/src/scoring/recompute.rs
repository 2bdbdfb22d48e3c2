//! From marks to published cards.

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use client_core::records::{CalendarRecord, ScorecardRecord};
use client_core::rules::{Facts, Outcome, RULES_VERSION, evaluate};
use client_core::time::Timestamp;
use tokio_util::sync::CancellationToken;

use super::contain::contained;
use super::gather::{Held, Question, Setting};
use super::{ScoringError, months};
use crate::app::App;
use crate::storage::lists::CardNotes;
use crate::storage::model::{DirtyMark, ScorecardRow};
use crate::storage::{Scores, StorageError};

/// How far a phone's clock may be ahead and its visit still be counted as soon as
/// its time has come; later ones wait for the next commit or midnight.
const AHEAD_MS: i64 = 15 * 60 * 1000;

/// Computing these months panics, on the job's own thread and where cards are computed:
/// the faults that tests put where ours would be.
#[cfg(test)]
pub(super) const PANICS: [&str; 2] = ["1999-11", "1999-12"];

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pass {
    /// Marks that were taken away.
    pub taken: usize,
    /// Cards that said something new.
    pub published: usize,
}

/// Takes up to `limit` marks of an org, computes their cards, and takes the
/// marks away, until `token` is cancelled. Every card is its own transaction, so
/// other writers never wait long.
pub(super) async fn pass(
    app: &App,
    org: OrgId,
    limit: u32,
    token: &CancellationToken,
) -> Result<Pass, ScoringError> {
    let marks = app.storage().dirty(org, limit).await?;
    take(app, org, marks, token).await
}

/// Takes the marks that bear on a month, however many others wait.
pub(super) async fn touching(app: &App, org: OrgId, period: Period) -> Result<(), ScoringError> {
    let mut marks = app.storage().dirty(org, u32::MAX).await?;
    marks.retain(|mark| {
        mark.period.first_day() <= period.last_day() && period.first_day() <= mark.period.last_day()
    });
    take(app, org, marks, &CancellationToken::new()).await.map(drop)
}

/// Computes one card now, if something waits that bears on it; whether it is whole.
///
/// The job may be computing the same card from less meanwhile, so every mark stays, and
/// one is set behind what was published: the job looks again and has the last word.
pub(super) async fn card_of(
    app: &App,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<bool, ScoringError> {
    let marks = app.storage().dirty(org, u32::MAX).await?;
    // A month looks back at the visits of earlier ones.
    let mut bearing = marks
        .into_iter()
        .filter(|mark| mark.rep == rep && mark.period.first_day() <= period.last_day());
    let Some(mark) = bearing.next() else { return Ok(true) };
    let setting = Setting::read(app, org).await?;
    let done = contained(one(app, org, &setting, DirtyMark { period, ..mark })).await?;
    if done.published > 0 {
        app.storage().mark_dirty(org, rep, period).await?;
    }
    Ok(!done.early)
}

async fn take(
    app: &App,
    org: OrgId,
    marks: Vec<DirtyMark>,
    token: &CancellationToken,
) -> Result<Pass, ScoringError> {
    if marks.is_empty() {
        return Ok(Pass::default());
    }
    let setting = Setting::read(app, org).await?;
    let mut pass = Pass::default();
    for mark in marks {
        if token.is_cancelled() {
            break;
        }
        match contained(one(app, org, &setting, mark)).await {
            Ok(done) => {
                pass.published += done.published;
                if done.early {
                    continue;
                }
            }
            // The database does not answer: the mark stays and is tried again.
            Err(ScoringError::Storage(
                error @ (StorageError::Unavailable { .. }
                | StorageError::Sqlite(_)
                | StorageError::Full),
            )) => return Err(error.into()),
            // It would fail again a second later, and the next commit or midnight
            // marks it again. Letting it stay would keep the others waiting.
            Err(error) => tracing::error!(
                %org, rep = %mark.rep, period = %mark.period, %error,
                "a scorecard could not be computed"
            ),
        }
        pass.taken += 1;
        app.storage().clear_dirty(org, mark).await?;
    }
    Ok(pass)
}

/// What came of one mark.
#[derive(Debug, Default)]
struct Done {
    published: usize,
    /// A fact's time has not come: the mark stays.
    early: bool,
}

/// The cards of one mark.
async fn one(
    app: &App,
    org: OrgId,
    setting: &Setting,
    mark: DirtyMark,
) -> Result<Done, ScoringError> {
    #[cfg(test)]
    assert!(mark.period.to_string() != PANICS[0], "the fault of a test");
    let mut done = Done::default();
    if !setting.is_rep(mark.rep) {
        return Ok(done);
    }
    let now = app.clock().now();
    let today = setting.calendar.zone.date(now);
    let months = months::begun(mark.period, today);
    let Some(first) = months.first() else { return Ok(done) };
    let since = Facts::first_visit(*first, &setting.policy(*first)?, &setting.calendar);
    let mut held = Held::read(app, org, mark.rep, since, setting).await?;
    done.early = held.next_between(now, now.plus_millis(AHEAD_MS)).is_some();
    for period in months {
        let before = app.storage().scorecard(org, mark.rep, period).await?;
        let card;
        (held, card) = compute(setting, held, mark.rep, period, now, before).await?;
        let Some((card, notes)) = card else { continue };
        app.storage().publish_scorecard(org, card, notes, now).await?;
        done.published += 1;
        // Later months look back at this one's visits, so their facts moved too.
        // It ends where a month's facts stay as they were, or with this month.
        if let Some(next) = months::next_begun(period, today)
            && app.storage().scorecard(org, mark.rep, next).await?.is_some()
        {
            app.storage().mark_dirty(org, mark.rep, next).await?;
        }
    }
    Ok(done)
}

/// The card of a period, if it says something else than the one `before`.
async fn compute(
    setting: &Setting,
    held: Held,
    rep: UserId,
    period: Period,
    now: Timestamp,
    before: Option<ScorecardRow>,
) -> Result<(Held, Option<(ScorecardRow, CardNotes)>), ScoringError> {
    let question = setting.question(
        rep,
        period,
        as_of(&setting.calendar, period, now),
        setting.policy(period)?,
    );
    // Thousands of visits are milliseconds of work: not on an async thread. Cards
    // are computed one after the other, so this is one blocking thread at most.
    tokio::task::spawn_blocking(move || {
        #[cfg(test)]
        assert!(question.period.to_string() != PANICS[1], "the fault of a test");
        let facts = question.facts(&held);
        let unchanged = before.is_some_and(|before| {
            before.record.inputs_digest == facts.digest(&question.policy)
                && before.record.policy_hash == question.policy.hash()
                && before.record.rules_version == RULES_VERSION
                && same_view(&question.calendar, period, before.record.as_of, question.as_of)
                && asks_the_same(&question, &facts, &before)
        });
        let card = (!unchanged).then(|| {
            let outcome = question.answer(&facts);
            (card(&outcome), notes(&outcome))
        });
        (held, card)
    })
    .await
    .map_err(|error| ScoringError::Rules { reason: error.to_string() })
}

/// Whether a stored card asks about the visits that are asked about now: no digest says
/// so, and its page does.
fn asks_the_same(question: &Question, facts: &Facts, before: &ScorecardRow) -> bool {
    if facts.signals.is_empty() {
        return true;
    }
    let again = evaluate(facts, &question.policy, question.period, before.record.as_of);
    again.to_bytes() == before.outcome
}

/// The instant from which a period is looked at: now, or its end once it is over,
/// so that a closed period's card changes with its facts only.
pub(super) fn as_of(calendar: &CalendarRecord, period: Period, now: Timestamp) -> Timestamp {
    let (_start, end) = period.bounds(&calendar.zone);
    now.min(end)
}

/// Whether the same facts say the same from both instants: the rules see days,
/// and whether the period is over.
pub(super) fn same_view(
    calendar: &CalendarRecord,
    period: Period,
    before: Timestamp,
    now: Timestamp,
) -> bool {
    let (_start, end) = period.bounds(&calendar.zone);
    calendar.zone.date(before) == calendar.zone.date(now) && (before < end) == (now < end)
}

fn card(outcome: &Outcome) -> ScorecardRow {
    ScorecardRow {
        record: ScorecardRecord {
            rep: outcome.rep,
            period: outcome.period,
            as_of: outcome.as_of,
            rules_version: outcome.rules_version,
            policy_hash: outcome.policy_hash,
            inputs_digest: outcome.inputs_digest,
            outcome_digest: outcome.digest(),
            total_centipoints: outcome.scorecard.total.map(|total| total.0),
        },
        outcome: outcome.to_bytes(),
    }
}

/// What lists filter by, as the card has it.
fn notes(outcome: &Outcome) -> CardNotes {
    let visits = outcome.visits.iter();
    let due = outcome.due.iter();
    CardNotes {
        visits: visits.map(|visit| (visit.fact.doc, visit.verdict.clone(), visit.counts)).collect(),
        due: due.map(|due| (due.customer, due.status, due.last_visit)).collect(),
    }
}

/// Whether a stored card no longer says what day it is.
pub(super) fn is_stale(
    calendar: &CalendarRecord,
    period: Period,
    card: &ScorecardRow,
    now: Timestamp,
) -> bool {
    !same_view(calendar, period, card.record.as_of, as_of(calendar, period, now))
}
