//! Pure modules do no IO: time and randomness are arguments.

use crate::{files, read};

const PURE: &[&str] = &[
    "client-core/src/docs/",
    "client-core/src/guard/",
    "client-core/src/names/",
    "client-core/src/projection/",
    "client-core/src/protocol/",
    "client-core/src/records/",
    "client-core/src/rules/",
    "client-core/src/sync/",
];

const FORBIDDEN: &[&str] = &[
    "tokio",
    "rusqlite",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "getrandom",
    "reqwest",
];

#[test]
fn pure_modules_name_no_io() {
    for path in files() {
        let name = path.display().to_string();
        if !name.ends_with(".rs") || !PURE.iter().any(|module| name.starts_with(module)) {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.trim_start().starts_with("#[cfg(test)]") {
                break;
            }
            for word in FORBIDDEN {
                assert!(!code.contains(word), "{name}:{} names {word}", number + 1);
            }
        }
    }
}

#[test]
fn the_server_uses_store_and_engine_only_in_its_demo() {
    for path in files() {
        let name = path.display().to_string();
        if !name.starts_with("server/src/") || name.starts_with("server/src/demo/") {
            continue;
        }
        if name.ends_with(".rs") {
            let text = read(&path);
            for module in ["client_core::store", "client_core::engine"] {
                assert!(!text.contains(module), "{name} uses {module}");
            }
        }
    }
}

/// The platforms' sines differ in the last bits, and then two cards differ.
#[test]
fn figures_are_computed_by_one_library_on_every_platform() {
    let functions = [
        "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "ln", "log", "log2", "log10",
        "powf", "powi", "hypot", "cbrt",
    ];
    for path in files() {
        let name = path.display().to_string();
        if !name.starts_with("client-core/src/rules/") || !name.ends_with(".rs") {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            for function in functions {
                for call in [format!(".{function}("), format!("f64::{function}")] {
                    assert!(!line.contains(&call), "{name}:{} calls {call}", number + 1);
                }
            }
        }
    }
}

#[test]
fn every_profile_unwinds() {
    let manifest: toml::Value =
        toml::from_str(&read("Cargo.toml".as_ref())).expect("Cargo.toml is TOML");
    for (name, profile) in manifest["profile"].as_table().expect("profiles") {
        assert_eq!(
            profile.get("panic").and_then(toml::Value::as_str),
            Some("unwind"),
            "profile {name}: guard and uniffi contain faults by unwinding"
        );
    }
}
