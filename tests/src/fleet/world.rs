//! A company under measurement: its server is a process of its own, its phones
//! are real engines with their own files, and a wire between them counts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use client_core::engine::{Client, Config, DeviceInfo, SystemClock};

use super::corpus::Size;
use super::dice::Dice;
use super::founding::{self, Founded, MANAGER, Rep};
use super::meter::ProcessMeter;
use super::profile::Profile;
use super::wire::Wire;
use super::{Options, Said};
use crate::company::PASSWORD;
use crate::process::Relay;

/// Set in the environment of the process that is the server: this program is
/// then the server's command line and nothing else.
pub const SERVER_ENV: &str = "FIELDSYNC_FLEET_SERVER";

/// A rep with a phone.
pub struct Phone {
    /// Whose.
    pub rep: Rep,
    /// The engine.
    pub client: Client,
    /// This phone's chance.
    pub dice: Dice,
}

/// Everything that runs.
pub struct World {
    /// Reps and their phones.
    pub phones: Vec<Phone>,
    /// The manager's phone.
    pub manager: Client,
    /// The company.
    pub founded: Founded,
    /// The network.
    pub wire: Wire,
    /// The server's process.
    pub server: ProcessMeter,
    /// This process: the phones.
    pub own: ProcessMeter,
    data: PathBuf,
    relay: Option<Relay>,
    /// Removed last.
    _dir: tempfile::TempDir,
}

impl World {
    /// Founds the company, starts its server and signs everybody in.
    pub async fn begin(options: &Options, said: &mut Said) -> anyhow::Result<Self> {
        let dir = match &options.dir {
            Some(dir) => tempfile::Builder::new().prefix("fieldsync-fleet-").tempdir_in(dir)?,
            None => tempfile::Builder::new().prefix("fieldsync-fleet-").tempdir()?,
        };
        let data = dir.path().join("server");
        said.say(&format!(
            "founding a company of {} reps, {} customers each, {} visits at each",
            options.reps, options.size.customers, options.size.visits
        ));
        let mut told = |line: &str| said.say(line);
        let founded =
            founding::found(&data, options.reps, options.size, options.seed, &mut told).await?;
        let relay = serve(&data)?;
        let server = ProcessMeter::of(relay.id());
        let mut wire = Wire::to(relay.addr.parse()?)?;
        said.say("signing everybody in");
        let manager = phone(dir.path(), &mut wire, MANAGER).await?;
        let mut phones = Vec::new();
        for (number, rep) in founded.reps.iter().cloned().enumerate() {
            let client = phone(dir.path(), &mut wire, &rep.login).await?;
            let dice = Dice::new(options.seed, 1_000_000 + number as u64);
            phones.push(Phone { rep, client, dice });
        }
        Ok(Self {
            phones,
            manager,
            founded,
            wire,
            server,
            own: ProcessMeter::own(),
            data,
            relay: Some(relay),
            _dir: dir,
        })
    }

    /// Kills the server, as a power cut would: what it acknowledged is in its file.
    pub fn cut_power(&mut self) {
        if let Some(relay) = self.relay.take() {
            relay.kill();
        }
    }

    /// The server's folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder of everything, on the disk that is measured.
    pub fn dir(&self) -> &Path {
        self._dir.path()
    }
}

/// A company of `reps` without customers or visits, in `data`.
pub async fn founded_without_history(
    data: &Path,
    reps: u32,
    profile: Profile,
) -> anyhow::Result<Founded> {
    let size = Size { customers: 0, visits: 0, profile };
    founding::found(data, reps, size, 1, &mut |_line| {}).await
}

/// Starts this program again as `fieldsync serve`.
fn serve(data: &Path) -> anyhow::Result<Relay> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(SERVER_ENV, "1").env("FIELDSYNC_LOG", "error").stderr(Stdio::inherit());
    Relay::run(command, data, "127.0.0.1:0")
}

async fn phone(dir: &Path, wire: &mut Wire, login: &str) -> anyhow::Result<Client> {
    let device = DeviceInfo {
        name: format!("{login}'s phone"),
        platform: "fleet".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir.join(login), &wire.plug_in().await?, device);
    config.clock = Arc::new(SystemClock::default());
    config.runtime = Some(tokio::runtime::Handle::current());
    let client = Client::open(config)?;
    client.sign_in(login, PASSWORD).await?;
    Ok(client)
}
