//! The evening board's data.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealState;
use client_core::id::{DocId, UnitId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{
    Metric, PlacementRecord, ProductRecord, Record, TargetRecord, UserRecord,
};
use client_core::rules::facts::{CustomerSeen, VisitFact};
use client_core::rules::policy::Policy;
use client_core::rules::{self, Catalogue, Confirmed, Facts, Inputs, JudgedVisit, Outcome, Today};
use client_core::time::{Date, Timestamp};

use super::base::{self, Base};
use super::reach::{Reach, below};
use super::{cards, products};
use crate::storage::model::Row;
use crate::storage::{AnyStorage, Boards, StorageError};
use crate::web::pages::board::{BoardData, RepDay, VISITS_SHOWN, VisitOfDay};
use crate::web::pages::customer::start_of;
use crate::web::pages::wording;
use crate::web::words::Words;

/// Working days of the trend.
const TREND_DAYS: usize = 10;

/// Which board is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The day.
    pub day: Date,
    /// One unit and those below it.
    pub unit: Option<UnitId>,
    /// Only deals with products of this line; everything if absent.
    pub line: Option<&'a str>,
    /// The instant it is looked at.
    pub now: Timestamp,
}

/// The board.
pub async fn board(
    storage: &AnyStorage,
    w: Words,
    base: &Base,
    reach: &Reach,
    wanted: Wanted<'_>,
) -> Result<BoardData, StorageError> {
    let reps = reps(base, reach, wanted.unit);
    let ids: Vec<UserId> = reps.iter().map(|rep| rep.id).collect();
    let zone = base.zone();
    // A day on each side: a visit over midnight may overlap one of the day.
    let from = zone.start_of(wanted.day.plus_days(-1));
    let until = zone.start_of(wanted.day.plus_days(2));
    let visits = storage.visits_of(base.org.id, ids.clone(), from, until).await?;
    let days = trend_days(base, wanted.day);
    let outcomes = trend_outcomes(storage, base, reach, &days).await?;
    let products = products::products(storage, base).await?;
    let mut gathered = Gathered::read(storage, base, wanted, visits).await?;
    if let Some(line) = wanted.line {
        gathered.keep_line(&products, line);
    }
    let today = gathered.today(base, wanted, &ids);
    let reasons = gap_reasons(storage, base, wanted.day).await?;
    let verdicts = cards::verdicts(&outcomes);
    let people: BTreeSet<UserId> = ids.iter().copied().collect();
    Ok(BoardData {
        day: wanted.day,
        today: zone.date(wanted.now),
        units: units(base, reach),
        unit: wanted.unit,
        lines: products::lines(&products),
        line: wanted.line.map(str::to_owned),
        currency: base.org.currency,
        reps: reps.iter().map(|rep| rep_day(base, rep, &today, &reasons)).collect(),
        visits: visits_of_day(w, base, wanted.day, &gathered.visits, &verdicts),
        trend: trend(base, &days, &outcomes, &people),
    })
}

/// Reps the reader may see, in the unit asked for, by name.
fn reps<'a>(base: &'a Base, reach: &Reach, unit: Option<UnitId>) -> Vec<&'a UserRecord> {
    let chosen = unit.map(|unit| below(&base.units, &[unit]));
    let in_unit = |user: &UserRecord| {
        chosen.as_ref().is_none_or(|units| user.units.iter().any(|unit| units.contains(unit)))
    };
    base.reps().filter(|user| reach.sees(user.id) && in_unit(user)).collect()
}

fn units(base: &Base, reach: &Reach) -> Vec<(UnitId, String)> {
    let seen = |unit: UnitId| match reach {
        Reach::All => true,
        Reach::Some { units, .. } => units.contains(&unit),
    };
    let units = base.units.iter().filter(|unit| seen(unit.id));
    units.map(|unit| (unit.id, unit.name.clone())).collect()
}

fn rep_day(
    base: &Base,
    rep: &UserRecord,
    today: &BTreeMap<UserId, Today>,
    reasons: &BTreeMap<UserId, String>,
) -> RepDay {
    let figures = today.get(&rep.id);
    RepDay {
        rep: rep.id,
        name: rep.name.clone(),
        unit: base.unit_of(rep),
        heard: base.heard(rep.id),
        visits_logged: figures.map_or(0, |today| today.visits_logged),
        visits: figures.map(|today| today.effective_visits).unwrap_or_default(),
        leads: figures.map(|today| today.new_leads).unwrap_or_default(),
        deals: figures.map(|today| today.new_deals).unwrap_or_default(),
        won: figures.map(|today| today.won_amount).unwrap_or_default(),
        gap_reason: reasons.get(&rep.id).cloned(),
    }
}

/// Everything that bears on the day's figures.
struct Gathered {
    visits: Vec<Row>,
    customers: Vec<Row>,
    deals: Vec<Row>,
    placements: Vec<PlacementRecord>,
    targets: Vec<TargetRecord>,
}

impl Gathered {
    async fn read(
        storage: &AnyStorage,
        base: &Base,
        wanted: Wanted<'_>,
        visits: Vec<Row>,
    ) -> Result<Self, StorageError> {
        let org = base.org.id;
        // What happened on the day reached the server after the day began, give
        // or take a wrong clock.
        let since = base.zone().start_of(wanted.day.plus_days(-1));
        let deals = storage.deals_changed_since(org, since).await?;
        let named = visits.iter().chain(&deals).filter_map(|row| row.header.customer);
        let customers: BTreeSet<DocId> = named.collect();
        let mut placed: Vec<DocId> = customers.iter().copied().collect();
        placed.extend(deals.iter().map(|row| row.header.doc));
        let placements = storage.placements_of(org, placed).await?;
        let placements = base::decode(placements, |record| match record {
            Record::Placement(placement) => Some(placement),
            _ => None,
        })?;
        let customers = storage.rows(org, customers.into_iter().collect()).await?;
        let targets = base::targets(storage, org).await?;
        Ok(Self { visits, customers, deals, placements, targets })
    }

    /// Keeps the deals with products of a line. Targets are of everything that is sold, so
    /// only that of visits stays.
    fn keep_line(&mut self, products: &[ProductRecord], line: &str) {
        let catalogue = Catalogue::of(products);
        let is_of_line = |text: &str| {
            catalogue.find(text).is_some_and(|product| product.line.as_deref() == Some(line))
        };
        self.deals.retain(|row| match &row.state {
            DocState::Deal(deal) => {
                let mut sold =
                    deal.value.products.values().filter_map(|one| one.product.as_deref());
                sold.any(is_of_line)
            }
            _ => true,
        });
        self.targets.retain(|target| target.metric == Metric::EffectiveVisits);
    }

    /// The day of each rep, by the rule core.
    fn today(&self, base: &Base, wanted: Wanted<'_>, reps: &[UserId]) -> BTreeMap<UserId, Today> {
        let Some((_, policy)) = base.policy_for(wanted.day) else { return BTreeMap::new() };
        let visits: Vec<VisitFact> = self
            .visits
            .iter()
            .filter_map(|row| match &row.state {
                DocState::Visit(state) => Some(VisitFact::of(&row.header, &row.heads, state)),
                _ => None,
            })
            .collect();
        let customers: Vec<CustomerSeen> = self
            .customers
            .iter()
            .filter_map(|row| match &row.state {
                DocState::Customer(state) => Some(CustomerSeen::of(&row.header, &row.heads, state)),
                _ => None,
            })
            .collect();
        let deals: Vec<rules::Row<'_, DealState>> = self
            .deals
            .iter()
            .filter_map(|row| match &row.state {
                DocState::Deal(state) => {
                    Some(rules::Row { header: row.header, heads: &row.heads, state })
                }
                _ => None,
            })
            .collect();
        let inputs = Inputs {
            as_of: wanted.now,
            currency: base.org.currency,
            calendar: &base.calendar,
            policy: &policy,
            visits: &visits,
            customers: &customers,
            deals: &deals,
            placements: &self.placements,
            targets: &self.targets,
            aliases: &base.aliases,
            decisions: &base.decisions,
            signals: &[],
            // The board counts visits, leads, deals and what was won today.
            plans: &[],
            cases: &[],
            surveys: &[],
            confirmed: &Confirmed::default(),
        };
        judge(inputs, &policy, wanted, reps)
    }
}

fn judge(
    inputs: Inputs<'_>,
    policy: &Policy,
    wanted: Wanted<'_>,
    reps: &[UserId],
) -> BTreeMap<UserId, Today> {
    let month = Period::month_of(wanted.day);
    let facts: Vec<Facts> = reps.iter().map(|rep| Facts::for_rep(*rep, month, inputs)).collect();
    let days = rules::today(&facts, policy, wanted.day, wanted.now);
    days.into_iter().map(|today| (today.rep, today)).collect()
}

async fn gap_reasons(
    storage: &AnyStorage,
    base: &Base,
    day: Date,
) -> Result<BTreeMap<UserId, String>, StorageError> {
    let plans = storage.plans_on(base.org.id, day).await?;
    let reasons = plans.into_iter().filter_map(|row| match row.state {
        DocState::Plan(plan) => Some((row.header.author, plan.value.report.gap_reason?)),
        _ => None,
    });
    Ok(reasons.collect())
}

fn visits_of_day(
    w: Words,
    base: &Base,
    day: Date,
    rows: &[Row],
    verdicts: &BTreeMap<DocId, JudgedVisit>,
) -> Vec<VisitOfDay> {
    let mut visits: Vec<VisitOfDay> = rows
        .iter()
        .filter_map(|row| match &row.state {
            DocState::Visit(visit) => Some((row, &visit.value)),
            _ => None,
        })
        .filter(|(_, state)| start_of(state).is_some_and(|at| base.zone().date(at) == day))
        .map(|(row, state)| VisitOfDay {
            doc: row.header.doc,
            customer: state.customer_name.clone(),
            rep: base.user_name(row.header.author),
            mode: state.mode.as_ref().map(ToString::to_string),
            at: start_of(state),
            outcome: state.outcome.as_ref().map(ToString::to_string),
            state: verdicts.get(&row.header.doc).map_or_else(
                || wording::not_judged(w, state.submitted_at.is_some()),
                |judged| wording::judged(w, judged),
            ),
        })
        .collect();
    visits.sort_by_key(|visit| (std::cmp::Reverse(visit.at), visit.doc));
    visits.truncate(VISITS_SHOWN);
    visits
}

/// The last working days up to `day`, oldest first.
fn trend_days(base: &Base, day: Date) -> Vec<Date> {
    let back = std::iter::successors(Some(day), |day| Some(day.plus_days(-1))).take(60);
    let working = back.filter(|each| *each == day || base.calendar.is_working_day(*each));
    let mut days: Vec<Date> = working.take(TREND_DAYS).collect();
    days.reverse();
    days
}

/// The stored outcomes of the months that `days` lie in.
async fn trend_outcomes(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    days: &[Date],
) -> Result<Vec<Outcome>, StorageError> {
    let months: BTreeSet<Period> = days.iter().map(|day| Period::month_of(*day)).collect();
    let mut found = Vec::new();
    for month in months {
        found.extend(cards::outcomes(storage, base.org.id, reach, month).await?);
    }
    Ok(found)
}

fn trend(
    base: &Base,
    days: &[Date],
    outcomes: &[Outcome],
    people: &BTreeSet<UserId>,
) -> Vec<(Date, i64)> {
    let mut counts: BTreeMap<Date, i64> = days.iter().map(|day| (*day, 0)).collect();
    for outcome in outcomes.iter().filter(|outcome| people.contains(&outcome.rep)) {
        for visit in outcome.visits.iter().filter(|visit| visit.counts) {
            if let Some(count) = counts.get_mut(&base.zone().date(visit.at)) {
                *count += 1;
            }
        }
    }
    counts.into_iter().collect()
}
