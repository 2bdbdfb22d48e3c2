//! An evening at a small company, 8 October 2026: what the pages are read with.
//!
//! Chen worked without signal until half past five, Anna visited by video, and
//! Boris has no phone yet. One clock moves them all, so that the
//! day is the same whenever the tests run.

use std::path::Path;
use std::sync::Arc;

use client_core::docs::customer::BuyingRole;
use client_core::docs::visit::{Fix, NextStep, Outcome, Purpose, VisitMode};
use client_core::engine::{
    Client, Clock as _, Config, DailyReportText, DeviceInfo, ManualClock, NewContact, NewCustomer,
    NewDeal, NewVisit,
};
use client_core::geo::Point;
use client_core::id::{DocId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{Metric, Role, TargetLevel, Tier, UnitKind};
use client_core::time::{Date, Timestamp, Zone};
use server::app::AppConfig;
use server::auth::Cost;
use server::office::{
    CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice, PlaceCustomer, SetTarget,
};
use server::storage::sqlite::SqliteStorage;
use server::{DATA_FILE, RunningServer, Server, ServerConfig};

/// Everybody's password.
pub const PASSWORD: &str = "a calm evening";

/// The customer Chen visited in the morning.
pub const CUSTOMER: &str = "上海浦江精密机械有限公司";

/// The company, running.
pub struct Evening {
    /// The server.
    pub server: RunningServer,
    /// Everybody's clock.
    pub clock: Arc<ManualClock>,
    /// Chen.
    pub chen: UserId,
    /// Anna.
    pub anna: UserId,
    /// Chen's visit in the morning.
    pub visit: DocId,
    /// Whom it went to.
    pub customer: DocId,
}

/// The clock as the server reads it.
struct ServerClock(Arc<ManualClock>);

impl server::edge::Clock for ServerClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// The business day.
pub fn day() -> Date {
    Date::from_ymd(2026, 10, 8).unwrap_or_else(|| unreachable!("the day exists"))
}

fn at(hour: i64, minute: i64) -> Timestamp {
    let zone = Zone::fixed("Asia/Shanghai", 8 * 3600);
    zone.start_of(day()).plus_millis((hour * 60 + minute) * 60_000)
}

impl Evening {
    /// Founds the company in `dir` and plays its day up to 17:42.
    pub async fn play(dir: &Path) -> anyhow::Result<Self> {
        let clock = Arc::new(ManualClock::at(at(7, 30)));
        let server = serve(dir, &clock).await?;
        let office = found(&server).await?;
        let people = office.people().await?;
        let id = |name: &str| {
            let found = people.iter().find(|user| user.name == name).map(|user| user.id);
            found.ok_or_else(|| anyhow::anyhow!("{name} is not in the company"))
        };
        let (chen, anna) = (id("陈思远")?, id("Anna Fischer")?);
        let (visit, customer) = chens_day(dir, &server, &clock, &office, chen).await?;
        annas_day(dir, &server, &clock).await?;
        clock.set(at(17, 42));
        server::scoring::recompute_dirty(server.app()).await?;
        Ok(Self { server, clock, chen, anna, visit, customer })
    }

    /// Another phone of the company, signed in and synced.
    pub async fn phone(&self, dir: &Path, login: &str) -> anyhow::Result<Client> {
        phone(dir, &self.server, &self.clock, login).await
    }

    /// Where the pages are.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.addr())
    }
}

async fn serve(dir: &Path, clock: &Arc<ManualClock>) -> anyhow::Result<RunningServer> {
    let data = dir.join("data");
    std::fs::create_dir_all(&data)?;
    drop(SqliteStorage::create(&data.join(DATA_FILE))?);
    let mut config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
    config.app = AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() };
    config.drain = std::time::Duration::from_secs(2);
    config.clock = Arc::new(ServerClock(Arc::clone(clock)));
    Ok(Server::start(config).await?)
}

async fn found(server: &RunningServer) -> anyhow::Result<Office> {
    let app = server.app();
    let wanted = CreateOrg { name: "华东示范 East Demo".into(), ..CreateOrg::default() };
    let org = Office::create_org(app, wanted).await?;
    let office = Office::of(app.clone(), org.id);
    let wanted = CreateUnit { name: "华东 East".into(), kind: UnitKind::Region, parent: None };
    let unit = office.create_unit(wanted).await?;
    let people = [
        ("zhou", "周敏", Role::Manager),
        ("chen", "陈思远", Role::Rep),
        ("anna", "Anna Fischer", Role::Rep),
        ("boris", "Boris Novak", Role::Rep),
    ];
    for (login, name, role) in people {
        let wanted = CreateUser {
            login: login.into(),
            name: name.into(),
            role,
            units: vec![unit.id],
            hired_on: None,
            locale: Some("en".into()),
            password: PasswordChoice::Given(PASSWORD.into()),
        };
        let made = office.create_user(wanted).await?;
        if role == Role::Rep {
            for (metric, value) in
                [(Metric::EffectiveVisits, 44), (Metric::SalesAmount, 40_000_000)]
            {
                let month = Period::month_of(day());
                let target = SetTarget::new(TargetLevel::Rep(made.user.id), metric, month, value);
                office.set_target(target).await?;
            }
        }
    }
    Ok(office)
}

async fn phone(
    dir: &Path,
    server: &RunningServer,
    clock: &Arc<ManualClock>,
    login: &str,
) -> anyhow::Result<Client> {
    let dir = dir.join(login);
    std::fs::create_dir_all(&dir)?;
    let device = DeviceInfo {
        name: format!("{login}'s phone"),
        platform: "android".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir, &format!("http://{}", server.addr()), device);
    config.clock = Arc::<ManualClock>::clone(clock);
    config.runtime = Some(tokio::runtime::Handle::current());
    let client = Client::open(config)?;
    client.sign_in(login, PASSWORD).await?;
    client.sync_once().await?;
    Ok(client)
}

fn fix(lat_e7: i64) -> Fix {
    Fix {
        point: Point { lat_e7, lon_e7: 1_214_737_000, datum: client_core::geo::Datum::Wgs84 },
        accuracy_mm: 20_000,
        provider: "fused".into(),
        is_mock: false,
        age_s: 2,
    }
}

async fn chens_day(
    dir: &Path,
    server: &RunningServer,
    clock: &Arc<ManualClock>,
    office: &Office,
    chen: UserId,
) -> anyhow::Result<(DocId, DocId)> {
    clock.set(at(8, 30));
    let client = phone(dir, server, clock, "chen").await?;
    let customer = client.create_customer(NewCustomer {
        name: CUSTOMER.into(),
        industry: Some("机械制造".into()),
        region: Some("上海浦东".into()),
        address: Some("张江路 368 号".into()),
        position: Point::wgs84(312_304_000, 1_214_737_000),
        contacts: vec![NewContact {
            name: "王丽".into(),
            title: Some("采购总监".into()),
            buying_role: Some(BuyingRole::Decision),
            phone: Some("138 1234 5678".into()),
        }],
        ..NewCustomer::default()
    })?;
    let acme = client
        .create_customer(NewCustomer { name: "Acme Logistics".into(), ..NewCustomer::default() })?;
    client.sync_once().await?;
    let tier = PlaceCustomer {
        customer: customer.id,
        owner: chen,
        collaborators: Vec::new(),
        unit: None,
        tier: Some(Tier::A),
        from: None,
    };
    office.place_customer(tier).await?;

    clock.set(at(9, 12));
    client.check_in(customer.id, VisitMode::Onsite, Some(fix(312_308_000)))?;
    clock.set(at(9, 58));
    let visit = client.log_visit(NewVisit {
        outcome: Some(Outcome::Progress),
        result: Some("技术部认可参数；下周提交正式报价。".into()),
        purpose: Some(Purpose::Discovery),
        objective: Some("确认二期设备的技术参数".into()),
        next_step: Some(NextStep::Do { what: "提交正式报价".into(), due: None, who: None }),
        needs: vec!["缩短交付周期".into()],
        fix: Some(fix(312_306_000)),
        submit: true,
        ..NewVisit::at(customer.id, VisitMode::Onsite)
    })?;

    clock.set(at(11, 2));
    client.log_visit(NewVisit {
        outcome: Some(Outcome::NotMet),
        next_step: Some(NextStep::None),
        started_at: Some(at(11, 0)),
        submit: true,
        ..NewVisit::at(acme.id, VisitMode::Phone)
    })?;
    let deal = client.create_deal(NewDeal::with(acme.id, "Pallet scanners", "initial_contact"))?;
    client.win_deal(deal, Some(Money::new(12_800_000, Currency::CNY)))?;

    clock.set(at(16, 40));
    client.amend_visit(visit, "漏记一位参会人", "财务总监也在场。")?;
    let report = DailyReportText {
        gap_reason: Some("客户临时改约下周二".into()),
        ..DailyReportText::default()
    };
    client.write_daily_report(day(), report, true)?;
    clock.set(at(17, 30));
    client.sync_once().await?;
    client.close();
    Ok((visit, customer.id))
}

async fn annas_day(
    dir: &Path,
    server: &RunningServer,
    clock: &Arc<ManualClock>,
) -> anyhow::Result<()> {
    let client = phone(dir, server, clock, "anna").await?;
    let customer = client.create_customer(NewCustomer {
        name: "Nordlicht Trading".into(),
        ..NewCustomer::default()
    })?;
    client.log_visit(NewVisit {
        outcome: Some(Outcome::Maintained),
        result: Some("Yearly talk.".into()),
        next_step: Some(NextStep::None),
        started_at: Some(at(15, 20)),
        ended_at: Some(at(15, 50)),
        submit: true,
        ..NewVisit::at(customer.id, VisitMode::Video)
    })?;
    client.sync_once().await?;
    client.close();
    Ok(())
}
