//! The demo: a company that works while you watch.
//!
//! Its phones are real engines with their own SQLite files over real HTTP, its
//! history went through the real guard and ingest, and its server is the one that
//! `serve` runs. What the demo shows, the product does; there is no path that
//! only the demo can reach.

mod books;
mod business;
mod chance;
mod check;
mod clock;
mod day;
mod earlier;
mod exit;
mod found;
mod heard;
mod history;
mod live;
mod names;
mod past;
mod phone;
mod service;
mod stage;
mod world;

use std::io::Write;
use std::path::PathBuf;

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

/// How a demo ended.
#[derive(Debug)]
pub enum Played {
    /// Somebody stopped it.
    Stopped,
    /// A day was played and checked.
    Day {
        /// What it came to.
        summary: Summary,
        /// What was wrong; empty if nothing.
        failures: Vec<String>,
    },
}

/// Runs the demo until it is done or `stop` is cancelled. With `json` standard
/// output is left to the result and progress goes to standard error.
pub async fn run(args: &DemoArgs, json: bool, stop: CancellationToken) -> anyhow::Result<Played> {
    let progress = Progress { json };
    if !args.exit {
        live::play(args, &progress, &stop).await?;
        return Ok(Played::Stopped);
    }
    let (summary, verdict) = tokio::select! {
        played = exit::play(args, &progress) => played?,
        () = stop.cancelled() => return Ok(Played::Stopped),
    };
    for line in verdict.documents.iter().chain(&verdict.scorecards).take(20) {
        progress.say(line);
    }
    let failures = summary.failures();
    Ok(Played::Day { summary, failures })
}

#[cfg(test)]
mod card_tests;
#[cfg(test)]
mod tests;
