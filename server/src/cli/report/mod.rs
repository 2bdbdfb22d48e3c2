//! `fieldsync report`.

mod deals;
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
    Deals(deals::Deals),
    /// The official scorecards of a month, each with what explains it.
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
