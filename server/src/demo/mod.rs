//! The demo: a company that works while you watch.
//!
//! Its phones are real engines with their own SQLite files over real HTTP, its
//! history went through the real guard and ingest, and its server is the one that
//! `serve` runs. What the demo shows, the product does; there is no path that
//! only the demo can reach.

mod chance;
mod check;
mod clock;
mod day;
mod exit;
mod found;
mod history;
mod live;
mod names;
mod past;
mod phone;
mod stage;
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

pub use exit::Summary;

/// What `fieldsync demo` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// The same seed makes the same company and the same days.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many reps the company has.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(3..=24))]
    pub reps: u8,
    /// Days of history.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(15..=120))]
    pub days: u32,
    /// Port of the board on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// An empty directory to keep the data in; a temporary one if absent.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Play one day at once, check that phones and server agree, and exit.
    #[arg(long)]
    pub exit: bool,
    /// Print the result as JSON; progress goes to standard error.
    #[arg(long)]
    pub json: bool,
}

/// Tells people what happens, on standard error where standard output is JSON.
pub struct Progress {
    json: bool,
}

impl Progress {
    /// One line.
    pub fn say(&self, line: &str) {
        self.say_lines(&[line.to_owned()]);
    }

    /// Several lines at once.
    pub fn say_lines(&self, lines: &[String]) {
        let text = lines.join("\n");
        // A closed pipe is the reader's choice and no reason to stop.
        let _written = if self.json {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stdout(), "{text}")
        };
    }
}

/// Runs the demo until it is done or `stop` is cancelled.
pub async fn run(args: DemoArgs, stop: CancellationToken) -> anyhow::Result<ExitCode> {
    let progress = Progress { json: args.json };
    if !args.exit {
        live::play(&args, &progress, &stop).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let (summary, verdict) = exit::play(&args, &progress).await?;
    for line in verdict.documents.iter().chain(&verdict.scorecards).take(20) {
        progress.say(line);
    }
    let mut out = std::io::stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
    }
    let failures = summary.failures();
    for failure in &failures {
        progress.say(&format!("failed: {failure}"));
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests;
