//! The figures of a team (F11, F13): product mix, concentration, products per customer, win
//! rates, what a customer, an order and a head bring.
//!
//! The figures are the rule core's ([`team_figures`]), over deals, orders and cards as they
//! stand, so that a report, a milestone and `fieldsync evaluate` never differ.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::money::Currency;
use client_core::period::{Days, Period};
use client_core::projection::DocState;
use client_core::records::{
    Aliases, OrderRecord, PlacementRecord, PolicyRecord, ProductRecord, Record, Role, UnitRecord,
    UserRecord, UserStatus,
};
use client_core::rules::{
    self, ActiveRep, Credit, JudgedVisit, NamedFigure, Policy, TeamDeal, TeamFacts, TeamOrder,
    held_on, team_deals, team_figures, team_order,
};
use client_core::time::{Date, Timestamp, Zone};
use serde::Serialize;

use crate::app::App;
use crate::office::Office;
use crate::storage::{AnyStorage, Boards, Reports, Scores, StorageError, main_unit, scopes};

/// The figures of a team in a stretch of days. Its JSON is a contract: these keys, in this
/// order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamReport {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// The unit with those below it; the whole org if absent.
    pub unit: Option<UnitId>,
    /// The currency of what has no other in its name.
    pub currency: Currency,
    /// The instant looked from.
    pub as_of: Timestamp,
    /// The version of the policy.
    pub policy_version: u32,
    /// The figures, by id.
    pub figures: Vec<NamedFigure>,
}

/// The figures of a unit, or of the whole org, in some days as they stand now; none without a
/// policy.
pub async fn team_report(
    app: &App,
    office: &Office,
    days: Days,
    unit: Option<UnitId>,
) -> Result<Option<TeamReport>, StorageError> {
    let zone = office.calendar().await?.zone;
    let now = app.clock().now();
    let today = zone.date(now);
    let month = Period::month_of(days.until.plus_days(-1).min(today));
    let policies = office.policies().await?;
    let Some(record) = PolicyRecord::for_period(&policies, month) else { return Ok(None) };
    let read = Policy::kept(&record.toml);
    let policy =
        read.map_err(|error| StorageError::Corrupt { what: "policy", reason: error.to_string() })?;
    let version = record.version;
    let mut material = TeamMaterial::read(app, office, days).await?;
    material.read_visits(app.storage(), office.org(), days).await?;
    let currency = material.currency;
    // Thousands of deals are compared with one another: not on an async thread.
    let figures =
        tokio::task::spawn_blocking(move || material.of(unit).figures(&policy, days, now));
    let figures =
        figures.await.map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
    Ok(Some(TeamReport {
        from: days.from,
        to: days.until,
        unit,
        currency,
        as_of: now,
        policy_version: version,
        figures,
    }))
}

/// What the figures of an org's teams are computed from.
#[derive(Debug, Clone)]
pub(crate) struct TeamMaterial {
    deals: Vec<TeamDeal>,
    orders: Vec<TeamOrder>,
    products: Vec<ProductRecord>,
    visits: Vec<(UserId, JudgedVisit)>,
    people: Vec<UserRecord>,
    units: Vec<UnitRecord>,
    currency: Currency,
    zone: Zone,
}

impl TeamMaterial {
    /// Deals and orders that bear on some days; visits are read apart, as only heads ask.
    pub(crate) async fn read(app: &App, office: &Office, days: Days) -> Result<Self, StorageError> {
        let (storage, org) = (app.storage(), office.org());
        let zone = office.calendar().await?.zone;
        let (from, until) = days.bounds(&zone);
        let deals = storage.deals_alive(org, from, until).await?;
        let mut people = office.people().await?;
        people.retain(|user| user.role == Role::Rep);
        Ok(Self {
            orders: orders(storage, org, &zone, days, &deals, &office.aliases().await?).await?,
            deals,
            products: office.products().await?,
            visits: Vec::new(),
            people,
            units: office.units().await?.into_values().collect(),
            currency: office.settings().await?.currency,
            zone,
        })
    }

    /// The visits of the days, as the cards judge them.
    pub(crate) async fn read_visits(
        &mut self,
        storage: &AnyStorage,
        org: OrgId,
        days: Days,
    ) -> Result<(), StorageError> {
        let months = std::iter::successors(Some(Period::month_of(days.from)), |month| {
            Some(month.following())
        });
        for month in months.take_while(|month| month.first_day() < days.until) {
            for (rep, card) in storage.card_visits(org, month).await? {
                self.visits.extend(card.visits.iter().map(|visit| (rep, visit.clone())));
            }
        }
        Ok(())
    }

    /// The part of a unit and those below it, or the whole.
    fn of(&self, unit: Option<UnitId>) -> Self {
        let Some(unit) = unit else { return self.clone() };
        let inside: BTreeSet<UnitId> = scopes::at_or_below(&[unit], &self.units);
        let here = |user: &&UserRecord| main_unit(user).is_some_and(|unit| inside.contains(&unit));
        let people: Vec<UserRecord> = self.people.iter().filter(here).cloned().collect();
        let reps: BTreeSet<UserId> = people.iter().map(|user| user.id).collect();
        // A deal is its unit's by its own placement, else its rep's.
        let takes = |credit: &Credit| match credit.unit {
            Some(unit) => inside.contains(&unit),
            None => reps.contains(&credit.rep),
        };
        Self {
            deals: self.deals.iter().filter(|deal| takes(&deal.credit)).cloned().collect(),
            orders: self.orders.iter().filter(|one| takes(&one.credit)).cloned().collect(),
            products: self.products.clone(),
            visits: self.visits.iter().filter(|(rep, _)| reps.contains(rep)).cloned().collect(),
            people,
            units: self.units.clone(),
            currency: self.currency,
            zone: self.zone.clone(),
        }
    }

    /// Lets go of the deals that do not bear on what is asked.
    pub(crate) fn keep_deals(&mut self, bears: impl Fn(&TeamDeal) -> bool) {
        self.deals.retain(bears);
    }

    /// The minute of the first thing of a deal after `now` and no later than `until`: no
    /// figure knows it before.
    pub(crate) fn next_between(&self, now: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let deals = self.deals.iter().map(|deal| &deal.fact);
        let minutes = deals.flat_map(|deal| {
            let stages = deal.stages.iter().map(|stage| stage.at);
            stages.chain(deal.created_at).chain(deal.decided_at)
        });
        minutes.filter(|at| now < *at && *at <= until).min()
    }

    /// What figures are computed from, of a unit and those below it, or of the whole.
    pub(crate) fn look<T>(
        &self,
        unit: Option<UnitId>,
        look: impl FnOnce(&TeamFacts<'_>, &Zone) -> T,
    ) -> T {
        match unit {
            Some(_) => self.of(unit).with(look),
            None => self.with(look),
        }
    }

    /// What figures are computed from, of everything that was read.
    fn with<T>(&self, look: impl FnOnce(&TeamFacts<'_>, &Zone) -> T) -> T {
        let visits: Vec<JudgedVisit> =
            self.visits.iter().map(|(_rep, visit)| visit.clone()).collect();
        let active = |user: &&UserRecord| {
            user.status == UserStatus::Active
                || self.visits.iter().any(|(rep, _visit)| *rep == user.id)
        };
        let reps: Vec<ActiveRep> = self
            .people
            .iter()
            .filter(active)
            .map(|user| ActiveRep { rep: user.id, from: user.hired_on, until: None })
            .collect();
        let facts = TeamFacts {
            deals: &self.deals,
            orders: &self.orders,
            products: &self.products,
            visits: &visits,
            reps: &reps,
            currency: self.currency,
            market_size: None,
        };
        look(&facts, &self.zone)
    }

    fn figures(&self, policy: &Policy, days: Days, as_of: Timestamp) -> Vec<NamedFigure> {
        self.with(|facts, zone| team_figures(facts, policy, zone, days, as_of))
    }
}

/// The orders that bear on some days: dated in them, called off in them, or of these deals.
/// Of customers that are one, each is with the one that stays.
pub(crate) async fn orders(
    storage: &AnyStorage,
    org: OrgId,
    zone: &Zone,
    days: Days,
    deals: &[TeamDeal],
    aliases: &Aliases,
) -> Result<Vec<TeamOrder>, StorageError> {
    let known: BTreeMap<DocId, Credit> =
        deals.iter().map(|deal| (deal.fact.doc, deal.credit)).collect();
    let mut found: Vec<Record> = Vec::new();
    let deals = known.keys().copied().collect();
    for row in storage.orders_bearing(org, days.from, days.until, deals).await? {
        let corrupt = |reason: String| StorageError::Corrupt { what: "order", reason };
        let record = row.decode().map_err(|error| corrupt(error.to_string()))?;
        if matches!(&record, Record::Order(order) if order.counts()) {
            found.push(record);
        }
    }
    let other = orders_in(&found).filter_map(|order| order.deal);
    let other: BTreeSet<DocId> = other.filter(|deal| !known.contains_key(deal)).collect();
    let credits = credits(storage, org, other).await?;
    let alone = orders_in(&found).filter(|order| order.deal.is_none());
    let customers: BTreeSet<DocId> = alone.map(|order| order.customer).collect();
    let placed = placements(storage, org, customers).await?;
    let mut orders = Vec::new();
    for record in &found {
        let Record::Order(order) = record else { continue };
        let credit = match order.deal {
            Some(deal) => known.get(&deal).or_else(|| credits.get(&deal)).copied(),
            None => placed
                .get(&order.customer)
                .and_then(|placement| held_on(placement, order.ordered_on, zone)),
        };
        orders.extend(credit.and_then(|credit| team_order(record, credit, aliases)));
    }
    Ok(orders)
}

fn orders_in(records: &[Record]) -> impl Iterator<Item = &OrderRecord> {
    records.iter().filter_map(|record| match record {
        Record::Order(order) => Some(order),
        _ => None,
    })
}

/// Whose deals are that nothing else was read of.
async fn credits(
    storage: &AnyStorage,
    org: OrgId,
    deals: BTreeSet<DocId>,
) -> Result<BTreeMap<DocId, Credit>, StorageError> {
    let rows = storage.rows(org, deals.iter().copied().collect()).await?;
    let placements: Vec<PlacementRecord> =
        placements(storage, org, deals).await?.into_values().collect();
    let states: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.state {
            DocState::Deal(state) => {
                Some(rules::Row { header: row.header, heads: &row.heads, state })
            }
            _ => None,
        })
        .collect();
    let found = team_deals(&states, &placements).into_iter();
    Ok(found.map(|deal| (deal.fact.doc, deal.credit)).collect())
}

async fn placements(
    storage: &AnyStorage,
    org: OrgId,
    subjects: BTreeSet<DocId>,
) -> Result<BTreeMap<DocId, PlacementRecord>, StorageError> {
    let rows = storage.placements_of(org, subjects.into_iter().collect()).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let corrupt = |reason: String| StorageError::Corrupt { what: "placement", reason };
        let record = row.decode().map_err(|error| corrupt(error.to_string()))?;
        if let Record::Placement(placement) = record {
            found.insert(placement.subject, placement);
        }
    }
    Ok(found)
}
