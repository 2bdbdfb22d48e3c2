//! What an import did, or would do.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::entry::shortened;
use super::errors_file::VALUE_CHARS;
use super::map::ImportKind;

/// What an import did, or would do. Counts of rows first; what rows bring with them,
/// such as units and placeholders, is counted apart under its own name.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was imported, such as `deals`.
    pub kind: &'static str,
    /// The file.
    pub file: PathBuf,
    /// Nothing was written.
    pub dry_run: bool,
    /// Whose keys these are.
    pub source: String,
    /// How the file writes characters.
    pub encoding: String,
    /// What separates its cells.
    pub delimiter: String,
    /// Rows read, refused ones included.
    pub rows: u64,
    /// Rows that made something.
    pub created: u64,
    /// Rows that changed something.
    pub changed: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub errors: u64,
    /// Everything written, what rows bring with them included.
    pub changes: u64,
    /// What rows brought with them, and what was noticed.
    #[serde(flatten)]
    pub counts: BTreeMap<&'static str, u64>,
    /// Values that were left as they are, with the reason.
    pub skipped: BTreeMap<String, u64>,
    /// People who were moved, in words.
    pub moved: Vec<String>,
    /// Columns that nothing was taken from.
    pub unmapped_columns: Vec<String>,
    /// Values that nothing here is known by, how often, by field.
    pub unmapped_values: BTreeMap<String, BTreeMap<String, u64>>,
    /// Where the rows are that were not taken.
    pub errors_file: Option<PathBuf>,
    /// The first of what is wrong with them.
    pub first_errors: Vec<String>,
    /// Rows that were taken and may not say what was meant.
    pub doubtful: u64,
    /// The first of them, in words.
    pub doubts: Vec<String>,
    /// The line of the last row that was not taken.
    #[serde(skip)]
    pub(super) refused_line: Option<u64>,
    /// The line of the last row in doubt.
    #[serde(skip)]
    pub(super) doubtful_line: Option<u64>,
}

/// How many errors are told besides the file of them.
const TOLD: usize = 5;
/// How many doubts are told: nothing else lists them.
const DOUBTS: usize = 100;
/// How many different values are told for a field.
const VALUES: usize = 50;

impl Report {
    /// Counts something by its name.
    pub(super) fn count(&mut self, what: &'static str, by: u64) {
        *self.counts.entry(what).or_default() += by;
    }

    /// Notes a value that was left as it is.
    pub(super) fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    /// Notes a value that nothing is known by.
    pub(super) fn unknown_value(&mut self, field: &str, value: &str) {
        let value = shortened(value, VALUE_CHARS);
        let values = self.unmapped_values.entry(field.to_owned()).or_default();
        if values.contains_key(&value) || values.len() < VALUES {
            *values.entry(value).or_default() += 1;
        }
    }

    /// Notes a row that is taken and may not say what was meant.
    pub(super) fn doubt(&mut self, line: u64, column: &str, why: &str) {
        if self.doubtful_line.replace(line) != Some(line) {
            self.doubtful += 1;
        }
        if self.doubts.len() < DOUBTS {
            self.doubts.push(format!("line {line}: column {column:?}: {why}"));
        }
    }

    /// Notes in words what is wrong with the row of a line. Rows are counted, not errors.
    pub(super) fn tell(&mut self, line: u64, error: String) {
        if self.refused_line.replace(line) != Some(line) {
            self.errors += 1;
        }
        if self.first_errors.len() < TOLD {
            self.first_errors.push(error);
        }
    }

    /// The report for people.
    pub fn words(&self) -> String {
        let mut said = String::new();
        let mut line = |text: String| {
            // Writing to memory cannot fail.
            let _written = writeln!(said, "{text}");
        };
        let would = if self.dry_run { " (dry run: nothing was written)" } else { "" };
        line(format!("{} from {}{would}", self.kind, self.file.display()));
        line(format!("  {}, cells separated by {}", self.encoding, self.delimiter));
        line(format!(
            "  {} rows: {} created, {} changed, {} unchanged, {} not taken",
            self.rows, self.created, self.changed, self.unchanged, self.errors
        ));
        for (what, count) in &self.counts {
            line(format!("  {}: {count}", what.replace('_', " ")));
        }
        for moved in &self.moved {
            line(format!("  moved: {moved}"));
        }
        for (reason, count) in &self.skipped {
            line(format!("  left as it is, {count} times: {reason}"));
        }
        if !self.unmapped_columns.is_empty() {
            line(format!("  columns not used: {}", self.unmapped_columns.join(", ")));
        }
        for (field, values) in &self.unmapped_values {
            let values: Vec<String> =
                values.iter().map(|(value, count)| format!("{value:?} ({count})")).collect();
            line(format!("  unknown {field}: {}", values.join(", ")));
        }
        if self.doubtful > 0 {
            line(format!("  {} rows are in and look doubtful:", self.doubtful));
        }
        for doubt in &self.doubts {
            line(format!("  {doubt}"));
        }
        for error in &self.first_errors {
            line(format!("  {error}"));
        }
        if let Some(path) = &self.errors_file {
            let rows = if self.errors == 1 { "row" } else { "rows" };
            let said = if self.dry_run {
                format!("{rows} would not be taken; the others would")
            } else if self.errors == self.rows {
                format!("{rows} not taken")
            } else {
                format!("{rows} not taken; the others are in")
            };
            line(format!(
                "  {} {said}. Each is named in {}: correct it in the file, then import the file \
                 again.",
                self.errors,
                path.display()
            ));
        }
        said.trim_end().to_owned()
    }

    pub(super) fn of(kind: ImportKind) -> Self {
        Self { kind: kind.as_str(), ..Self::default() }
    }
}
