//! A failing script made short: steps, phones and troubles are taken out as long as
//! it still fails in the same words.

use super::script::{Fate, Script, Step, When};

/// Runs at most; the shortest failing script so far is good enough then.
const ATTEMPTS: usize = 600;

/// The shortest script found for which `fails` still says how.
pub fn shrink(script: Script, fails: impl Fn(&Script) -> bool) -> Script {
    let mut shrinking = Shrinking { best: script, fails, left: ATTEMPTS };
    loop {
        let before = shrinking.best.clone();
        shrinking.shorter();
        shrinking.simpler();
        shrinking.fewer_phones();
        if shrinking.best == before || shrinking.left == 0 {
            return shrinking.best;
        }
    }
}

struct Shrinking<F> {
    best: Script,
    fails: F,
    left: usize,
}

impl<F: Fn(&Script) -> bool> Shrinking<F> {
    fn try_this(&mut self, script: Script) -> bool {
        if self.left == 0 || script == self.best {
            return false;
        }
        self.left -= 1;
        let fails = (self.fails)(&script);
        if fails {
            self.best = script;
        }
        fails
    }

    /// Takes out halves, quarters, and so on down to single steps.
    fn shorter(&mut self) {
        let mut size = self.best.steps.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < self.best.steps.len() {
                let mut shorter = self.best.clone();
                let until = (from + size).min(shorter.steps.len());
                shorter.steps.drain(from..until);
                if !self.try_this(shorter) {
                    from += size;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Makes steps less troublesome, and the network roomy.
    fn simpler(&mut self) {
        for index in 0..self.best.steps.len() {
            let Some(step) = self.best.steps.get(index).copied() else { return };
            for easier in easier(step) {
                let mut simpler = self.best.clone();
                simpler.steps[index] = easier;
                if self.try_this(simpler) {
                    break;
                }
            }
        }
        let roomy = Script { page_budget: 262_144, push_limit: 1_048_576, ..self.best.clone() };
        self.try_this(roomy);
    }

    /// Takes out phones that do nothing.
    fn fewer_phones(&mut self) {
        while self.best.phones.len() > 1 {
            let mut fewer = self.best.clone();
            fewer.phones.pop();
            if !self.try_this(fewer) {
                return;
            }
        }
    }
}

fn easier(step: Step) -> Vec<Step> {
    match step {
        Step::Struggle { phone, .. } | Step::Begin { phone } => vec![Step::Sync { phone }],
        Step::Carry { message, fate } if fate != Fate::Whole => {
            vec![Step::Carry { message, fate: Fate::Whole }]
        }
        Step::Kill { phone, when } if when != When::Now => {
            vec![Step::Kill { phone, when: When::Now }]
        }
        Step::PowerCut { phone } => vec![Step::Kill { phone, when: When::Now }],
        Step::KillServer { when } if when != When::Now => {
            vec![Step::Restart, Step::KillServer { when: When::Now }]
        }
        Step::KillServer { .. } => vec![Step::Restart],
        Step::Erase { customer } => vec![Step::BeginAnew { doc: customer }],
        Step::RestoreServer => vec![Step::CopyServerBack],
        Step::BackUpServer => vec![Step::CopyServer],
        Step::Clone { phone, whole: false } => vec![Step::Clone { phone, whole: true }],
        Step::Place { customer, owner, with, unit } if with.is_some() || unit.is_some() => vec![
            Step::Place { customer, owner, with: None, unit: None },
            Step::Place { customer, owner, with, unit: None },
            Step::Place { customer, owner, with: None, unit },
        ],
        _ => Vec::new(),
    }
}
