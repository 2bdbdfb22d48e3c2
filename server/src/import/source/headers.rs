//! The names of the columns.

use std::collections::HashMap;

use super::error::SourceError;
use super::split::Cells;

/// Longest name, in bytes. A name is repeated in every error about its column.
const NAME_BYTES: usize = 1 << 10;

/// The column names of a table, found without regard to case and space around them.
#[derive(Debug, Default)]
pub struct Headers {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Headers {
    pub(super) fn of(cells: &Cells, line: u64, limit: usize) -> Result<Self, SourceError> {
        if cells.count > limit {
            return Err(SourceError::TooManyColumns { columns: cells.count, limit });
        }
        let mut names: Vec<String> = cells.iter().map(|name| name.trim().to_owned()).collect();
        // Some programs end every line with a separator.
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let mut places = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(SourceError::HeaderEmpty { line, column: place + 1 });
            }
            if name.len() > NAME_BYTES {
                let (column, bytes, limit) = (place + 1, name.len(), NAME_BYTES);
                return Err(SourceError::HeaderNameTooLong { column, bytes, limit });
            }
            if let Some(first) = places.insert(fold(name), place) {
                let (first, second) = (first + 1, place + 1);
                return Err(SourceError::HeaderTwice { name: name.clone(), first, second });
            }
        }
        Ok(Self { names, places })
    }

    /// The names in the order of the columns, as the file writes them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a column, from 0.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&fold(name)).copied()
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
