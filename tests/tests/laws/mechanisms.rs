//! The table of the guides' mechanisms is whole, and names only what exists.

use std::path::Path;

use crate::{files, read};

const STATES: [&str; 5] = ["here", "part", "kept", "open", "out"];

/// The rows of the table: number, mechanism, state, where.
fn rows() -> Vec<[String; 4]> {
    let text = read(Path::new("docs/MECHANISMS.md"));
    let cells = |line: &str| -> Option<[String; 4]> {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let cells: Vec<String> = line.splitn(4, " | ").map(str::to_owned).collect();
        cells.try_into().ok().filter(|row: &[String; 4]| row[0].parse::<u32>().is_ok())
    };
    text.lines().filter_map(cells).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_mechanism_of_the_guides_has_its_row() {
    let rows = rows();
    let numbers: Vec<u32> = rows.iter().map(|row| row[0].parse().expect("a number")).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<u32>>());
    for row in &rows {
        assert!(STATES.contains(&row[2].as_str()), "{} has the state {:?}", row[0], row[2]);
        assert!(!row[1].is_empty() && !row[3].is_empty(), "{} says nothing", row[0]);
        let shows = quoted(&row[3]).next().is_some();
        assert!(shows || ["open", "out"].contains(&row[2].as_str()), "{} shows nothing", row[0]);
    }
}

#[test]
fn every_place_that_the_table_names_exists() {
    let files = files();
    let verbs = read(Path::new("server/src/cli/mod.rs"));
    for row in rows() {
        for place in quoted(&row[3]) {
            if let Some(command) = place.strip_prefix("fieldsync ") {
                let verb = command.split(' ').next().expect("a verb");
                let (first, rest) = verb.split_at(1);
                let named = format!("\n    {}{rest}(", first.to_uppercase());
                assert!(verbs.contains(&named), "{}: there is no command {place:?}", row[0]);
            } else if place.contains('/') {
                let found = files.iter().any(|file| file == Path::new(place));
                assert!(found, "{}: there is no {place}", row[0]);
            }
        }
    }
}
