//! `fieldsync policy`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use client_core::period::Period;
use client_core::rules::policy::{PRESETS, preset_text};
use client_core::time::Date;
use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::{Exit, Failure};
use crate::office::SetPolicy;

/// The rules that visits and scores are judged by.
#[derive(Debug, clap::Args)]
pub(super) struct Policy {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the policy that a period is scored by.
    Show {
        /// The period; this month if absent.
        #[arg(long)]
        period: Option<Period>,
    },
    /// Put a policy in force as the next version.
    Set {
        /// A TOML file.
        #[arg(required_unless_present = "preset", conflicts_with = "preset")]
        file: Option<PathBuf>,
        /// A policy that ships with fieldsync.
        #[arg(long)]
        preset: Option<String>,
        /// For periods that begin on or after this day; the first of this month if absent.
        #[arg(long)]
        effective_from: Option<Date>,
    },
}

impl Policy {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        match self.verb {
            Verb::Show { period } => {
                let zone = office.calendar().await?.zone;
                let period =
                    period.unwrap_or_else(|| Period::month_of(zone.date(app.clock().now())));
                let none = || {
                    let happened = format!("no policy is in force for {period}");
                    Failure::new(Exit::Data, happened, "Set one: `fieldsync policy set FILE`.")
                };
                let policy = office.policy_for(period).await?.ok_or_else(none)?;
                let words = format!(
                    "# version {}, in force from {}\n{}",
                    policy.version,
                    policy.effective_from,
                    policy.toml.trim_end()
                );
                Ok(Answer::new(words, json!(policy)))
            }
            Verb::Set { file, preset, effective_from } => {
                let toml = match (file, preset) {
                    (Some(file), _) => std::fs::read_to_string(&file)
                        .with_context(|| format!("{} could not be read", file.display()))
                        .map_err(|error| Failure::usage(format!("{error:#}")))?,
                    (None, preset) => shipped(&preset.unwrap_or_default())?,
                };
                let policy = office.set_policy(SetPolicy { toml, effective_from }).await?;
                let (version, from) = (policy.version, policy.effective_from);
                let words = format!("Version {version} is in force from {from}.");
                let json = json!({ "version": version, "effective_from": from, "id": policy.id });
                Ok(Answer::new(words, json))
            }
        }
    }
}

fn shipped(preset: &str) -> Result<String, Failure> {
    let unknown = || {
        let known = PRESETS.join(", ");
        Failure::usage(format!("there is no preset {preset:?}: choose one of {known}"))
    };
    preset_text(preset).map(str::to_owned).ok_or_else(unknown)
}
