//! The evening board's data.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealState;
use client_core::id::{DocId, UnitId, UserId};
use client_core::period::{Days, Period};
use client_core::projection::DocState;
use client_core::records::{
    Metric, PlacementRecord, ProductRecord, Record, TargetRecord, UserRecord,
};
use client_core::rules::facts::{CustomerSeen, VisitFact};
use client_core::rules::{
    self, Catalogue, Confirmed, Facts, Inputs, JudgedVisit, Outcome, Stretch, Today,
};
use client_core::time::{Date, Timestamp};

use super::base::{self, Base};
use super::reach::{Reach, below};
use super::team::{OfLine, Sales};
use super::{cards, products};
use crate::reports::orders;
use crate::storage::model::Row;
use crate::storage::{AnyStorage, Boards, Reports, StorageError};
use crate::web::lists::Unreadable;
use crate::web::pages::board::{BoardData, RepDay, VISITS_SHOWN, VisitOfDay};
use crate::web::pages::customer::start_of;
use crate::web::pages::wording;
use crate::web::words::Words;

/// Working days of the trend.
const TREND_DAYS: usize = 10;

/// How many days a board is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Span {
    /// An evening.
    #[default]
    Day,
    /// The week of the day.
    Week,
    /// The month of the day.
    Month,
}

impl Span {
    /// Every span, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The span with this code; a day where none is said.
    pub fn parse(code: &str) -> Result<Self, Unreadable> {
        let found = Self::ALL.into_iter().find(|span| span.as_str() == code);
        found.or(code.is_empty().then_some(Self::Day)).ok_or(Unreadable)
    }

    fn around(self, base: &Base, day: Date) -> Period {
        match self {
            Self::Day => Period::Day(day),
            Self::Week => base.calendar.week_of(day),
            Self::Month => Period::month_of(day),
        }
    }
}

/// Which board is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The day, or one of the days.
    pub day: Date,
    /// How many days.
    pub span: Span,
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
    let period = wanted.span.around(base, wanted.day);
    let today = base.zone().date(wanted.now);
    let last = period.last_day().min(today).max(period.first_day());
    let days = trend_days(base, last);
    let months = months(period, &days);
    let outcomes = outcomes(storage, base, reach, &months).await?;
    let products = products::products(storage, base).await?;
    let mut targets = base::targets(storage, base.org.id).await?;
    if wanted.line.is_some() {
        // Targets are of everything that is sold, so only that of visits stays.
        targets.retain(|target| target.metric == Metric::EffectiveVisits);
    }
    let asked = Asked { base, wanted, period, products: &products, targets: &targets };
    let mut figures = brought(storage, &asked, &outcomes, &ids).await?;
    let visits = match wanted.span {
        Span::Day => {
            let evening = Evening::read(storage, &asked, &ids).await?;
            evening.visited(&asked, &ids, &mut figures);
            evening.visits
        }
        Span::Week | Span::Month => latest(storage, &asked, &outcomes, &ids).await?,
    };
    let gaps = gap_reasons(storage, base, period).await?;
    let verdicts = cards::verdicts(&outcomes);
    let people: BTreeSet<UserId> = ids.iter().copied().collect();
    Ok(BoardData {
        day: wanted.day,
        span: wanted.span,
        period,
        last,
        today,
        units: units(base, reach),
        unit: wanted.unit,
        lines: products::lines(&products),
        line: wanted.line.map(str::to_owned),
        currency: base.org.currency,
        reps: reps.iter().map(|rep| rep_days(base, rep, &figures, &gaps)).collect(),
        visits: visits_of_days(w, base, period, &visits, &verdicts),
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

fn rep_days(
    base: &Base,
    rep: &UserRecord,
    figures: &BTreeMap<UserId, Today>,
    gaps: &BTreeMap<UserId, (Date, String)>,
) -> RepDay {
    let figures = figures.get(&rep.id);
    RepDay {
        rep: rep.id,
        name: rep.name.clone(),
        unit: base.unit_of(rep),
        heard: base.heard(rep.id),
        visits_logged: figures.map_or(0, |one| one.visits_logged),
        visits: figures.map(|one| one.effective_visits).unwrap_or_default(),
        leads: figures.map(|one| one.new_leads).unwrap_or_default(),
        deals: figures.map(|one| one.new_deals).unwrap_or_default(),
        won: figures.map(|one| one.won_amount).unwrap_or_default(),
        gap_reason: gaps.get(&rep.id).cloned(),
    }
}

/// What a board is asked, with what it is read beside.
struct Asked<'a> {
    base: &'a Base,
    wanted: Wanted<'a>,
    period: Period,
    products: &'a [ProductRecord],
    targets: &'a [TargetRecord],
}

/// What the days brought each rep, by the rule core: leads, deals and money, and visits as the
/// cards judged them.
async fn brought(
    storage: &AnyStorage,
    asked: &Asked<'_>,
    outcomes: &[Outcome],
    ids: &[UserId],
) -> Result<BTreeMap<UserId, Today>, StorageError> {
    let Asked { base, wanted, period, .. } = asked;
    let last = period.last_day().min(base.zone().date(wanted.now));
    let Some((_, policy)) = base.policy_for(last) else { return Ok(BTreeMap::new()) };
    let org = base.org.id;
    let (zone, days) = (base.zone(), Days::from(*period));
    // What happened on a day reached the server after the day began, give or take a wrong
    // clock.
    let since = zone.start_of(days.from.plus_days(-1));
    let rows = storage.deals_changed_since(org, since).await?;
    let docs = rows.iter().map(|row| row.header.doc).collect();
    let placements =
        base::decode(storage.placements_of(org, docs).await?, |record| match record {
            Record::Placement(placement) => Some(placement),
            _ => None,
        })?;
    let states: Vec<rules::Row<'_, DealState>> = rows
        .iter()
        .filter_map(|row| match &row.state {
            DocState::Deal(state) => {
                Some(rules::Row { header: row.header, heads: &row.heads, state })
            }
            _ => None,
        })
        .collect();
    let deals = rules::team_deals(&states, &placements);
    let orders = orders(storage, org, zone, days, &deals, &base.aliases).await?;
    let catalogue = Catalogue::of(asked.products);
    let line = OfLine { catalogue: &catalogue, line: wanted.line };
    let Sales { deals, orders } = Sales { deals, orders }.of_line(line);
    let stretch = Stretch {
        days,
        as_of: wanted.now,
        calendar: &base.calendar,
        policy: &policy,
        currency: base.org.currency,
        deals: &deals,
        orders: &orders,
        cards: outcomes,
        targets: asked.targets,
    };
    let lines = rules::stretch(&stretch, ids).into_iter();
    Ok(lines.map(|line| (line.rep, line)).collect())
}

/// The visits of an evening, judged as they stand: a card may be a moment behind.
struct Evening {
    visits: Vec<Row>,
    customers: Vec<Row>,
    placements: Vec<PlacementRecord>,
}

impl Evening {
    async fn read(
        storage: &AnyStorage,
        asked: &Asked<'_>,
        ids: &[UserId],
    ) -> Result<Self, StorageError> {
        let (base, day) = (asked.base, asked.wanted.day);
        let (org, zone) = (base.org.id, base.zone());
        // A day on each side: a visit over midnight may overlap one of the day.
        let from = zone.start_of(day.plus_days(-1));
        let until = zone.start_of(day.plus_days(2));
        let visits = storage.visits_of(org, ids.to_vec(), from, until).await?;
        let customers: BTreeSet<DocId> =
            visits.iter().filter_map(|row| row.header.customer).collect();
        let customers: Vec<DocId> = customers.into_iter().collect();
        let placements = storage.placements_of(org, customers.clone()).await?;
        let placements = base::decode(placements, |record| match record {
            Record::Placement(placement) => Some(placement),
            _ => None,
        })?;
        let customers = storage.rows(org, customers).await?;
        Ok(Self { visits, customers, placements })
    }

    /// Puts the evening's visits of each rep in the place of those that the cards know.
    fn visited(&self, asked: &Asked<'_>, ids: &[UserId], figures: &mut BTreeMap<UserId, Today>) {
        let Asked { base, wanted, .. } = asked;
        let Some((_, policy)) = base.policy_for(wanted.day) else { return };
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
        let inputs = Inputs {
            as_of: wanted.now,
            currency: base.org.currency,
            calendar: &base.calendar,
            policy: &policy,
            visits: &visits,
            customers: &customers,
            deals: &[],
            placements: &self.placements,
            targets: asked.targets,
            aliases: &base.aliases,
            decisions: &base.decisions,
            signals: &[],
            // Only visits are judged here.
            plans: &[],
            cases: &[],
            surveys: &[],
            confirmed: &Confirmed::default(),
        };
        let month = Period::month_of(wanted.day);
        let facts: Vec<Facts> = ids.iter().map(|rep| Facts::for_rep(*rep, month, inputs)).collect();
        for today in rules::today(&facts, &policy, wanted.day, wanted.now) {
            if let Some(figures) = figures.get_mut(&today.rep) {
                figures.visits_logged = today.visits_logged;
                figures.under_review = today.under_review;
                figures.effective_visits = today.effective_visits;
            }
        }
    }
}

/// The latest visits of the days, as many as are listed.
async fn latest(
    storage: &AnyStorage,
    asked: &Asked<'_>,
    outcomes: &[Outcome],
    ids: &[UserId],
) -> Result<Vec<Row>, StorageError> {
    let (from, until) = asked.period.bounds(asked.base.zone());
    let own = outcomes.iter().filter(|outcome| ids.contains(&outcome.rep));
    let mut visits: Vec<(Timestamp, DocId)> = own
        .flat_map(|outcome| &outcome.visits)
        .filter(|visit| from <= visit.at && visit.at < until)
        .map(|visit| (visit.at, visit.fact.doc))
        .collect();
    visits.sort_unstable_by(|a, b| b.cmp(a));
    visits.truncate(VISITS_SHOWN);
    let docs = visits.into_iter().map(|(_at, doc)| doc).collect();
    storage.rows(asked.base.org.id, docs).await
}

/// Why the days fell short, of each rep what was said last.
async fn gap_reasons(
    storage: &AnyStorage,
    base: &Base,
    period: Period,
) -> Result<BTreeMap<UserId, (Date, String)>, StorageError> {
    let (from, until) = (period.first_day(), period.next_first_day());
    let mut reasons: BTreeMap<UserId, (Date, String)> = BTreeMap::new();
    for row in storage.plans_between(base.org.id, from, until).await? {
        let DocState::Plan(plan) = row.state else { continue };
        let reason = plan.value.report.gap_reason.filter(|text| !text.trim().is_empty());
        let Some((date, reason)) = plan.value.date.zip(reason) else { continue };
        let kept = reasons.entry(row.header.author).or_insert_with(|| (date, reason.clone()));
        if kept.0 < date {
            *kept = (date, reason);
        }
    }
    Ok(reasons)
}

fn visits_of_days(
    w: Words,
    base: &Base,
    period: Period,
    rows: &[Row],
    verdicts: &BTreeMap<DocId, JudgedVisit>,
) -> Vec<VisitOfDay> {
    let mut visits: Vec<VisitOfDay> = rows
        .iter()
        .filter_map(|row| match &row.state {
            DocState::Visit(visit) => Some((row, &visit.value)),
            _ => None,
        })
        .filter(|(_, state)| {
            start_of(state).is_some_and(|at| period.contains(base.zone().date(at)))
        })
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

/// The months that a period and the days of the trend lie in.
fn months(period: Period, days: &[Date]) -> BTreeSet<Period> {
    let ends = [period.first_day(), period.last_day()];
    days.iter().chain(&ends).map(|day| Period::month_of(*day)).collect()
}

/// The stored outcomes of some months that the reader may see.
async fn outcomes(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    months: &BTreeSet<Period>,
) -> Result<Vec<Outcome>, StorageError> {
    let mut found = Vec::new();
    for month in months {
        found.extend(cards::outcomes(storage, base.org.id, reach, *month).await?);
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
