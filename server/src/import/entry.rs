//! A row as our fields: what the file says, and what of it is new.

use std::collections::{BTreeMap, BTreeSet};

use super::errors_file::VALUE_CHARS;
use super::map::Mapping;
use super::source::SourceRow;

/// What a file said of something, by field.
pub(super) type Fields = BTreeMap<String, String>;

/// A row that is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its line.
    pub line: u64,
    /// The column it is about; empty if it is the row.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
}

/// What is wrong with a row: everything that can be told, so that a file is corrected once
/// and not once for each of a row's errors.
#[derive(Debug, Default)]
pub(super) struct Wrong(Vec<Refusal>);

impl Wrong {
    /// What was read, or its refusal put with the others.
    pub(super) fn taken<T>(&mut self, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.0.push(refusal)).ok()
    }

    /// Nothing was wrong, or all that was.
    pub(super) fn all<T>(self, made: Option<T>) -> Result<T, Vec<Refusal>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }
}

/// A row, read by a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub line: u64,
    /// What the thing is called where it comes from.
    pub key: String,
    /// What is said of it; empty cells are left out.
    pub fields: Fields,
    /// The column each field comes from.
    columns: BTreeMap<String, String>,
}

/// Longest key in bytes. A key is asked for with every row, and stands in an index.
const KEY_BYTES: usize = 1_024;

/// The beginning of a text that a file may have made as long as it likes.
pub(super) fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _letter)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The name under which a note is kept among the fields.
fn note_field(label: &str) -> String {
    format!("note:{label}")
}

impl Entry {
    /// Reads a row.
    pub(super) fn read(row: &SourceRow, mapping: &Mapping) -> Result<Self, Vec<Refusal>> {
        let kind = mapping.map.kind;
        let mut fields = Fields::new();
        let mut columns = BTreeMap::new();
        for field in kind.fields() {
            let names = mapping.columns(field);
            let cells = names.iter().filter_map(|name| row.cell(name));
            let cells: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
            let value = match cells.as_slice() {
                [] => mapping.default(field).map(str::to_owned),
                [one] => Some(mapping.meaning(field, one).trim().to_owned()),
                many => Some(many.join(" / ")),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                fields.insert((*field).to_owned(), value);
            }
            columns.insert((*field).to_owned(), names.join(", "));
        }
        for (label, column) in mapping.notes() {
            if let Some(cell) = row.cell(column).map(str::trim).filter(|cell| !cell.is_empty()) {
                fields.insert(note_field(label), cell.to_owned());
            }
        }
        let natural = kind.natural_key().and_then(|field| fields.get(field));
        let named = fields.get("name").filter(|_name| mapping.map.kind.natural_key().is_some());
        let key = fields.get("key").or(natural).or(named).cloned();
        let mut entry = Self { line: row.line(), key: String::new(), fields, columns };
        let mut wrong: Vec<Refusal> = kind
            .required()
            .iter()
            .filter(|field| !entry.fields.contains_key(**field))
            .map(|field| entry.refuse(field, format!("the {field} is missing")))
            .collect();
        match key {
            Some(key) => entry.key = key,
            // Where the natural key is what is missing, that was said.
            None if wrong.is_empty() => wrong.push(entry.refuse("key", "the key is missing")),
            None => {}
        }
        if entry.key.len() > KEY_BYTES {
            let keyed = ["key", kind.natural_key().unwrap_or("name"), "name"];
            let field = keyed.into_iter().find(|field| entry.text(field).is_some());
            let message = format!(
                "the key has {} bytes, the limit is {KEY_BYTES}: a key is what the other program \
                 knows this by, such as a number",
                entry.key.len()
            );
            wrong.push(entry.refuse(field.unwrap_or("key"), message));
        }
        if wrong.is_empty() { Ok(entry) } else { Err(wrong) }
    }

    /// The same row as what it says of another thing that is called so.
    pub(super) fn of(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// How much it says, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.fields.values().map(String::len).sum()
    }

    /// What is said in a field.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// The column that a field comes from; empty if there is none.
    pub(super) fn column(&self, field: &str) -> &str {
        self.columns.get(field).map(String::as_str).unwrap_or_default()
    }

    /// Not taken because of a field.
    pub(super) fn refuse(&self, field: &str, message: impl Into<String>) -> Refusal {
        Refusal {
            line: self.line,
            column: self.column(field).to_owned(),
            value: shortened(self.text(field).unwrap_or_default(), VALUE_CHARS),
            message: message.into(),
        }
    }

    /// The fields in which the file says something else than it said last. A field
    /// that this file has no column for is not said anything about.
    pub(super) fn changes(&self, before: &Fields, mapping: &Mapping) -> BTreeSet<String> {
        let said = |field: &String| match field.strip_prefix("note:") {
            Some(label) => mapping.notes().iter().any(|(known, _column)| known == label),
            None => mapping.gives(field),
        };
        self.fields
            .keys()
            .chain(before.keys())
            .filter(|field| said(field) && self.fields.get(*field) != before.get(*field))
            .cloned()
            .collect()
    }

    /// What is known of the thing after this row.
    pub(super) fn merged(&self, before: &Fields, changed: &BTreeSet<String>) -> Fields {
        let mut merged = before.clone();
        for field in changed {
            match self.fields.get(field) {
                Some(value) => merged.insert(field.clone(), value.clone()),
                None => merged.remove(field),
            };
        }
        merged
    }
}

/// The notes of a document with the lines of changed labels replaced: what people
/// wrote around them stays.
pub(super) fn renoted(
    notes: Option<&str>,
    entry: &Entry,
    before: &Fields,
    changed: &BTreeSet<String>,
) -> Option<String> {
    let mut lines: Vec<String> = notes.unwrap_or_default().lines().map(str::to_owned).collect();
    for field in changed {
        let Some(label) = field.strip_prefix("note:") else { continue };
        let line = |text: &String| format!("{label}: {text}");
        let new = entry.fields.get(field).map(line);
        let old = before.get(field).map(line);
        match (lines.iter().position(|each| Some(each) == old.as_ref()), new) {
            (Some(place), new) => drop(lines.splice(place..=place, new)),
            (None, Some(new)) => lines.push(new),
            (None, None) => {}
        }
    }
    let text = lines.join("\n");
    (!text.is_empty()).then_some(text)
}
