//! Two phones of one rep against the real server: what one saved without signal
//! the other shows, and what both changed meanwhile is merged on both.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::sync::Arc;

use client_core::docs::visit::{NextStep, Outcome, VisitMode};
use client_core::engine::{
    Client, Config, DeviceInfo, ItemStatus, NewCustomer, NewVisit, SignInError,
};
use client_core::id::{OrgId, RecordId, UnitId, UserId};
use client_core::money::Currency;
use client_core::records::{
    CalendarRecord, Confirms, OrgRecord, PolicyRecord, Record, Role, UnitKind, UnitRecord,
    UserRecord, UserStatus, WeekStart,
};
use client_core::time::{Timestamp, Zone};
use server::auth::{Cost, hash_now};
use server::edge::{SystemRandom, random_bytes};
use server::storage::model::{NewAccount, NewOrg, OrgRow};
use server::storage::sqlite::SqliteStorage;
use server::storage::{Accounts, AnyStorage, Records};
use server::{DATA_FILE, RunningServer, Server, ServerConfig};

const PAST: Timestamp = Timestamp::from_millis(1_700_000_000_000);

async fn org_with_anna(data: &Path) {
    let storage = AnyStorage::Sqlite(SqliteStorage::create(&data.join(DATA_FILE)).unwrap());
    let (org, unit, anna) =
        (OrgId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]), UserId::from_bytes([3; 16]));
    let records = vec![
        Record::Org(OrgRecord {
            id: org,
            name: "Acme".into(),
            time_zone: "Asia/Shanghai".into(),
            currency: Currency::CNY,
            fiscal_start_month: 1,
            locale: "zh-CN".into(),
            confirms: Confirms::default(),
        }),
        Record::Unit(UnitRecord {
            id: unit,
            name: "East".into(),
            kind: UnitKind::Region,
            parent: None,
        }),
        Record::Calendar(CalendarRecord {
            id: RecordId::from_bytes([4; 16]),
            zone: Zone::fixed("Asia/Shanghai", 8 * 3600),
            weekend: Vec::new(),
            holidays: Default::default(),
            adjusted_workdays: Default::default(),
            week_starts: WeekStart::Monday,
            away: std::collections::BTreeSet::new(),
        }),
        Record::Policy(PolicyRecord {
            id: RecordId::from_bytes([5; 16]),
            version: 1,
            effective_from: "2020-01-01".parse().unwrap(),
            toml: client_core::rules::policy::preset_text("guide-standard").unwrap().to_owned(),
        }),
    ];
    let row = OrgRow { id: org, epoch: random_bytes(&SystemRandom), secret: [7; 32] };
    storage.create_org(NewOrg { row, records }, PAST).await.unwrap();
    let account = NewAccount {
        login: "anna".into(),
        password: hash_now(Cost::CHEAP, "correct horse", &[1; 16]).unwrap(),
        must_change: false,
        user: UserRecord {
            id: anna,
            name: "Anna".into(),
            role: Role::Rep,
            units: vec![unit],
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        },
    };
    storage.create_account(org, account, PAST).await.unwrap();
}

async fn serve(data: &Path) -> RunningServer {
    let mut config = ServerConfig::new(data, "127.0.0.1:0".parse().unwrap());
    config.app.password_cost = Cost::CHEAP;
    Server::start(config).await.unwrap()
}

struct Phone {
    client: Client,
    _dir: tempfile::TempDir,
}

fn phone(server: &RunningServer, name: &str) -> Phone {
    let dir = tempfile::tempdir().unwrap();
    let device =
        DeviceInfo { name: name.into(), platform: "test".into(), app_version: "0.1.0".into() };
    let mut config = Config::new(dir.path(), &format!("http://{}", server.addr()), device);
    config.random = Arc::new(client_core::engine::SystemRandom);
    Phone { client: Client::open(config).unwrap(), _dir: dir }
}

#[tokio::test]
async fn what_one_phone_saved_offline_the_other_shows_and_both_merge() {
    let data = tempfile::tempdir().unwrap();
    org_with_anna(data.path()).await;
    let server = serve(data.path()).await;
    let (phone_a, phone_b) = (phone(&server, "phone"), phone(&server, "tablet"));
    let wrong = phone_a.client.sign_in("anna", "wrong").await;
    assert!(matches!(wrong, Err(SignInError::WrongPassword)), "{wrong:?}");
    for phone in [&phone_a, &phone_b] {
        phone.client.sign_in("anna", "correct horse").await.unwrap();
        phone.client.sync_once().await.unwrap();
    }

    let new = NewCustomer { name: "华东机械".into(), ..NewCustomer::default() };
    let customer = phone_a.client.create_customer(new).unwrap().id;
    let visit = NewVisit {
        outcome: Some(Outcome::Order),
        result: Some("ordered two pumps".into()),
        next_step: Some(NextStep::None),
        submit: true,
        ..NewVisit::at(customer, VisitMode::Phone)
    };
    let visit = phone_a.client.log_visit(visit).unwrap();
    let report = phone_a.client.sync_once().await.unwrap();
    assert_eq!((report.pushed, report.refused, report.remaining), (2, 0, 0), "{report:?}");
    assert_eq!(phone_a.client.status(visit).unwrap(), ItemStatus::Stored);

    let report = phone_b.client.sync_once().await.unwrap();
    assert_eq!(report.faults, 0, "{report:?}");
    let there = phone_b.client.visit(visit).unwrap().unwrap();
    assert_eq!(there.state.result.as_deref(), Some("ordered two pumps"));

    phone_a.client.edit_customer(customer, |edit| edit.set_notes(Some("likes tea"))).unwrap();
    phone_b.client.edit_customer(customer, |edit| edit.set_name(Some("华东机械厂"))).unwrap();
    for phone in [&phone_b, &phone_a, &phone_b] {
        phone.client.sync_once().await.unwrap();
    }
    let shown = |phone: &Phone| phone.client.customer(customer).unwrap().unwrap();
    assert_eq!(shown(&phone_a).state, shown(&phone_b).state);
    assert_eq!(shown(&phone_a).heads, shown(&phone_b).heads);
    assert_eq!(shown(&phone_a).state.name.as_deref(), Some("华东机械厂"));
    assert_eq!(shown(&phone_a).state.notes.as_deref(), Some("likes tea"));
    for phone in [&phone_a, &phone_b] {
        let scopes = phone.client.scopes().unwrap();
        assert!(scopes.iter().all(|scope| scope.matches), "{scopes:?}");
    }

    let idle = phone_a.client.sync_once().await.unwrap();
    assert_eq!(idle.requests, 1, "{idle:?}");
    assert!(idle.bytes_up <= 400 && idle.bytes_down <= 800, "{idle:?}");
    server.shutdown().await;
}
