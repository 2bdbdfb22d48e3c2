//! `fieldsync report`.

mod deals;
mod figure;
mod periodic;
mod scorecard;
mod team;

use clap::Subcommand;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;
use crate::reports::periodic::Kind;

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
    /// A team's product mix, concentration, win rates, and what a customer and a head bring.
    ///
    /// Money is what the policy counts: claims of won deals, each replaced by its orders, or
    /// orders alone. Words give values; --json gives every fact, and every one left out with
    /// its reason.
    Team(team::Team),
    /// The official scorecards of a month, each with what explains it.
    ///
    /// What moved since the cards were last computed is computed first, so these
    /// are the cards that the web pages show. Words give counts; --json gives every
    /// fact, and every one left out with its reason.
    Scorecard(scorecard::Scorecard),
    /// A day: customers visited, new deals, progress, obstacles (S3).
    Daily(periodic::Periodic),
    /// A week: closed amount, conversion, needs, trend, industries, risks, what comes next.
    Weekly(periodic::Periodic),
    /// A month: attainment, causes, one won and one lost case, how the work is spread.
    Monthly(periodic::Periodic),
    /// A quarter: satisfaction, changes of tier, diagnosis of people and process.
    Quarterly(periodic::Periodic),
    /// Computes an issued report again from what it was made of, and compares the bytes.
    Verify(periodic::Verify),
}

impl Report {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Deals(verb) => verb.run(&self.data).await,
            Verb::Team(verb) => verb.run(&self.data).await,
            Verb::Scorecard(verb) => verb.run(&self.data).await,
            Verb::Daily(verb) => verb.run(Kind::Daily, &self.data).await,
            Verb::Weekly(verb) => verb.run(Kind::Weekly, &self.data).await,
            Verb::Monthly(verb) => verb.run(Kind::Monthly, &self.data).await,
            Verb::Quarterly(verb) => verb.run(Kind::Quarterly, &self.data).await,
            Verb::Verify(verb) => verb.run(&self.data).await,
        }
    }
}
