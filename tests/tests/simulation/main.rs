//! The simulation: see `tests::sim`.
//!
//! `FIELDSYNC_SEEDS` says how many seeds to play, 1,000 if it is not set; the longer
//! mode is 10,000. `FIELDSYNC_FIRST_SEED` says with which one they begin, 0 if it is not
//! set: the longer mode can be played in parts. `FIELDSYNC_SEED` plays one of them alone,
//! and `FIELDSYNC_SURVEY` lists every failing one instead of stopping at the first, with a
//! short script of each kind. `FIELDSYNC_TRACE` prints what travels.

mod mistakes;
mod regressions;

use std::collections::BTreeMap;
use std::ops::Range;

use tests::sim::{batch, kind, run};

/// Kinds of failure of which a survey shows a short script.
const KINDS: usize = 12;
/// Seeds that the test command plays.
const SEEDS: u64 = 1_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.replace('_', "").parse().ok())
}

#[test]
fn whatever_happens_every_phone_ends_with_what_it_may_see_and_nothing_is_lost() {
    if let Some(seed) = number("FIELDSYNC_SEED") {
        if let Err(failure) = run(seed) {
            panic!("{failure}\nin short:\n{}", failure.clone().shrunk());
        }
        return;
    }
    let first = number("FIELDSYNC_FIRST_SEED").unwrap_or_default();
    let seeds = first..first + number("FIELDSYNC_SEEDS").unwrap_or(SEEDS);
    if std::env::var_os("FIELDSYNC_SURVEY").is_some() {
        return survey(seeds);
    }
    if let Some(failure) = batch::first_failure(seeds.clone()) {
        panic!("{failure}\nin short:\n{}", failure.clone().shrunk());
    }
    println!("seeds {} to {}", seeds.start, seeds.end - 1);
}

fn survey(seeds: Range<u64>) {
    let failures = batch::failures(seeds.clone());
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for failure in &failures {
        println!("seed {}: {}", failure.seed, failure.broken);
        *kinds.entry(kind(&failure.broken)).or_default() += 1;
    }
    for (one, times) in kinds.iter().take(KINDS) {
        let first = failures.iter().find(|failure| kind(&failure.broken) == *one);
        if let Some(first) = first {
            println!("{times} like this, in short:\n{}", first.clone().shrunk());
        }
    }
    assert!(failures.is_empty(), "{} of {} seeds failed", failures.len(), seeds.count());
}
