//! `fieldsync backup`.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;
use crate::backup;
use crate::edge::{Clock, SystemClock};

/// Copy everything into one file, while the server runs.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    data: DataArg,
    /// The file to be written; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (data, to) = (self.data.dir()?.to_owned(), self.to);
        let file = to.display().to_string();
        let now = SystemClock.now();
        let made = tokio::task::spawn_blocking(move || backup::backup(&data, &to, now))
            .await
            .context("the backup was broken off")??;
        let bytes: u64 = made.files.iter().map(|file| file.bytes).sum();
        let names: Vec<&str> = made.files.iter().map(|file| file.name.as_str()).collect();
        let words = format!(
            "{file} holds the data of {} in {bytes} bytes: {}.\nIt holds the org's keys too: keep \
             it as you keep the server.",
            made.made_at,
            names.join(", ")
        );
        Ok(Answer::new(words, json!({ "backup": file, "bytes": bytes, "manifest": made })))
    }
}
