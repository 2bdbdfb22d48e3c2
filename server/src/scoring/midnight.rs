//! The org's midnight.
//!
//! Pace and due dates move with the day, and the last day of a month must become
//! its final card. Marking follows from what the stored cards say and not from a
//! timer, so a server that was off at midnight catches up when it starts.
//!
//! A month that has closed (five working days after its end) keeps its cards as they are
//! then: what comes later moves the card and not the kept one, and the two say what moved.

use client_core::id::OrgId;
use client_core::period::Period;
use client_core::rules::{closed_from, placements_kept_from};
use client_core::time::Date;

use super::ScoringError;
use super::gather::Setting;
use super::recompute::is_stale;
use crate::app::App;
use crate::storage::{Placing, Scores};

/// Marks the cards of active reps that look from another day: the present
/// month's, and the last one's until it is final, and lets former holders go of
/// placements that no open card looks at. Gives the day it looked at.
pub(super) async fn mark_stale(app: &App, org: OrgId) -> Result<Date, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let now = app.clock().now();
    let today = setting.calendar.zone.date(now);
    let month = Period::month_of(today);
    for period in [month.previous(), month] {
        let cards = app.storage().scorecards(org, period).await?;
        for rep in setting.active_reps() {
            let stale = match cards.iter().find(|card| card.record.rep == rep) {
                Some(card) => is_stale(&setting.calendar, period, card, now),
                // Everybody has a card of this month, even with nothing in it.
                None => period == month,
            };
            if stale {
                app.storage().mark_dirty(org, rep, period).await?;
            }
        }
    }
    close(app, org, &setting).await?;
    let_go(app, org, &setting).await?;
    Ok(today)
}

/// Keeps the cards of months that have closed as they stand. A card that nobody had made
/// by then is kept once it is made: it closes with what it says first.
pub(super) async fn close(app: &App, org: OrgId, setting: &Setting) -> Result<(), ScoringError> {
    let now = app.clock().now();
    let calendar = &setting.calendar;
    let today = calendar.zone.date(now);
    for period in app.storage().periods_not_closed(org).await? {
        if closed_from(period, calendar) <= today {
            let (_start, end) = period.bounds(&calendar.zone);
            app.storage().close_cards(org, period, end, now).await?;
        }
    }
    Ok(())
}

/// Lets former holders go of placements that no open card looks at any more.
pub(super) async fn let_go(app: &App, org: OrgId, setting: &Setting) -> Result<(), ScoringError> {
    let now = app.clock().now();
    let zone = &setting.calendar.zone;
    let kept = placements_kept_from(&setting.calendar, zone.date(now));
    Ok(app.storage().let_go(org, zone.start_of(kept), now).await?)
}

/// Marks the cards of a month that look from another day, and those that active
/// reps lack.
pub(super) async fn mark_stale_of(
    app: &App,
    org: OrgId,
    period: Period,
) -> Result<(), ScoringError> {
    let setting = Setting::read(app, org).await?;
    let now = app.clock().now();
    let cards = app.storage().scorecards(org, period).await?;
    for rep in setting.active_reps() {
        let card = cards.iter().find(|card| card.record.rep == rep);
        if card.is_none_or(|card| is_stale(&setting.calendar, period, card, now)) {
            app.storage().mark_dirty(org, rep, period).await?;
        }
    }
    Ok(())
}
