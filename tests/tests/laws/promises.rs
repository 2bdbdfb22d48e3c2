//! Each promise of `docs/PROMISES.md` names the tests that hold it, and they are there.

use std::path::Path;

use crate::{read, root};

/// A row of the tables: what is promised, and what holds it.
fn rows() -> Vec<(String, String)> {
    let text = read("docs/PROMISES.md".as_ref());
    let cells = |line: &str| -> Option<(String, String)> {
        let (promise, held) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        Some((promise.to_owned(), held.to_owned()))
    };
    let rows = text.lines().filter_map(cells);
    rows.filter(|(promise, _held)| promise != "promise" && !promise.starts_with("---")).collect()
}

/// What stands between backticks.
fn named(held: &str) -> impl Iterator<Item = &str> {
    held.split('`').skip(1).step_by(2)
}

#[test]
fn every_promise_names_tests_that_exist_or_says_that_it_has_none() {
    let rows = rows();
    assert!(rows.len() > 30, "{} promises were found", rows.len());
    for (promise, held) in rows {
        let (mut file, mut tests) = (String::new(), 0);
        for name in named(&held) {
            if Path::new(name).extension().is_some_and(|kind| kind == "rs") {
                assert!(root().join(name).is_file(), "{promise}: {name} is gone");
                file = read(name.as_ref());
                continue;
            }
            tests += 1;
            assert!(file.contains(&format!("fn {name}(")), "{promise}: no test is called {name}");
        }
        assert!(tests > 0 || held.starts_with("not held by a test"), "{promise} says nothing");
    }
}
