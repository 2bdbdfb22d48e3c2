//! `fieldsync contest` and `fieldsync signal`: answering what reps object to and what the
//! server noticed.

use clap::Subcommand;
use client_core::id::RecordId;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use super::target::state;
use crate::office::By;
use crate::scoring::{self, ScoringError};

/// Objections of reps to lines of their cards.
#[derive(Debug, clap::Args)]
pub(super) struct Contest {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: ContestVerb,
}

#[derive(Debug, Subcommand)]
enum ContestVerb {
    /// What waits for an answer.
    List {
        /// What was answered too.
        #[arg(long)]
        all: bool,
    },
    /// The rep is right: the facts will be put right. No figure changes by this alone.
    Grant(Answering),
    /// The line stands.
    Decline(Answering),
}

#[derive(Debug, clap::Args)]
struct Answering {
    /// Which, as the list names it.
    id: RecordId,
    /// What to say to the rep.
    #[arg(long)]
    note: Option<String>,
}

impl Contest {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            ContestVerb::List { all } => contests(&self.data, all).await,
            ContestVerb::Grant(answering) => answer(&self.data, answering, true).await,
            ContestVerb::Decline(answering) => answer(&self.data, answering, false).await,
        }
    }
}

async fn contests(data: &DataArg, all: bool) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let logins = data::logins(&app, &office).await?;
    let mut contests = office.contests().await?;
    contests.retain(|one| all || one.answer.is_none());
    let rows: Vec<[String; 6]> = contests
        .iter()
        .map(|one| {
            [
                one.id.to_string(),
                logins.get(&one.rep).cloned().unwrap_or_default(),
                one.period.to_string(),
                one.line.clone(),
                state(one.answer.as_ref()).to_owned(),
                one.reason.clone(),
            ]
        })
        .collect();
    let json = Value::Array(contests.iter().map(|one| json!(one)).collect());
    Ok(Answer::table(["OBJECTION", "REP", "PERIOD", "LINE", "STATE", "REASON"], &rows, json))
}

async fn answer(data: &DataArg, answering: Answering, yes: bool) -> Result<Answer, Failure> {
    let (_app, office) = data.office().await?;
    let registrar = office.registrar(By::CommandLine).await?;
    let contest = registrar.answer_contest(answering.id, yes, answering.note).await?;
    let words = match yes {
        true => "is granted: put the facts right, and the card follows.",
        false => "is declined: the line stands.",
    };
    Ok(Answer::new(format!("{} {words}", contest.id), json!(contest)))
}

/// What the server noticed about visits and deals.
#[derive(Debug, clap::Args)]
pub(super) struct Signal {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: SignalVerb,
}

#[derive(Debug, Subcommand)]
enum SignalVerb {
    /// What waits for a decision.
    List {
        /// What was decided too.
        #[arg(long)]
        all: bool,
    },
    /// Look now for what might be invented. The server does so by itself while it runs.
    Look,
    /// Something is wrong: what it is about does not count.
    Uphold(Deciding),
    /// It was explained.
    Dismiss(Deciding),
}

#[derive(Debug, clap::Args)]
struct Deciding {
    /// Which, as the list names it.
    id: RecordId,
    /// Why, for the rep to read.
    #[arg(long)]
    note: String,
}

impl Signal {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            SignalVerb::List { all } => signals(&self.data, all).await,
            SignalVerb::Look => look(&self.data).await,
            SignalVerb::Uphold(deciding) => decide(&self.data, deciding, true).await,
            SignalVerb::Dismiss(deciding) => decide(&self.data, deciding, false).await,
        }
    }
}

async fn signals(data: &DataArg, all: bool) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let logins = data::logins(&app, &office).await?;
    let mut signals = office.signals().await?;
    signals.retain(|one| all || one.is_open());
    let rows: Vec<[String; 6]> = signals
        .iter()
        .map(|one| {
            let subjects: Vec<String> = one.subjects.iter().map(ToString::to_string).collect();
            let state = match &one.answer {
                None => "waits",
                Some(answer) if answer.upheld => "upheld",
                Some(_) => "dismissed",
            };
            [
                one.id.to_string(),
                one.kind.to_string(),
                logins.get(&one.rep).cloned().unwrap_or_default(),
                one.on.to_string(),
                state.to_owned(),
                subjects.join(" "),
            ]
        })
        .collect();
    let json = Value::Array(signals.iter().map(|one| json!(one)).collect());
    Ok(Answer::table(["SIGNAL", "KIND", "REP", "DAY", "STATE", "ABOUT"], &rows, json))
}

async fn look(data: &DataArg) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let asked = scoring::look_for_signals(&app, office.org()).await;
    let asked = asked.map_err(|error| match error {
        ScoringError::Storage(error) => Failure::from(error),
        error => anyhow::Error::new(error).into(),
    })?;
    let words =
        format!("{asked} questions are new or have grown; `fieldsync signal list` has all.");
    Ok(Answer::new(words, json!({ "asked": asked })))
}

async fn decide(data: &DataArg, deciding: Deciding, upheld: bool) -> Result<Answer, Failure> {
    let (_app, office) = data.office().await?;
    let registrar = office.registrar(By::CommandLine).await?;
    let signal = registrar.answer_signal(deciding.id, upheld, &deciding.note).await?;
    let words = if upheld { "is upheld." } else { "is dismissed." };
    Ok(Answer::new(format!("{} {words} The rep's phone is told.", signal.id), json!(signal)))
}
