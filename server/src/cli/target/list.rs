//! `fieldsync target list`, `publish` and `check`.

use std::collections::BTreeMap;

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::{TargetLevel, TargetRecord};
use client_core::rules::{Axis, SumCheck, SumState};
use client_core::time::Date;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::answer::Answer;
use crate::cli::data::{self, DataArg};
use crate::cli::failure::Failure;
use crate::office::{By, Office};

/// Every target.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only of this period.
    #[arg(long)]
    period: Option<Period>,
}

/// Publish the drafts of a period and of what lies in it to everybody whom they concern.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    /// The period, such as 2026.
    #[arg(long)]
    period: Period,
    /// From this day on; today if absent.
    #[arg(long)]
    on: Option<Date>,
}

/// Compare every target with the sum of its parts.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Only of this period and of what lies in it.
    #[arg(long)]
    period: Option<Period>,
}

/// What targets are called by.
pub(super) struct Whose {
    logins: BTreeMap<UserId, String>,
    units: BTreeMap<UnitId, String>,
}

impl Whose {
    pub(super) const HEADER: [&str; 5] = ["WHOSE", "METRIC", "PERIOD", "VALUE", "ID"];

    pub(super) async fn read(app: &App, office: &Office) -> Result<Self, Failure> {
        let logins = data::logins(app, office).await?;
        let units = office.units().await?.into_values();
        Ok(Self { logins, units: units.map(|unit| (unit.id, unit.name)).collect() })
    }

    /// A target in a line, a draft marked.
    pub(super) fn row(&self, target: &TargetRecord) -> [String; 5] {
        [
            self.name(target),
            target.metric.to_string(),
            target.period.to_string(),
            format!("{}{}", target.value, if target.draft { " (draft)" } else { "" }),
            target.id.to_string(),
        ]
    }

    /// Whose it is, and which part.
    fn name(&self, target: &TargetRecord) -> String {
        let mut name = self.of(target.level);
        for (key, value) in &target.dimension {
            name.push_str(&format!(" {key}={value}"));
        }
        name
    }

    /// The login or the unit's name.
    pub(super) fn of(&self, level: TargetLevel) -> String {
        match level {
            TargetLevel::Org => "org".to_owned(),
            TargetLevel::Unit(unit) => {
                self.units.get(&unit).cloned().unwrap_or_else(|| unit.to_string())
            }
            TargetLevel::Rep(rep) => {
                self.logins.get(&rep).cloned().unwrap_or_else(|| rep.to_string())
            }
        }
    }
}

/// From the top down.
fn order(target: &TargetRecord) -> impl Ord + use<> {
    (target.period, target.metric.clone(), target.level, target.dimension.clone())
}

impl List {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let whose = Whose::read(&app, &office).await?;
        let mut targets = office.targets().await?;
        targets.retain(|target| self.period.is_none_or(|period| target.period == period));
        targets.sort_by_key(order);
        let rows: Vec<[String; 5]> = targets.iter().map(|target| whose.row(target)).collect();
        let json = Value::Array(targets.iter().map(|target| json!(target)).collect());
        Ok(Answer::table(Whose::HEADER, &rows, json))
    }
}

impl Publish {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let registrar = office.registrar(By::CommandLine).await?;
        let published = registrar.publish_targets(self.period, self.on).await?;
        let whose = Whose::read(&app, &office).await?;
        let targets = office.targets().await?;
        let mut words = format!(
            "{} targets are published from {} on, to {} people.",
            published.targets.len(),
            published.on,
            published.people.len()
        );
        for check in &published.warnings {
            words.push_str(&format!("\n{}", sentence(check, &targets, &whose)));
        }
        let json = json!({
            "on": published.on,
            "targets": published.targets,
            "people": published.people,
            "warnings": published.warnings,
        });
        Ok(Answer::new(words, json))
    }
}

impl Check {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let checks = office.check_targets(self.period).await?;
        let whose = Whose::read(&app, &office).await?;
        let targets = office.targets().await?;
        let lines: Vec<String> =
            checks.iter().map(|check| sentence(check, &targets, &whose)).collect();
        let words = if lines.is_empty() {
            "No target here is split into parts.".to_owned()
        } else {
            lines.join("\n")
        };
        Ok(Answer::new(words, json!(checks)))
    }
}

/// A check as people say it, the difference shown.
fn sentence(check: &SumCheck, targets: &[TargetRecord], whose: &Whose) -> String {
    let parent = targets.iter().find(|target| target.id == check.parent);
    let name = |id: RecordId| id.to_string();
    let whole = parent.map_or_else(
        || name(check.parent),
        |parent| format!("{} of {} in {}", parent.metric, whose.name(parent), parent.period),
    );
    let cut = match &check.axis {
        Axis::Time => "over time".to_owned(),
        Axis::People => "over people".to_owned(),
        Axis::Dimension(key) => format!("by {key}"),
    };
    let verdict = match check.state {
        SumState::Exact => "exactly".to_owned(),
        SumState::Allowed => format!("{} more, as the policy allows", check.difference),
        SumState::Over => format!("WARNING: {} more than the whole", check.difference),
        SumState::Under => {
            format!("WARNING: {} are assigned to nobody", check.difference.unsigned_abs())
        }
    };
    let (value, sum) = (check.value, check.sum);
    format!("{whole}, {cut}: {} parts sum to {sum} of {value}, {verdict}", check.children.len())
}
