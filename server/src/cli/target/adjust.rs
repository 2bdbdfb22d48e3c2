//! `fieldsync target request`, `requests` and `decide`: a target changes only after
//! somebody said yes (S4 目标动态调整).

use clap::ValueEnum;
use client_core::id::RecordId;
use client_core::protocol::AskTarget;
use client_core::records::Approval;
use serde_json::{Value, json};

use crate::cli::answer::Answer;
use crate::cli::data::{self, DataArg};
use crate::cli::failure::Failure;
use crate::office::By;

/// Ask for another value of a target. It holds once somebody approved it.
#[derive(Debug, clap::Args)]
pub(super) struct Request {
    /// The target, as the list names it.
    target: RecordId,
    /// The value asked for, in the metric's unit.
    value: i64,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who asks, by login; the command line if absent.
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
}

/// Requests for other targets.
#[derive(Debug, clap::Args)]
pub(super) struct Requests {
    /// What was decided too.
    #[arg(long)]
    all: bool,
}

/// Decide on a request; a yes changes the target.
#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    /// The request, as `fieldsync target requests` names it.
    request: RecordId,
    /// Yes or no.
    decision: Decision,
    /// What to say to whoever asked.
    #[arg(long)]
    note: Option<String>,
    /// Who decides, by login; the command line if absent.
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Decision {
    Approve,
    Decline,
}

impl Request {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (_app, office) = data.office().await?;
        let registrar = office.registrar(by(&office, self.login.as_deref()).await?).await?;
        let ask = AskTarget {
            target: self.target,
            wanted: self.value,
            reason: self.reason,
            at: registrar.asked_at(),
        };
        let asked = registrar.ask_target(office.fresh_record(), ask).await?;
        let words = format!("The request {} waits for a decision.", asked.id);
        Ok(Answer::new(words, json!(asked)))
    }
}

impl Requests {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let logins = data::logins(&app, &office).await?;
        let mut asked = office.adjustments().await?;
        asked.retain(|one| self.all || one.answer.is_none());
        let rows: Vec<[String; 6]> = asked
            .iter()
            .map(|one| {
                [
                    one.id.to_string(),
                    one.by.and_then(|by| logins.get(&by).cloned()).unwrap_or_default(),
                    one.was.to_string(),
                    one.wanted.to_string(),
                    state(one.answer.as_ref()).to_owned(),
                    one.reason.clone(),
                ]
            })
            .collect();
        let json = Value::Array(asked.iter().map(|one| json!(one)).collect());
        Ok(Answer::table(["REQUEST", "BY", "WAS", "WANTED", "STATE", "REASON"], &rows, json))
    }
}

impl Decide {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (_app, office) = data.office().await?;
        let registrar = office.registrar(by(&office, self.login.as_deref()).await?).await?;
        let yes = self.decision == Decision::Approve;
        let answered = registrar.answer_adjustment(self.request, yes, self.note).await?;
        let words = if yes {
            format!("The target is {} from now on.", answered.wanted)
        } else {
            format!("The target stays {}.", answered.was)
        };
        Ok(Answer::new(words, json!(answered)))
    }
}

async fn by(office: &crate::office::Office, login: Option<&str>) -> Result<By, Failure> {
    match login {
        Some(login) => Ok(By::Person(data::person(office, login).await?)),
        None => Ok(By::CommandLine),
    }
}

/// How an answer stands, in a word.
pub(in crate::cli) const fn state(answer: Option<&Approval>) -> &'static str {
    match answer {
        None => "waits",
        Some(answer) if answer.approved => "yes",
        Some(_) => "no",
    }
}
