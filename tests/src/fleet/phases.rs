//! The phases of a field day, in the order in which they happen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use client_core::docs::visit::VisitMode;
use client_core::engine::{Client, Comparison, CustomerQuery, LiveJob, LiveState, NewVisit};
use client_core::id::DocId;
use client_core::period::Period;
use client_core::time::Timestamp;
use tokio::sync::watch;

use super::Said;
use super::limits::BareInsert;
use super::phase::{Begun, Phase};
use super::profile::{Call, Profile, zone};
use super::stopwatch::{Laps, millis, now, timed};
use super::world::{Phone, World};

/// How long the fleet waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(120);

/// Every phone syncs for the first time, one after the other, so that the figures
/// of one phone are one phone's; then the manager's.
pub async fn first_sync(world: &mut World) -> anyhow::Result<Phase> {
    let (begun, mut laps, mut usable) = (Begun::now(world), Laps::default(), Laps::default());
    for phone in &world.phones {
        let lap = now();
        let syncing = phone.client.start_sync();
        usable.add(first_customer(&phone.client, lap).await?);
        syncing.wait().await?;
        laps.add(lap.elapsed());
    }
    let phase = begun
        .end(world, "first_sync", laps.total(), laps)
        .with("usable_p50_ms", millis(usable.percentile(50)));
    let begun = Begun::now(world);
    world.manager.sync_once().await?;
    let wall = begun.elapsed();
    let manager = begun.end(world, "manager", wall, Laps::default());
    Ok(phase
        .with("manager_wall_ms", millis(manager.wall))
        .with("manager_bytes_down", manager.traffic.down)
        .with("manager_client_cpu_ms", millis(manager.client_cpu))
        .with("manager_server_cpu_ms", millis(manager.server_cpu)))
}

/// How long until a phone that starts shows customers: those of today come first.
async fn first_customer(client: &Client, begun: std::time::Instant) -> anyhow::Result<Duration> {
    let query = CustomerQuery { limit: 1, ..CustomerQuery::default() };
    while client.customers(&query)?.items.is_empty() {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "no customer arrives");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(begun.elapsed())
}

/// Without signal each rep visits and saves, beside a bare durable insert of as
/// many bytes on the same disk.
pub async fn offline_day(
    world: &mut World,
    visits: u32,
    profile: Profile,
) -> anyhow::Result<(Phase, Vec<DocId>)> {
    let mut bare = BareInsert::in_dir(world.dir())?;
    let (begun, mut laps, mut limit) = (Begun::now(world), Laps::default(), Laps::default());
    let mut saved = Vec::new();
    let mut bare_cpu = Duration::ZERO;
    for index in 0..world.phones.len() {
        for _ in 0..visits {
            let (visit, lap) = timed(|| save(&mut world.phones[index], profile));
            saved.push(visit?);
            laps.add(lap);
        }
        let before = world.own.cpu();
        for _ in 0..visits {
            limit.add(bare.insert()?);
        }
        bare_cpu += world.own.cpu().saturating_sub(before);
    }
    let mut phase = begun.end(world, "offline_day", laps.total(), laps);
    phase.client_cpu = phase.client_cpu.saturating_sub(bare_cpu);
    let ratio = |percent| {
        let (save, bare) = (phase.laps.percentile(percent), limit.percentile(percent));
        (save.as_secs_f64() / bare.as_secs_f64().max(1e-9) * 100.0).round() / 100.0
    };
    let (p50, p99) = (ratio(50), ratio(99));
    let phase = phase
        .with("bare_insert_p50_ms", millis(limit.percentile(50)))
        .with("bare_insert_p99_ms", millis(limit.percentile(99)))
        .with("ratio_p50", p50)
        .with("ratio_p99", p99);
    Ok((phase, saved))
}

/// Logs one visit that ended a moment ago.
fn save(phone: &mut Phone, profile: Profile) -> anyhow::Result<DocId> {
    let Phone { rep, client, dice } = phone;
    let turn = usize::try_from(dice.below(rep.customers.len() as u64))?;
    let customer = rep.customers.get(turn).context("the rep has customers")?;
    let clock = client_core::engine::SystemClock::default();
    let from: Timestamp = client_core::engine::Clock::now(&clock).plus_millis(-90 * 60_000);
    let call = Call::at(from, dice);
    let new = NewVisit {
        started_at: Some(call.from),
        ended_at: Some(call.to),
        submit: true,
        ..NewVisit::at(customer.id, VisitMode::Onsite)
    };
    let visitor = rep.visitor;
    let saved =
        client.log_visit_with(new, |edit| call.write(edit, visitor, customer, profile, dice));
    Ok(saved?)
}

/// Everybody finds signal at once. Over when the server and the manager's phone
/// have every visit. The manager's phone hears of each finished push at once, as a
/// live hint will tell it.
pub async fn storm(world: &mut World, visits: &[DocId]) -> anyhow::Result<Phase> {
    let (done, mut pushed) = watch::channel(0_usize);
    let done = Arc::new(done);
    let begun = Begun::now(world);
    let mut pushes = tokio::task::JoinSet::new();
    for phone in &world.phones {
        let (client, done) = (phone.client.clone(), Arc::clone(&done));
        pushes.spawn(async move {
            let lap = now();
            let report = client.sync_once().await;
            let lap = lap.elapsed();
            done.send_modify(|finished| *finished += 1);
            report.map(|report| (report, lap))
        });
    }
    let mut missing: BTreeSet<DocId> = visits.iter().copied().collect();
    let arriving = async {
        while !missing.is_empty() {
            pushed.borrow_and_update();
            let report = world.manager.sync_once().await?;
            if report.pulled > 0 {
                forget_arrived(&world.manager, &mut missing)?;
            } else {
                pushed.changed().await?;
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, arriving)
        .await
        .context("the manager's phone does not get what was pushed")??;
    let wall = begun.elapsed();
    let mut laps = Laps::default();
    while let Some(finished) = pushes.join_next().await {
        let (report, lap) = finished??;
        anyhow::ensure!(report.remaining == 0 && report.refused == 0, "not stored: {report:?}");
        laps.add(lap);
    }
    let wall = wall.max(laps.percentile(100));
    Ok(begun.end(world, "storm", wall, laps).with("visits", visits.len()))
}

fn forget_arrived(manager: &Client, missing: &mut BTreeSet<DocId>) -> anyhow::Result<()> {
    let waited_for: Vec<DocId> = missing.iter().copied().collect();
    for visit in waited_for {
        if manager.visit(visit)?.is_some() {
            missing.remove(&visit);
        }
    }
    Ok(())
}

/// Waits until nothing moves any more: scores have been computed, published and
/// fetched, and every phone computes the official ones.
pub async fn settle(world: &World, said: &mut Said) -> anyhow::Result<()> {
    said.say("waiting until the scores have settled");
    let begun = now();
    let month = Period::month_of(zone().date(now_at()));
    loop {
        let mut moved = 0;
        for client in everybody(world) {
            moved += client.sync_once().await?.pulled;
        }
        let mut same = true;
        for phone in &world.phones {
            let card = phone.client.official_scorecard(month)?;
            same &= card.is_some_and(|card| card.comparison == Comparison::Same);
        }
        if same && moved == 0 {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "scores do not settle");
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

fn everybody(world: &World) -> impl Iterator<Item = &Client> {
    world.phones.iter().map(|phone| &phone.client).chain([&world.manager])
}

/// Each rep's phone syncs and there is nothing to do, `rounds` times.
pub async fn nothing_to_do(world: &mut World, rounds: u32) -> anyhow::Result<Phase> {
    let (begun, mut laps) = (Begun::now(world), Laps::default());
    for _ in 0..rounds {
        for phone in &world.phones {
            let lap = now();
            let report = phone.client.sync_once().await?;
            laps.add(lap.elapsed());
            anyhow::ensure!(report.pulled + report.pushed == 0, "there was something: {report:?}");
        }
    }
    let phase = begun.end(world, "nothing_to_do", laps.total(), laps);
    let times = phase.times.max(1) as f64;
    let each = |total: f64| (total * 1e3 / times).round() / 1e3;
    let (up, down) = (phase.traffic.up, phase.traffic.down);
    let (client, server) = (each(millis(phase.client_cpu)), each(millis(phase.server_cpu)));
    Ok(phase
        .with("bytes_up_each", each(up as f64))
        .with("bytes_down_each", each(down as f64))
        .with("client_cpu_ms_each", client)
        .with("server_cpu_ms_each", server))
}

/// One visit at a time: saved, pushed, and pulled by the manager's phone.
pub async fn live(world: &mut World, visits: u32, profile: Profile) -> anyhow::Result<Phase> {
    let (begun, mut laps, mut saves) = (Begun::now(world), Laps::default(), Laps::default());
    for number in 0..visits {
        let index = usize::try_from(number)? % world.phones.len();
        let lap = now();
        let (visit, saving) = timed(|| save(&mut world.phones[index], profile));
        let visit = visit?;
        world.phones[index].client.sync_once().await?;
        while world.manager.visit(visit)?.is_none() {
            world.manager.sync_once().await?;
            anyhow::ensure!(lap.elapsed() < PATIENCE, "{visit} does not arrive");
        }
        laps.add(lap.elapsed());
        saves.add(saving);
    }
    let phase = begun.end(world, "live", laps.total(), laps);
    Ok(phase.with("save_p50_ms", millis(saves.percentile(50))))
}

/// Between two visits of [`live_with_hints`]: a phone is told of three things at once
/// and then of four a second, and each visit makes two, itself and its rep's score.
const APART: Duration = Duration::from_millis(700);

/// The same with hints: everybody listens, and nobody but the rep who saved asks.
pub async fn live_with_hints(
    world: &mut World,
    visits: u32,
    profile: Profile,
) -> anyhow::Result<Phase> {
    let job = world.manager.listen();
    let others: Vec<LiveJob> = world.phones.iter().map(|phone| phone.client.listen()).collect();
    for job in others.iter().chain([&job]) {
        listening(job).await?;
    }
    let (begun, mut laps) = (Begun::now(world), Laps::default());
    for number in 0..visits {
        tokio::time::sleep(APART).await;
        let index = usize::try_from(number)? % world.phones.len();
        let lap = now();
        let visit = save(&mut world.phones[index], profile)?;
        let push = world.phones[index].client.start_sync();
        let arriving = async {
            let mut progress = job.progress();
            while world.manager.visit(visit)?.is_none() {
                progress = job.changed_from(&progress).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, arriving)
            .await
            .with_context(|| format!("{visit} does not arrive"))??;
        laps.add(lap.elapsed());
        push.wait().await?;
    }
    let syncs = job.progress().syncs;
    let phase = begun.end(world, "live_hints", laps.total(), laps);
    for job in others.iter().chain([&job]) {
        job.cancel();
        job.wait().await;
    }
    Ok(phase.with("listening", others.len() + 1).with("manager_syncs", syncs))
}

async fn listening(job: &LiveJob) -> anyhow::Result<()> {
    let opening = async {
        let mut progress = job.progress();
        while progress.state != LiveState::Listening {
            progress = job.changed_from(&progress).await;
        }
    };
    tokio::time::timeout(PATIENCE, opening).await.context("a stream does not open")
}

/// The wall clock.
pub fn now_at() -> Timestamp {
    client_core::engine::Clock::now(&client_core::engine::SystemClock::default())
}
