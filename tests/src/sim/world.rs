//! A run: the world and what each step does to it.

use std::path::PathBuf;
use std::sync::Arc;

use client_core::engine::Outcome;
use client_core::sync::{Fault, TransportFault};
use client_core::time::Timestamp;
use server::edge::Clock;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::facts::Facts;
use super::files::scratch;
use super::founding::SimClock;
use super::ledger::Ledger;
use super::network::{Cargo, Message, Network, damaged, in_between};
use super::phone::{Next, SimPhone, Standing};
use super::script::{Fate, Script, Step};
use super::server::SimServer;
use super::tasks::Work;
use super::verdict::Bench;
use super::watch::{Reached, Watched};
use super::{office, trace, wire};
use crate::fleet::dice::Dice;

/// Milliseconds between steps.
const TICK_MS: i64 = 7_000;
/// Messages of one sync; a longer one does not end.
const PATIENCE: usize = 200;

/// Why a run failed: a promise that did not hold, in words.
pub type Broken = String;

/// Everything there is in a run.
pub struct World<'r> {
    /// Where async code runs.
    pub runtime: &'r Runtime,
    /// The time.
    pub clock: Arc<SimClock>,
    /// The server.
    pub server: SimServer,
    /// The phones, as in the script.
    pub phones: Vec<SimPhone>,
    /// What is on the way.
    pub network: Network,
    /// What was saved and said.
    pub ledger: Ledger,
    reached: Vec<Reached>,
    turn: usize,
    // Last, because everything above has files open in it.
    dir: TempDir,
}

/// A failure of the simulation's own, in the words of a broken promise.
pub fn own<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Broken {
    move |error| format!("{what}: {error}")
}

impl<'r> World<'r> {
    /// The company at the beginning, with phones that have just signed in.
    pub fn begin(script: &Script, runtime: &'r Runtime) -> Result<Self, Broken> {
        let dir = scratch().map_err(own("no folder"))?;
        let clock = SimClock::begin();
        let server = SimServer::start(dir.path().join("server"), Arc::clone(&clock))
            .map_err(own("the server does not start"))?;
        let mut phones = Vec::new();
        for number in 0..script.phones.len() {
            let home = dir.path().join(format!("phone{number}"));
            let phone = SimPhone::enrol(home, number, script, server.address(), runtime);
            phones.push(phone.map_err(own("a phone does not sign in"))?);
        }
        Ok(Self {
            runtime,
            clock,
            server,
            reached: vec![Reached::default(); phones.len()],
            phones,
            network: Network::default(),
            ledger: Ledger::default(),
            turn: 0,
            dir,
        })
    }

    /// What the office has decided.
    pub fn facts(&self) -> Result<Facts, Broken> {
        Facts::read(self.server.eyes()).map_err(own("the server's file"))
    }

    /// Lets time pass.
    pub fn pass(&self, millis: i64) {
        self.clock.pass(millis);
        for phone in &self.phones {
            phone.set_clock(self.clock.now());
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The number of a phone that a step names.
    pub fn phone(&self, phone: u8) -> usize {
        usize::from(phone) % self.phones.len()
    }

    /// Where the files of a phone are.
    pub fn folder(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("phone{number}"))
    }

    /// From now on phone `number` is watched as one that was never seen.
    pub fn begin_watching(&mut self, number: usize) {
        self.reached.resize_with(self.phones.len(), Reached::default);
        self.reached[number] = Reached::default();
    }

    /// One step.
    pub fn step(&mut self, step: Step) -> Result<(), Broken> {
        self.turn += 1;
        self.pass(TICK_MS);
        match step {
            Step::Wait { minutes } => {
                self.pass(i64::from(minutes) * 60_000);
                Ok(())
            }
            Step::Work { phone, task } => {
                let number = self.phone(phone);
                if !self.phones[number].holds_data() {
                    return Ok(());
                }
                let phone = &self.phones[number];
                let work = Work { client: phone.client(), user: phone.user, turn: self.turn };
                let done = work.perform(task);
                if let Err(error) = done
                    && !phone.is_dead()
                {
                    return Err(format!("phone {number} could not save: {error}"));
                }
                self.phones[number].saved().map_err(own("a copy"))?;
                self.look_at(number)
            }
            Step::Sync { phone } => {
                self.sync(self.phone(phone), &mut |_message| Way::Carry(Fate::Whole))
            }
            Step::Struggle { phone, dice } => {
                let mut dice = Dice::new(u64::from(dice), 5);
                self.sync(self.phone(phone), &mut |_message| rough(&mut dice))
            }
            Step::Begin { phone } => self.begin_sync(self.phone(phone)),
            Step::Carry { message, fate } => match self.network.take(message) {
                Some(message) => self.carry(message, fate),
                None => Ok(()),
            },
            Step::Lose { message } => match self.network.take(message) {
                Some(message) => self.lost(&message),
                None => Ok(()),
            },
            Step::GiveUp { phone } => self.give_up(self.phone(phone), TransportFault::TimedOut),
            Step::Kill { phone, when } => {
                let number = self.phone(phone);
                self.phones[number].kill(when).map_err(own("a killed app does not start"))?;
                self.look_at(number)
            }
            Step::PowerCut { phone } => {
                let number = self.phone(phone);
                self.phones[number].cut_power().map_err(own("an app does not start again"))?;
                self.begin_watching(number);
                self.look_at(number)
            }
            Step::KillServer { when } => {
                self.server.kill(when).map_err(own("a killed server does not start"))
            }
            Step::Restart => self.server.restart().map_err(own("the server does not start again")),
            Step::BackUp { .. }
            | Step::PutBack { .. }
            | Step::Replace { .. }
            | Step::Clone { .. }
            | Step::CopyServer
            | Step::CopyServerBack
            | Step::BackUpServer
            | Step::RestoreServer => self.copies(step),
            Step::Place { .. }
            | Step::Transfer { .. }
            | Step::Revoke { .. }
            | Step::Disable { .. }
            | Step::Enable { .. }
            | Step::Decide { .. }
            | Step::Merge { .. }
            | Step::Part { .. }
            | Step::MoveVisit { .. }
            | Step::MoveBack { .. }
            | Step::BeginAnew { .. }
            | Step::Erase { .. } => {
                let before = self.facts()?;
                office::decide(self, step, &before)?;
                self.after_server()?;
                let after = self.facts()?;
                self.ledger.note_losses(&before, &after, self.clock.now());
                let subjects = after.cases.iter().map(|case| case.subject);
                self.ledger.declined.extend(subjects.filter(|doc| after.declined(*doc)));
                Ok(())
            }
        }
    }

    /// After anything that happened on the server: start it again if it died, and see
    /// what it has.
    pub fn after_server(&mut self) -> Result<(), Broken> {
        self.server.revive().map_err(own("a killed server does not start"))?;
        self.ledger.look_at(self.server.eyes(), self.server.lives)
    }

    /// After anything that happened on a phone: start it again if it died, take
    /// down what it saved, and see that what must hold there does.
    pub fn look_at(&mut self, number: usize) -> Result<(), Broken> {
        let phone = &mut self.phones[number];
        phone.revive().map_err(own("a killed app does not start"))?;
        if !phone.holds_data() {
            // § Before a revoked phone lets go, what was not stored is in safety.
            let secret = self.server.org_secret();
            let rescued = phone.rescued(&secret).map_err(own("a rescue file"))?;
            self.ledger.rescued.extend(rescued);
            // It was emptied on the disk: no power cut brings it back.
            phone.saved().map_err(own("a copy"))?;
            self.ledger.forget_gone(number);
            self.begin_watching(number);
            return Ok(());
        }
        phone.identity();
        let replica = phone.eyes();
        self.ledger.note_saves(number, replica)?;
        let watched = Watched { number, replica, server: self.server.eyes(), ledger: &self.ledger };
        watched.look(&mut self.reached[number], self.server.lives)
    }

    /// Whether a phone may sync; one that was let in again signs in first.
    fn is_in(&mut self, number: usize) -> Result<bool, Broken> {
        if self.phones[number].standing == Standing::In {
            return Ok(true);
        }
        let (user, device) = (self.phones[number].user, self.phones[number].device());
        let welcome = self.facts()?.lets_in(user, device);
        match self.phones[number].sign_in(self.runtime) {
            Ok(()) => {
                // A revoked phone that let go of everything comes back as another device.
                let device = self.phones[number].device();
                if !welcome && !self.facts()?.lets_in(user, device) {
                    return Err(format!("phone {number} signed in after it was kept out"));
                }
                self.after_server()?;
                self.look_at(number)?;
                Ok(true)
            }
            Err(error) => {
                let dead = self.phones[number].is_dead() || self.server.is_dead();
                self.after_server()?;
                self.look_at(number)?;
                if welcome && !dead {
                    Err(format!("phone {number} cannot sign in: {error}"))
                } else {
                    Ok(false)
                }
            }
        }
    }

    /// A whole sync, with each message on the way that `way` says.
    pub fn sync(
        &mut self,
        number: usize,
        way: &mut dyn FnMut(&Message) -> Way,
    ) -> Result<(), Broken> {
        self.give_up(number, TransportFault::TimedOut)?;
        self.begin_sync(number)?;
        for _ in 0..PATIENCE {
            let Some(waiting) = &self.phones[number].waiting else { return Ok(()) };
            let Some(message) = self.network.take_id(waiting.message) else {
                return self.give_up(number, TransportFault::Broken);
            };
            match way(&message) {
                Way::Carry(fate) => self.carry(message, fate)?,
                Way::Lose => self.lost(&message)?,
            }
        }
        Err(format!("phone {number}: a sync of {PATIENCE} messages does not end"))
    }

    fn begin_sync(&mut self, number: usize) -> Result<(), Broken> {
        if self.phones[number].waiting.is_some() || !self.is_in(number)? {
            return Ok(());
        }
        let next = self.phones[number].begin();
        self.after_phone(number, next)
    }

    fn after_phone(&mut self, number: usize, next: Next) -> Result<(), Broken> {
        match next {
            Next::Post(post) => {
                let id = self.network.post(number, post);
                if let Some(waiting) = &mut self.phones[number].waiting {
                    waiting.message = id;
                }
            }
            Next::Over(outcome) => self.over(number, &outcome)?,
            Next::Nothing => {}
        }
        self.look_at(number)
    }

    /// No network logs a rep out, and nothing that arrives is useless.
    fn over(&mut self, number: usize, outcome: &Outcome) -> Result<(), Broken> {
        match outcome {
            Ok(report) if report.faults > 0 => {
                Err(format!("phone {number} could not use {} entries", report.faults))
            }
            Err(error) if matches!(error.fault, Fault::Revoked | Fault::SignInNeeded) => {
                let (user, device) = (self.phones[number].user, self.phones[number].device());
                let days = self.clock.now().since(SimClock::BEGIN) / (24 * 3_600_000);
                // Two phones with the same tokens look like a thief and a robbed one, and a
                // server that went back does not know the tokens it gave out since.
                let shared = self.ledger.copied.contains(&number);
                let fine = shared
                    || self.server.lives > 1
                    || days > 100
                    || !self.facts()?.lets_in(user, device);
                if fine { Ok(()) } else { Err(format!("phone {number} was logged out: {error}")) }
            }
            _ => Ok(()),
        }
    }

    /// A message arrives, in some way.
    fn carry(&mut self, message: Message, fate: Fate) -> Result<(), Broken> {
        let Message { id, phone: number, cargo } = message;
        if let Some(answer) = in_between(fate) {
            return match cargo {
                Cargo::Request(_) => {
                    self.network.reply(id, number, answer);
                    Ok(())
                }
                Cargo::Answer(_) => self.hear(id, number, Ok(answer)),
            };
        }
        match cargo {
            Cargo::Request(post) => {
                if fate == Fate::Twice {
                    self.network.leave_copy(number, &post);
                }
                let mut arriving = post;
                arriving.body = damaged(arriving.body, fate);
                match self.serve(number, arriving)? {
                    Some(answer) => {
                        self.network.reply(id, number, answer);
                        Ok(())
                    }
                    None => self.hear(id, number, Err(TransportFault::Broken)),
                }
            }
            Cargo::Answer(mut answer) => {
                answer.body = damaged(answer.body, fate);
                self.hear(id, number, Ok(answer))
            }
        }
    }

    fn serve(
        &mut self,
        number: usize,
        post: client_core::engine::Outbound,
    ) -> Result<Option<client_core::sync::Answer>, Broken> {
        let request = wire::request(&post);
        let user = self.phones[number].user;
        let facts = self.facts()?;
        let token = post.token.as_deref();
        let device = token.and_then(|token| wire::device_of(self.server.eyes(), token));
        let lives = self.server.lives;
        let answer = self.server.answer(self.runtime, post);
        self.after_server()?;
        let response = answer.as_ref().and_then(wire::response);
        if trace::wanted() {
            trace::tell(number, request.as_ref(), answer.as_ref(), response.as_ref());
        }
        if let (Some(request), Some(response)) = (request, response) {
            if !device.is_some_and(|device| facts.lets_in(user, device)) {
                return Err(format!("phone {number} was kept out and is answered"));
            }
            if lives == 1
                && let Some(repair) = &request.repair
            {
                return Err(format!("phone {number} has to be repaired: {repair:?}"));
            }
            let (ledger, server, now) = (&self.ledger, self.server.eyes(), self.clock.now());
            let bench = Bench { phone: number, user, facts: &facts, ledger, server, now };
            bench
                .judge(&request, &response)
                .map_err(|broken| format!("phone {number}: {broken}"))?;
        }
        Ok(answer)
    }

    /// A phone hears what it waits for; anything else it never hears.
    fn hear(
        &mut self,
        id: u64,
        number: usize,
        came: Result<client_core::sync::Answer, TransportFault>,
    ) -> Result<(), Broken> {
        let waits =
            self.phones[number].waiting.as_ref().is_some_and(|waiting| waiting.message == id);
        if !waits {
            return Ok(());
        }
        let next = self.phones[number].answered(came);
        self.after_phone(number, next)
    }

    fn lost(&mut self, message: &Message) -> Result<(), Broken> {
        self.hear(message.id, message.phone, Err(TransportFault::TimedOut))
    }

    /// A phone stops waiting.
    pub fn give_up(&mut self, number: usize, fault: TransportFault) -> Result<(), Broken> {
        let Some(waiting) = &self.phones[number].waiting else { return Ok(()) };
        let id = waiting.message;
        self.network.abandon(id);
        self.hear(id, number, Err(fault))
    }
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// It arrives like this.
    Carry(Fate),
    /// It does not.
    Lose,
}

fn rough(dice: &mut Dice) -> Way {
    let cut = u16::try_from(dice.below(1_000)).unwrap_or(0);
    match dice.below(20) {
        0..=11 => Way::Carry(Fate::Whole),
        12..=13 => Way::Carry(Fate::Twice),
        14..=16 => Way::Lose,
        17 => Way::Carry(Fate::Cut(cut)),
        18 => Way::Carry(dice.pick(&[Fate::Portal, Fate::BadGateway, Fate::Noise])),
        _ => Way::Carry(Fate::TooLarge),
    }
}
