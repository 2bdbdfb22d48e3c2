//! The simulated server: the real one, without a socket.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use client_core::engine::Outbound;
use client_core::faults::{Doom, Moment};
use client_core::sync::{Answer, TransportFault};
use rusqlite::{Connection, OpenFlags};
use server::app::{App, AppConfig};
use server::edge::Clock as _;
use server::http::InProcess;
use server::office::Office;
use server::storage::AnyStorage;
use server::storage::sqlite::SqliteStorage;
use tokio::runtime::Runtime;

use super::files::Files;
use super::founding::{Founded, SimChance, SimClock};
use super::ledger::Losses;
use super::script::When;
use crate::company::cheap_passwords;

/// Milliseconds after a reassignment in which work done before is taken: shorter
/// than the product's, so that a run crosses it often.
pub const GRACE_MS: i64 = 2 * 24 * 3_600_000;

/// Where requests go; filled anew when the server starts again.
pub type Line = Arc<Mutex<Option<InProcess>>>;

/// A server that can be killed and copied.
pub struct SimServer {
    dir: PathBuf,
    clock: Arc<SimClock>,
    chance: Arc<SimChance>,
    line: Line,
    running: Option<App>,
    eyes: OnceCell<Connection>,
    copy: Option<(Files, Losses)>,
    backup: Option<Losses>,
    /// How often the file was replaced by an earlier one.
    pub lives: u32,
}

impl SimServer {
    /// Founds the company in `dir` and starts.
    pub fn start(dir: PathBuf, clock: Arc<SimClock>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&dir)?;
        Founded::get().files.put_back(&dir, server::DATA_FILE)?;
        let mut server = Self {
            dir,
            clock,
            chance: Arc::new(SimChance::new(2)),
            line: Line::default(),
            running: None,
            eyes: OnceCell::new(),
            copy: None,
            backup: None,
            lives: 1,
        };
        server.run()?;
        Ok(server)
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let storage = SqliteStorage::open(&self.dir.join(server::DATA_FILE))?;
        let config = AppConfig { grace_ms: GRACE_MS, ..cheap_passwords() };
        let app = App::new(
            AnyStorage::Sqlite(storage),
            Arc::clone(&self.clock) as Arc<_>,
            Arc::clone(&self.chance) as Arc<_>,
            config,
        )?;
        *self.line() = Some(InProcess::over(app.clone()));
        self.running = Some(app);
        Ok(())
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Option<InProcess>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where phones post to.
    pub fn address(&self) -> Line {
        Arc::clone(&self.line)
    }

    /// The office, which writes on this server.
    pub fn office(&self) -> Office {
        Office::of(self.app().clone(), Founded::get().org)
    }

    /// Where erasures are written down.
    pub fn erasures(&self) -> server::erasures::Ledger {
        server::erasures::Ledger::of(&self.dir)
    }

    /// The running server's state.
    pub fn app(&self) -> &App {
        self.running.as_ref().expect("the server runs between steps")
    }

    /// Answers a request, unless the server dies over it.
    pub fn answer(&self, runtime: &Runtime, post: Outbound) -> Option<Answer> {
        let answer = runtime.block_on(carry(&self.line, post)).ok();
        answer.filter(|_answer| !self.doom().is_struck())
    }

    fn doom(&self) -> Doom {
        let AnyStorage::Sqlite(storage) = self.app().storage();
        storage.doom().clone()
    }

    /// Lets the server die, now or at a commit to come.
    pub fn kill(&mut self, when: When) -> anyhow::Result<()> {
        match when {
            When::Now => self.doom().strike(),
            When::Before(nth) => self.doom().arm(u32::from(nth), Moment::BeforeCommit),
            When::After(nth) => self.doom().arm(u32::from(nth), Moment::AfterCommit),
        }
        self.revive()
    }

    /// No death is to come any more.
    pub fn spare(&self) {
        self.doom().disarm();
    }

    /// Whether its process has ended.
    pub fn is_dead(&self) -> bool {
        self.doom().is_struck()
    }

    /// Starts again if it is dead; whether it was.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        if self.doom().is_struck() { self.restart() } else { Ok(()) }
    }

    /// Stops and starts.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.run()
    }

    fn stop(&mut self) {
        *self.line() = None;
        self.running = None;
        self.eyes.take();
    }

    /// Keeps a copy of the file as it is, with what was taken from people so far.
    pub fn copy(&mut self, losses: Losses) -> anyhow::Result<()> {
        self.copy = Some((Files::of(&self.dir, server::DATA_FILE)?, losses));
        Ok(())
    }

    /// Puts the copy in the place of the file, behind the server's back; what had been
    /// taken from people then, if there is a copy.
    pub fn copy_back(&mut self, runtime: &Runtime) -> anyhow::Result<Option<Losses>> {
        let Some((copy, losses)) = self.copy.clone() else { return Ok(None) };
        self.stop();
        copy.put_back(&self.dir, server::DATA_FILE)?;
        self.lives += 1;
        self.run()?;
        self.erase_again(runtime)?;
        Ok(Some(losses))
    }

    /// Erases what a file of the past brought back, as every start does before it listens.
    fn erase_again(&self, runtime: &Runtime) -> anyhow::Result<()> {
        runtime.block_on(server::erasures::replay(self.app(), &self.erasures()))?;
        Ok(())
    }

    /// Makes a backup, as whoever looks after the server does.
    pub fn back_up(&mut self, losses: Losses) -> anyhow::Result<()> {
        if self.backup.take().is_some() {
            std::fs::remove_file(self.backup_file())?;
        }
        server::backup::backup(&self.dir, &self.backup_file(), self.clock.now())?;
        self.backup = Some(losses);
        Ok(())
    }

    /// Restores the backup, if there is one; what had been taken from people then.
    pub fn restore(&mut self, runtime: &Runtime) -> anyhow::Result<Option<Losses>> {
        let Some(losses) = self.backup.clone() else { return Ok(None) };
        self.stop();
        self.lives += 1;
        let epoch = u64::from(self.lives).to_be_bytes();
        let (file, now) = (self.backup_file(), self.clock.now());
        let restoring = server::backup::restore(&file, &self.dir, true, || epoch, now);
        drop(runtime.block_on(restoring)?);
        self.run()?;
        self.erase_again(runtime)?;
        Ok(Some(losses))
    }

    fn backup_file(&self) -> PathBuf {
        self.dir.with_extension("backup")
    }

    /// The secret that opens rescue files.
    pub fn org_secret(&self) -> [u8; 32] {
        let secret: Vec<u8> = self
            .eyes()
            .query_row("select secret from org", [], |row| row.get(0))
            .expect("an org has a secret");
        secret.try_into().expect("of 32 bytes")
    }

    /// A view of what is committed, past the server.
    pub fn eyes(&self) -> &Connection {
        self.eyes.get_or_init(|| {
            let path = self.dir.join(server::DATA_FILE);
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
                .expect("the server's file can be looked at")
        })
    }
}

/// Posts over the line; nobody answers while the server is down.
pub async fn carry(line: &Line, post: Outbound) -> Result<Answer, TransportFault> {
    let server = line.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let server = server.ok_or(TransportFault::Offline)?;
    let Outbound { path, token, content_type, encoding, body } = post;
    let token = token.as_deref();
    let answered = server.post(path, token, content_type, encoding.header(), body).await;
    answered.ok_or(TransportFault::Broken)
}
