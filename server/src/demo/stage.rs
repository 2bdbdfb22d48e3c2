//! The stage both ways of playing share: a data directory, a server on the
//! demo's clock, the phones.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use client_core::engine::SeededRandom;
use client_core::id::OrgId;
use client_core::time::{Date, Timestamp};

use super::clock::{DayClock, SeededServer};
use super::found;
use super::phone::SimPhone;
use super::world::{Size, World};
use super::{DemoArgs, Progress};
use crate::office;
use crate::server::{DATA_FILE, RunningServer, Server, ServerConfig};
use crate::storage::sqlite::SqliteStorage;

/// The zone of the demo.
const ZONE: &str = "Asia/Shanghai";
/// Phones that are simulated; the other reps are "not yet heard from".
const PHONES: usize = 6;

/// Everything that plays.
pub struct Stage {
    /// The plan of the org.
    pub world: World,
    /// The org.
    pub org: OrgId,
    /// The clock of server and phones.
    pub clock: Arc<DayClock>,
    /// The server.
    pub server: RunningServer,
    /// The phones, by index of their rep.
    pub phones: Vec<SimPhone>,
    /// The data directory; it outlives server and phones.
    _folder: Folder,
}

/// Where the data lie. A temporary folder goes with it, however the demo ends.
enum Folder {
    Given,
    Temporary(PathBuf),
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Self::Temporary(path) = self {
            // A folder that cannot be removed is the system's to clean.
            let _left = std::fs::remove_dir_all(path);
        }
    }
}

impl Stage {
    /// Builds the stage: the org with its history, a server, signed-in phones.
    pub async fn build(args: &DemoArgs, port: u16, progress: &Progress) -> anyhow::Result<Self> {
        Self::build_on(played_day()?, args, port, progress).await
    }

    /// The same on another day than the demo's: what a board shows depends on how far its
    /// month is.
    pub(super) async fn build_on(
        today: Date,
        args: &DemoArgs,
        port: u16,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let calendar = office::calendar(client_core::id::RecordId::from_bytes([0; 16]), ZONE)?;
        let size = Size { reps: args.reps.into(), days: args.days };
        let mut world = World::new(args.seed, size, today, calendar.zone);
        let (data, folder) = folder(args)?;
        let opening = world.zone.start_of(world.first_day);
        let clock = Arc::new(DayClock::at(opening, world.zone.clone()));
        drop(SqliteStorage::create(&data.join(DATA_FILE))?);
        let bind = SocketAddr::from(([127, 0, 0, 1], port));
        let mut config = ServerConfig::new(&data, bind);
        config.clock = Arc::clone(&clock) as Arc<dyn crate::edge::Clock>;
        config.random = Arc::new(SeededServer(SeededRandom::new(args.seed)));
        let server = Server::start(config).await?;
        progress.say("making the company and two months of history");
        let app = server.app().clone();
        let founded =
            found::found(&app, &clock, &mut world, PHONES, |what| progress.say(what)).await?;
        progress.say(&format!("{} documents are in", founded.documents));
        clock.advance_to(morning(&world, 0));
        crate::scoring::recompute_dirty(&app).await?;
        let mut stage =
            Self { world, org: founded.org, clock, server, phones: Vec::new(), _folder: folder };
        stage.switch_on_phones(&data, progress).await?;
        Ok(stage)
    }

    async fn switch_on_phones(&mut self, data: &Path, progress: &Progress) -> anyhow::Result<()> {
        let url = format!("http://{}", self.server.addr());
        for rep in 0..PHONES.min(self.world.reps.len()) {
            let dir = data.join("phones");
            let mut phone = SimPhone::switch_on(&self.world, rep, &dir, &url, &self.clock).await?;
            phone.sync().await?;
            progress.say(&format!(
                "{}'s phone has its {} documents and records",
                self.world.rep(rep)?.name,
                phone.totals.pulled
            ));
            self.phones.push(phone);
        }
        Ok(())
    }

    /// Ends everything; what was temporary goes too.
    pub async fn strike(self) {
        for phone in &self.phones {
            phone.client.close();
        }
        drop(self.phones);
        self.server.shutdown().await;
    }
}

/// A quarter past eight on the played day, or on one `days` later: just before the
/// first rep does something.
pub fn morning(world: &World, days: i64) -> Timestamp {
    world.zone.start_of(world.today.plus_days(days)).plus_millis(8 * 3_600_000 + 15 * 60_000)
}

/// A Thursday in the middle of a month with a long holiday: fixed, so that the
/// same seed shows the same board on any day.
fn played_day() -> anyhow::Result<Date> {
    Ok("2026-10-15".parse()?)
}

fn folder(args: &DemoArgs) -> anyhow::Result<(PathBuf, Folder)> {
    match &args.data {
        Some(path) => {
            std::fs::create_dir_all(path)?;
            let empty = std::fs::read_dir(path)?.next().is_none();
            anyhow::ensure!(
                empty,
                "{} is not empty: the demo only plays in a directory of its own, so that it \
                 never touches real data",
                path.display()
            );
            Ok((path.clone(), Folder::Given))
        }
        None => {
            let mut unique = [0_u8; 8];
            crate::edge::Random::fill(&crate::edge::SystemRandom, &mut unique);
            let name = format!("fieldsync-demo-{}", data_encoding::HEXLOWER.encode(&unique));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path)?;
            Ok((path.clone(), Folder::Temporary(path)))
        }
    }
}
