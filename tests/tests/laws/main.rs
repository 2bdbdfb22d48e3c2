//! The laws of the house, held by machine.
//!
//! Each is a rule that a reviewer would otherwise have to remember: who may
//! depend on whom, what a pure module may name, what apps may be handed, how long a
//! file may grow, which golden files are still read by a test, and whether the tests
//! that promises rest on are still there.

mod dependency;
mod facade;
mod file_length;
mod goldens;
mod languages;
mod mechanisms;
mod promises;
mod purity;
mod sample_words;
mod thin_screens;
mod top_level;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").into()
}

/// Every file git knows or would add, relative to the repository.
fn files() -> Vec<PathBuf> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(out.status.success(), "git ls-files failed");
    String::from_utf8(out.stdout)
        .expect("file names are UTF-8")
        .lines()
        .map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
