//! One idea per file: median ≤ 150 lines, 90 % ≤ 400, none over 700.

use crate::{files, read};

#[test]
fn files_stay_short() {
    let mut lengths: Vec<(usize, String)> = files()
        .into_iter()
        .filter(|path| {
            path.extension().is_some_and(|kind| kind == "rs" || kind == "kt" || kind == "swift")
        })
        .map(|path| (read(&path).lines().count(), path.display().to_string()))
        .collect();
    lengths.sort();
    let at = |percent: usize| lengths[(lengths.len() - 1) * percent / 100].0;
    println!("{} files, median {}, 90 % {}", lengths.len(), at(50), at(90));
    let over: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 700).collect();
    assert!(over.is_empty(), "over 700 lines: {over:?}");
    assert!(at(50) <= 150, "the median file has {} lines", at(50));
    assert!(at(90) <= 400, "a tenth of the files has more than {} lines", at(90));
}

#[test]
fn no_file_is_a_drawer() {
    for path in files() {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(
            !["utils", "util", "helpers", "helper", "common", "misc"].contains(&name),
            "{} says nothing about what is in it",
            path.display()
        );
    }
}

/// What everything that a device sends goes through must be readable in one sitting.
#[test]
fn the_screen_of_untrusted_bytes_stays_within_300_lines() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let lines: usize = files()
        .iter()
        .filter(|path| path.starts_with("client-core/src/guard") && !path.ends_with("tests.rs"))
        .map(|path| read(path).lines().filter(is_code).count())
        .sum();
    println!("{lines} lines of code screen what devices send");
    assert!((1..=300).contains(&lines), "{lines}");
}
