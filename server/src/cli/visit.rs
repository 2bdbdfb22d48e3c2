//! `fieldsync visit`.

use clap::Subcommand;
use client_core::id::DocId;
use client_core::protocol::ReviewVisit;
use client_core::records::Ruling;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::By;

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
    /// Decide that a visit under review counts. It does not supply what a visit lacks.
    Accept {
        /// The visit.
        visit: DocId,
        /// Why, for the rep to read.
        #[arg(long)]
        reason: String,
    },
    /// Decide that a visit under review does not count.
    Reject {
        /// The visit.
        visit: DocId,
        /// Why, for the rep to read.
        #[arg(long)]
        reason: String,
    },
    /// Comment on a visit, for whoever has it to read.
    Review {
        /// The visit.
        visit: DocId,
        /// What to say.
        #[arg(long)]
        comment: String,
        /// How good it was, 1 to 5.
        #[arg(long)]
        rating: Option<u8>,
    },
    /// What was said about a visit.
    Reviews {
        /// The visit.
        visit: DocId,
    },
    /// A visit was at another customer than it was logged at.
    Move {
        /// The visit.
        visit: DocId,
        /// The customer that it was at.
        #[arg(long)]
        to: DocId,
    },
    /// Take a move back: the visit was where it was logged.
    MoveBack {
        /// The visit.
        visit: DocId,
    },
    /// Take back what was decided about a visit.
    Unvoid {
        /// The visit.
        visit: DocId,
    },
}

impl Visit {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        match self.verb {
            Verb::Void { visit, reason } => {
                let void = office.void_visit(visit, &reason, None).await?;
                Ok(Answer::new(format!("{visit} does not count from now on."), json!(void)))
            }
            Verb::Accept { visit, reason } => {
                let ruled = office.rule_on(visit, Ruling::Accept, &reason, None).await?;
                Ok(Answer::new(format!("{visit} is accepted."), json!(ruled)))
            }
            Verb::Reject { visit, reason } => {
                let ruled = office.rule_on(visit, Ruling::Reject, &reason, None).await?;
                Ok(Answer::new(format!("{visit} is rejected."), json!(ruled)))
            }
            Verb::Review { visit, comment, rating } => {
                let registrar = office.registrar(By::CommandLine).await?;
                let ask = ReviewVisit { visit, rating, comment, at: registrar.asked_at() };
                let review = registrar.review_visit(office.fresh_record(), ask).await?;
                Ok(Answer::new(format!("{visit} has a comment."), json!(review)))
            }
            Verb::Reviews { visit } => {
                let logins = data::logins(&app, &office).await?;
                let reviews = office.reviews(visit).await?;
                let rows: Vec<[String; 4]> = reviews
                    .iter()
                    .map(|review| {
                        let by = review.by.and_then(|by| logins.get(&by).cloned());
                        [
                            review.at.to_string(),
                            by.unwrap_or_default(),
                            review.rating.map_or_else(String::new, |rating| rating.to_string()),
                            review.comment.clone(),
                        ]
                    })
                    .collect();
                let json = Value::Array(reviews.iter().map(|review| json!(review)).collect());
                Ok(Answer::table(["WHEN", "BY", "RATING", "COMMENT"], &rows, json))
            }
            Verb::Move { visit, to } => {
                let moved = office.move_visit(visit, to, None).await?;
                Ok(Answer::new(format!("{visit} was at {to}."), json!(moved)))
            }
            Verb::MoveBack { visit } => {
                let moved = office.move_visit_back(visit, None).await?;
                Ok(Answer::new(format!("{visit} was where it was logged."), json!(moved)))
            }
            Verb::Unvoid { visit } => {
                let void = office.unvoid_visit(visit, None).await?;
                Ok(Answer::new(format!("{visit} is judged as any other again."), json!(void)))
            }
        }
    }
}
