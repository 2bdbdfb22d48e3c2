//! What a language's suite is played against: the library, its bindings, a company, its
//! server as a process of its own, servers that it must not talk to, a small disk, and the
//! promises to be kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::Context;
use server::app::App;
use server::edge::{SystemClock, SystemRandom};
use server::office::{By, Office};
use server::storage::AnyStorage;
use server::storage::sqlite::SqliteStorage;

use crate::company::{Company, PASSWORD, cheap_passwords};
use crate::process::Relay;
use crate::small_disk::SmallDisk;
use crate::tools;

mod newer;
mod private;

use newer::Newer;
use private::Private;

/// Whom the suites play: one rep for each test, so that none sees another's work.
pub const REPS: [&str; 24] = [
    "anna", "boris", "chen", "dora", "emil", "fang", "gita", "hugo", "ines", "jan", "kira", "liu",
    "mara", "nils", "olga", "paul", "qing", "rosa", "sven", "tina", "uwe", "vera", "wei", "xenia",
];

/// A stage, with its server running.
pub struct Stage {
    company: Company,
    server: Relay,
    private: Private,
    newer: Newer,
    program: PathBuf,
    disk: Option<SmallDisk>,
}

impl Stage {
    /// Founds a company in `data` and starts `program`, the server, on it.
    pub async fn set(data: &Path, program: &str) -> anyhow::Result<Self> {
        let company = Company::found(data, &REPS).await?;
        let server = Relay::start(program, data)?;
        let private = Private::start(program, &data.join("elsewhere")).await?;
        let (newer, disk) = (Newer::start().await?, SmallDisk::mount(2048));
        Ok(Self { company, server, private, newer, program: program.into(), disk })
    }

    /// What `command` finds all of it by: `FIELDSYNC_TEST_*`.
    pub async fn show(&self, command: &mut Command) -> anyhow::Result<()> {
        let url = self.server.url();
        command
            .env("FIELDSYNC_TEST_INVITATION", self.invitation(&url).await?)
            .env("FIELDSYNC_TEST_URL", url)
            .env("FIELDSYNC_TEST_TLS", self.private.url())
            .env("FIELDSYNC_TEST_AUTHORITY", &self.private.authority)
            .env("FIELDSYNC_TEST_NEWER", &self.newer.url)
            .env("FIELDSYNC_TEST_PASSWORD", PASSWORD)
            .env("FIELDSYNC_TEST_PROGRAM", &self.program)
            .env("FIELDSYNC_TEST_DATA", &self.company.data);
        if let Some(disk) = &self.disk {
            command.env("FIELDSYNC_TEST_SMALL", disk.path());
        }
        Ok(())
    }

    /// A code with which the first rep enrols a phone.
    async fn invitation(&self, url: &str) -> anyhow::Result<String> {
        let storage = SqliteStorage::open(&self.company.data.join(server::DATA_FILE))?;
        let (clock, random) = (std::sync::Arc::new(SystemClock), std::sync::Arc::new(SystemRandom));
        let app = App::new(AnyStorage::Sqlite(storage), clock, random, cheap_passwords())?;
        let office = Office::of(app, self.company.org);
        let registrar = office.registrar(By::CommandLine).await?;
        let rep = self.company.reps.first().context("a rep")?;
        Ok(registrar.invite(*rep).await?.address(Some(url)))
    }
}

/// The library that this test run built, with everything that a release leaves out; or the
/// one that `FIELDSYNC_LIBRARY` names, to learn what calls cost in a release.
///
/// # Panics
/// If it is not beside the program that runs.
pub fn library() -> PathBuf {
    if let Some(named) = std::env::var_os("FIELDSYNC_LIBRARY") {
        return named.into();
    }
    let test = std::env::current_exe().expect("this program has a path");
    let deps = test.parent().expect("it lies in a folder");
    [deps, deps.parent().expect("target/debug")]
        .iter()
        .map(|dir| dir.join("libfieldsync_mobile.so"))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("no libfieldsync_mobile.so beside {}", test.display()))
}

/// Makes the bindings of every language with `mobile/scripts/generate`, a folder each.
///
/// # Panics
/// If it does not work.
pub fn generate(into: &Path, bindgen: &str) {
    let made = Command::new(script("generate"))
        .arg(into)
        .arg(library())
        .env("FIELDSYNC_BINDGEN", bindgen)
        .output()
        .expect("the script runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A script of the mobile part.
pub fn script(name: &str) -> PathBuf {
    mobile().join("scripts").join(name)
}

/// The folder of the mobile part.
pub fn mobile() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../mobile"))
}

/// What every language promises, by `mobile/contract.toml`.
///
/// # Panics
/// If the table cannot be read, or a promise is there twice.
pub fn promises() -> BTreeSet<String> {
    let text = std::fs::read_to_string(mobile().join("contract.toml")).expect("the contract");
    let table: toml::Table = text.parse().expect("TOML");
    let promises = table["promise"].as_array().expect("promises");
    let ids: BTreeSet<String> =
        promises.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), promises.len(), "a promise is there twice");
    ids
}

/// What only a machine with more than the languages' own tools can be asked to hold: a disk
/// to fill takes the right to mount one.
const NEEDS_MORE: [&str; 1] = ["error-storage-full"];

/// A suite ended well, and held every promise: it says `held ID` for each. One that needs
/// more than this machine has it may say `skipped ID` of, and that is said on.
///
/// # Panics
/// If not; under `CI_REQUIRE_ALL=1` also if anything was skipped.
pub fn assert_held(ended: &Output) {
    let (out, err) =
        (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    println!("{out}");
    assert!(ended.status.success(), "{err}");
    let said = |word: &str| -> BTreeSet<String> {
        let id = |line: &str| line.split_once(word).map(|(_before, id)| id.trim().to_owned());
        out.lines().filter_map(id).collect()
    };
    let (held, skipped) = (said("held "), said("skipped "));
    let may_skip = std::env::var_os("CI_REQUIRE_ALL").is_none();
    let excused = |id: &str| may_skip && NEEDS_MORE.contains(&id) && skipped.contains(id);
    let missing: Vec<_> = promises().into_iter().filter(|id| !held.contains(id)).collect();
    for id in missing.iter().filter(|id| excused(id)) {
        tools::say_skipped(&format!("more than is here to hold {id}"));
    }
    let missing: Vec<_> = missing.into_iter().filter(|id| !excused(id)).collect();
    assert!(missing.is_empty(), "not held: {missing:?}");
}
