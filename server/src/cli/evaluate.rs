//! `fieldsync evaluate`.

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::CalendarRecord;
use client_core::rules::plain::{self, Evaluated, PlainFacts, PlainFile};
use client_core::rules::policy::PRESETS;

use super::answer::Answer;
use super::data;
use super::failure::{Exit, Failure};
use crate::office::calendar;

/// Apply the rules to facts in a file, without any database.
///
/// Anybody can recompute a figure with it: the same facts, policy, period and instant
/// give the same answer everywhere. --schema prints the shape of the file.
#[derive(Debug, clap::Args)]
pub(super) struct Evaluate {
    /// The facts, a JSON file; - for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "schema")]
    facts: Option<PathBuf>,
    /// The policy: a TOML file, or the name of one that ships with fieldsync.
    #[arg(long, value_name = "FILE", default_value = PRESETS[0])]
    policy: String,
    /// The period, such as 2026-10.
    #[arg(long, required_unless_present = "schema")]
    period: Option<Period>,
    /// The instant the rules look from: RFC 3339, or a day, which means its end. The
    /// end of the period if absent.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Print the JSON schema of the facts.
    #[arg(long)]
    schema: bool,
}

/// More than anybody writes down, and less than the memory of a small machine.
const LARGEST: u64 = 256 * 1024 * 1024;

impl Evaluate {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        if self.schema {
            let schema = schemars::schema_for!(PlainFacts);
            let words = serde_json::to_string_pretty(&schema).context("no schema")?;
            return Ok(Answer::of(words, &schema).context("the schema has no JSON form")?);
        }
        let (Some(path), Some(period)) = (&self.facts, self.period) else {
            return Err(Failure::usage("expected --facts FILE and --period PERIOD"));
        };
        let policy = data::policy(&self.policy)?;
        let refused = |error: plain::PlainError| {
            Failure::new(
                Exit::Usage,
                format!("{}: {error}", path.display()),
                "Correct the file; `fieldsync evaluate --schema` prints its shape.",
            )
        };
        let file = PlainFile::read(&text(path)?, period, &of_zone).map_err(refused)?;
        let as_of = match &self.as_of {
            Some(text) => {
                plain::instant("--as-of", text, file.calendar()).map_err(Failure::usage)?
            }
            None => period.bounds(&file.calendar().zone).1,
        };
        let evaluated = file.evaluate(&policy, as_of).map_err(refused)?;
        Ok(Answer::of(words(&evaluated), &evaluated).context("the answer has no JSON form")?)
    }
}

fn of_zone(zone: &str) -> Option<CalendarRecord> {
    calendar(RecordId::from_bytes([0; 16]), zone).ok()
}

fn text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().take(LARGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text))
    };
    match read {
        Ok(_length) => Ok(text),
        Err(error) => {
            let happened = format!("{} could not be read: {error}", path.display());
            Err(Failure::new(Exit::Usage, happened, "Name a file of UTF-8 text."))
        }
    }
}

fn words(found: &Evaluated) -> String {
    let mut words = format!("{} by {}, as of {}\n", found.period, found.policy, found.as_of);
    for card in &found.scorecards {
        let total = card.total.map_or_else(|| "–".to_owned(), |total| format!("{total:.2}"));
        let _written = writeln!(words, "\n{}: {total} points", card.rep);
        for line in &card.lines {
            let why = line.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
            let _written = writeln!(words, "  {:<24} {:>7.2}{why}", line.id, line.points);
        }
    }
    for one in found.indicators.iter().filter(|one| one.value.is_some()) {
        let (scope, id, rule) = (&one.scope, &one.id, &one.rule);
        let value = one.value.unwrap_or_default();
        let _written = writeln!(words, "{scope}  {id} = {value} ({rule})");
    }
    for flag in &found.flags {
        let subject = flag.subject.as_deref().unwrap_or_default();
        let reasons = flag.reasons.join(", ");
        let (rule, level) = (&flag.rule, &flag.level);
        let _written = writeln!(words, "{rule} {level} {} {subject}: {reasons}", flag.scope);
    }
    for task in &found.tasks {
        let _written = writeln!(words, "{} {} due {}", task.rule, task.id, task.due_on);
    }
    words.truncate(words.trim_end().len());
    words
}
