//! `fieldsync target`.

mod adjust;
mod import;
mod list;
mod progress;
mod split;

use std::collections::BTreeMap;

use clap::Subcommand;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::{Metric, TargetLevel};
use client_core::time::Date;
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, SetTarget};

pub(super) use adjust::state;

/// Targets: the cascade org → unit → rep.
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
    Split(split::Split),
    Publish(list::Publish),
    Check(list::Check),
    Progress(progress::Progress),
    Milestones(progress::Milestones),
    List(list::List),
    Import(import::Import),
    Request(adjust::Request),
    Requests(adjust::Requests),
    Decide(adjust::Decide),
}

#[derive(Debug, clap::Args)]
struct Set {
    /// sales_amount, effective_visits, …
    metric: String,
    /// 2026-10-08, 2026-W41, 2026-10, 2026-Q4, 2026, FQ2026-04 or FY2026-04.
    period: Period,
    /// Minor units of the org's currency, a count, or basis points, as the metric says.
    value: i64,
    /// A rep's, by login.
    #[arg(long, conflicts_with = "unit")]
    rep: Option<String>,
    /// A unit's, by name or id. The org's if neither is given.
    #[arg(long)]
    unit: Option<String>,
    /// A part of the whole, such as region=East or product_line=A; may be said again.
    #[arg(long = "by", value_name = "KEY=VALUE", value_parser = pair)]
    by: Vec<(String, String)>,
    /// The target it is split from.
    #[arg(long)]
    parent: Option<RecordId>,
    /// Visible to reps from this day on; today if absent.
    #[arg(long, conflicts_with = "draft")]
    published_on: Option<Date>,
    /// Let no rep see it before `fieldsync target publish`.
    #[arg(long)]
    draft: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
    let parts = parts.filter(|(key, value)| !key.is_empty() && !value.is_empty());
    let parts = parts.ok_or("expected KEY=VALUE, such as region=East")?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

impl Target {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Set(set) => set.run(&self.data).await,
            Verb::Split(split) => split.run(&self.data).await,
            Verb::Publish(publish) => publish.run(&self.data).await,
            Verb::Check(check) => check.run(&self.data).await,
            Verb::Progress(progress) => progress.run(&self.data).await,
            Verb::Milestones(milestones) => milestones.run(&self.data).await,
            Verb::List(list) => list.run(&self.data).await,
            Verb::Import(import) => import.run(&self.data).await,
            Verb::Request(request) => request.run(&self.data).await,
            Verb::Requests(requests) => requests.run(&self.data).await,
            Verb::Decide(decide) => decide.run(&self.data).await,
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
        let metric = Metric::from(self.metric.as_str());
        let wanted = SetTarget {
            parent: self.parent,
            published_on: self.published_on,
            dimension: self.by.into_iter().collect::<BTreeMap<_, _>>(),
            draft: self.draft,
            ..SetTarget::new(level, metric, self.period, self.value)
        };
        let registrar = office.registrar(By::CommandLine).await?;
        let target = registrar.set_target(wanted).await?;
        let mut words = format!(
            "{} in {} is {}{}: target {}.",
            target.metric,
            target.period,
            target.value,
            if target.draft { ", a draft" } else { "" },
            target.id
        );
        // A card sees what was published by the period's end.
        if target.published_on.is_some_and(|on| target.period.last_day() < on) {
            words.push_str(
                "\nIt is published after its period has ended, so no card counts it: say \
                 --published-on with a day of the period to make it count.",
            );
        }
        Ok(Answer::new(words, json!(target)))
    }
}
