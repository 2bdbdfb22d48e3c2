//! `fieldsync restore`.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;
use crate::backup;
use crate::edge::{Clock, SystemClock, SystemRandom, random_bytes};
use crate::erasures::{self, Ledger};

/// Put a backup in place: another life of the data, which phones notice and complete.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    #[command(flatten)]
    data: DataArg,
    /// The backup.
    file: PathBuf,
    /// Set aside the data that is in the directory already.
    #[arg(long)]
    force: bool,
    /// Where erasures were written down; erasures.jsonl in the data directory if absent.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

impl Restore {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let data = self.data.dir()?;
        let epoch = || random_bytes(&SystemRandom);
        let now = SystemClock.now();
        let restored = backup::restore(&self.file, data, self.force, epoch, now).await?;
        // § What was erased since the backup must not come back with it.
        let ledger = self.ledger.map_or_else(|| Ledger::of(data), Ledger::at);
        let app = super::data::app(restored.storage)?;
        let erased = erasures::replay(&app, &ledger).await.map_err(|error| {
            Failure::from(error).safe(
                "The backup is in place, and what was erased since may be in it: do not serve \
                 it before this has been run again with --force.",
            )
        })?;
        let (manifest, dir) = (&restored.manifest, data.display());
        let mut words = format!("{dir} holds the data of {} again.\n", manifest.made_at);
        if let Some(aside) = &restored.set_aside {
            words.push_str(&format!("What was there is in {}.\n", aside.display()));
        }
        if erased > 0 {
            words.push_str(&format!("{erased} documents were erased again.\n"));
        }
        words.push_str(
            "Start the server: phones notice the restore and give back the visits, customers and \
             deals that the backup lacks. Whoever is asked to sign in again loses nothing by it.\n",
        );
        words.push_str(&format!(
            "LOST is what was decided in the office from {} to {now}: people and passwords, \
             units, assignments and tiers, targets, policies, calendars, merges, voids, moved \
             visits, decisions on late work, imports. Do these again.\n",
            manifest.made_at
        ));
        words.push_str(&match restored.shut_out {
            Some(count) => format!(
                "{count} phones and people that were shut out in that time are shut out again.\n"
            ),
            None => "First of all revoke again the phones and disable again the people that were \
                     shut out in that time: the backup lets them in.\n"
                .to_owned(),
        });
        words.push_str(&match &restored.set_aside {
            Some(aside) => format!(
                "What was done in that time is told by: fieldsync audit --data {} --since {}",
                aside.display(),
                manifest.made_at
            ),
            None => "Without the data that was there before, only people can tell what it was."
                .to_owned(),
        });
        let json = json!({
            "data": dir.to_string(),
            "made_at": manifest.made_at.to_string(),
            "schema": manifest.schema,
            "orgs": manifest.orgs,
            "erased_again": erased,
            "shut_out_again": restored.shut_out,
            "lost_from": manifest.made_at.to_string(),
            "lost_until": now.to_string(),
            "set_aside": restored.set_aside.as_ref().map(|aside| aside.display().to_string()),
        });
        Ok(Answer::new(words, json))
    }
}
