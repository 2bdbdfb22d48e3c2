//! Many seeds, on every core.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use client_core::faults::{Fault, inject};

use super::script::Script;
use super::world::Broken;
use super::{Failure, replay, run};

/// One fault at a time: it is switched on in the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs seeds until one fails; the failing one that was begun first.
pub fn first_failure(seeds: Range<u64>) -> Option<Failure> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    search(seeds)
}

/// The same with a mistake switched on.
pub fn caught_by(fault: Fault, seeds: Range<u64>) -> Option<Failure> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    inject(Some(fault));
    let found = search(seeds);
    inject(None);
    found
}

/// Plays one script while no mistake is switched on.
///
/// # Errors
/// What it broke.
pub fn honestly(script: &Script) -> Result<(), Broken> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    replay(script)
}

/// Every failing seed, for a survey after a change.
pub fn failures(seeds: Range<u64>) -> Vec<Failure> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let found: Mutex<Vec<Failure>> = Mutex::new(Vec::new());
    each(seeds, &|failure| {
        found.lock().expect("no run panics with this held").push(failure);
        true
    });
    found.into_inner().expect("no run panics with this held")
}

fn search(seeds: Range<u64>) -> Option<Failure> {
    let found: Mutex<Option<Failure>> = Mutex::new(None);
    each(seeds, &|failure| {
        let mut found = found.lock().expect("no run panics with this held");
        if found.as_ref().is_none_or(|known| failure.seed < known.seed) {
            *found = Some(failure);
        }
        false
    });
    found.into_inner().expect("no run panics with this held")
}

/// Runs seeds on every core as long as `go_on` says so about what failed.
fn each(seeds: Range<u64>, go_on: &(dyn Fn(Failure) -> bool + Sync)) {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return;
                    }
                    if let Err(failure) = run(seed)
                        && !go_on(failure)
                    {
                        next.store(seeds.end, Ordering::SeqCst);
                        return;
                    }
                }
            });
        }
    });
}
