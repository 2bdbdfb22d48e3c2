//! `fieldsync report`.

mod deals;
mod figure;
mod scorecard;

use clap::Subcommand;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;

/// Figures of a stretch of time.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Deals won, lost and open, with amounts, win rate and sales cycle.
    ///
    /// A decided deal belongs to the day of its close, an open one to the day it
    /// began; deals without such a day are counted apart. The sales cycle is the
    /// days from the beginning to won. Each currency has its own rows.
    Deals(deals::Deals),
    /// The official scorecards of a month, each with what explains it.
    ///
    /// What moved since the cards were last computed is computed first, so these
    /// are the cards that the web pages show. Words give counts; --json gives every
    /// fact, and every one left out with its reason.
    Scorecard(scorecard::Scorecard),
}

impl Report {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Deals(verb) => verb.run(&self.data).await,
            Verb::Scorecard(verb) => verb.run(&self.data).await,
        }
    }
}
