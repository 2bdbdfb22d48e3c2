//! `fieldsync place`.

use chrono::DateTime;
use client_core::id::DocId;
use client_core::records::Tier;
use client_core::time::Timestamp;
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::PlaceCustomer;

/// Assign a customer: who owns it, who works on it too, its unit and tier.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    #[command(flatten)]
    data: DataArg,
    /// The customer.
    customer: DocId,
    /// Its owner, by login.
    #[arg(long)]
    owner: String,
    /// Somebody who works on it too, by login.
    #[arg(long)]
    collaborator: Vec<String>,
    /// Its unit, by name or id; the owner's main one if absent.
    #[arg(long)]
    unit: Option<String>,
    /// a (core), b (potential) or c (maintenance).
    #[arg(long, value_parser = tier)]
    tier: Option<Tier>,
    /// From when, such as 2026-10-08T09:00:00+08:00; now if absent.
    #[arg(long, value_parser = instant)]
    from: Option<Timestamp>,
}

fn tier(code: &str) -> Result<Tier, String> {
    Tier::parse(&code.to_ascii_lowercase()).ok_or_else(|| "expected a, b or c".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
    Ok(at.to_utc().into())
}

impl Place {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (_app, office) = self.data.office().await?;
        let mut collaborators = Vec::new();
        for login in &self.collaborator {
            collaborators.push(data::person(&office, login).await?.id);
        }
        let unit = match &self.unit {
            Some(unit) => Some(data::unit(&office, unit).await?),
            None => None,
        };
        let wanted = PlaceCustomer {
            customer: self.customer,
            owner: data::person(&office, &self.owner).await?.id,
            collaborators,
            unit,
            tier: self.tier,
            from: self.from,
        };
        let placement = office.place_customer(wanted).await?;
        let words = format!("{} is held by {}.", self.customer, self.owner);
        Ok(Answer::new(words, json!(placement)))
    }
}
