//! `fieldsync target`.

use clap::Subcommand;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::protocol::AskTarget;
use client_core::records::{Approval, Metric, TargetLevel};
use client_core::time::Date;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, SetTarget};

/// Targets.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Set a target, or change its value.
    Set(Set),
    /// Ask for another value of a target. It holds once somebody approved it.
    Ask {
        /// The target, as the list names it.
        target: RecordId,
        /// The value asked for, in the metric's unit.
        value: i64,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Requests for other targets.
    Asked {
        /// What was answered too.
        #[arg(long)]
        all: bool,
    },
    /// Say yes to a request: the target is changed.
    Approve(Asked),
    /// Say no to a request.
    Decline(Asked),
    /// Every target.
    List {
        /// Only of this period.
        #[arg(long)]
        period: Option<Period>,
    },
}

#[derive(Debug, clap::Args)]
struct Asked {
    /// The request, as `fieldsync target asked` names it.
    request: RecordId,
    /// What to say to whoever asked.
    #[arg(long)]
    note: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Set {
    /// sales_amount, effective_visits, …
    metric: String,
    /// 2026-10-08, 2026-W41, 2026-10, 2026-Q4 or 2026.
    period: Period,
    /// Minor units of the org's currency, a count, or basis points, as the metric says.
    value: i64,
    /// A rep's, by login.
    #[arg(long, conflicts_with = "unit")]
    rep: Option<String>,
    /// A unit's, by name or id. The org's if neither is given.
    #[arg(long)]
    unit: Option<String>,
    /// The target it is split from.
    #[arg(long)]
    parent: Option<RecordId>,
    /// Visible to reps from this day on; today if absent.
    #[arg(long)]
    published_on: Option<Date>,
}

impl Target {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Set(set) => set.run(&self.data).await,
            Verb::Ask { target, value, reason } => {
                let (_app, office) = self.data.office().await?;
                let registrar = office.registrar(By::CommandLine).await?;
                let ask = AskTarget { target, wanted: value, reason, at: registrar.asked_at() };
                let asked = registrar.ask_target(office.fresh_record(), ask).await?;
                let words = format!("{} waits for an answer.", asked.id);
                Ok(Answer::new(words, json!(asked)))
            }
            Verb::Asked { all } => asked(&self.data, all).await,
            Verb::Approve(request) => answer(&self.data, request, true).await,
            Verb::Decline(request) => answer(&self.data, request, false).await,
            Verb::List { period } => list(&self.data, period).await,
        }
    }
}

impl Set {
    async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (_app, office) = data.office().await?;
        let level = match (&self.rep, &self.unit) {
            (Some(login), _) => TargetLevel::Rep(data::person(&office, login).await?.id),
            (None, Some(unit)) => TargetLevel::Unit(data::unit(&office, unit).await?),
            (None, None) => TargetLevel::Org,
        };
        let wanted = SetTarget {
            level,
            metric: Metric::from(self.metric.as_str()),
            period: self.period,
            value: self.value,
            parent: self.parent,
            published_on: self.published_on,
        };
        let target = office.set_target(wanted).await?;
        let words = format!("{} in {} is {}.", target.metric, target.period, target.value);
        Ok(Answer::new(words, json!(target)))
    }
}

async fn asked(data: &DataArg, all: bool) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let logins = data::logins(&app, &office).await?;
    let mut asked = office.adjustments().await?;
    asked.retain(|one| all || one.answer.is_none());
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

/// How an answer stands, in a word.
pub(super) const fn state(answer: Option<&Approval>) -> &'static str {
    match answer {
        None => "waits",
        Some(answer) if answer.approved => "yes",
        Some(_) => "no",
    }
}

async fn answer(data: &DataArg, asked: Asked, approved: bool) -> Result<Answer, Failure> {
    let (_app, office) = data.office().await?;
    let registrar = office.registrar(By::CommandLine).await?;
    let answered = registrar.answer_adjustment(asked.request, approved, asked.note).await?;
    let words = match approved {
        true => format!("The target is {} from now on.", answered.wanted),
        false => format!("The target stays {}.", answered.was),
    };
    Ok(Answer::new(words, json!(answered)))
}

async fn list(data: &DataArg, period: Option<Period>) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let logins = data::logins(&app, &office).await?;
    let units = office.units().await?;
    let mut targets = office.targets().await?;
    targets.retain(|target| period.is_none_or(|period| target.period == period));
    let rows: Vec<[String; 5]> = targets
        .iter()
        .map(|target| {
            let whose = match target.level {
                TargetLevel::Org => "org".to_owned(),
                TargetLevel::Unit(unit) => {
                    units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.name.clone())
                }
                TargetLevel::Rep(rep) => {
                    logins.get(&rep).cloned().unwrap_or_else(|| rep.to_string())
                }
            };
            [
                whose,
                target.metric.to_string(),
                target.period.to_string(),
                target.value.to_string(),
                target.id.to_string(),
            ]
        })
        .collect();
    let json = Value::Array(targets.iter().map(|target| json!(target)).collect());
    Ok(Answer::table(["WHOSE", "METRIC", "PERIOD", "VALUE", "ID"], &rows, json))
}
