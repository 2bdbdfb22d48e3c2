//! Data hold codes, and both sample apps have words for every code that a screen of theirs
//! shows, in the three languages: a rep must never read `self_submitted`.

use std::collections::BTreeSet;

use client_core::docs::customer::BuyingRole;
use client_core::docs::visit::{Outcome, VisitMode};
use client_core::records::{AppraisalState, Metric};

use crate::read;

const KOTLIN: &str = "mobile/kotlin/sample/src/main/kotlin/fieldsync/sample/Codes.kt";
const SWIFT: &str = "mobile/swift/Sample/Models/WordTable.swift";

/// The keys of a table of words, of which each line has words in three languages.
fn keys(path: &str) -> BTreeSet<String> {
    let text = read(path.as_ref());
    let lines = text.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let rows = lines.filter(|parts| parts.len() == 4 && parts.iter().all(|part| !part.is_empty()));
    rows.filter_map(|parts| parts.first().map(|key| (*key).to_owned())).collect()
}

/// The variants of an enum of the rules, as their codes are written.
fn variants(path: &str, name: &str) -> Vec<String> {
    let text = read(path.as_ref());
    let body = text.split_once(&format!("pub enum {name} {{")).expect("the enum is there").1;
    let body = body.split_once("\n}").expect("it ends").0;
    let names = body.lines().filter_map(|line| line.trim().strip_suffix(','));
    names.filter(|name| name.starts_with(char::is_uppercase)).map(snake).collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn known<'a, T: 'a>(group: &str, codes: &'a [T], code: impl Fn(&'a T) -> &'a str) -> Vec<String> {
    codes.iter().map(|one| format!("{group}.{}", code(one))).collect()
}

#[test]
fn every_code_that_a_sample_shows_has_words() {
    let mut wanted = known("mode", VisitMode::KNOWN, VisitMode::as_str);
    wanted.extend(known("outcome", Outcome::KNOWN, Outcome::as_str));
    wanted.extend(known("metric", Metric::KNOWN, Metric::as_str));
    wanted.extend(known("role", BuyingRole::KNOWN, BuyingRole::as_str));
    for name in ["VisitReason", "ReviewReason", "DealReason", "PlanReason", "MoneyReason"] {
        let reasons = variants("client-core/src/rules/outcome.rs", name);
        assert!(!reasons.is_empty(), "{name} has no variants");
        wanted.extend(reasons.into_iter().map(|reason| format!("reason.{reason}")));
    }
    let tasks = variants("client-core/src/rules/tasks/mod.rs", "TaskKind");
    wanted.extend(tasks.into_iter().map(|task| format!("task.{task}")));
    let asked = variants("client-core/src/engine/asked.rs", "AskState");
    wanted.extend(asked.into_iter().map(|state| format!("asked.{state}")));
    wanted.push("asked.refused".to_owned());
    wanted.extend(["risk.yellow", "risk.red", "tier.a", "tier.b", "tier.c"].map(str::to_owned));
    wanted.extend(["family.skill", "family.teamwork"].map(str::to_owned));
    for (path, appraisal) in [(KOTLIN, "appraisal"), (SWIFT, "appraisal_state")] {
        let there = keys(path);
        let steps = known(appraisal, AppraisalState::KNOWN, AppraisalState::as_str);
        let missing: Vec<_> =
            wanted.iter().chain(&steps).filter(|key| !there.contains(*key)).collect();
        assert!(missing.is_empty(), "{path} has no words for {missing:?}");
    }
}
