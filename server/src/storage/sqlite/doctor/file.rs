//! The file itself: its pages, and its tables.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::super::open;
use crate::storage::StorageError;
use crate::storage::doctor::{Report, Trouble};

/// Lines that SQLite says at most.
const LINES: u32 = 50;

pub(super) fn integrity(connection: &Connection, report: &mut Report) {
    let said = lines(connection);
    match said {
        Ok(lines) => {
            for line in lines.into_iter().filter(|line| line != "ok") {
                report.add(Trouble::FileDamaged, line);
            }
        }
        Err(error) => report.add(Trouble::FileDamaged, error.to_string()),
    }
}

fn lines(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("pragma integrity_check({LINES})"))?;
    let lines = statement.query_map([], |row| row.get(0))?;
    lines.collect()
}

type Schema = BTreeMap<(String, String), String>;

/// Compares tables and indexes with those of a file that is made now. Not being able
/// to read them at all is an error: then nothing else can be read either.
pub(super) fn schema(connection: &Connection, report: &mut Report) -> Result<(), StorageError> {
    let ours = of(&open::in_memory()?)?;
    let found = match of(connection) {
        Ok(found) => found,
        Err(error) => {
            report.add(Trouble::FileDamaged, error.to_string());
            return Err(error);
        }
    };
    let mut missing_table = None;
    for ((kind, name), sql) in &ours {
        match found.get(&(kind.clone(), name.clone())) {
            None => {
                report.add(Trouble::SchemaDiffers, format!("{kind} {name} is missing"));
                if kind == "table" {
                    missing_table = Some(name.clone());
                }
            }
            Some(other) if other != sql => {
                report.add(Trouble::SchemaDiffers, format!("{kind} {name} is another"));
            }
            Some(_) => {}
        }
    }
    for (kind, name) in found.keys().filter(|key| !ours.contains_key(*key)) {
        report.add(Trouble::SchemaDiffers, format!("{kind} {name} is not ours"));
    }
    match missing_table {
        Some(_) => Err(StorageError::Missing { what: "a table" }),
        None => Ok(()),
    }
}

fn of(connection: &Connection) -> Result<Schema, StorageError> {
    let mut statement = connection.prepare(
        "select type, name, sql from sqlite_schema
         where sql is not null and name not like 'sqlite_%'",
    )?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(2)?;
        // Spaces and line ends say nothing.
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(((row.get(0)?, row.get(1)?), sql))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
