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
            "Start the server: phones notice the restore and give back what the backup lacks. \
             Whoever is asked to sign in again loses nothing by it.",
        );
        let json = json!({
            "data": dir.to_string(),
            "made_at": manifest.made_at.to_string(),
            "schema": manifest.schema,
            "orgs": manifest.orgs,
            "erased_again": erased,
            "set_aside": restored.set_aside.as_ref().map(|aside| aside.display().to_string()),
        });
        Ok(Answer::new(words, json))
    }
}
