//! The simulation: a company of phones and a server in one thread, where everything
//! that can go wrong does.
//!
//! A seed makes a script ([`plan`]), a script is played step by step (`world`),
//! and in the end everybody syncs until nothing moves and an oracle looks
//! (`oracle`). Phones are the real engine with their own SQLite files; the server
//! is the real router over its own; only the network, the clock and chance are ours.
//! The oracle trusts neither: it rebuilds documents from the log, works out access
//! from the office's records, and reads the phones' files itself.
//!
//! The same script gives the same run, so a failing one can be made short
//! ([`shrink`]) and pasted into a test. Whether the simulation would notice is shown
//! by mistakes that are switched on in the real code (`client_core::faults`).

pub mod batch;
mod copies;
mod facts;
mod files;
mod founding;
mod ledger;
mod network;
mod office;
mod oracle;
mod phone;
pub mod plan;
pub mod script;
mod server;
mod settle;
pub mod shrink;
mod tasks;
mod trace;
mod truth;
mod verdict;
mod watch;
mod wire;
mod words;
mod world;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::Runtime;

use script::Script;
use world::{Broken, World};

thread_local! {
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
}

/// A run in which a promise did not hold.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed, where there was one.
    pub seed: u64,
    /// What did not hold.
    pub broken: Broken,
    /// What was played.
    pub script: Script,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}\n{}", self.seed, self.broken, self.script)
    }
}

/// Plays the script of a seed.
pub fn run(seed: u64) -> Result<(), Failure> {
    let script = plan::script(seed);
    replay(&script).map_err(|broken| Failure { seed, broken, script })
}

/// Plays a script. A panic in the code under test is a broken promise like any other.
pub fn replay(script: &Script) -> Result<(), Broken> {
    RUNTIME.with(|runtime| {
        let played = catch_unwind(AssertUnwindSafe(|| play(script, runtime)));
        played.unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Err(format!("it panicked: {}", said.unwrap_or_default()))
        })
    })
}

fn play(script: &Script, runtime: &Runtime) -> Result<(), Broken> {
    let mut world = World::begin(script, runtime)?;
    for (number, step) in script.steps.iter().enumerate() {
        if trace::wanted() {
            println!("-- {number}: {step:?}");
        }
        world.step(*step).map_err(|broken| format!("at step {number} ({step:?}): {broken}"))?;
    }
    settle::settle(&mut world).map_err(|broken| format!("while settling: {broken}"))?;
    oracle::judge(&mut world).map_err(|broken| format!("in the end: {broken}"))
}

/// A broken promise without its particulars: the words after the step, no ids and
/// no numbers.
pub fn kind(broken: &str) -> String {
    let said = broken.split_once("): ").map_or(broken, |(_step, said)| said);
    let said = said.trim_start_matches("while settling: ").trim_start_matches("in the end: ");
    said.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit())).collect()
}

impl Failure {
    /// The same with a shorter script.
    #[must_use]
    pub fn shrunk(self) -> Self {
        let kind = kind(&self.broken);
        let same =
            |script: &Script| replay(script).is_err_and(|broken| self::kind(&broken) == kind);
        let script = shrink::shrink(self.script.clone(), same);
        let broken = replay(&script).err().unwrap_or(self.broken);
        Self { seed: self.seed, broken, script }
    }
}
