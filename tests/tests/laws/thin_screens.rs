//! Screens of the sample apps show what a view model hands them and decide nothing: what
//! no machine here can compile (Xcode, Android's tools) must have nothing in it that could
//! be wrong about the domain. So their files hold no condition at all.

use crate::{files, read};

/// Where the screens are, and what their files end in.
const SCREENS: [(&str, &str); 2] = [("mobile/ios", "swift"), ("mobile/android/app", "kt")];

const WORDS: [&str; 12] = [
    "if",
    "else",
    "switch",
    "when",
    "guard",
    "while",
    "case",
    "filter",
    "filterNot",
    "takeIf",
    "takeUnless",
    "where",
];
const SIGNS: [&str; 11] = ["==", "!=", "&&", "||", " ? ", "?:", "??", " < ", " > ", " <= ", " >= "];

/// The line without its comment and the texts in it.
fn code(line: &str) -> String {
    let line = line.split("//").next().unwrap_or_default();
    line.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

/// What in a line of a screen decides something.
fn decides(line: &str) -> Option<&'static str> {
    let code = code(line);
    if code.trim_start().starts_with(['#', '*']) || code.trim_start().starts_with("/*") {
        return None;
    }
    let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    let word = words.find_map(|word| WORDS.into_iter().find(|banned| *banned == word));
    word.or_else(|| SIGNS.into_iter().find(|sign| code.contains(sign)))
}

#[test]
fn screens_of_the_sample_apps_decide_nothing() {
    for (folder, ending) in SCREENS {
        for path in files().into_iter().filter(|path| path.starts_with(folder)) {
            if path.extension().is_none_or(|found| found != ending) {
                continue;
            }
            for (at, line) in read(&path).lines().enumerate() {
                let found = decides(line);
                assert!(found.is_none(), "{}:{}: {found:?} in {line}", path.display(), at + 1);
            }
        }
    }
}

#[test]
fn a_condition_is_noticed_and_a_text_about_one_is_not() {
    for condition in [
        "if rows.isEmpty {",
        "let a = late ? red : green",
        "x?.y ?? z",
        "when (it) {",
        "rows.filter { $0.late }",
        "line.takeIf { it.late }",
        "Text(count > 3)",
        "Text(count >= 3)",
    ] {
        assert!(decides(condition).is_some(), "{condition}");
    }
    for plain in
        ["Text(\"if you like\")", "// if so", "#if canImport(SwiftUI)", "ForEach(model.rows) {"]
    {
        assert!(decides(plain).is_none(), "{plain}");
    }
}
