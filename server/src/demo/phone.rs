//! A simulated phone: a real engine with its own SQLite file, told what to do.

use std::path::Path;
use std::sync::Arc;

use client_core::docs::customer::Phone;
use client_core::docs::deal::ContractClaim;
use client_core::docs::visit::{Fix, NextStep, Outcome, VisitMode};
use client_core::engine::{
    Client, Config, DailyReportText, DealQuery, DeviceInfo, NewCustomer, NewDeal, NewVisit,
    SeededRandom, SyncReport,
};
use client_core::geo::Point;
use client_core::id::{DocId, ItemId};
use client_core::money::{Currency, Money};
use client_core::time::Timestamp;

use super::clock::DayClock;
use super::day::Action;
use super::history::STAGES;
use super::past::north_of;
use super::world::World;

/// A phone in the field.
pub struct SimPhone {
    /// Index of its rep.
    pub rep: usize,
    /// The engine.
    pub client: Client,
    /// Whether there is signal.
    pub online: bool,
    /// What its syncs did and cost.
    pub totals: SyncReport,
    /// Visits it logged.
    pub visits_logged: u64,
    clock: Arc<DayClock>,
    parked: Option<ItemId>,
}

/// The password of everybody in the demo.
pub const PASSWORD: &str = "fieldsync-demo";

impl SimPhone {
    /// Opens the phone of a rep and signs in.
    pub async fn switch_on(
        world: &World,
        rep: usize,
        dir: &Path,
        server_url: &str,
        clock: &Arc<DayClock>,
    ) -> anyhow::Result<Self> {
        let person = world.rep(rep)?;
        let device = DeviceInfo {
            name: format!("{}'s phone", person.name),
            platform: "demo".into(),
            app_version: env!("CARGO_PKG_VERSION").into(),
        };
        let mut config = Config::new(dir.join(person.login), server_url, device);
        config.clock = Arc::clone(clock) as Arc<dyn client_core::engine::Clock>;
        config.random = Arc::new(SeededRandom::new(world.seed.wrapping_mul(1000) + rep as u64));
        config.runtime = Some(tokio::runtime::Handle::current());
        std::fs::create_dir_all(&config.dir)?;
        let client = Client::open(config)?;
        client.sign_in(person.login, PASSWORD).await?;
        Ok(Self {
            rep,
            client,
            online: true,
            totals: SyncReport::default(),
            visits_logged: 0,
            clock: Arc::clone(clock),
            parked: None,
        })
    }

    /// Sends and fetches, if there is signal.
    pub async fn sync(&mut self) -> anyhow::Result<()> {
        if !self.online {
            return Ok(());
        }
        let report = self.client.sync_once().await?;
        self.totals.requests += report.requests;
        self.totals.bytes_up += report.bytes_up;
        self.totals.bytes_down += report.bytes_down;
        self.totals.pushed += report.pushed;
        self.totals.refused += report.refused;
        self.totals.pulled += report.pulled;
        self.totals.faults += report.faults;
        self.totals.remaining = report.remaining;
        Ok(())
    }

    /// Does one step of the script, at the time the clock shows.
    pub fn act(&mut self, world: &World, action: &Action) -> anyhow::Result<()> {
        match action {
            Action::Signal(on) => self.online = *on,
            Action::Plan(customers) => self.plan(world, customers)?,
            Action::CheckIn { customer, off_by_m } => {
                let customer = world.customer(*customer)?;
                let fix = near(customer.position, *off_by_m);
                self.client.check_in(customer.id, VisitMode::Onsite, Some(fix))?;
            }
            Action::CheckOut { customer, outcome, result, next_step } => {
                let customer = world.customer(*customer)?;
                let mut visit = NewVisit::at(customer.id, VisitMode::Onsite);
                visit.fix = Some(near(customer.position, 12));
                self.log(visit, outcome.clone(), result, next_step)?;
            }
            Action::Call { customer, mode, minutes, result } => {
                let mut visit = NewVisit::at(world.customer(*customer)?.id, mode.clone());
                visit.started_at = Some(self.now().plus_millis(-minutes * 60_000));
                self.log(visit, Outcome::FollowUp, result, "再次致电")?;
            }
            Action::LogYesterday { customer } => {
                let ended = self.now().plus_millis(-16 * 3_600_000);
                let mut visit = NewVisit::at(world.customer(*customer)?.id, VisitMode::Phone);
                visit.started_at = Some(ended.plus_millis(-20 * 60_000));
                visit.ended_at = Some(ended);
                self.log(visit, Outcome::Maintained, "昨天下午的电话,今早补录。", "下周上门")?;
            }
            Action::SetPhone { customer, number } => {
                let customer = world.customer(*customer)?;
                let phone =
                    Phone { label: Some("总机".into()), ..self.client.parse_phone(number) };
                self.client.edit_customer(customer.id, |edit| {
                    edit.add_phone(customer.phone_item, &phone)
                })?;
            }
            Action::AddTag { customer, tag } => {
                let item = self.client.new_item_id();
                self.client
                    .edit_customer(world.customer(*customer)?.id, |edit| edit.add_tag(item, tag))?;
            }
            Action::NewCustomer { name, amount_minor } => self.meet(name, *amount_minor)?,
            Action::WinDeal => {
                if let Some((deal, _)) = self.open_deals()?.last().cloned() {
                    self.sign(deal)?;
                }
            }
            Action::MoveDeal => {
                if let Some((deal, stage)) = self.open_deals()?.first().cloned() {
                    let at = STAGES.iter().position(|known| *known == stage).unwrap_or(0);
                    if let Some(next) = STAGES.get(at + 1).filter(|next| **next != "closed") {
                        self.client.move_deal(deal, next)?;
                        if *next == "proposal" {
                            let amount = self.client.deal(deal)?.and_then(|deal| deal.state.amount);
                            self.client.issue_quote(deal, amount, Some("30/50/20"))?;
                        }
                    }
                }
            }
            Action::Report => {
                let date = self.client.today();
                let report = DailyReportText {
                    progress: Some("重点客户按计划推进。".into()),
                    obstacles: Some("样机排期需要技术支持。".into()),
                    gap_reason: self.parked.map(|_| "一家客户改期。".into()),
                };
                self.client.write_daily_report(date, report, true)?;
            }
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        client_core::engine::Clock::now(&*self.clock)
    }

    fn plan(&mut self, world: &World, customers: &[usize]) -> anyhow::Result<()> {
        let date = self.client.today();
        self.client.plan_day(date)?;
        self.client.add_key_task(date, "拜访重点客户两家", None)?;
        self.client.add_key_task(date, "推进在谈方案报价", None)?;
        for index in customers {
            self.client.add_stop(date, world.customer(*index)?.id, Some("例行拜访"))?;
        }
        Ok(())
    }

    fn log(
        &mut self,
        mut visit: NewVisit,
        outcome: Outcome,
        result: &str,
        next_step: &str,
    ) -> anyhow::Result<()> {
        visit.outcome = Some(outcome);
        visit.result = Some(result.into());
        let due = Some(self.client.today().plus_days(7));
        visit.next_step = Some(NextStep::Do { what: next_step.into(), due, who: None });
        visit.submit = true;
        self.client.log_visit(visit)?;
        self.visits_logged += 1;
        Ok(())
    }

    fn meet(&mut self, name: &str, amount_minor: i64) -> anyhow::Result<()> {
        let created = self.client.create_customer(NewCustomer {
            name: name.into(),
            phone: Some("021-55550000".into()),
            ..NewCustomer::default()
        })?;
        let mut deal = NewDeal::with(created.id, "首单设备", "initial_contact");
        deal.amount = Some(Money::new(amount_minor, Currency::CNY));
        self.client.create_deal(deal)?;
        Ok(())
    }

    /// The customer takes the quote and signs; a third is due within days.
    fn sign(&self, deal: DocId) -> anyhow::Result<()> {
        let state = self.client.deal(deal)?.map(|deal| deal.state).unwrap_or_default();
        for (quote, _open) in state.quotes.iter().filter(|(_, quote)| quote.accepted.is_none()) {
            self.client.decide_quote(deal, *quote, true)?;
        }
        self.client.move_deal(deal, "closed")?;
        self.client.win_deal(deal, None)?;
        let today = self.client.today();
        let number = None;
        let signed = ContractClaim { signed_on: Some(today), amount: state.amount, number };
        self.client.claim_contract(deal, &signed)?;
        if let Some(amount) = state.amount {
            let third = Money::new(amount.minor / 3, amount.currency);
            self.client.claim_instalment(deal, today.plus_days(7), third)?;
        }
        Ok(())
    }

    /// The rep's open deals, newest first, with their stage.
    fn open_deals(&self) -> anyhow::Result<Vec<(DocId, String)>> {
        let query = DealQuery { open: true, limit: 200, ..DealQuery::default() };
        let me = self.client.signed_in().map(|who| who.user);
        Ok(self
            .client
            .deals(&query)?
            .items
            .into_iter()
            .filter(|deal| Some(deal.author) == me)
            .map(|deal| (deal.id, deal.state.stage.unwrap_or_default()))
            .collect())
    }
}

fn near(point: Point, metres: i64) -> Fix {
    Fix {
        point: north_of(point, metres),
        accuracy_mm: 12_000,
        provider: "gps".into(),
        is_mock: false,
        age_s: 2,
    }
}
