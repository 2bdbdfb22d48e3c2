//! What a card is computed from: the org's settings, read once for many cards,
//! and one rep's rows.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealState;
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::money::Currency;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{
    Aliases, CalendarRecord, Confirms, Leave, PlacementRecord, PolicyRecord, Record, RecordKind,
    Role, TargetLevel, TargetRecord, UserStatus,
};
use client_core::rules::facts::{CaseFact, Decision, Facts, Signal, SurveyFact, VisitFact};
use client_core::rules::{Confirmed, Inputs, Outcome, Policy, Row, evaluate};
use client_core::time::Timestamp;

use super::ScoringError;
use crate::app::App;
use crate::office::Office;
use crate::storage::model::FactRows;
use crate::storage::times::minutes;
use crate::storage::{Scores, StorageError};

/// What every card of an org needs.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    currency: Currency,
    confirms: Confirms,
    pub calendar: CalendarRecord,
    leave: BTreeMap<UserId, Vec<Leave>>,
    policies: Vec<PolicyRecord>,
    targets: BTreeMap<UserId, Vec<TargetRecord>>,
    reps: BTreeMap<UserId, UserStatus>,
    aliases: Aliases,
    decisions: Vec<Decision>,
}

impl Setting {
    pub(super) async fn read(app: &App, org: OrgId) -> Result<Self, ScoringError> {
        let office = Office::of(app.clone(), org);
        let mut targets: BTreeMap<UserId, Vec<TargetRecord>> = BTreeMap::new();
        for target in office.targets().await? {
            if let TargetLevel::Rep(rep) = target.level {
                targets.entry(rep).or_default().push(target);
            }
        }
        let people = office.people().await?;
        let settings = office.settings().await?;
        let away = people.iter().filter(|user| !user.leave.is_empty());
        Ok(Self {
            currency: settings.currency,
            confirms: settings.confirms,
            calendar: office.calendar().await?,
            policies: office.policies().await?,
            aliases: office.aliases().await?,
            decisions: Decision::of_voids(&office.voids().await?),
            targets,
            leave: away.map(|user| (user.id, user.leave.clone())).collect(),
            reps: people
                .iter()
                .filter(|user| user.role == Role::Rep)
                .map(|user| (user.id, user.status))
                .collect(),
        })
    }

    /// The calendar of a rep: the org's without the days on which the rep is away.
    pub(super) fn calendar_of(&self, rep: UserId) -> CalendarRecord {
        let leave = self.leave.get(&rep).map(Vec::as_slice).unwrap_or_default();
        self.calendar.of_person(leave)
    }

    /// Only reps have cards: S1 appraises those who sell.
    pub(super) fn is_rep(&self, user: UserId) -> bool {
        self.reps.contains_key(&user)
    }

    /// Every rep there ever was.
    pub(super) fn reps(&self) -> impl Iterator<Item = UserId> + '_ {
        self.reps.keys().copied()
    }

    /// Customers that are others by now.
    pub(super) const fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// Whether somebody took a visit out of the count already.
    pub(super) fn is_void(&self, visit: DocId) -> bool {
        let against = |one: &Decision| one.visit == visit && one.ruling.is_against();
        self.decisions.iter().any(against)
    }

    /// Reps who may sign in.
    pub(super) fn active_reps(&self) -> impl Iterator<Item = UserId> + '_ {
        let active = self.reps.iter().filter(|(_rep, status)| **status == UserStatus::Active);
        active.map(|(rep, _status)| *rep)
    }

    /// What a card of `rep` is computed with, by `policy`.
    pub(super) fn question(
        &self,
        rep: UserId,
        period: Period,
        as_of: Timestamp,
        policy: Policy,
    ) -> Question {
        let (currency, calendar) = (self.currency, self.calendar_of(rep));
        Question { rep, period, as_of, policy, currency, calendar }
    }

    pub(super) fn policy(&self, period: Period) -> Result<Policy, ScoringError> {
        Self::policy_of(&self.policies, period)
    }

    /// The policy of a period before these were written; as it is now, if none was there.
    pub(super) fn policy_without(
        &self,
        period: Period,
        written: &BTreeSet<(RecordKind, RecordId)>,
    ) -> Result<Policy, ScoringError> {
        let known = |one: &&PolicyRecord| !written.contains(&(RecordKind::Policy, one.id));
        let there: Vec<PolicyRecord> = self.policies.iter().filter(known).cloned().collect();
        Self::policy_of(if there.is_empty() { &self.policies } else { &there }, period)
    }

    /// The policy of a period among these.
    pub(super) fn policy_of(
        policies: &[PolicyRecord],
        period: Period,
    ) -> Result<Policy, ScoringError> {
        let record = PolicyRecord::for_period(policies, period)
            .ok_or(ScoringError::Missing { what: "policy" })?;
        Policy::kept(&record.toml).map_err(|error| ScoringError::Policy {
            version: record.version,
            reason: error.to_string(),
        })
    }
}

/// One rep's rows and records: what the rep's phone holds.
#[derive(Debug, Clone)]
pub(super) struct Held {
    rows: FactRows,
    placements: Vec<PlacementRecord>,
    targets: Vec<TargetRecord>,
    aliases: Aliases,
    decisions: Vec<Decision>,
    confirmed: Confirmed,
    cases: Vec<CaseFact>,
    surveys: Vec<SurveyFact>,
    signals: Vec<Signal>,
}

/// Records that are facts of a rep.
const BUSINESS: [RecordKind; 4] =
    [RecordKind::Order, RecordKind::Contract, RecordKind::Payment, RecordKind::Signal];

/// What [`Held`] is made of, before records become facts.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub rows: FactRows,
    placements: Vec<PlacementRecord>,
    pub targets: Vec<TargetRecord>,
    aliases: Aliases,
    confirms: Confirms,
    /// Rulings about any visit.
    pub decisions: Vec<Decision>,
    /// Orders, contracts, payments and signals.
    pub business: Vec<Record>,
}

impl Parts {
    /// Everything of a rep as it stands.
    pub(super) async fn read(
        app: &App,
        org: OrgId,
        rep: UserId,
        since: Timestamp,
        setting: &Setting,
    ) -> Result<Self, StorageError> {
        let rows = app.storage().facts_for_rep(org, rep, since).await?;
        Self::around(app, org, rep, rows, setting).await
    }

    /// These rows of a rep with the rep's records.
    async fn around(
        app: &App,
        org: OrgId,
        rep: UserId,
        rows: FactRows,
        setting: &Setting,
    ) -> Result<Self, StorageError> {
        let mut placements = Vec::new();
        for row in app.storage().placements_for_rep(org, rep).await? {
            let corrupt = |reason: String| StorageError::Corrupt { what: "placement", reason };
            if let Record::Placement(placement) =
                row.decode().map_err(|error| corrupt(error.to_string()))?
            {
                placements.push(placement);
            }
        }
        let mut business = Vec::new();
        for row in app.storage().records_for_rep(org, rep, BUSINESS.to_vec()).await? {
            let corrupt = |reason: String| StorageError::Corrupt { what: "record", reason };
            business.push(row.decode().map_err(|error| corrupt(error.to_string()))?);
        }
        Ok(Self {
            rows,
            placements,
            targets: setting.targets.get(&rep).cloned().unwrap_or_default(),
            aliases: setting.aliases.clone(),
            confirms: setting.confirms,
            decisions: setting.decisions.clone(),
            business,
        })
    }

    pub(super) fn of(self, rep: UserId) -> Held {
        let (signals, ruled) = Signal::of(self.business.iter().filter_map(|record| match record {
            Record::Signal(signal) if signal.rep == rep => Some(signal),
            _ => None,
        }));
        let (cases, surveys) = voices(&self.rows);
        Held {
            rows: self.rows,
            placements: self.placements,
            targets: self.targets,
            aliases: self.aliases,
            decisions: self.decisions.into_iter().chain(ruled).collect(),
            confirmed: Confirmed::of(self.confirms, &self.business),
            cases,
            surveys,
            signals,
        }
    }
}

impl Held {
    pub(super) async fn read(
        app: &App,
        org: OrgId,
        rep: UserId,
        since: Timestamp,
        setting: &Setting,
    ) -> Result<Self, StorageError> {
        Ok(Parts::read(app, org, rep, since, setting).await?.of(rep))
    }

    /// Without visits, cases and plans, which are most of what a rep has: of customers,
    /// deals and books alone sales, new customers and the collection rate are counted.
    pub(super) async fn of_business(
        app: &App,
        org: OrgId,
        rep: UserId,
        setting: &Setting,
    ) -> Result<Self, StorageError> {
        let rows = app.storage().business_for_rep(org, rep).await?;
        Ok(Parts::around(app, org, rep, rows, setting).await?.of(rep))
    }
}

impl Held {
    /// The minute of the first fact after `now` and no later than `until`: it does not count
    /// before.
    pub(super) fn next_between(&self, now: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let visits = self.rows.visits.iter().filter_map(VisitFact::start);
        let deals = self.rows.deals.iter().flat_map(|row| minutes(&row.state));
        visits.chain(deals).filter(|at| now < *at && *at <= until).min()
    }
}

/// Complaints, enquiries and answers of customers.
fn voices(rows: &FactRows) -> (Vec<CaseFact>, Vec<SurveyFact>) {
    let (mut cases, mut surveys) = (Vec::new(), Vec::new());
    for row in &rows.cases {
        if let DocState::Case(state) = &row.state {
            cases.extend(CaseFact::of(&row.header, &row.heads, state));
            surveys.extend(SurveyFact::of(&row.header, &row.heads, state));
        }
    }
    (cases, surveys)
}

/// What one card is computed with.
#[derive(Debug)]
pub(super) struct Question {
    pub rep: UserId,
    pub period: Period,
    pub as_of: Timestamp,
    pub policy: Policy,
    currency: Currency,
    pub calendar: CalendarRecord,
}

impl Question {
    pub(super) fn facts(&self, held: &Held) -> Facts {
        let deals = held.rows.deals.iter().filter_map(|row| match &row.state {
            DocState::Deal(state) => {
                Some(Row::<DealState> { header: row.header, heads: &row.heads, state })
            }
            _ => None,
        });
        let deals: Vec<_> = deals.collect();
        let inputs = Inputs {
            as_of: self.as_of,
            currency: self.currency,
            calendar: &self.calendar,
            policy: &self.policy,
            visits: &held.rows.visits,
            customers: &held.rows.customers,
            deals: &deals,
            placements: &held.placements,
            targets: &held.targets,
            aliases: &held.aliases,
            decisions: &held.decisions,
            signals: &held.signals,
            plans: &held.rows.plans,
            cases: &held.cases,
            surveys: &held.surveys,
            confirmed: &held.confirmed,
        };
        Facts::for_rep(self.rep, self.period, inputs)
    }

    pub(super) fn answer(&self, facts: &Facts) -> Outcome {
        evaluate(facts, &self.policy, self.period, self.as_of)
    }
}
