//! `mobile → client-core`; `server → client-core` without default features;
//! `tests → all`; nothing → `tests`.

use std::process::Command;

use serde_json::Value;

use crate::root;

pub fn packages() -> Vec<Value> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("a list of packages").clone()
}

/// Dependencies of `package` that are members of this workspace.
fn members_used(package: &Value) -> Vec<&Value> {
    package["dependencies"]
        .as_array()
        .expect("a list of dependencies")
        .iter()
        .filter(|dependency| dependency["path"].is_string())
        .collect()
}

#[test]
fn crates_depend_only_downwards() {
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let allowed: &[&str] = match name {
            "client-core" | "bindgen" => &[],
            "server" | "mobile" => &["client-core"],
            "tests" => &["client-core", "server", "mobile", "bindgen"],
            other => panic!("{other} is not in the layout of ARCHITECTURE.md"),
        };
        for dependency in members_used(&package) {
            let on = dependency["name"].as_str().expect("a name");
            assert!(allowed.contains(&on), "{name} must not depend on {on}");
        }
    }
}

#[test]
fn the_server_takes_only_the_pure_part_of_client_core() {
    let packages = packages();
    let server = packages.iter().find(|package| package["name"] == "server").expect("server");
    let dependency = members_used(server)
        .into_iter()
        .find(|dependency| dependency["name"] == "client-core")
        .expect("server uses client-core");
    assert_eq!(dependency["uses_default_features"], false);
    for feature in dependency["features"].as_array().expect("features") {
        let pure = ["schema", "zstd-c"].iter().any(|pure| feature == pure);
        assert!(pure, "{feature}: store and engine belong to the feature `demo`");
    }
}

#[test]
fn without_its_demo_the_server_builds_neither_store_nor_engine() {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "-p", "server", "--no-default-features", "-e", "normal,features"])
        .args(["--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let tree = String::from_utf8(out.stdout).expect("UTF-8");
    for line in tree.lines() {
        for feature in ["store", "engine", "default"] {
            assert!(!line.starts_with(&format!("client-core feature \"{feature}\"")), "{line}");
        }
    }
}

#[test]
fn no_product_is_built_with_mistakes_on_purpose() {
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let default = &package["features"]["default"];
        assert!(!default.to_string().contains("simulation"), "{name} has it by default");
        for dependency in members_used(&package) {
            let asks = dependency["features"].to_string().contains("simulation");
            assert!(!asks || name == "tests", "{name} builds what only the simulation may");
        }
    }
}
