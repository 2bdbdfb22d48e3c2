//! `fleet field-day` and `fleet scale`.

use serde_json::{Value, json};

use super::limits;
use super::phase::Phase;
use super::stopwatch::millis;
use super::verify::{self, Verdict};
use super::world::World;
use super::{Options, Said, phases};

/// What a day came to.
#[derive(Debug)]
pub struct Outcome {
    /// Its phases, in order.
    pub phases: Vec<Phase>,
    /// Limits of the same run.
    pub limits: Value,
    /// Whether everybody agrees.
    pub verdict: Verdict,
}

impl Outcome {
    /// A phase by its name.
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    /// As the answer of `--json`.
    pub fn json(&self, options: &Options) -> Value {
        json!({
            "reps": options.reps,
            "customers": options.size.customers,
            "history": options.size.visits,
            "visits": options.visits,
            "profile": options.size.profile.as_str(),
            "machine": machine(),
            "phases": self.phases.iter().map(Phase::json).collect::<Vec<_>>(),
            "limits": self.limits,
            "verified": {
                "ok": self.verdict.differences.is_empty(),
                "documents": self.verdict.documents,
                "scorecards": self.verdict.scorecards,
                "differences": self.verdict.differences,
            },
        })
    }
}

/// Cores and memory, and nothing that names the machine.
pub fn machine() -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    json!({ "cores": cores, "memory_mb": kilobytes.unwrap_or(0_u64) / 1024 })
}

/// Plays a whole field day.
pub async fn field_day(options: &Options, said: &mut Said) -> anyhow::Result<Outcome> {
    let mut world = World::begin(options, said).await?;
    let profile = options.size.profile;
    said.say("first sync");
    let first = phases::first_sync(&mut world).await?;
    phases::settle(&world, said).await?;
    let mut limits = json!({ "loopback_echo_p50_ms":
        millis(limits::loopback_echo(200).await?.percentile(50)) });
    if let Some(phone) = world.phones.first() {
        let plain = limits::plain_of_phone(&phone.client)?;
        limits["first_sync_zstd_json_bytes_each"] = limits::zstd_of_json(&plain)?.into();
    }
    said.say("a day without signal");
    let (day, saved) = phases::offline_day(&mut world, options.visits, profile).await?;
    limits["storm_zstd_json_bytes"] = pushed_as_json(&world, &saved)?.into();
    said.say("everybody finds signal at once");
    let storm = phases::storm(&mut world, &saved).await?;
    phases::settle(&world, said).await?;
    said.say("nothing to do");
    let idle = phases::nothing_to_do(&mut world, options.rounds).await?;
    said.say("one visit at a time");
    let live = phases::live(&mut world, options.live, profile).await?;
    said.say("one visit at a time, and everybody listens");
    let hints = phases::live_with_hints(&mut world, options.live, profile).await?;
    phases::settle(&world, said).await?;
    said.say("comparing everybody with the server");
    world.cut_power();
    let verdict = verify::verify(&world, &expected(options)).await?;
    Ok(Outcome { phases: vec![first, day, storm, idle, live, hints], limits, verdict })
}

/// Documents on each rep's phone at the end.
fn expected(options: &Options) -> Vec<u64> {
    let (reps, size) = (options.reps, options.size);
    let each = u64::from(size.customers) * (1 + u64::from(size.visits)) + u64::from(options.visits);
    // Once without hints and once with them.
    let live = |rep: u32| 2 * u64::from(options.live / reps + u32::from(rep < options.live % reps));
    (0..reps).map(|rep| each + live(rep)).collect()
}

/// The day's visits as plain JSON, compressed a push at a time as the phones do.
fn pushed_as_json(world: &World, saved: &[client_core::id::DocId]) -> anyhow::Result<u64> {
    let each = saved.len().checked_div(world.phones.len()).unwrap_or(0).max(1);
    let mut bytes = 0;
    for (phone, own) in world.phones.iter().zip(saved.chunks(each)) {
        let plain: Vec<Value> = own
            .iter()
            .filter_map(|visit| limits::plain_visit(&phone.client, *visit).transpose())
            .collect::<Result<_, _>>()?;
        bytes += limits::zstd_of_json(&plain)?;
    }
    Ok(bytes)
}

/// First sync and nothing to do for one rep with so many customers.
pub async fn scale(options: &Options, said: &mut Said) -> anyhow::Result<Outcome> {
    let mut world = World::begin(options, said).await?;
    said.say("first sync");
    let first = phases::first_sync(&mut world).await?;
    phases::settle(&world, said).await?;
    let mut limits = json!({});
    if let Some(phone) = world.phones.first() {
        let plain = limits::plain_of_phone(&phone.client)?;
        limits["first_sync_zstd_json_bytes_each"] = limits::zstd_of_json(&plain)?.into();
    }
    said.say("nothing to do");
    let idle = phases::nothing_to_do(&mut world, options.rounds).await?;
    if let Some(phone) = world.phones.first() {
        said.say("in the hand: open, lists, search, scorecard");
        limits["in_the_hand"] = super::hand::in_the_hand(&phone.client)?;
    }
    said.say("comparing everybody with the server");
    world.cut_power();
    let none = Options { visits: 0, live: 0, ..options.clone() };
    let verdict = verify::verify(&world, &expected(&none)).await?;
    Ok(Outcome { phases: vec![first, idle], limits, verdict })
}
