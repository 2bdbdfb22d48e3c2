//! Nothing else lies at the top, and nothing of a machine lies anywhere.

use std::collections::BTreeSet;

use crate::{files, read};

#[test]
fn the_top_level_holds_only_what_the_layout_names() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "ARCHITECTURE.md",
        "LICENSE",
        "clippy.toml",
        "deny.toml",
        "rustfmt.toml",
        "client-core",
        "server",
        "mobile",
        "tests",
        "docs",
        "deploy",
    ];
    let top: BTreeSet<String> = files()
        .iter()
        .filter_map(|path| path.components().next())
        .map(|first| first.as_os_str().to_string_lossy().into_owned())
        .collect();
    for name in top {
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "{name} has no place at the top level"
        );
    }
}

#[test]
fn no_file_names_a_machine() {
    for path in files() {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if !["rs", "md", "toml", "sql", "html", "css", "js", "py", "sh", "kt", "swift"]
            .contains(&kind)
        {
            continue;
        }
        let text = read(&path);
        for word in [concat!("/", "root/"), concat!("/", "work/"), concat!("crates", ".io")] {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}
