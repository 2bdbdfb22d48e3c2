//! `fieldsync doctor`.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Answer;
use super::data::DataArg;
use super::failure::{Exit, Failure};
use crate::DATA_FILE;
use crate::edge::{Clock, Stopwatch, SystemClock};
use crate::lock::DataLock;
use crate::storage::StorageError;
use crate::storage::doctor::{Progress, Report, Trouble, Weight};
use crate::storage::sqlite::{DoctorError, examine, rebuild, room_beside};

/// Look whether the data is whole, and make again what follows from the change log.
///
/// Ends with 0 if nothing is damaged, with 4 if something is.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    data: DataArg,
    /// Make documents, lists, memberships and digests again from the change log, and
    /// look again. The server must be stopped.
    #[arg(long)]
    rebuild: bool,
}

/// Room below which it is said: a busy day of a hundred reps takes a tenth of it.
const LOW: u64 = 512 << 20;
/// The server keeps the log below 64 MiB.
const LARGE_LOG: u64 = 512 << 20;

impl Doctor {
    pub(super) async fn run(self, json: bool) -> Result<Answer, Failure> {
        let dir = self.data.dir()?.to_owned();
        let rebuild = self.rebuild;
        // Hours of reading, on big data: not on a thread that others wait for.
        tokio::task::spawn_blocking(move || consult(&dir, rebuild, json))
            .await
            .map_err(|error| anyhow::Error::new(error).context("the examination broke off"))?
    }
}

fn consult(dir: &Path, rebuilds: bool, json: bool) -> Result<Answer, Failure> {
    let file = dir.join(DATA_FILE);
    let now = SystemClock.now();
    let mut tell = Tell::default();
    let mut before = examine(&file, now, &mut |progress| tell.say("examined", progress))?;
    around(dir, &mut before);
    if !rebuilds {
        return Ok(answer(&before, None, json));
    }
    let _lock = DataLock::take(dir)?;
    rebuild(&file, now, &mut |progress| tell.say("rebuilt", progress))?;
    let mut after = examine(&file, now, &mut |progress| tell.say("examined again", progress))?;
    around(dir, &mut after);
    Ok(answer(&after, Some(&before), json))
}

/// What is wrong around the file.
fn around(dir: &Path, report: &mut Report) {
    if let Some(room) = room_beside(&dir.join(DATA_FILE)).filter(|room| *room < LOW) {
        report.add(Trouble::DiskLow, format!("{} MiB are free", room >> 20));
    }
    let log = dir.join(format!("{DATA_FILE}-wal"));
    let length = std::fs::metadata(log).map_or(0, |meta| meta.len());
    if length > LARGE_LOG {
        report.add(Trouble::LogLarge, format!("{} MiB", length >> 20));
    }
    for (path, mode) in open_to_others(dir) {
        report.add(Trouble::OpenToOthers, format!("{path} has mode {mode:o}"));
    }
}

#[cfg(unix)]
fn open_to_others(dir: &Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode());
    let own = mode(dir) & 0o777;
    // Nobody gets at the files of a closed directory, whatever their own modes are.
    if own & 0o077 == 0 {
        return Vec::new();
    }
    let mut found = vec![(dir.display().to_string(), own)];
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let own = mode(&entry.path()) & 0o777;
        if own & 0o077 != 0 {
            found.push((entry.path().display().to_string(), own));
        }
    }
    found
}

#[cfg(not(unix))]
fn open_to_others(_dir: &Path) -> Vec<(String, u32)> {
    Vec::new()
}

/// Says on standard error how far it is, every two seconds.
#[derive(Default)]
struct Tell {
    since: Option<Stopwatch>,
}

impl Tell {
    fn say(&mut self, what: &str, Progress { done, of }: Progress) {
        let since = *self.since.get_or_insert_with(Stopwatch::start);
        if since.elapsed() < Duration::from_secs(2) {
            return;
        }
        self.since = Some(Stopwatch::start());
        // Nothing to be done if standard error is closed.
        drop(writeln!(std::io::stderr(), "{what}: {done} of {of} documents"));
    }
}

fn answer(report: &Report, before: Option<&Report>, json: bool) -> Answer {
    let said = json!({
        "healthy": report.worst() != Some(Weight::Damage),
        "documents": report.documents,
        "changes": report.changes,
        "found": findings(report),
        "found_before": before.map(findings),
    });
    let words = if json { String::new() } else { words(report, before) };
    let answer = Answer::new(words, said);
    match report.worst() {
        Some(Weight::Damage) => answer.ending(Exit::Data),
        _ => answer,
    }
}

fn findings(report: &Report) -> Vec<Value> {
    let found = report.found.iter().rev();
    found
        .map(|(trouble, found)| {
            json!({
                "code": trouble.code(),
                "weight": trouble.weight().as_str(),
                "count": found.count,
                "where": found.examples,
                "means": trouble.means(),
                "advice": trouble.advice(),
                "rebuild_heals": trouble.heals(),
            })
        })
        .collect()
}

fn words(report: &Report, before: Option<&Report>) -> String {
    let mut lines = Vec::new();
    if let Some(before) = before {
        let healed: Vec<&str> = before
            .found
            .keys()
            .filter(|trouble| !report.found.contains_key(trouble))
            .map(|trouble| trouble.code())
            .collect();
        lines.push(if healed.is_empty() {
            "rebuilt; there was nothing to heal".to_owned()
        } else {
            format!("rebuilt; healed: {}", healed.join(", "))
        });
    }
    let mut found: Vec<_> = report.found.iter().collect();
    found.sort_by_key(|(trouble, _found)| std::cmp::Reverse(trouble.weight()));
    for (trouble, found) in found {
        lines.push(format!(
            "{}: {} ({} times)\n  {}\n  {}\n  What to do: {}",
            trouble.weight().as_str(),
            trouble.code(),
            found.count,
            trouble.means(),
            found.examples.join("\n  "),
            trouble.advice()
        ));
    }
    let looked = format!("{} documents, {} changes", report.documents, report.changes);
    lines.push(match report.worst() {
        Some(Weight::Damage) => format!("Something is damaged. Looked at {looked}."),
        Some(Weight::Warning) => format!("Nothing is damaged. Looked at {looked}."),
        Some(Weight::Note) | None => format!("Everything is whole. Looked at {looked}."),
    });
    lines.join("\n")
}

impl From<DoctorError> for Failure {
    fn from(error: DoctorError) -> Self {
        match error {
            DoctorError::Open(error) => error.into(),
            DoctorError::Storage(StorageError::Sqlite(error)) => Self::new(
                Exit::Data,
                format!("the data file cannot be rebuilt: {error}"),
                "Keep a copy of the directory and restore the last backup.",
            ),
            DoctorError::Storage(error) => error.into(),
        }
    }
}
