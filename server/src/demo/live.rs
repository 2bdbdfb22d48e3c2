//! `demo`: the day plays while you watch the board.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::day::{Action, Day};
use super::phone::PASSWORD;
use super::stage::{self, Stage};
use super::{DemoArgs, Progress};

/// Org time passes this many times faster than life: a working day in ten minutes.
const SPEED: i64 = 60;
/// The clock moves at least this often.
const TICK: Duration = Duration::from_millis(500);

/// Plays day after day until it is told to stop.
pub async fn play(
    args: &DemoArgs,
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut stage = tokio::select! {
        built = Stage::build(args, args.port, progress) => built?,
        () = stop.cancelled() => return Ok(()),
    };
    invite(&stage, progress);
    let mut days_later = 0;
    while !stop.is_cancelled() {
        let day = Day::new(&stage.world, stage.phones.len(), days_later);
        stage.clock.advance_to(stage::morning(&stage.world, days_later));
        let date = stage.world.today.plus_days(days_later);
        progress.say(&format!("{date}: the day begins"));
        play_day(&mut stage, &day, progress, stop).await?;
        days_later += 1;
    }
    progress.say("stopping");
    stage.strike().await;
    Ok(())
}

async fn play_day(
    stage: &mut Stage,
    day: &Day,
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    for step in &day.steps {
        loop {
            let now = crate::edge::Clock::now(&*stage.clock);
            let wait = step.at.since(now) / SPEED;
            if wait <= 0 {
                break;
            }
            let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(TICK);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return Ok(()),
            }
            let passed = i64::try_from(wait.as_millis()).unwrap_or(0).max(1) * SPEED;
            stage.clock.advance_to(now.plus_millis(passed).min(step.at));
        }
        let name = stage.world.rep(step.phone)?.name;
        let Some(phone) = stage.phones.get_mut(step.phone) else { continue };
        phone.act(&stage.world, &step.action)?;
        progress.say(&format!(
            "{} {name}: {}{}",
            clock_face(stage, step.at),
            told(&stage.world, &step.action),
            stage
                .phones
                .get(step.phone)
                .filter(|phone| !phone.online)
                .map_or("", |_| " (no signal)")
        ));
        let Some(phone) = stage.phones.get_mut(step.phone) else { continue };
        if !matches!(step.action, Action::Signal(false)) {
            phone.sync().await?;
        }
    }
    Ok(())
}

fn clock_face(stage: &Stage, at: client_core::time::Timestamp) -> String {
    let minutes = at.since(stage.world.zone.start_of(stage.world.zone.date(at))) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn told(world: &super::world::World, action: &Action) -> String {
    let customer = |index: &usize| {
        world.customers.get(*index).map_or_else(String::new, |customer| customer.name.clone())
    };
    match action {
        Action::Signal(true) => "has signal again".into(),
        Action::Signal(false) => "drives into a dead zone".into(),
        Action::Plan(stops) => format!("plans {} stops", stops.len()),
        Action::CheckIn { customer: index, .. } => format!("arrives at {}", customer(index)),
        Action::CheckOut { customer: index, .. } => {
            format!("logs the visit at {}", customer(index))
        }
        Action::Call { customer: index, .. } => format!("logs a call with {}", customer(index)),
        Action::LogYesterday { customer: index } => {
            format!("logs yesterday's call with {}", customer(index))
        }
        Action::SetPhone { customer: index, .. } => {
            format!("changes the number of {}", customer(index))
        }
        Action::AddTag { customer: index, .. } => format!("tags {}", customer(index)),
        Action::NewCustomer { name, .. } => format!("meets {name}"),
        Action::WinDeal => "wins a deal".into(),
        Action::MoveDeal => "moves a deal on".into(),
        Action::Report => "submits the daily report".into(),
    }
}

fn invite(stage: &Stage, progress: &Progress) {
    let mut lines = vec![
        String::new(),
        format!("  The board:  http://{}/", stage.server.addr()),
        String::new(),
        "  Sign in as          login          password".to_owned(),
    ];
    for person in &stage.world.office {
        let role = if person.region.is_some() { "supervisor" } else { "manager" };
        lines.push(format!("  {role:<18}  {:<13}  {PASSWORD}", person.login));
    }
    if let Some(rep) = stage.world.reps.first() {
        lines.push(format!("  {:<18}  {:<13}  {PASSWORD}", "rep", rep.login));
    }
    lines.push(String::new());
    lines.push(format!("  One second here is {SPEED} seconds there. Ctrl-C stops."));
    lines.push(String::new());
    progress.say_lines(&lines);
}
