//! Milestones of the year (R15, S3 季度里程碑), as far as they are one's own.
//!
//! A phone holds its user's work and their leader's word for the rest, so it says how far
//! they themselves are: of their own targets of the year, and of the figures that milestones
//! are of. How far the team is, the server says (`/targets`), by the same rules.

use super::ReadError;
use super::client::Client;
use super::table::Table;
use crate::id::{RecordId, UserId};
use crate::period::{Days, Period};
use crate::records::{Metric, ProductRecord, Record, RecordKind, TargetLevel};
use crate::rules::policy::{MilestoneFigure, MilestoneMetric, MilestoneRule};
use crate::rules::{
    Figure, Milestone, MilestoneState, TeamFacts, collection_rate, figure_milestone, milestone,
    milestone_figure, reached,
};
use crate::store;
use crate::time::Timestamp;

/// How far whoever is signed in is with a milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMilestone {
    /// Their target of the year, where the milestone is a share of one.
    pub target: Option<RecordId>,
    /// The milestone.
    pub milestone: Milestone,
    /// How it stands.
    pub state: MilestoneState,
}

/// What milestones of a year are worked out with.
struct Asked {
    me: UserId,
    year: Period,
    now: Timestamp,
    table: Table,
    orders: Vec<Record>,
    products: Vec<ProductRecord>,
}

impl Client {
    /// The milestones of a year whose quarters have begun, as far as one's own work goes; of
    /// this calendar year if absent. One without anything to say it of has no value, and is
    /// missed by nobody.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] until everything of this user's is here.
    pub fn milestones(&self, year: Option<Period>) -> Result<Vec<OwnMilestone>, ReadError> {
        if !self.holds_everything()? {
            return Err(ReadError::NotYetSynced { what: "everything of yours" });
        }
        let now = self.inner.config.clock.now();
        let today = self.calendar()?.zone.date(now);
        let year = year.unwrap_or_else(|| Period::year_of(today));
        let me = self.inner.replica()?.0.user;
        let mut table = self.table(year, &[me])?;
        table.policy = self.policy_for(Period::month_of(today.min(year.last_day())))?;
        let (orders, products) = self.inner.read(|conn, _who| {
            let products = store::record::all(conn, RecordKind::Product)?.into_iter();
            let products = products.filter_map(|record| match record {
                Record::Product(product) => Some(product),
                _ => None,
            });
            Ok((store::record::all(conn, RecordKind::Order)?, products.collect()))
        })?;
        let rules = table.policy.milestones.clone();
        let asked = Asked { me, year, now, table, orders, products };
        let begun = rules.iter().filter(|rule| rule.ends(year).first_day() <= today);
        Ok(begun.flat_map(|rule| asked.of(rule)).collect())
    }
}

impl Asked {
    fn of(&self, rule: &MilestoneRule) -> Vec<OwnMilestone> {
        match &rule.metric {
            MilestoneMetric::Metric(metric) => self.of_targets(rule, metric),
            MilestoneMetric::Figure(of) => {
                let now = self.figure(*of, rule.days(self.year));
                let before =
                    rule.growth.map(|_growth| self.figure(*of, rule.days(self.year.previous())));
                let found = figure_milestone(rule, self.year, &now, before.as_ref());
                vec![self.told(None, rule, found)]
            }
        }
    }

    fn of_targets(&self, rule: &MilestoneRule, metric: &Metric) -> Vec<OwnMilestone> {
        let zone = &self.table.calendar.zone;
        let today = zone.date(self.now);
        let mut own: Vec<_> = self
            .table
            .targets()
            .iter()
            .filter(|target| {
                target.level == TargetLevel::Rep(self.me)
                    && target.period == self.year
                    && target.metric == *metric
                    && target.is_whole()
                    && target.is_published(today)
            })
            .collect();
        own.sort_by_key(|target| target.id);
        if own.is_empty() {
            return Vec::new();
        }
        let until = self.now.min(zone.end_of(rule.ends(self.year).last_day()));
        let facts = self.table.facts(self.me, until);
        let counted = reached(&facts, &self.table.policy, metric, self.year, until).unwrap_or(0);
        let each = own.into_iter().map(|target| {
            let found = milestone(rule, self.year, target.value, counted);
            self.told(Some(target.id), rule, found)
        });
        each.collect()
    }

    fn figure(&self, of: MilestoneFigure, days: Days) -> Figure {
        let (zone, policy) = (&self.table.calendar.zone, &self.table.policy);
        let until = self.now.min(days.bounds(zone).1.plus_millis(-1));
        if of == MilestoneFigure::CollectionRate {
            return collection_rate(&[self.table.facts(self.me, until)], policy, days, until);
        }
        let (deals, orders) = self.table.sales(self.me, &self.orders);
        let facts = TeamFacts {
            deals: &deals,
            orders: &orders,
            products: &self.products,
            visits: &[],
            reps: &[],
            currency: self.table.currency,
            market_size: None,
        };
        milestone_figure(&facts, policy, of, zone, days, until)
    }

    fn told(
        &self,
        target: Option<RecordId>,
        rule: &MilestoneRule,
        milestone: Milestone,
    ) -> OwnMilestone {
        let today = self.table.calendar.zone.date(self.now);
        let state = milestone.state(rule.ends(self.year).last_day() < today);
        OwnMilestone { target, milestone, state }
    }
}
