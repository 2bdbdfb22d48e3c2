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

use super::contain::contained;
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
        let done = contained(round(&app, &mut days, &mut looks, &token)).await;
        let now = done.err().map(|error| error.to_string());
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

#[cfg(test)]
mod tests {
    use client_core::id::UserId;
    use client_core::period::Period;
    use client_core::records::Role;

    use super::*;
    use crate::office::desk::{Desk, desk};
    use crate::office::{CreateUser, PasswordChoice};
    use crate::scoring::recompute::PANICS;
    use crate::storage::Scores;

    async fn rep(desk: &Desk) -> UserId {
        let user = CreateUser {
            login: "anna".into(),
            name: "Anna".into(),
            role: Role::Rep,
            units: vec![desk.root],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given("correct horse".into()),
        };
        desk.office.create_user(user).await.unwrap().user.id
    }

    /// Until no card waits to be computed.
    async fn computed(desk: &Desk) {
        for _try in 0..1_000 {
            let marks = desk.app.storage().dirty(desk.office.org(), 10).await.unwrap();
            if marks.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("cards wait for ever");
    }

    #[tokio::test]
    async fn a_panic_costs_one_card_and_scoring_goes_on() {
        let desk = desk().await;
        let (storage, org, anna) = (desk.app.storage(), desk.office.org(), rep(&desk).await);
        let zone = desk.office.calendar().await.unwrap().zone;
        let month = Period::month_of(zone.date(desk.app.clock().now()));
        let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
        spawn(desk.app.clone(), &tracker, token.clone()).unwrap();
        for wrong in PANICS {
            storage.mark_dirty(org, anna, wrong.parse().unwrap()).await.unwrap();
            computed(&desk).await;
        }
        storage.mark_dirty(org, anna, month).await.unwrap();
        computed(&desk).await;
        let card = storage.scorecard(org, anna, month).await.unwrap();
        assert_eq!(card.expect("the thread lives").record.rep, anna);
        token.cancel();
        tracker.close();
        tracker.wait().await;
    }
}
