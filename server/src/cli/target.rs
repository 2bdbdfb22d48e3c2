//! `fieldsync target`.

use clap::Subcommand;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::{Metric, TargetLevel};
use client_core::time::Date;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::SetTarget;

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
    /// Every target.
    List {
        /// Only of this period.
        #[arg(long)]
        period: Option<Period>,
    },
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
