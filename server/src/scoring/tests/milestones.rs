//! What a year's milestones cost: as much as moved since somebody looked.

use std::ops::Deref;

use client_core::rules::policy::{MilestoneFigure, MilestoneMetric};

use super::*;
use crate::office::SetTarget;
use crate::scoring::{MilestoneProgress, milestones};

/// A day of the first quarter.
const FEBRUARY: i64 = MORNING - 240 * DAY;

struct Year(Rep);

impl Deref for Year {
    type Target = Rep;

    fn deref(&self) -> &Rep {
        &self.0
    }
}

impl Year {
    async fn of_anna() -> Self {
        let rep = Rep::hired().await;
        let year: Period = "2026".parse().unwrap();
        let target = SetTarget::new(TargetLevel::Org, Metric::NewCustomers, year, 10);
        rep.desk.office.set_target(target).await.unwrap();
        Self(rep)
    }

    /// The milestones, and how many reads they took.
    async fn look(&self) -> (Vec<MilestoneProgress>, u64) {
        let (app, office) = (&self.desk.app, &self.desk.office);
        let before = app.storage().reads();
        let targets = office.targets().await.unwrap();
        let year = "2026".parse().unwrap();
        let found = milestones(app, office, year, targets, |_level, _target| true).await.unwrap();
        (found, app.storage().reads() - before)
    }

    /// What it costs somebody who may see nothing of it.
    async fn look_from_outside(&self, year: &str) -> u64 {
        let (app, office) = (&self.desk.app, &self.desk.office);
        let before = app.storage().reads();
        let targets = office.targets().await.unwrap();
        let year = year.parse().unwrap();
        let found = milestones(app, office, year, targets, |_level, _target| false).await;
        assert_eq!(found.unwrap(), []);
        app.storage().reads() - before
    }

    async fn new_customers(&self) -> (Option<i64>, u64) {
        let (found, reads) = self.look().await;
        let metric = MilestoneMetric::Metric(Metric::NewCustomers);
        let one = found.iter().find(|one| one.milestone.metric == metric).unwrap();
        (one.milestone.actual, reads)
    }

    /// A milestone that counts visits, and a target of them.
    async fn asks_visits(&self) {
        let (level, period) = (TargetLevel::Rep(self.id), "2026".parse().unwrap());
        let target = SetTarget::new(level, Metric::EffectiveVisits, period, 100);
        self.desk.office.set_target(target).await.unwrap();
        let policies = self.desk.office.policies().await.unwrap();
        let toml = policies.last().unwrap().toml.replace(
            "quarter = 1\nmetric = \"new_customers\"",
            "quarter = 4\nmetric = \"effective_visits\"",
        );
        let toml = toml.replace("milestones.new_customers", "milestones.effective_visits");
        let policy = SetPolicy { toml, effective_from: None, restate: false };
        self.desk.office.set_policy(policy).await.unwrap();
    }

    async fn visits(&self) -> (Option<i64>, u64) {
        let metric = MilestoneMetric::Metric(Metric::EffectiveVisits);
        let (found, reads) = self.look().await;
        let one = found.iter().find(|one| one.milestone.metric == metric).unwrap();
        (one.milestone.actual, reads)
    }

    async fn hire(&self, login: &str) {
        let user = CreateUser {
            login: login.into(),
            name: login.into(),
            role: Role::Rep,
            units: vec![self.desk.root],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given("correct horse".into()),
        };
        self.desk.office.create_user(user).await.unwrap();
    }
}

#[tokio::test]
async fn a_second_look_reads_no_rep_and_a_sale_only_whose_it_is() {
    let mut year = Year::of_anna().await;
    for login in ["boris", "clara", "dora"] {
        year.hire(login).await;
    }
    let customer = year.0.finds_customer(FEBRUARY).await;
    year.0.sells(customer, FEBRUARY).await;
    let (first, all) = year.new_customers().await;
    assert_eq!(first, Some(1));

    let (again, kept) = year.new_customers().await;
    assert_eq!(again, Some(1));
    year.hire("emil").await;
    let (_everybody, _anew) = year.new_customers().await;
    let (_, with_one_more) = year.new_customers().await;
    assert_eq!(kept, with_one_more, "what is kept costs the same with more reps");

    let other = year.0.finds_customer(FEBRUARY).await;
    year.0.sells(other, FEBRUARY).await;
    let (sold, one) = year.new_customers().await;
    assert_eq!(sold, Some(2));
    assert!(kept < one && one < all, "one rep of five: {kept} < {one} < {all}");
}

#[tokio::test]
async fn visits_move_no_milestone_that_does_not_count_them() {
    let mut year = Year::of_anna().await;
    let customer = year.0.finds_customer(MORNING - DAY).await;
    let (_, _first) = year.look().await;
    let (before, kept) = year.look().await;
    year.0.phones(customer, MORNING - HOUR).await;
    let (after, reads) = year.look().await;
    assert_eq!((before, kept), (after, reads));
}

#[tokio::test]
async fn a_milestone_of_visits_counts_them_as_they_come() {
    let mut year = Year::of_anna().await;
    year.asks_visits().await;
    assert_eq!(year.visits().await.0, Some(0));
    let customer = year.0.finds_customer(MORNING - DAY).await;
    year.0.phones(customer, MORNING - HOUR).await;
    assert_eq!(year.visits().await.0, Some(1));
}

#[tokio::test]
async fn a_figure_of_the_team_moves_with_its_deals() {
    let mut year = Year::of_anna().await;
    let collected = async |year: &Year| {
        let (found, _reads) = year.look().await;
        let metric = MilestoneMetric::Figure(MilestoneFigure::CollectionRate);
        let one = found.iter().find(|one| one.milestone.metric == metric).unwrap();
        one.milestone.actual
    };
    assert_eq!(collected(&year).await, None);
    let customer = year.0.finds_customer(MORNING - DAY).await;
    year.0.sells(customer, MORNING - HOUR).await;
    assert_eq!(collected(&year).await, Some(5_000), "half of what was due was paid");
}

#[tokio::test]
async fn everybody_shares_what_was_counted_and_a_year_without_targets_counts_nobody() {
    let mut year = Year::of_anna().await;
    let customer = year.0.finds_customer(FEBRUARY).await;
    year.0.sells(customer, FEBRUARY).await;
    let (_, _all) = year.look().await;
    let (_, kept) = year.look().await;
    assert_eq!(year.look_from_outside("2026").await, kept, "whoever looks, it is there");
    assert_eq!(year.look().await.1, kept, "and it is there for the next");
    assert!(year.look_from_outside("1999").await < kept, "before the org's rules");
}

#[tokio::test]
async fn what_comes_later_today_is_counted_when_its_minute_comes_and_costs_nothing_until_then() {
    let mut year = Year::of_anna().await;
    year.asks_visits().await;
    let customer = year.0.finds_customer(MORNING - DAY).await;
    year.look().await;
    let (_, kept) = year.look().await;
    year.0.phones(customer, MORNING + 5 * 60_000).await;
    assert_eq!(year.visits().await.0, Some(0), "five minutes ahead by the phone's clock");
    assert_eq!(year.visits().await, (Some(0), kept));
    year.desk.clock.advance_ms(5 * 60_000);
    let (after, counted) = year.visits().await;
    assert!(after == Some(1) && counted > kept, "{after:?}, {counted} > {kept}");
    assert_eq!(year.visits().await, (Some(1), kept));
}
