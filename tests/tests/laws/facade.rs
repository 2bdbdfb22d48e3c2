//! What apps call decides nothing, and tells of every fault instead of ending the app.

use crate::dependency::packages;
use crate::{files, read};

/// The signatures of a source file that an export makes callable.
fn exported(text: &str) -> Vec<String> {
    let mut signatures = Vec::new();
    let mut inside = false;
    let mut open: Option<String> = None;
    for line in text.lines() {
        inside |= line.starts_with("#[uniffi::export");
        let begins = line.trim_start();
        let starts = ["pub fn ", "pub async fn ", "fn ", "async fn "];
        if inside && open.is_none() && starts.iter().any(|start| begins.starts_with(start)) {
            open = Some(String::new());
        }
        if let Some(signature) = &mut open {
            signature.push_str(begins);
            if line.ends_with('{') || line.ends_with(';') {
                signatures.extend(open.take());
            }
        }
        if line == "}" {
            inside = false;
        }
    }
    signatures
}

#[test]
fn whatever_apps_call_can_fail_without_ending_the_app() {
    let mut found = 0;
    for path in files().into_iter().filter(|path| path.starts_with("mobile/src")) {
        for signature in exported(&read(&path)) {
            found += 1;
            let fails = signature.contains("-> Result<") && signature.contains("FieldError>");
            assert!(fails, "{}: {signature}", path.display());
        }
    }
    assert!(found > 30, "{found} exported functions were found");
}

#[test]
fn what_apps_call_decides_nothing_itself() {
    let packages = packages();
    let mobile = packages.iter().find(|package| package["name"] == "mobile").expect("mobile");
    for dependency in mobile["dependencies"].as_array().expect("a list of dependencies") {
        let name = dependency["name"].as_str().expect("a name");
        let thin = ["client-core", "thiserror", "tracing", "uniffi"].contains(&name);
        assert!(thin, "mobile has no business with {name}");
    }
    for path in files().into_iter().filter(|path| path.starts_with("mobile/src")) {
        let text = read(&path);
        for word in ["ScreenedChange", "Document::", "evaluate(", "Exchange", "Machine", "std::fs"]
        {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn no_parameter_bears_a_name_that_a_c_header_cannot() {
    let keywords =
        ["case", "char", "default", "double", "float", "int", "long", "register", "switch"];
    for path in files().into_iter().filter(|path| path.starts_with("mobile/src")) {
        for signature in exported(&read(&path)) {
            for word in keywords {
                let named = [format!("({word}:"), format!(" {word}:"), format!(",{word}:")];
                let found = named.iter().any(|named| signature.contains(named));
                assert!(!found, "{}: Swift could not import {signature}", path.display());
            }
        }
    }
}
