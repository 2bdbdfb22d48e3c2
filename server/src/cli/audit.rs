//! `fieldsync audit`.

use std::collections::BTreeMap;

use chrono::DateTime;
use client_core::id::RecordId;
use client_core::time::Timestamp;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;
use crate::office::Office;
use crate::storage::lists::Window;
use crate::storage::model::AuditFilter;
use crate::storage::{Placing, StorageError};

/// Who did what to whom: placements, people, phones, late work and decisions, newest
/// first.
#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    #[command(flatten)]
    data: DataArg,
    /// Only about this person, unit, customer or deal.
    #[arg(long)]
    subject: Option<RecordId>,
    /// Only of this kind, such as placed, device_revoked or quarantined.
    #[arg(long)]
    what: Option<String>,
    /// Only since then, such as 2026-10-08T09:00:00+08:00.
    #[arg(long, value_parser = instant)]
    since: Option<Timestamp>,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
    Ok(at.to_utc().into())
}

impl Audit {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        let filter = AuditFilter {
            since: self.since.unwrap_or_default(),
            subject: self.subject,
            whats: self.what.into_iter().collect(),
            ..AuditFilter::default()
        };
        let window = Window { limit: self.limit, offset: 0 };
        let names = names(&office).await?;
        let entries = app.storage().audit(office.org(), filter, window).await?;
        let named = |id: String| names.get(&id).cloned().unwrap_or(id);
        let told = |detail: &Option<String>| {
            let words = detail.as_deref().unwrap_or_default().split(' ').map(|word| {
                let bare = word.trim_end_matches([',', ';']);
                names.get(bare).map_or_else(|| word.to_owned(), |name| word.replace(bare, name))
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let by = |user: Option<client_core::id::UserId>| {
            user.map_or_else(|| "command line".to_owned(), |user| named(user.to_string()))
        };
        let rows: Vec<[String; 5]> = entries
            .iter()
            .map(|entry| {
                let subject = entry.subject.map(|subject| named(subject.to_string()));
                [
                    entry.at.to_string(),
                    by(entry.user),
                    entry.what.clone(),
                    subject.unwrap_or_default(),
                    told(&entry.detail),
                ]
            })
            .collect();
        let json = entries.iter().map(|entry| {
            json!({
                "at": entry.at.to_string(),
                "by": entry.user,
                "device": entry.device,
                "what": entry.what,
                "subject": entry.subject,
                "detail": entry.detail,
            })
        });
        let json = Value::Array(json.collect());
        Ok(Answer::table(["AT", "BY", "WHAT", "SUBJECT", "DETAIL"], &rows, json))
    }
}

/// The names of people and units, by id: the log itself keeps ids.
async fn names(office: &Office) -> Result<BTreeMap<String, String>, StorageError> {
    let people = office.people().await?.into_iter().map(|user| (user.id.to_string(), user.name));
    let units = office.units().await?.into_values();
    Ok(people.chain(units.map(|unit| (unit.id.to_string(), unit.name))).collect())
}
