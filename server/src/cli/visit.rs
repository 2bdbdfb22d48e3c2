//! `fieldsync visit`.

use clap::Subcommand;
use client_core::id::DocId;
use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;

/// Decisions about visits.
#[derive(Debug, clap::Args)]
pub(super) struct Visit {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Decide that a visit does not count. It stays visible, with the reason.
    Void {
        /// The visit.
        visit: DocId,
        /// Why, for the rep to read.
        #[arg(long)]
        reason: String,
    },
    /// Take that back.
    Unvoid {
        /// The visit.
        visit: DocId,
    },
}

impl Visit {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (_app, office) = self.data.office().await?;
        match self.verb {
            Verb::Void { visit, reason } => {
                let void = office.void_visit(visit, &reason, None).await?;
                Ok(Answer::new(format!("{visit} does not count from now on."), json!(void)))
            }
            Verb::Unvoid { visit } => {
                let void = office.unvoid_visit(visit, None).await?;
                Ok(Answer::new(format!("{visit} is judged as any other again."), json!(void)))
            }
        }
    }
}
