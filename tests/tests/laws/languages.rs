//! What is promised to whoever uses the library from another language.

use std::path::PathBuf;

use crate::{files, read};

fn sources(folder: &str, ending: &str) -> Vec<PathBuf> {
    let is = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    files().into_iter().filter(|path| path.starts_with(folder) && is(path)).collect()
}

/// How each language names a promise in its tests.
fn named(language: &str, id: &str) -> String {
    match language {
        "python" => format!("async def {}(", id.replace('-', "_")),
        _ => format!("\"{id}\""),
    }
}

#[test]
fn every_language_is_held_to_every_promise_of_the_contract() {
    let suites = [
        ("kotlin", "mobile/kotlin/sdk/src/test", "kt"),
        ("swift", "mobile/swift/Tests", "swift"),
        ("python", "tests/python", "py"),
    ];
    for (language, folder, ending) in suites {
        let tests: String = sources(folder, ending).iter().map(|path| read(path)).collect();
        assert!(!tests.is_empty(), "{language} has no tests");
        for id in tests::stage::promises() {
            assert!(tests.contains(&named(language, &id)), "{language} has no test of {id}");
        }
    }
}

#[test]
fn every_error_of_the_facade_is_a_promise_of_the_contract() {
    let source = read("mobile/src/error.rs".as_ref());
    let body = source.split_once("pub enum FieldError {").expect("the errors").1;
    let body = body.split_once("\n}").expect("they end").0;
    let variants = body.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
    let promises = tests::stage::promises();
    let mut count = 0;
    for variant in variants.filter(|name| name.starts_with(char::is_uppercase)) {
        let words: String = variant
            .chars()
            .flat_map(|letter| {
                let dash = letter.is_uppercase().then_some('-');
                dash.into_iter().chain(letter.to_lowercase())
            })
            .collect();
        assert!(promises.contains(&format!("error{words}")), "no language is held to {variant}");
        count += 1;
    }
    assert!(count > 15, "only {count} errors were found");
}

#[test]
fn whatever_kotlin_apps_may_call_is_documented() {
    for path in sources("mobile/kotlin/sdk/src/main", "kt") {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let public = line.starts_with("public ") || line.starts_with("override fun close");
            let documented = lines[..at]
                .iter()
                .rev()
                .find(|above| !above.starts_with('@'))
                .is_some_and(|above| above.ends_with("*/"));
            let inherited = line.starts_with("override");
            assert!(!public || documented || inherited, "{}:{}: {line}", path.display(), at + 1);
        }
    }
}

/// A snippet of a document that names the file it is taken from:
/// `<!-- from PATH -->` stands before the fence.
fn snippets(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(path) = line.strip_prefix("<!-- from ").and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        let code = lines.by_ref().skip(1).take_while(|line| !line.starts_with("```"));
        found.push((path.to_owned(), code.map(|line| line.trim().to_owned()).collect()));
    }
    found
}

#[test]
fn the_first_visit_in_the_readme_is_code_that_is_tested() {
    let found = snippets(&read("mobile/README.md".as_ref()));
    assert!(!found.is_empty(), "the README shows no code");
    for (path, code) in found {
        assert!(code.len() < 20, "{path}: {} lines", code.len());
        let source = read(path.as_ref());
        let source: Vec<&str> = source.lines().map(str::trim).collect();
        let there = source.windows(code.len()).any(|window| window == code.as_slice());
        assert!(there, "{path} does not hold what the README shows of it");
    }
}

/// The names of what the facade exports on its client, as Kotlin and Swift spell them.
fn exported_calls() -> Vec<String> {
    let mut found = Vec::new();
    for path in sources("mobile/src", "rs") {
        let text = read(&path);
        let mut inside = false;
        for line in text.lines() {
            inside = (inside || line.starts_with("impl FieldClient {")) && line != "}";
            let name = ["    pub fn ", "    pub async fn "]
                .iter()
                .find_map(|start| line.strip_prefix(start))
                .and_then(|rest| rest.split_once('('));
            if let Some((name, _rest)) = name.filter(|_name| inside) {
                let (mut camel, mut up) = (String::new(), false);
                for letter in name.chars() {
                    match letter {
                        '_' => up = true,
                        _ if std::mem::take(&mut up) => camel.extend(letter.to_uppercase()),
                        _ => camel.push(letter),
                    }
                }
                found.push(camel);
            }
        }
    }
    assert!(found.len() > 80, "{} calls were found", found.len());
    found
}

#[test]
fn whatever_the_library_can_do_an_app_can_do_through_both_sdks() {
    let kotlin: String =
        sources("mobile/kotlin/sdk/src/main", "kt").iter().map(|path| read(path)).collect();
    let swift: String =
        sources("mobile/swift/Sources", "swift").iter().map(|path| read(path)).collect();
    for call in exported_calls() {
        let spoken = |name: &str| [format!(" {name}("), format!(".{name}(")];
        // `shut_down` in Kotlin, see uniffi.toml; a sync within a time is a job in Swift.
        let (in_kotlin, in_swift) = match call.as_str() {
            "open" => continue,
            "close" => ("shutDown", "close"),
            "syncNow" => ("startSyncWithin", "startSyncWithin"),
            call => (call, call),
        };
        let said = |text: &str, name: &str| spoken(name).iter().any(|one| text.contains(one));
        assert!(said(&kotlin, in_kotlin), "Kotlin's SDK never calls {in_kotlin}");
        assert!(said(&swift, in_swift), "Swift's SDK never calls {in_swift}");
    }
}
