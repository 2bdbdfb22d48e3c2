//! A golden file that no test reads proves nothing.

use crate::{files, read, root};

#[test]
fn every_golden_file_is_read_by_a_test() {
    for path in files() {
        if path.extension().is_none_or(|kind| kind != "snap") {
            continue;
        }
        let text = read(&path);
        let source = text
            .lines()
            .find_map(|line| line.strip_prefix("source: "))
            .map(|source| source.trim_matches('"').to_owned())
            .unwrap_or_else(|| panic!("{} names no source", path.display()));
        assert!(root().join(&source).is_file(), "{}: {source} is gone", path.display());
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let last = stem.rsplit("__").next().unwrap_or_default();
        // insta appends -2, -3, … to further unnamed snapshots of one test, and
        // replaces what follows an @ by the redaction's suffix.
        let name = last.split('@').next().unwrap_or_default();
        let name = name.rsplit_once('-').map_or(name, |(head, tail)| {
            if tail.chars().all(|digit| digit.is_ascii_digit()) { head } else { name }
        });
        let source_text = read(source.as_ref());
        assert!(
            source_text.contains(name)
                || source_text.contains("insta::with_settings")
                || source_text.contains("assert_snapshot!(format!")
                || source_text.contains("json_snapshot!(name"),
            "{}: nothing in {source} is called {name}",
            path.display()
        );
    }
}

#[test]
fn no_golden_file_waits_for_a_decision() {
    for path in files() {
        assert!(
            !path.display().to_string().ends_with(".snap.new"),
            "{} was never decided",
            path.display()
        );
    }
}
