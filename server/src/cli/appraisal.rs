//! `fieldsync appraisal`.

use clap::Subcommand;
use client_core::period::Period;
use client_core::records::{AppraisalRecord, AppraisalState};
use client_core::rules::appraisal::next;
use client_core::rules::{CentiPoints, appraisal};
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, NewStep, Office};

/// Appraisals: self-assessment, supervisor, manager (S2).
#[derive(Debug, clap::Args)]
pub(super) struct Appraisal {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// How far each appraisal is.
    List {
        /// Only of this period.
        #[arg(long)]
        period: Option<Period>,
    },
    /// Take the next step, or send it one step back.
    Step(Step),
}

#[derive(Debug, clap::Args)]
struct Step {
    /// Whose appraisal, by login.
    rep: String,
    /// For when, such as 2026-10.
    #[arg(long)]
    period: Period,
    /// draft, supervisor_scored, manager_reviewed, published, disputed, resolved, closed.
    #[arg(long)]
    to: String,
    /// What to say; a step back needs it.
    #[arg(long)]
    comment: Option<String>,
    /// A rating 1 to 5, such as teamwork=4; may be said again.
    #[arg(long = "rating", value_name = "FAMILY=1..5", value_parser = rating)]
    ratings: Vec<(String, u8)>,
    /// Who takes it, by login; the command line stands in for anybody if absent.
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
}

fn rating(text: &str) -> Result<(String, u8), String> {
    let parts = text.split_once('=').map(|(family, rating)| (family.trim(), rating.trim()));
    let read = parts.and_then(|(family, rating)| Some((family.to_owned(), rating.parse().ok()?)));
    read.ok_or_else(|| format!("{text:?}: expected FAMILY=1..5, such as teamwork=4"))
}

impl Appraisal {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::List { period } => list(&self.data, period).await,
            Verb::Step(step) => step.run(&self.data).await,
        }
    }
}

impl Step {
    async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let to = AppraisalState::from(self.to.as_str());
        if let AppraisalState::Unknown(unknown) = &to {
            let known: Vec<&str> =
                AppraisalState::KNOWN.iter().map(AppraisalState::as_str).collect();
            let known = known.join(", ");
            return Err(Failure::usage(format!("{unknown:?} is no step: choose one of {known}")));
        }
        let (_app, office) = data.office().await?;
        let rep = data::person(&office, &self.rep).await?;
        let by = match &self.login {
            Some(login) => By::Person(data::person(&office, login).await?),
            None => By::CommandLine,
        };
        let registrar = office.registrar(by).await?;
        let step = NewStep {
            rep: rep.id,
            period: self.period,
            to,
            comment: self.comment,
            ratings: self.ratings.into_iter().collect(),
            at: registrar.asked_at(),
        };
        let appraisal = registrar.step_appraisal(step).await?;
        let then =
            next(&appraisal.state).map_or_else(String::new, |then| format!("; next is {then}"));
        let words = format!("The appraisal of {} is {}{then}.", appraisal.period, appraisal.state);
        Ok(Answer::new(words, json!(appraisal)))
    }
}

async fn list(data: &DataArg, period: Option<Period>) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let logins = data::logins(&app, &office).await?;
    let mut found = office.appraisals().await?;
    found.retain(|one| period.is_none_or(|period| one.period == period));
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    for one in &found {
        let total = total(&office, one).await?;
        let points = |points: Option<CentiPoints>| {
            points.map_or_else(|| "–".to_owned(), |points| points.to_string())
        };
        rows.push([
            logins.get(&one.rep).cloned().unwrap_or_default(),
            one.period.to_string(),
            one.state.to_string(),
            points(frozen(one)),
            points(total),
            next(&one.state).map(|next| next.to_string()).unwrap_or_default(),
        ]);
        let mut json = json!(one);
        if let Some(json) = json.as_object_mut() {
            json.insert("total_centipoints".into(), json!(total));
        }
        told.push(json);
    }
    let header = ["REP", "PERIOD", "STATE", "SCORE", "WITH RATINGS", "NEXT"];
    Ok(Answer::table(header, &rows, Value::Array(told)))
}

fn frozen(appraisal: &AppraisalRecord) -> Option<CentiPoints> {
    appraisal.frozen.as_ref()?.total_centipoints.map(CentiPoints)
}

/// The total as it stands by the period's policy.
async fn total(office: &Office, one: &AppraisalRecord) -> Result<Option<CentiPoints>, Failure> {
    let policy = office.policy_for(one.period).await?;
    let policy = policy.and_then(|one| client_core::rules::Policy::kept(&one.toml).ok());
    Ok(appraisal::standing(one, &policy.map(|policy| policy.appraisal).unwrap_or_default()))
}
