//! The load tool: what a day of a whole fleet costs.
//!
//! A budget that nobody measures is a wish. So this plays a field day with real
//! engines, a real server process and a wire that counts every byte, prints what
//! each phase cost beside the limits measured in the same run, and at the end
//! compares everybody's documents and scorecards: a figure of a fleet that did
//! not converge is worth nothing.

pub mod corpus;
pub mod dice;
pub mod field_day;
pub mod figures;
pub mod founding;
pub mod hand;
pub mod ingest;
pub mod limits;
pub mod meter;
pub mod pages;
pub mod phase;
pub mod phases;
pub mod profile;
pub mod stopwatch;
pub mod verify;
pub mod wire;
pub mod words;
pub mod world;

use std::io::Write;
use std::path::PathBuf;

use corpus::Size;

/// What a run is set up with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Reps with a phone each.
    pub reps: u32,
    /// What each has when the day begins.
    pub size: Size,
    /// Visits that each saves without signal.
    pub visits: u32,
    /// Visits of the live phase.
    pub live: u32,
    /// How often each phone syncs with nothing to do.
    pub rounds: u32,
    /// The same seed makes the same company.
    pub seed: u64,
    /// The folder, and so the disk, to work on; the system's temporary one if absent.
    pub dir: Option<PathBuf>,
}

/// Progress in words, on standard error.
#[derive(Debug, Default)]
pub struct Said {
    quiet: bool,
}

impl Said {
    /// Says nothing.
    pub const fn quiet() -> Self {
        Self { quiet: true }
    }

    /// One line.
    pub fn say(&mut self, line: &str) {
        if !self.quiet {
            // A closed standard error is no reason to stop measuring.
            drop(writeln!(std::io::stderr(), "fleet: {line}"));
        }
    }
}
