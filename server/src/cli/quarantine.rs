//! `fieldsync quarantine`.

use clap::Subcommand;
use client_core::docs::LeftOut;
use client_core::id::RecordId;
use client_core::records::{Cause, DecisionRecord, Verdict};
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, Extent, Office};

/// Work that came too late, and waits for a decision.
#[derive(Debug, clap::Args)]
pub(super) struct Quarantine {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What waits.
    List {
        /// What was decided too.
        #[arg(long)]
        all: bool,
    },
    /// Put the work into its document, as its author's.
    Accept(Taken),
    /// Keep the work out of its document. Its bytes stay on the server.
    Reject(Case),
    /// Put the work into its document, and tell whoever holds that now.
    HandOver(Taken),
}

#[derive(Debug, clap::Args)]
struct Taken {
    #[command(flatten)]
    case: Case,
    /// Take what fits, where something does not. That is kept with the decision; changes
    /// that do not go in at all wait on in a case of their own.
    #[arg(long)]
    in_part: bool,
}

impl Taken {
    const fn extent(&self) -> Extent {
        if self.in_part { Extent::WhatFits } else { Extent::Whole }
    }
}

#[derive(Debug, clap::Args)]
struct Case {
    /// The case, as the list names it.
    case: RecordId,
    /// What to say to the author.
    #[arg(long)]
    note: Option<String>,
}

impl Quarantine {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        let (case, verdict, extent) = match self.verb {
            Verb::List { all } => {
                let logins = data::logins(&app, &office).await?;
                let cases = office.registrar(By::CommandLine).await?.cases().await?;
                let shown: Vec<DecisionRecord> =
                    cases.into_iter().filter(|case| all || case.verdict.is_none()).collect();
                let rows: Vec<[String; 6]> = shown
                    .iter()
                    .map(|case| {
                        [
                            case.id.to_string(),
                            logins.get(&case.author).cloned().unwrap_or_default(),
                            format!("{} {}", case.kind.as_str(), case.subject),
                            case.changes.len().to_string(),
                            case.received_at.to_string(),
                            case.verdict.map_or_else(
                                || waits(case.cause),
                                |verdict| verdict.as_str().to_owned(),
                            ),
                        ]
                    })
                    .collect();
                let json = Value::Array(shown.iter().map(|case| json!(case)).collect());
                let header = ["CASE", "AUTHOR", "ABOUT", "CHANGES", "RECEIVED", "STATE"];
                return Ok(Answer::table(header, &rows, json));
            }
            Verb::Accept(taken) => {
                let extent = taken.extent();
                (taken.case, Verdict::Accepted, extent)
            }
            Verb::Reject(case) => (case, Verdict::Rejected, Extent::Whole),
            Verb::HandOver(taken) => {
                let extent = taken.extent();
                (taken.case, Verdict::HandedOver, extent)
            }
        };
        decide(&office, case, verdict, extent).await
    }
}

/// That a case waits, and for what if it is not for a decision.
fn waits(cause: Cause) -> String {
    if cause.is_technical() { format!("waits: {}", cause.as_str()) } else { "waits".to_owned() }
}

async fn decide(
    office: &Office,
    case: Case,
    verdict: Verdict,
    extent: Extent,
) -> Result<Answer, Failure> {
    let registrar = office.registrar(By::CommandLine).await?;
    let record = registrar.decide_on(case.case, verdict, extent, case.note).await?;
    let words = match verdict {
        Verdict::Accepted => "is accepted: its changes are in the document.",
        Verdict::Rejected => "is rejected: its changes stay out of the document.",
        Verdict::HandedOver => "is handed over: its changes are in the document.",
    };
    let mut words = format!("{} {words} The author's phone is told.", record.id);
    for LeftOut { field, value } in &record.left_out {
        let value = value.as_deref().unwrap_or("added or removed");
        words.push_str(&format!("\nNo place any more: {field}: {value}"));
    }
    Ok(Answer::new(words, json!(record)))
}
