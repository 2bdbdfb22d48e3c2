//! A simulated phone: the real engine with its own file, whose requests the
//! simulation carries.

use std::path::PathBuf;
use std::sync::Arc;

use client_core::docs::ChangeHash;
use client_core::engine::{
    Carried, Carrier, Client, Config, DeviceInfo, Exchange, ManualClock, Outbound, Outcome,
    SeededRandom, SignInError, SyncError, Turn,
};
use client_core::faults::{Doom, Moment};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{DeviceId, UserId};
use client_core::rescue::{Rescue, RescueSecret};
use client_core::store::Identity;
use client_core::sync::{Answer, Fault, TransportFault};
use client_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Runtime;

use super::files::Files;
use super::founding::Founded;
use super::script::{Person, Script, Step, When};
use super::server::{Line, carry};
use crate::company::PASSWORD;

/// What the names of a replica's files have in common.
const REPLICA: &str = ".fieldsync";
/// What the names of all files have in common.
const ANY: &str = "";

/// What a backup of a phone leaves out: what its keystore keeps.
fn in_keystore(name: &str) -> bool {
    name.ends_with(".token") || name.ends_with(".installation")
}

/// Where a phone stands with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may sync.
    In,
    /// It was told that it may not.
    Out,
}

/// A sync that waits for an answer.
pub struct Waiting {
    exchange: Exchange,
    /// The message it waits for.
    pub message: u64,
}

/// What a phone wants of the network after an event.
pub enum Next {
    /// This is to be posted.
    Post(Outbound),
    /// Its sync is over.
    Over(Outcome),
    /// It is not syncing, or died.
    Nothing,
}

/// A phone.
pub struct SimPhone {
    /// Whose.
    pub person: Person,
    /// The same as the server knows them.
    pub user: UserId,
    /// Where it stands.
    pub standing: Standing,
    /// The sync in progress.
    pub waiting: Option<Waiting>,
    dir: PathBuf,
    clock: Arc<ManualClock>,
    config: Config,
    client: Option<Client>,
    known: Option<Identity>,
    eyes: Option<Connection>,
    doom: Doom,
    /// The replica after the last save that waited for the disk.
    durable: Option<Files>,
    keeps_durable: bool,
    /// How often its app waited for the disk beside saves.
    kept: u32,
    /// The last backup of it.
    backup: Option<Files>,
}

struct Direct(Line);

impl Carrier for Direct {
    fn carry(&self, post: Outbound) -> Carried {
        let line = Arc::clone(&self.0);
        Box::pin(async move { carry(&line, post).await })
    }
}

/// A phone's chance: another one's on each, and the same in every run.
fn chance(number: usize) -> Arc<SeededRandom> {
    Arc::new(SeededRandom::new(100 + number as u64))
}

impl SimPhone {
    /// A phone that has signed in and never synced.
    pub fn enrol(
        dir: PathBuf,
        number: usize,
        script: &Script,
        line: Line,
        runtime: &Runtime,
    ) -> anyhow::Result<Self> {
        let person = script.phones[number];
        let device = DeviceInfo {
            name: format!("phone {number}"),
            platform: "sim".into(),
            app_version: "1.0.0".into(),
        };
        let clock = Arc::new(ManualClock::at(super::founding::SimClock::BEGIN));
        let mut config = Config::new(&dir, "http://sim", device);
        config.clock = Arc::clone(&clock) as Arc<_>;
        config.random = chance(number);
        config.page_budget = script.page_budget;
        config.push_limit = script.push_limit as usize;
        config.carrier = Some(Arc::new(Direct(line)));
        config.runtime = Some(runtime.handle().clone());
        let keeps_durable = script.steps.iter().any(|step| matches!(step, Step::PowerCut { .. }));
        let mut phone = Self {
            person,
            user: Founded::get().user(person),
            standing: Standing::In,
            waiting: None,
            dir,
            clock,
            config,
            client: None,
            known: None,
            eyes: None,
            doom: Doom::default(),
            durable: None,
            keeps_durable,
            kept: 0,
            backup: None,
        };
        phone.open()?;
        phone.sign_in(runtime)?;
        Ok(phone)
    }

    fn open(&mut self) -> anyhow::Result<()> {
        let client = Client::open(self.config.clone())?;
        self.doom = client.doom().unwrap_or_default();
        self.kept = self.doom.times_kept();
        self.client = Some(client);
        Ok(())
    }

    /// Signs in over a good network.
    pub fn sign_in(&mut self, runtime: &Runtime) -> Result<(), SignInError> {
        runtime.block_on(self.client().sign_in(self.person.login(), PASSWORD))?;
        self.doom = self.client().doom().unwrap_or_default();
        self.kept = self.doom.times_kept();
        self.standing = Standing::In;
        self.eyes = None;
        self.saved().expect("the folder can be read");
        Ok(())
    }

    /// The app.
    pub fn client(&self) -> &Client {
        self.client.as_ref().expect("the app runs between steps")
    }

    /// Who it is to the server now, or was before it let go of everything.
    pub fn identity(&mut self) -> Identity {
        if let Some(own) = self.own_identity() {
            self.known = Some(own);
        }
        self.known.expect("a phone was enrolled once")
    }

    fn own_identity(&mut self) -> Option<Identity> {
        if !self.replica().exists() {
            self.eyes = None;
            return None;
        }
        let bytes: Vec<u8> = self
            .eyes()
            .query_row("select value from meta where key = 'identity'", [], |row| row.get(0))
            .ok()?;
        super::wire::identity(&bytes)
    }

    /// Whether it holds a replica: a revoked phone lets go of it.
    pub fn holds_data(&mut self) -> bool {
        self.own_identity().is_some()
    }

    /// What it sealed before it let go.
    pub fn rescued(&self, org_secret: &[u8; 32]) -> anyhow::Result<Vec<ChangeHash>> {
        let secret = RescueSecret::of_org(org_secret);
        let mut found = Vec::new();
        for path in self.client().rescue_files() {
            let rescue = Rescue::open(&std::fs::read(path)?, Founded::get().org, &secret)?;
            for change in rescue.changes {
                let screened = ScreenedChange::screen(&change.bytes, &Limits::default())?;
                found.push(screened.hash());
            }
        }
        Ok(found)
    }

    fn replica(&self) -> PathBuf {
        self.dir.join(format!("{}_{}{REPLICA}", Founded::get().org, self.user))
    }

    /// The device it is enrolled as.
    pub fn device(&mut self) -> DeviceId {
        self.identity().device
    }

    /// A view of its file, past the app.
    pub fn eyes(&mut self) -> &Connection {
        let path = self.replica();
        self.eyes.get_or_insert_with(|| {
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
                .expect("the replica can be looked at")
        })
    }

    /// Sets its clock.
    pub fn set_clock(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// A save has returned: it is on the disk with everything before it.
    pub fn saved(&mut self) -> std::io::Result<()> {
        if self.keeps_durable {
            self.durable = Some(Files::of(&self.dir, REPLICA)?);
        }
        Ok(())
    }

    /// Whether its process has ended.
    pub fn is_dead(&self) -> bool {
        self.doom.is_struck()
    }

    /// Kills the app, now or at a commit to come.
    pub fn kill(&mut self, when: When) -> anyhow::Result<()> {
        match when {
            When::Now => self.doom.strike(),
            When::Before(nth) => self.doom.arm(u32::from(nth), Moment::BeforeCommit),
            When::After(nth) => self.doom.arm(u32::from(nth), Moment::AfterCommit),
        }
        self.revive()
    }

    /// No death is to come any more.
    pub fn spare(&self) {
        self.doom.disarm();
    }

    /// Starts the app again if it is dead.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        if !self.is_dead() {
            return Ok(());
        }
        self.close();
        self.open()
    }

    fn close(&mut self) {
        self.waiting = None;
        self.eyes = None;
        self.client = None;
    }

    /// The battery dies: the file is as it was at the last save that waited for the disk.
    pub fn cut_power(&mut self) -> anyhow::Result<()> {
        self.doom.strike();
        self.close();
        if let Some(durable) = &self.durable {
            durable.put_back(&self.dir, REPLICA)?;
        }
        self.open()
    }

    /// Makes a backup.
    pub fn back_up(&mut self) -> std::io::Result<()> {
        self.backup = Some(Files::of(&self.dir, ANY)?.only(|name| !in_keystore(name)));
        Ok(())
    }

    /// Puts the replica of the backup in the place of the one that is here; whether
    /// there was one to be put and one to be replaced.
    pub fn put_back(&mut self) -> anyhow::Result<bool> {
        let replica = self.backup.as_ref().map(|backup| backup.only(|name| name.contains(REPLICA)));
        let Some(replica) = replica.filter(|replica| !replica.is_empty()) else { return Ok(false) };
        if !self.holds_data() {
            return Ok(false);
        }
        self.doom.strike();
        self.close();
        replica.put_back(&self.dir, REPLICA)?;
        self.open()?;
        self.saved()?;
        Ok(true)
    }

    /// Another phone with the backup of this one takes its place; whether there was one.
    pub fn replace(&mut self) -> anyhow::Result<bool> {
        let Some(backup) = self.backup.clone() else { return Ok(false) };
        self.doom.strike();
        self.close();
        backup.put_back(&self.dir, ANY)?;
        self.open()?;
        self.standing = Standing::Out;
        self.saved()?;
        Ok(true)
    }

    /// A second phone from this one, as phone `number` in `dir`.
    pub fn twin(&self, dir: PathBuf, number: usize, whole: bool) -> anyhow::Result<Self> {
        let files = Files::of(&self.dir, ANY)?.only(|name| whole || !in_keystore(name));
        files.put_back(&dir, ANY)?;
        let mut config = self.config.clone();
        config.dir.clone_from(&dir);
        config.random = chance(number);
        let mut twin = Self {
            person: self.person,
            user: self.user,
            standing: if whole { self.standing } else { Standing::Out },
            waiting: None,
            dir,
            clock: Arc::clone(&self.clock),
            config,
            client: None,
            known: self.known,
            eyes: None,
            doom: Doom::default(),
            durable: None,
            keeps_durable: self.keeps_durable,
            kept: 0,
            backup: None,
        };
        twin.open()?;
        twin.saved()?;
        Ok(twin)
    }

    /// Begins a sync, unless one waits for an answer.
    pub fn begin(&mut self) -> Next {
        if self.waiting.is_some() || self.standing == Standing::Out {
            return Next::Nothing;
        }
        let begun = self.client().exchange();
        match begun {
            Ok((exchange, turn)) => self.turn(exchange, turn),
            Err(error) => self.over(Err(error)),
        }
    }

    /// Tells the sync what came back.
    pub fn answered(&mut self, came: Result<Answer, TransportFault>) -> Next {
        let Some(Waiting { mut exchange, .. }) = self.waiting.take() else { return Next::Nothing };
        let turn = exchange.answered(came);
        self.turn(exchange, turn)
    }

    fn turn(&mut self, exchange: Exchange, turn: Turn) -> Next {
        if self.is_dead() {
            return Next::Nothing;
        }
        if self.doom.times_kept() > self.kept {
            self.kept = self.doom.times_kept();
            self.saved().expect("the folder can be read");
        }
        match turn {
            Turn::Post(post) => {
                self.waiting = Some(Waiting { exchange, message: 0 });
                Next::Post(post)
            }
            Turn::Over(outcome) => self.over(outcome),
        }
    }

    fn over(&mut self, outcome: Outcome) -> Next {
        if let Err(SyncError { fault: Fault::Revoked | Fault::SignInNeeded, .. }) = &outcome {
            self.standing = Standing::Out;
        }
        Next::Over(outcome)
    }
}
