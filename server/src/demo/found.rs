//! Founds the demo's org on a server: units, people, targets, customers and two
//! months of history, through the office and the relay like anybody else's.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{OrgId, ReplicaId};
use client_core::period::Period;
use client_core::protocol::{PushGroup, SyncRequest, VERSION};
use client_core::records::{CalendarRecord, Role, UnitKind};
use client_core::time::{Date, Timestamp};

use super::books;
use super::clock::DayClock;
use super::earlier;
use super::history::History;
use super::past;
use super::phone::PASSWORD;
use super::world::World;
use crate::app::App;
use crate::auth::{Signed, SignedDevice};
use crate::office::{By, CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice, PlaceCustomer};
use crate::relay;
use crate::storage::Accounts;
use crate::storage::model::{NewDevice, SessionId};

/// What founding told about.
#[derive(Debug, Clone, Copy)]
pub struct Founded {
    /// The org.
    pub org: OrgId,
    /// Documents of the history.
    pub documents: usize,
}

/// Founds the org and replays the history. `told` hears how far it is.
pub async fn found(
    app: &App,
    clock: &DayClock,
    world: &mut World,
    phones: usize,
    mut told: impl FnMut(&str),
) -> anyhow::Result<Founded> {
    let created = Office::create_org(
        app,
        CreateOrg {
            name: "示范公司 Demo Company".into(),
            time_zone: world.zone.name.clone(),
            currency: "CNY".into(),
            fiscal_start_month: 1,
            locale: "zh-CN".into(),
        },
    )
    .await?;
    let office = Office::of(app.clone(), created.id);
    let calendar = office.calendar().await?;
    books::policy(&office).await?;
    people(&office, world).await?;
    books::catalogue(&office, world).await?;
    books::targets(&office, world, &calendar).await?;
    let documents = replay(app, &office, clock, world, &calendar, &mut told).await?;
    // Reps who get a new phone today give the former one back.
    for rep in world.reps.iter().take(phones) {
        let now = crate::edge::Clock::now(clock);
        app.storage().revoke_device(created.id, rep.past_device, now).await?;
    }
    Ok(Founded { org: created.id, documents })
}

async fn people(office: &Office, world: &mut World) -> anyhow::Result<()> {
    let mut units = Vec::new();
    for unit in &mut world.units {
        let made = office
            .create_unit(CreateUnit {
                name: unit.name.into(),
                kind: UnitKind::Region,
                parent: None,
            })
            .await?;
        units.push(made.id);
        unit.id = made.id;
    }
    let user = |login: &str, name: &str, role, units| CreateUser {
        login: login.into(),
        name: name.into(),
        role,
        units,
        hired_on: None,
        locale: None,
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    for person in &mut world.office {
        let (role, led) = match person.region.and_then(|region| units.get(region)) {
            Some(unit) => (Role::Supervisor, vec![*unit]),
            None => (Role::Manager, vec![]),
        };
        person.id = office.create_user(user(person.login, person.name, role, led)).await?.user.id;
    }
    for rep in &mut world.reps {
        let unit = units.get(rep.region).copied().into_iter().collect();
        rep.id = office.create_user(user(rep.login, rep.name, Role::Rep, unit)).await?.user.id;
    }
    Ok(())
}

/// Pushes every document on the evening of its last change.
async fn replay(
    app: &App,
    office: &Office,
    clock: &DayClock,
    world: &World,
    calendar: &CalendarRecord,
    told: &mut impl FnMut(&str),
) -> anyhow::Result<usize> {
    let history = History::new(world, calendar);
    let mut devices = Vec::new();
    for rep in 0..world.reps.len() {
        devices.push(enrol(app, office.org(), world, rep, clock).await?);
    }
    let mut evenings: BTreeMap<(Date, usize), Vec<PushGroup>> = BTreeMap::new();
    let mut documents = 0;
    for past in past::documents(world, &history, office.org())? {
        documents += 1;
        evenings.entry((world.zone.date(past.at), past.rep)).or_default().push(past.group);
    }
    let books = office.registrar(By::CommandLine).await?;
    let mut month = None;
    for ((date, rep), groups) in evenings {
        if month != Some(Period::month_of(date)) {
            month = Some(Period::month_of(date));
            told(&format!("history of {}", Period::month_of(date)));
        }
        clock.advance_to(world.zone.start_of(date).plus_millis(20 * 3_600_000));
        let Some(device) = devices.get(rep) else { continue };
        let customers: Vec<_> = groups
            .iter()
            .filter(|group| group.header.customer.is_none())
            .map(|group| group.header.doc)
            .collect();
        let docs: BTreeSet<_> = groups.iter().map(|group| group.header.doc).collect();
        push(app, device, groups).await?;
        for doc in customers {
            place(office, world, doc).await?;
        }
        for deal in history.deals.iter().filter(|deal| docs.contains(&deal.id)) {
            let contract = deal.business.as_ref().and_then(|business| business.contract.as_ref());
            if let Some(contract) = contract.filter(|contract| contract.booked) {
                books::confirm(&books, world, deal, contract).await?;
            }
        }
    }
    earlier::orders(&books, world, &history.deals).await?;
    Ok(documents)
}

async fn enrol(
    app: &App,
    org: OrgId,
    world: &World,
    rep: usize,
    clock: &DayClock,
) -> anyhow::Result<SignedDevice> {
    let person = world.rep(rep)?;
    let now = crate::edge::Clock::now(clock);
    let device = NewDevice {
        device: person.past_device,
        user: person.id,
        actor: person.past_actor,
        name: format!("{}'s former phone", person.name),
        platform: "demo".into(),
        app_version: env!("CARGO_PKG_VERSION").into(),
    };
    app.storage().enrol(org, device, now).await?;
    Ok(SignedDevice {
        signed: Signed {
            org,
            user: person.id,
            device: Some(person.past_device),
            actor: Some(person.past_actor),
            role: Role::Rep,
            session: SessionId([0; 16]),
        },
        device: person.past_device,
        actor: person.past_actor,
    })
}

async fn push(app: &App, device: &SignedDevice, groups: Vec<PushGroup>) -> anyhow::Result<()> {
    let request = SyncRequest {
        version: VERSION,
        replica: ReplicaId::from_bytes(*device.device.as_bytes()),
        cursor: None,
        budget: 0,
        groups,
        commands: Vec::new(),
        purged: Vec::new(),
        app: None,
        repair: None,
        pushed: None,
        unheard: Default::default(),
        hand_back: None,
        says: Default::default(),
    };
    let answer = relay::sync(app, device, request).await?;
    for result in answer.results.iter().flat_map(|group| &group.changes) {
        let stored = matches!(result, client_core::protocol::ChangeResult::Stored);
        anyhow::ensure!(stored, "a change of the history was not stored: {result:?}");
    }
    Ok(())
}

async fn place(office: &Office, world: &World, doc: client_core::id::DocId) -> anyhow::Result<()> {
    let Some(customer) = world.customers.iter().find(|customer| customer.id == doc) else {
        return Ok(());
    };
    let collaborators = match customer.shared_with {
        Some(other) => vec![world.rep(other)?.id],
        None => Vec::new(),
    };
    office
        .place_customer(PlaceCustomer {
            customer: doc,
            owner: world.rep(customer.owner)?.id,
            collaborators,
            unit: None,
            tier: Some(customer.tier),
            from: None::<Timestamp>,
        })
        .await?;
    Ok(())
}
