//! `fieldsync unit`.

use clap::{Subcommand, ValueEnum};
use client_core::records::UnitKind;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::CreateUnit;

/// Units of the sales organisation.
#[derive(Debug, clap::Args)]
pub(super) struct Unit {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a unit.
    Add {
        /// Its name.
        name: String,
        /// What it is organised by.
        #[arg(long, default_value = "team")]
        kind: Kind,
        /// The unit above, by name or id; the top one if absent.
        #[arg(long)]
        parent: Option<String>,
    },
    /// Every unit.
    List,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Region,
    Industry,
    Product,
    Channel,
    Team,
}

impl From<Kind> for UnitKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Region => Self::Region,
            Kind::Industry => Self::Industry,
            Kind::Product => Self::Product,
            Kind::Channel => Self::Channel,
            Kind::Team => Self::Team,
        }
    }
}

impl Unit {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (_app, office) = self.data.office().await?;
        match self.verb {
            Verb::Add { name, kind, parent } => {
                let parent = match parent {
                    Some(parent) => Some(data::unit(&office, &parent).await?),
                    None => None,
                };
                let unit =
                    office.create_unit(CreateUnit { name, kind: kind.into(), parent }).await?;
                Ok(Answer::new(format!("{} is unit {}.", unit.name, unit.id), json!(unit)))
            }
            Verb::List => {
                let units = office.units().await?;
                let name = |id| units.get(&id).map_or(String::new(), |unit| unit.name.clone());
                let rows: Vec<[String; 4]> = units
                    .values()
                    .map(|unit| {
                        let kind = match json!(unit.kind) {
                            Value::String(kind) => kind,
                            other => other.to_string(),
                        };
                        let above = unit.parent.map(name).unwrap_or_default();
                        [unit.name.clone(), kind, above, unit.id.to_string()]
                    })
                    .collect();
                let json = Value::Array(units.values().map(|unit| json!(unit)).collect());
                Ok(Answer::table(["NAME", "KIND", "ABOVE", "ID"], &rows, json))
            }
        }
    }
}
