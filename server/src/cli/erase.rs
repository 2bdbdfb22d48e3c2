//! `fieldsync erase`.

use std::path::PathBuf;

use clap::Subcommand;
use client_core::id::{DocId, ItemId, UserId};
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::erasures::{self, Ledger};
use crate::office::Erase as Subject;

/// Erase personal data, here and on every phone.
#[derive(Debug, clap::Args)]
pub(super) struct Erase {
    #[command(flatten)]
    data: DataArg,
    /// Where erasures are written down, in no backup; erasures.jsonl in the data
    /// directory if absent.
    #[arg(long, value_name = "FILE", global = true)]
    ledger: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

/// How it is done.
#[derive(Debug, clap::Args)]
struct How {
    /// Say what would be erased, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, for the ledger: a case number, no names.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// A contact of customers: everything known about the person.
    Person {
        /// The contact's id.
        id: ItemId,
        #[command(flatten)]
        how: How,
    },
    /// A customer: name, numbers, contacts, notes, and the texts of what followed it.
    /// Visits and deals stay and count.
    Customer {
        /// The customer.
        id: DocId,
        #[command(flatten)]
        how: How,
    },
    /// Somebody who worked here and is disabled: name, login, devices. Their work
    /// stays and counts, under a number.
    Rep {
        /// The login or the id.
        id: String,
        #[command(flatten)]
        how: How,
    },
    /// Erase again what a restored backup brought back.
    Replay,
    /// Begin a document's history anew with everything that stands in it, because it
    /// has grown to its limit.
    History {
        /// The document.
        doc: DocId,
    },
}

impl Erase {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        let ledger = match &self.ledger {
            Some(path) => Ledger::at(path),
            None => Ledger::of(self.data.dir()?),
        };
        let (subject, how) = match self.verb {
            Verb::Person { id, how } => (Subject::Person(id), how),
            Verb::Customer { id, how } => (Subject::Customer(id), how),
            Verb::Rep { id, how } => {
                let user = match id.parse::<UserId>() {
                    Ok(user) => user,
                    Err(_no_id) => data::person(&office, &id).await?.id,
                };
                (Subject::Rep(user), how)
            }
            Verb::Replay => {
                let documents = erasures::replay(&app, &ledger).await?;
                let words = format!("{documents} documents were erased again.");
                return Ok(Answer::new(words, json!({ "documents": documents })));
            }
            Verb::History { doc } => {
                let generation = office.begin_history_anew(doc).await?;
                let words = format!("{doc} is at generation {}.", generation.0);
                return Ok(Answer::new(words, json!({ "doc": doc, "generation": generation })));
            }
        };
        let erased = office.erase(subject, &ledger, how.reason.as_deref(), how.dry_run).await?;
        let count = erased.documents.len();
        let words = if how.dry_run {
            format!("{count} documents would begin anew; nothing was changed.")
        } else {
            format!(
                "Erased. {count} documents began anew, {} scorecards were computed again; phones \
                 forget at their next sync.",
                erased.scorecards
            )
        };
        Ok(Answer::new(words, json!(erased)))
    }
}
