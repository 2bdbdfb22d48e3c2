//! `fieldsync restore`.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;
use crate::backup;
use crate::edge::{Clock, SystemClock, SystemRandom, random_bytes};

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
}

impl Restore {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let data = self.data.dir()?;
        let epoch = || random_bytes(&SystemRandom);
        let now = SystemClock.now();
        let restored = backup::restore(&self.file, data, self.force, epoch, now).await?;
        let (manifest, dir) = (&restored.manifest, data.display());
        let mut words = format!("{dir} holds the data of {} again.\n", manifest.made_at);
        if let Some(aside) = &restored.set_aside {
            words.push_str(&format!("What was there is in {}.\n", aside.display()));
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
            "set_aside": restored.set_aside.as_ref().map(|aside| aside.display().to_string()),
        });
        Ok(Answer::new(words, json))
    }
}
