//! The company that is measured: one region under a manager, teams of reps below,
//! and each rep's history pushed through the relay by a former phone.

use std::path::Path;
use std::sync::Arc;

use client_core::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};
use client_core::period::Period;
use client_core::protocol::{ChangeResult, PushGroup, SyncRequest, VERSION};
use client_core::records::{Metric, Role, TargetLevel, UnitKind};
use client_core::time::Timestamp;
use server::DATA_FILE;
use server::app::{App, AppConfig};
use server::auth::{Signed, SignedDevice};
use server::edge::{Clock as _, SystemClock, SystemRandom};
use server::office::{CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice, SetTarget};
use server::relay::{Allowance, Quotas};
use server::storage::model::{NewDevice, SessionId};
use server::storage::sqlite::SqliteStorage;
use server::storage::{Accounts, AnyStorage};

use super::corpus::{self, History, Size};
use super::dice::Dice;
use super::profile::{Customer, Visitor, zone};
use crate::company::{PASSWORD, cheap_passwords};

/// Reps of one team.
const TEAM: u32 = 10;
/// Documents of one push: as many as a phone sends after a long trip.
const PUSH: usize = 400;
/// The manager's login.
pub const MANAGER: &str = "manager";

/// A founded company, without a server running.
pub struct Founded {
    /// The org.
    pub org: OrgId,
    /// Its reps.
    pub reps: Vec<Rep>,
    /// Documents of the history.
    pub documents: u64,
}

/// A rep of it.
#[derive(Debug, Clone)]
pub struct Rep {
    /// Who.
    pub visitor: Visitor,
    /// The login.
    pub login: String,
    /// Whom the rep visits.
    pub customers: Vec<Customer>,
}

/// The server's state over the data in a folder, without a server.
pub fn open(data: &Path) -> anyhow::Result<App> {
    let storage = SqliteStorage::open(&data.join(DATA_FILE))?;
    over(storage)
}

/// An app that takes the history of years within minutes.
fn over(storage: SqliteStorage) -> anyhow::Result<App> {
    let storage = AnyStorage::Sqlite(storage);
    let all =
        Allowance { changes: u64::MAX, bytes: u64::MAX, operations: u64::MAX, documents: u64::MAX };
    let quotas = Quotas { device_hour: all, device_day: all, person_day: all };
    let config = AppConfig { quotas, ..cheap_passwords() };
    Ok(App::new(storage, Arc::new(SystemClock), Arc::new(SystemRandom), config)?)
}

/// Founds the company in `data`; `told` hears how far it is.
pub async fn found(
    data: &Path,
    reps: u32,
    size: Size,
    seed: u64,
    told: &mut impl FnMut(&str),
) -> anyhow::Result<Founded> {
    std::fs::create_dir_all(data)?;
    let app = over(SqliteStorage::create(&data.join(DATA_FILE))?)?;
    let (org, people) = people(&app, reps).await?;
    let mut founded = Founded { org, reps: Vec::new(), documents: 0 };
    let now = SystemClock.now();
    for (number, (visitor, login)) in people.into_iter().enumerate() {
        let mut dice = Dice::new(seed, number as u64);
        let actor = ActorId::from_bytes(dice.bytes());
        let from = former_phone(&app, visitor, actor, now, &mut dice).await?;
        let History { customers, documents } =
            corpus::history(visitor, actor, size, now, &mut dice)?;
        founded.documents += documents.len() as u64;
        let groups = documents.into_iter().map(|made| made.group).collect();
        push(&app, &from, groups).await?;
        told(&format!("{login} has {} documents on the server", founded.documents));
        founded.reps.push(Rep { visitor, login, customers });
    }
    server::scoring::recompute_dirty(&app).await?;
    Ok(founded)
}

async fn people(app: &App, reps: u32) -> anyhow::Result<(OrgId, Vec<(Visitor, String)>)> {
    let created = Office::create_org(
        app,
        CreateOrg {
            name: "Fleet 车队".into(),
            time_zone: zone().name,
            currency: "CNY".into(),
            fiscal_start_month: 1,
            locale: "zh-CN".into(),
        },
    )
    .await?;
    let office = Office::of(app.clone(), created.id);
    let unit = |name: String, kind, parent| CreateUnit { name, kind, parent };
    let region = office.create_unit(unit("East".into(), UnitKind::Region, None)).await?.id;
    let user = |login: &str, role, unit| CreateUser {
        login: login.into(),
        name: login.into(),
        role,
        units: vec![unit],
        hired_on: None,
        locale: None,
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    let manager = office.create_user(user(MANAGER, Role::Manager, region)).await?.user.id;
    let month = Period::month_of(zone().date(SystemClock.now()));
    let (mut team, mut people) = (region, Vec::new());
    for number in 0..reps {
        if number % TEAM == 0 {
            let name = format!("Team {}", number / TEAM + 1);
            team = office.create_unit(unit(name, UnitKind::Team, Some(region))).await?.id;
        }
        let login = format!("rep{:03}", number + 1);
        let rep = office.create_user(user(&login, Role::Rep, team)).await?.user.id;
        target(&office, rep, month).await?;
        people.push((Visitor { org: created.id, rep, colleague: manager }, login));
    }
    Ok((created.id, people))
}

async fn target(office: &Office, rep: UserId, month: Period) -> anyhow::Result<()> {
    let wanted = SetTarget::new(TargetLevel::Rep(rep), Metric::EffectiveVisits, month, 300);
    office.set_target(wanted).await?;
    Ok(())
}

/// Enrols the phone that the history was written on.
pub async fn former_phone(
    app: &App,
    visitor: Visitor,
    actor: ActorId,
    now: Timestamp,
    dice: &mut Dice,
) -> anyhow::Result<SignedDevice> {
    let device = DeviceId::from_bytes(dice.bytes());
    let new = NewDevice {
        device,
        user: visitor.rep,
        actor,
        name: "former phone".into(),
        platform: "fleet".into(),
        app_version: "0.1.0".into(),
    };
    app.storage().enrol(visitor.org, new, now).await?;
    let signed = Signed {
        org: visitor.org,
        user: visitor.rep,
        device: Some(device),
        actor: Some(actor),
        role: Role::Rep,
        session: SessionId([0; 16]),
    };
    Ok(SignedDevice { signed, device, actor })
}

/// Pushes groups as a phone does, and insists that each is stored.
pub async fn push(
    app: &App,
    from: &SignedDevice,
    mut groups: Vec<PushGroup>,
) -> anyhow::Result<()> {
    while !groups.is_empty() {
        let rest = groups.split_off(groups.len().min(PUSH));
        let request = SyncRequest {
            version: VERSION,
            replica: ReplicaId::from_bytes(*from.device.as_bytes()),
            cursor: None,
            budget: 0,
            groups: std::mem::replace(&mut groups, rest),
            commands: Vec::new(),
            purged: Vec::new(),
            app: None,
            repair: None,
            pushed: None,
            unheard: Default::default(),
            hand_back: None,
            says: Default::default(),
        };
        let answer = server::relay::sync(app, from, request).await?;
        for result in answer.results.iter().flat_map(|group| &group.changes) {
            anyhow::ensure!(*result == ChangeResult::Stored, "a change was not stored: {result:?}");
        }
    }
    Ok(())
}
