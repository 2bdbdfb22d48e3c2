//! The job that runs while the server does.
//!
//! It has a thread and a runtime of its own, with one thread for what takes long: a
//! rep's year is megabytes for the time of a card, and whichever thread computes one
//! keeps that much for the next.

use std::collections::BTreeMap;
use std::time::Duration;

use client_core::id::OrgId;
use client_core::time::{Date, Timestamp, Zone};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{ScoringError, midnight, recompute, signals};
use crate::app::App;
use crate::office::Office;
use crate::storage::model::Seq;
use crate::storage::{Feed, Records};

/// Between two rounds. A rep's card is computed at most once a round, however
/// many visits a reconnecting phone brings.
const ROUND: Duration = Duration::from_secs(1);
/// Marks of one round and org at most: what is left waits a second, and other
/// orgs do not. Marks that the round itself sets wait too.
const MOST: u32 = 1024;
/// Between two looks for what might be invented: each reads the visits of weeks, and a
/// question may wait as long.
const LOOK_EVERY_MS: i64 = 15 * 60 * 1000;

/// Runs the job until `token` is cancelled; the card being computed is finished.
///
/// # Errors
/// When the system gives it no thread.
pub fn spawn(app: App, tracker: &TaskTracker, token: CancellationToken) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_time()
        .build()?;
    let (ends, ended) = oneshot::channel::<()>();
    std::thread::Builder::new().name("scoring".to_owned()).spawn(move || {
        runtime.block_on(score_until_cancelled(app, token));
        drop(ends);
    })?;
    // The server waits for its tasks when it stops, and so for the thread.
    tracker.spawn(async move { drop(ended.await) });
    Ok(())
}

async fn score_until_cancelled(app: App, token: CancellationToken) {
    let (mut days, mut looks) = (Days::new(), Looks::new());
    // A full disk stays full for many rounds: what holds it up is said once.
    let mut held_up: Option<String> = None;
    loop {
        let now = round(&app, &mut days, &mut looks, &token).await.err();
        let now = now.map(|error| error.to_string());
        match &now {
            Some(error) if now != held_up => tracing::error!(error, "scoring is held up"),
            None if held_up.is_some() => tracing::info!("scoring goes on"),
            _ => {}
        }
        held_up = now;
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// The day on which an org was looked at last, with its zone.
type Days = BTreeMap<OrgId, (Zone, Date)>;

/// When an org was searched for signals last, and the feed position it had then.
type Looks = BTreeMap<OrgId, (Timestamp, Seq)>;

async fn round(
    app: &App,
    days: &mut Days,
    looks: &mut Looks,
    token: &CancellationToken,
) -> Result<(), ScoringError> {
    for org in app.storage().orgs().await? {
        let org = org.id;
        let now = app.clock().now();
        let seen = days.get(&org).is_some_and(|(zone, day)| zone.date(now) == *day);
        if !seen {
            let zone = Office::of(app.clone(), org).calendar().await?.zone;
            let day = midnight::mark_stale(app, org).await?;
            days.insert(org, (zone, day));
        }
        let pass = recompute::pass(app, org, MOST, token).await?;
        app.metrics().scorecards(pass.published);
        look(app, org, looks).await?;
    }
    Ok(())
}

/// Looks for signals, where something was written since the last look.
async fn look(app: &App, org: OrgId, looks: &mut Looks) -> Result<(), ScoringError> {
    let (now, head) = (app.clock().now(), app.storage().head(org).await?);
    let waits =
        looks.get(&org).is_some_and(|(at, seen)| *seen == head || now.since(*at) < LOOK_EVERY_MS);
    if !waits {
        // Noted first: what cannot be looked at now is tried again later, not at once.
        looks.insert(org, (now, head));
        signals::look(app, org).await?;
        looks.insert(org, (now, app.storage().head(org).await?));
    }
    Ok(())
}
