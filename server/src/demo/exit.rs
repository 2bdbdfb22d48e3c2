//! `demo --exit`: plays one day at once, waits until phones and server agree, and
//! checks that they really do.

use client_core::period::Period;
use serde::Serialize;

use super::check::{self, Verdict};
use super::day::{Action, Day};
use super::stage::Stage;
use super::{DemoArgs, Progress};
use crate::scoring;
use crate::storage::{Documents, Scores};

/// Rounds of syncing after which agreement is given up.
const ROUNDS: usize = 20;

/// What the day came to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Simulated phones.
    pub phones: u64,
    /// Customers on the server.
    pub customers: u64,
    /// Visits logged on the phones that day.
    pub visits_logged: u64,
    /// Changes the server stored.
    pub changes_pushed: u64,
    /// Fields that stand with more than one value.
    pub conflicts: u64,
    /// Customers that several reps work on.
    pub shared_customers: u64,
    /// Visits that reached the server on a later day than they happened.
    pub late_visits: u64,
    /// Spans without signal.
    pub offline_spans: u64,
    /// Bytes sent by the phones, HTTP headers included.
    pub bytes_up: u64,
    /// Bytes received by the phones, HTTP headers included.
    pub bytes_down: u64,
    /// HTTP requests of the phones.
    pub requests: u64,
    /// Every phone shows what the server has in its scope.
    pub converged: bool,
    /// Every phone's scorecards are the server's, byte for byte.
    pub scorecards_equal: bool,
    /// How long it took.
    pub seconds: f64,
}

impl Summary {
    /// What is missing for a good day; empty if nothing.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        if !self.converged {
            failures.push("phones and server show different documents".to_owned());
        }
        if !self.scorecards_equal {
            failures.push("scorecards differ between phones and server".to_owned());
        }
        for (name, count) in [
            ("phones", self.phones),
            ("customers", self.customers),
            ("visits_logged", self.visits_logged),
            ("changes_pushed", self.changes_pushed),
            ("conflicts", self.conflicts),
            ("shared_customers", self.shared_customers),
            ("late_visits", self.late_visits),
            ("offline_spans", self.offline_spans),
            ("bytes_up", self.bytes_up),
            ("bytes_down", self.bytes_down),
            ("requests", self.requests),
        ] {
            if count == 0 {
                failures.push(format!("{name} is 0"));
            }
        }
        failures
    }
}

/// Plays the day and checks it.
pub async fn play(args: &DemoArgs, progress: &Progress) -> anyhow::Result<(Summary, Verdict)> {
    let began = started();
    let mut stage = Stage::build(args, 0, progress).await?;
    let day = Day::new(&stage.world, stage.phones.len(), 0);
    progress.say(&format!("playing {} steps", day.steps.len()));
    for step in &day.steps {
        stage.clock.advance_to(step.at);
        let Some(phone) = stage.phones.get_mut(step.phone) else { continue };
        phone.act(&stage.world, &step.action)?;
        if !matches!(step.action, Action::Signal(false)) {
            phone.sync().await?;
        }
    }
    progress.say("waiting until phones and server agree");
    settle(&mut stage).await?;
    let periods = [Period::month_of(stage.world.today)];
    let mut verdict = Verdict::default();
    for phone in &stage.phones {
        let app = stage.server.app();
        check::compare(app, stage.org, &stage.world, phone, &periods, &mut verdict).await?;
    }
    let mut summary = summarise(&stage, &day, &verdict).await?;
    summary.seconds = began.elapsed().as_secs_f64();
    stage.strike().await;
    Ok((summary, verdict))
}

#[expect(clippy::disallowed_methods, reason = "the demo reports how long it really took")]
fn started() -> std::time::Instant {
    std::time::Instant::now()
}

/// Everybody gets signal and syncs until nothing moves any more; scores are
/// computed in between, because they travel too.
async fn settle(stage: &mut Stage) -> anyhow::Result<()> {
    for _ in 0..ROUNDS {
        let mut moved = 0;
        for phone in &mut stage.phones {
            phone.online = true;
            let before = (phone.totals.pushed, phone.totals.pulled);
            phone.sync().await?;
            moved += phone.totals.pushed - before.0 + phone.totals.pulled - before.1;
            moved += phone.totals.remaining;
        }
        moved += u64::try_from(scoring::recompute_dirty(stage.server.app()).await?)?;
        if moved == 0 {
            return Ok(());
        }
    }
    anyhow::bail!("phones and server did not come to rest within {ROUNDS} rounds")
}

async fn summarise(stage: &Stage, day: &Day, verdict: &Verdict) -> anyhow::Result<Summary> {
    let (app, org) = (stage.server.app(), stage.org);
    let mut customers = std::collections::BTreeSet::new();
    let mut late = std::collections::BTreeSet::new();
    let mut conflicts = 0;
    for rep in &stage.world.reps {
        for row in app.storage().rows_for_rep(org, rep.id).await? {
            let new = match &row.state {
                client_core::projection::DocState::Customer(_) => customers.insert(row.header.doc),
                client_core::projection::DocState::Visit(visit) => {
                    let zone = &stage.world.zone;
                    let happened = visit.value.started_at.as_ref().map(|at| zone.date(at.at));
                    let received = zone.date(row.received_at);
                    if happened.is_some_and(|date| date < received) {
                        late.insert(row.header.doc);
                    }
                    false
                }
                _ => false,
            };
            if new && let Some(stored) = app.storage().load(org, row.header.doc).await? {
                let document = client_core::docs::Document::load(row.header, &stored.snapshot)?;
                conflicts += document.conflicts().len() as u64;
            }
        }
    }
    let total = |count: fn(&client_core::engine::SyncReport) -> u64| -> u64 {
        stage.phones.iter().map(|phone| count(&phone.totals)).sum()
    };
    Ok(Summary {
        phones: stage.phones.len() as u64,
        customers: customers.len() as u64,
        visits_logged: stage.phones.iter().map(|phone| phone.visits_logged).sum(),
        changes_pushed: total(|report| report.pushed),
        conflicts,
        shared_customers: stage.world.shared().count() as u64,
        late_visits: late.len() as u64,
        offline_spans: u64::from(day.offline_spans),
        bytes_up: total(|report| report.bytes_up),
        bytes_down: total(|report| report.bytes_down),
        requests: total(|report| report.requests),
        converged: verdict.documents.is_empty(),
        scorecards_equal: verdict.scorecards.is_empty() && verdict.compared > 0,
        seconds: 0.0,
    })
}
