//! Damages inputs, tries them, keeps what surprises.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tests::fleet::dice::Dice;

/// Inputs of each target in the test command.
const INPUTS: u64 = 3_000;
/// And so long at most, on a busy machine.
const AT_MOST: Duration = Duration::from_secs(20);
/// Longest input; what is longer is refused by its length alone.
const LONGEST: usize = 64 * 1024;
/// Inputs that are kept to be damaged further.
const CORPUS: usize = 512;
/// No single input may take so long, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// One target's run.
pub struct Fuzz {
    name: &'static str,
    seed: u64,
    longer: Option<Duration>,
    keeps: bool,
}

impl Fuzz {
    pub fn of(name: &'static str) -> Self {
        let number = |variable: &str| {
            let said = std::env::var(variable).ok()?;
            Some(said.parse().unwrap_or_else(|_| panic!("{variable} is no number: {said}")))
        };
        let seed = number("FIELDSYNC_FUZZ_SEED").unwrap_or(20_261_122);
        let longer = number("FIELDSYNC_FUZZ_SECONDS").map(Duration::from_secs);
        Self { name, seed, longer, keeps: true }
    }

    /// For the test of the harness itself.
    pub const fn keeping_nothing(mut self) -> Self {
        self.keeps = false;
        self
    }

    /// Tries what was found before, the seeds, and what becomes of them. The target
    /// says in a word what it made of an input, and panics where something is wrong.
    pub fn run(self, seeds: Vec<Vec<u8>>, target: impl Fn(&[u8]) -> String) {
        let began = now();
        let mut corpus: Vec<Vec<u8>> = Vec::new();
        let mut words = BTreeSet::new();
        let found = found(self.name);
        println!("{}: seed {}, {} found before", self.name, self.seed, found.len());
        for input in found.into_iter().chain(seeds) {
            words.insert(self.try_one(&input, &target));
            corpus.push(input);
        }
        let mut tried = corpus.len();
        for number in 0.. {
            let over = match self.longer {
                Some(long) => began.elapsed() >= long,
                None => number >= INPUTS || began.elapsed() >= AT_MOST,
            };
            if over {
                break;
            }
            let mut dice = Dice::new(self.seed, number);
            let input = damaged(&corpus, &mut dice);
            if words.insert(self.try_one(&input, &target)) && corpus.len() < CORPUS {
                corpus.push(input);
            }
            tried += 1;
        }
        println!("{}: {tried} inputs, {} outcomes, {:?}", self.name, words.len(), began.elapsed());
    }

    fn try_one(&self, input: &[u8], target: &impl Fn(&[u8]) -> String) -> String {
        let began = now();
        let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
        let slow = began.elapsed() > PATIENCE;
        match outcome {
            Ok(word) if !slow => word,
            outcome => {
                let what = if outcome.is_err() { "a panic" } else { "too long" };
                let kept = if self.keeps { keep(self.name, input) } else { PathBuf::new() };
                panic!(
                    "{}: {what} on {} bytes, kept as {}: mend it and move the file to \
                     tests/fuzz/found/{}/",
                    self.name,
                    input.len(),
                    kept.display(),
                    self.name
                );
            }
        }
    }
}

/// What was found before and mended.
fn found(target: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(dir).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).expect("a fixture is read")).collect()
}

fn keep(target: &str, input: &[u8]) -> PathBuf {
    let sum =
        input.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{sum:016x}.bin"));
    std::fs::write(&path, input).expect("the input is kept");
    path
}

/// A word for an outcome: the text without its numbers, so that "200 bytes" and "201
/// bytes" are one.
pub fn word(said: &impl std::fmt::Display) -> String {
    let text = said.to_string();
    text.chars().filter(|letter| !letter.is_ascii_hexdigit()).take(80).collect()
}

/// An input with one to eight things wrong.
fn damaged(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let one = |dice: &mut Dice| {
        let place = dice.below(corpus.len() as u64) as usize;
        corpus.get(place).cloned().unwrap_or_default()
    };
    let mut input = one(dice);
    for _ in 0..=dice.below(8) {
        let place = dice.below(input.len() as u64 + 1) as usize;
        let length = (dice.below(64) as usize).min(input.len() - place);
        match dice.below(9) {
            0 => flip(&mut input, place, |byte, dice| byte ^ (1 << dice.below(8)), dice),
            1 => flip(&mut input, place, |_, dice| dice.bytes::<1>()[0], dice),
            2 => {
                let numbers = [0, 1, 0x17, 0x18, 0x3f, 0x40, 0x7f, 0x80, 0x9f, 0xfe, 0xff];
                flip(&mut input, place, |_, dice| dice.pick(&numbers), dice);
            }
            3 => drop(input.drain(place..place + length)),
            4 => {
                let copy = input[place..place + length].to_vec();
                let to = dice.below(input.len() as u64 + 1) as usize;
                input.splice(to..to, copy);
            }
            5 => {
                let byte = dice.bytes::<1>()[0];
                input.splice(place..place, std::iter::repeat_n(byte, length));
            }
            6 => input.truncate(place),
            7 => {
                let other = one(dice);
                let from = dice.below(other.len() as u64 + 1) as usize;
                input.truncate(place);
                input.extend_from_slice(&other[from..]);
            }
            // A number as large as they come.
            _ => drop(input.splice(place..place, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
        }
    }
    input.truncate(LONGEST);
    input
}

fn flip(input: &mut [u8], place: usize, to: impl Fn(u8, &mut Dice) -> u8, dice: &mut Dice) {
    if let Some(byte) = input.get_mut(place) {
        *byte = to(*byte, dice);
    }
}

#[expect(clippy::disallowed_methods, reason = "how long an input takes is what is watched")]
fn now() -> Instant {
    Instant::now()
}
