//! `fleet figures`: every line of the budgets that can be measured, as the table of
//! docs/PERFORMANCE.md, so that it is refreshed by running one command.

use serde_json::Value;

use super::corpus::Size;
use super::field_day::{Outcome, field_day, machine, scale};
use super::profile::Profile;
use super::stopwatch::millis;
use super::{Options, Said, ingest};

/// Lines of the table.
struct Table {
    text: String,
    agreed: bool,
}

impl Table {
    fn line(&mut self, what: &str, budget: &str, figure: &str, limit: &str) {
        self.text.push_str(&format!("| {what} | {budget} | {figure} | {limit} |\n"));
    }

    fn note(&mut self, outcome: &Outcome) {
        self.agreed &= outcome.verdict.differences.is_empty();
    }
}

/// Measures everything; the table and whether all fleets converged. `quick` makes
/// everything smaller, to see that it runs.
pub async fn figures(quick: bool, said: &mut Said) -> anyhow::Result<(String, bool)> {
    let machine = machine();
    let mut table = Table {
        text: format!(
            "{} cores, {} MB of memory.\n\n| what | budget | figure | limit of the same run |\n|---|---|---|---|\n",
            machine["cores"], machine["memory_mb"]
        ),
        agreed: true,
    };
    let smaller = |number: u32| if quick { (number / 20).max(2) } else { number };
    let options = |reps, customers, visits, day, profile| Options {
        reps,
        size: Size { customers: smaller(customers), visits, profile },
        visits: day,
        live: if reps == 10 { smaller(100) } else { smaller(20) },
        rounds: 20,
        seed: 1,
        dir: None,
    };
    for (profile, push_budget, first_budget) in
        [(Profile::Peer, "≤ 9 KB", "≤ 0.3 s, ≤ 0.65 MB"), (Profile::Full, "≤ 22 KB", "≤ 1.6 MB")]
    {
        said.say(&format!("push of 50 visits, {}", profile.as_str()));
        let one = field_day(&options(1, 200, 20, 50, profile), said).await?;
        table.note(&one);
        first_and_push(&mut table, &one, profile, first_budget, push_budget);
    }
    said.say("ten reps");
    let ten = field_day(&options(10, 200, 20, 15, Profile::Peer), said).await?;
    table.note(&ten);
    day(&mut table, &ten);
    hints(&mut table, &ten);
    if !quick {
        said.say("200 reps");
        let many = field_day(&options(200, 10, 2, 15, Profile::Peer), said).await?;
        table.note(&many);
        storm(&mut table, &many, "reconnect storm, 200 reps × 15", "2 s");
        let fifty = field_day(&options(50, 20, 20, 15, Profile::Peer), said).await?;
        table.note(&fifty);
        let peak = fifty.phases.iter().map(|phase| phase.server_peak).max().unwrap_or(0);
        let figure = format!("{} MB", peak / 1_000_000);
        table.line("server memory, 50 reps", "≤ 150 MB", &figure, "");
    }
    for (customers, visits) in [(5_000, 10), (5_000, 20)] {
        said.say(&format!("{customers} customers with {visits} visits each"));
        let big = scale(&options(1, customers, visits, 0, Profile::Peer), said).await?;
        table.note(&big);
        scaled(&mut table, &big, smaller(customers), visits);
    }
    let dir = tempfile::tempdir()?;
    let (app, phones) = ingest::prepared(dir.path(), 8, smaller(1_000), Profile::Peer).await?;
    let rate = ingest::ingest(&app, phones).await?;
    table.line("server ingest", "≥ 5,000 visits/s", &format!("{rate:.0} visits/s"), "");
    Ok((table.text, table.agreed))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn first_and_push(
    table: &mut Table,
    outcome: &Outcome,
    profile: Profile,
    first_budget: &str,
    push_budget: &str,
) {
    let name = profile.as_str();
    if let Some(first) = outcome.phase("first_sync") {
        let (down, zstd) =
            (first.traffic.down as f64, number(&outcome.limits["first_sync_zstd_json_bytes_each"]));
        table.line(
            &format!("first sync of 200 customers and 4,000 visits, {name}"),
            first_budget,
            &format!(
                "{:.0} ms, {:.2} MB; CPU {:.0} ms phone, {:.0} ms server",
                millis(first.wall),
                down / 1e6,
                millis(first.client_cpu),
                millis(first.server_cpu)
            ),
            &format!("zstd-3 of the plain JSON {:.2} MB: {:.2} ×", zstd / 1e6, down / zstd),
        );
    }
    if let Some(storm) = outcome.phase("storm") {
        // The manager's request and answer are a few hundred bytes of it.
        let (up, zstd) =
            (storm.traffic.up as f64, number(&outcome.limits["storm_zstd_json_bytes"]));
        table.line(
            &format!("push 50 visits, {name}"),
            push_budget,
            &format!("{:.1} KB", up / 1e3),
            &format!("zstd-3 of the plain JSON {:.1} KB: {:.2} ×", zstd / 1e3, up / zstd),
        );
    }
}

fn day(table: &mut Table, outcome: &Outcome) {
    if let Some(save) = outcome.phase("offline_day") {
        let more = |key: &str| number(&save.more[key]);
        table.line(
            "save a visit, durable, p50",
            "≤ 3.2 × a bare insert",
            &format!("{:.2} ms", millis(save.laps.percentile(50))),
            &format!("{:.2} ms: {:.2} ×", more("bare_insert_p50_ms"), more("ratio_p50")),
        );
        table.line(
            "save a visit, durable, p99",
            "≤ 2 × a bare insert",
            &format!("{:.2} ms", millis(save.laps.percentile(99))),
            &format!("{:.2} ms: {:.2} ×", more("bare_insert_p99_ms"), more("ratio_p99")),
        );
    }
    storm(table, outcome, "reconnect storm, 10 reps × 15", "0.3 s");
    if let Some(idle) = outcome.phase("nothing_to_do") {
        let more = |key: &str| number(&idle.more[key]);
        table.line(
            "sync with nothing to do",
            "1 request, ≤ 400 B up, ≤ 800 B down, < 5 ms server CPU",
            &format!(
                "{} request, {} B up, {} B down, {:.2} ms server CPU",
                idle.traffic.requests as f64 / idle.times.max(1) as f64,
                more("bytes_up_each"),
                more("bytes_down_each"),
                more("server_cpu_ms_each")
            ),
            &format!(
                "echo over loopback {} ms; this {:.2} ms",
                outcome.limits["loopback_echo_p50_ms"],
                millis(idle.laps.percentile(50))
            ),
        );
    }
    if let Some(live) = outcome.phase("live") {
        table.line(
            "one visit, live, without hints: saved, pushed, pulled by the manager",
            "p50 ≤ 5 ms, p99 ≤ 15 ms",
            &format!(
                "p50 {:.1} ms, p99 {:.1} ms",
                millis(live.laps.percentile(50)),
                millis(live.laps.percentile(99))
            ),
            "two durable commits",
        );
    }
}

fn hints(table: &mut Table, outcome: &Outcome) {
    if let Some(live) = outcome.phase("live_hints") {
        table.line(
            "one visit, live, with hints: saved, pushed, told of, pulled by the manager",
            "p50 ≤ 5 ms, p99 ≤ 15 ms",
            &format!(
                "p50 {:.1} ms, p99 {:.1} ms",
                millis(live.laps.percentile(50)),
                millis(live.laps.percentile(99))
            ),
            "two durable commits",
        );
    }
}

fn storm(table: &mut Table, outcome: &Outcome, what: &str, budget: &str) {
    if let Some(storm) = outcome.phase("storm") {
        let figure = format!(
            "{:.0} ms; CPU {:.0} ms phones, {:.0} ms server",
            millis(storm.wall),
            millis(storm.client_cpu),
            millis(storm.server_cpu)
        );
        table.line(what, budget, &figure, "");
    }
}

fn scaled(table: &mut Table, outcome: &Outcome, customers: u32, visits: u32) {
    let held = format!("{customers} customers, {} visits", customers * visits);
    if let Some(first) = outcome.phase("first_sync") {
        let (down, zstd) =
            (first.traffic.down as f64, number(&outcome.limits["first_sync_zstd_json_bytes_each"]));
        table.line(
            &format!("first sync of {held}, peer"),
            if visits == 10 { "≤ 9 MB; CPU ≤ 6 s phone, ≤ 1 s server" } else { "" },
            &format!(
                "{:.1} MB; CPU {:.1} s phone, {:.1} s server",
                down / 1e6,
                first.client_cpu.as_secs_f64(),
                first.server_cpu.as_secs_f64()
            ),
            &format!("zstd-3 of the plain JSON {:.1} MB: {:.2} ×", zstd / 1e6, down / zstd),
        );
    }
    if let Some(idle) = outcome.phase("nothing_to_do") {
        let figure = format!(
            "{} B up, {} B down, {} ms server CPU",
            idle.more["bytes_up_each"],
            idle.more["bytes_down_each"],
            idle.more["server_cpu_ms_each"]
        );
        table.line(&format!("nothing to do, {held}"), "as above", &figure, "");
    }
    let hand = &outcome.limits["in_the_hand"];
    for (what, key, budget) in [
        ("open a store", "open_ms", "50 ms"),
        ("first page of customers", "customers_page_ms", "5 ms"),
        ("first page of visits", "visits_page_ms", "5 ms"),
        ("search by name", "search_name_ms", "10 ms"),
        ("search by initials", "search_pinyin_ms", "10 ms"),
        ("search by the end of a number", "search_tail_ms", "10 ms"),
        ("scorecard of a rep-month on the phone", "scorecard_ms", "5 ms"),
    ] {
        let figure = format!("{} ms", hand[key]);
        table.line(&format!("{what}, {held}"), budget, &figure, "");
    }
}
