//! The company, founded once per process and copied for each run.

use std::sync::{Arc, OnceLock};

use client_core::engine::SeededRandom;
use client_core::id::{OrgId, UnitId, UserId};
use client_core::records::{Role, UnitKind};
use client_core::time::Timestamp;
use server::app::App;
use server::edge::{Clock, Random};
use server::office::{CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice};
use server::storage::AnyStorage;
use server::storage::sqlite::SqliteStorage;

use super::files::Files;
use super::script::{Person, Region};
use crate::company::{PASSWORD, cheap_passwords};

/// A time that stands until it is moved.
#[derive(Debug)]
pub struct SimClock(std::sync::atomic::AtomicI64);

impl SimClock {
    /// A working day's morning.
    pub const BEGIN: Timestamp = Timestamp::from_millis(1_791_000_000_000);

    /// A clock at the beginning.
    pub fn begin() -> Arc<Self> {
        Arc::new(Self(std::sync::atomic::AtomicI64::new(Self::BEGIN.millis())))
    }

    /// Moves it on.
    pub fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

/// A server's chance that is the same in every run.
#[derive(Debug)]
pub struct SimChance(SeededRandom);

impl SimChance {
    /// The chance of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }
}

impl Random for SimChance {
    fn fill(&self, bytes: &mut [u8]) {
        client_core::engine::Random::fill(&self.0, bytes);
    }
}

/// What every run begins with.
pub struct Founded {
    /// The data file with its log.
    pub files: Files,
    /// The org.
    pub org: OrgId,
    people: Vec<UserId>,
    east: UnitId,
    west: UnitId,
}

impl Founded {
    /// The company.
    pub fn get() -> &'static Self {
        static FOUNDED: OnceLock<Founded> = OnceLock::new();
        FOUNDED.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(found()).expect("the company is founded")
        })
    }

    /// Somebody's id.
    pub fn user(&self, person: Person) -> UserId {
        self.people[person as usize]
    }

    /// A unit's id.
    pub const fn unit(&self, region: Region) -> UnitId {
        match region {
            Region::East => self.east,
            Region::West => self.west,
        }
    }
}

async fn found() -> anyhow::Result<Founded> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join(server::DATA_FILE);
    let storage = AnyStorage::Sqlite(SqliteStorage::create(&path)?);
    let app = App::new(storage, SimClock::begin(), Arc::new(SimChance::new(1)), cheap_passwords())?;
    let created = Office::create_org(&app, CreateOrg::default()).await?;
    let office = Office::of(app.clone(), created.id);
    let unit = |name: &str| CreateUnit { name: name.into(), kind: UnitKind::Region, parent: None };
    let east = office.create_unit(unit("East")).await?.id;
    let west = office.create_unit(unit("West")).await?.id;
    let mut people = Vec::new();
    for person in Person::ALL {
        let (role, unit) = match person {
            Person::Anna | Person::Boris => (Role::Rep, east),
            Person::Carla => (Role::Rep, west),
            Person::Sofia => (Role::Supervisor, east),
            Person::Maria => (Role::Manager, created.root),
        };
        let wanted = CreateUser {
            login: person.login().into(),
            name: person.login().into(),
            role,
            units: vec![unit],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given(PASSWORD.into()),
        };
        people.push(office.create_user(wanted).await?.user.id);
    }
    drop((office, app));
    let files = Files::of(dir.path(), server::DATA_FILE)?;
    Ok(Founded { files, org: created.id, people, east, west })
}
