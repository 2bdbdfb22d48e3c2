//! A small company in a data directory: one region, a manager, a few reps.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use client_core::engine::{Clock as _, ManualClock};
use client_core::id::{DocId, OrgId, UserId};
use client_core::period::Period;
use client_core::records::{Metric, Role, TargetLevel, UnitKind};
use client_core::time::Timestamp;
use server::app::{App, AppConfig};
use server::auth::Cost;
use server::edge::{Clock, SystemClock, SystemRandom};
use server::office::{CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice, SetTarget};
use server::storage::sqlite::SqliteStorage;
use server::storage::{AnyStorage, Scores};
use server::{DATA_FILE, RunningServer, Server, ServerConfig};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A founded company.
pub struct Company {
    /// Its data directory.
    pub data: PathBuf,
    /// The org.
    pub org: OrgId,
    /// Its reps, in the order of their logins.
    pub reps: Vec<UserId>,
}

/// A clock that tests set, as the server reads it.
pub struct SetClock(pub Arc<ManualClock>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A hash that costs little, so that tests do not wait for passwords.
pub fn cheap_passwords() -> AppConfig {
    AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() }
}

impl Company {
    /// Founds a company with these reps in `data`. The manager's login is `manager`.
    pub async fn found(data: &Path, reps: &[&str]) -> anyhow::Result<Self> {
        Self::found_at(data, reps, Arc::new(SystemClock)).await
    }

    /// The same on another clock.
    pub async fn found_at(
        data: &Path,
        reps: &[&str],
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data)?;
        let storage = SqliteStorage::create(&data.join(DATA_FILE))?;
        let app = App::new(
            AnyStorage::Sqlite(storage),
            clock,
            Arc::new(SystemRandom),
            cheap_passwords(),
        )?;
        let created = Office::create_org(
            &app,
            CreateOrg {
                name: "Acme 销售".into(),
                time_zone: "Asia/Shanghai".into(),
                currency: "CNY".into(),
                fiscal_start_month: 1,
                locale: "zh-CN".into(),
            },
        )
        .await?;
        let office = Office::of(app.clone(), created.id);
        let unit = office
            .create_unit(CreateUnit { name: "East".into(), kind: UnitKind::Region, parent: None })
            .await?;
        let user = |login: &str, role, units| CreateUser {
            login: login.into(),
            name: login.into(),
            role,
            units,
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given(PASSWORD.into()),
        };
        office.create_user(user("manager", Role::Manager, vec![])).await?;
        let mut ids = Vec::new();
        let month = Period::month_of(office.calendar().await?.zone.date(app.clock().now()));
        for login in reps {
            let made = office.create_user(user(login, Role::Rep, vec![unit.id])).await?;
            ids.push(made.user.id);
            office
                .set_target(SetTarget::new(
                    TargetLevel::Rep(made.user.id),
                    Metric::EffectiveVisits,
                    month,
                    40,
                ))
                .await?;
        }
        Ok(Self { data: data.to_owned(), org: created.id, reps: ids })
    }

    /// Visits of its first rep in the data file, which no server may have open for
    /// writing just then.
    ///
    /// # Panics
    /// If the data file cannot be opened and read.
    pub async fn visits(&self) -> BTreeSet<DocId> {
        let storage = SqliteStorage::open(&self.data.join(DATA_FILE));
        let storage = AnyStorage::Sqlite(storage.expect("the data file opens"));
        let rep = self.reps.first().expect("a rep");
        let rows = storage.rows_for_rep(self.org, *rep).await.expect("rows are read");
        let visit = |kind| kind == client_core::docs::DocKind::Visit;
        rows.into_iter().filter(|row| visit(row.header.kind)).map(|row| row.header.doc).collect()
    }

    /// Starts a server for it in this process, on a free port.
    pub async fn serve(&self) -> anyhow::Result<RunningServer> {
        self.serve_at(Arc::new(SystemClock)).await
    }

    /// The same on another clock.
    pub async fn serve_at(&self, clock: Arc<dyn Clock>) -> anyhow::Result<RunningServer> {
        let mut config = ServerConfig::new(&self.data, ([127, 0, 0, 1], 0).into());
        config.clock = clock;
        config.app = cheap_passwords();
        config.drain = std::time::Duration::from_secs(2);
        Ok(Server::start(config).await?)
    }
}
