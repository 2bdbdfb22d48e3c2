//! The org and its people.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use client_core::id::{OrgId, RecordId, UnitId, UserId};
use client_core::money::Currency;
use client_core::records::{
    CalendarRecord, Confirms, OrgRecord, Record, Role, UnitKind, UnitRecord, UserRecord,
    UserStatus, WeekStart,
};
use client_core::time::{Timestamp, Zone};

use super::Phone;
use crate::app::{App, AppConfig};
use crate::auth::{Cost, hash_now};
use crate::edge::{Clock, Random};
use crate::storage::model::{NewAccount, NewOrg, OrgRow};
use crate::storage::sqlite::SqliteStorage;
use crate::storage::{Accounts, AnyStorage, Records};

/// Milliseconds of `n` hours.
pub(crate) const fn hour(n: i64) -> i64 {
    n * 3_600_000
}

/// A clock that stands until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that are different every time and the same in every run.
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) org: OrgId,
    pub(crate) router: Router,
    pub(crate) dir: Arc<tempfile::TempDir>,
    clock: Arc<TestClock>,
    ids: AtomicU64,
}

impl World {
    /// An org with one unit, `north` below `sales`, in Shanghai, at noon.
    pub(crate) async fn new() -> Self {
        Self::with(AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() }).await
    }

    pub(crate) async fn with(config: AppConfig) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let storage = SqliteStorage::create(&dir.path().join(crate::DATA_FILE)).unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_791_000_000_000)));
        let random = Arc::new(Counting(AtomicU64::new(1)));
        let app = App::new(AnyStorage::Sqlite(storage), clock.clone(), random, config).unwrap();
        let org = OrgId::from_bytes([1; 16]);
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
            Record::Calendar(CalendarRecord {
                id: RecordId::from_bytes([2; 16]),
                zone: Zone::fixed("Asia/Shanghai", 8 * 3600),
                weekend: Vec::new(),
                holidays: std::collections::BTreeSet::new(),
                adjusted_workdays: std::collections::BTreeSet::new(),
                week_starts: WeekStart::Monday,
                away: std::collections::BTreeSet::new(),
            }),
            Record::Unit(unit("sales", None)),
            Record::Unit(unit("north", Some("sales"))),
        ];
        let row = OrgRow { id: org, epoch: [3; 8], secret: [4; 32] };
        app.storage().create_org(NewOrg { row, records }, app.clock().now()).await.unwrap();
        let router = crate::http::router(app.clone());
        Self { app, org, router, dir, clock, ids: AtomicU64::new(100) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// A new id, the same in every run.
    pub(crate) fn id(&self) -> [u8; 16] {
        let next = self.ids.fetch_add(1, Ordering::SeqCst);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&next.to_be_bytes());
        *RecordId::new(self.now(), random).as_bytes()
    }

    pub(crate) async fn person(&self, login: &str, role: Role, units: &[&str]) -> UserId {
        let user = UserRecord {
            id: UserId::from_bytes(name_id(login)),
            name: login.to_owned(),
            role,
            units: units.iter().map(|unit| unit_id(unit)).collect(),
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        };
        let id = user.id;
        let account = NewAccount {
            login: login.to_owned(),
            password: hash_now(Cost::CHEAP, "secret", &[7; 16]).unwrap(),
            must_change: false,
            user,
        };
        self.app.storage().create_account(self.org, account, self.now()).await.unwrap();
        id
    }

    /// A rep of the north with a phone that is signed in.
    pub(crate) async fn rep(&self, login: &str) -> Phone {
        self.person(login, Role::Rep, &["north"]).await;
        self.phone(login).await
    }

    /// Another phone of somebody.
    pub(crate) async fn phone(&self, login: &str) -> Phone {
        Phone::sign_in(self, login).await
    }

    /// Writes records as the office would.
    pub(crate) async fn write(&self, record: Record) {
        self.app.storage().write_records(self.org, vec![record], self.now()).await.unwrap();
    }
}

/// The unit with this name.
pub(crate) fn unit_id(name: &str) -> UnitId {
    UnitId::from_bytes(name_id(name))
}

fn unit(name: &str, parent: Option<&str>) -> UnitRecord {
    UnitRecord {
        id: unit_id(name),
        name: name.to_owned(),
        kind: UnitKind::Region,
        parent: parent.map(unit_id),
    }
}

fn name_id(name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    for (place, byte) in id.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    id
}
